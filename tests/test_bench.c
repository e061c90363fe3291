/* The benchmark on tiny models. No test asks how long anything took. */
#include "bench/bench.h"

#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/json.h"
#include "bench/bench_report.h"
#include "bench/bench_text.h"
#include "scratch.h"
#include "small.h"

static const BenchEffort tiny = {.peak_size = 32,
                                 .n_peaks = 2,
                                 .n_blocks = 3,
                                 .block_seconds = 0.001,
                                 .decode_seconds = 0.001,
                                 .n_loads = 1,
                                 .n_train = 40,
                                 .n_valid = 10};

static const char *const small_sets[] = {
    "model.embedding=8",    "model.encoder.hidden=5", "model.decoder.hidden=6", "vocab.source.size=20",
    "vocab.target.size=30", "train.batch_size=8",     "train.threads=2",
};
enum { N_SMALL = sizeof small_sets / sizeof *small_sets };

static Scratch scratch;
static char *old_tmpdir;

/* Temporary folders are made in the scratch folder. */
static void open_scratch(void) {
  const char *old = getenv("TMPDIR");
  old_tmpdir = old == NULL ? NULL : strdup(old);
  scratch_open(&scratch);
  (void)setenv("TMPDIR", scratch.folder.at, 1);
}

static void close_scratch(void) {
  if (old_tmpdir != NULL) (void)setenv("TMPDIR", old_tmpdir, 1);
  else (void)unsetenv("TMPDIR");
  free(old_tmpdir);
  scratch_close(&scratch);
}

static int n_files(void) {
  int n = 0;
  DIR *dir = opendir(scratch.folder.at);
  const struct dirent *entry;
  while ((entry = readdir(dir)) != NULL) n += entry->d_name[0] != '.';
  (void)closedir(dir);
  return n;
}

static void run(const BenchOptions *options, BenchResult *result) {
  Err err = {0};
  ck_assert_msg(bench_run(options, result, &err), "%s", err.text);
}

static double number(const Json *json, const char *key) {
  const Json *value = json_get(json, key);
  ck_assert_msg(value != NULL && json_type(value) == JSON_NUMBER, "no number \"%s\"", key);
  return json_number(value);
}

static Json *report(const BenchResult *result) {
  Err err = {0};
  Str text = {0};
  bench_report_json(&text, result);
  Json *json = json_parse(text.at, text.n, "report", ERR_FILE, &err);
  ck_assert_msg(json != NULL, "%s", err.text);
  str_free(&text);
  return json;
}

static void note(void *ctx, const char *text) { str_addf(ctx, "%s\n", text); }

/* Of keys without effect those are named that were asked for, none of the benchmark model's own. */
START_TEST(set_without_effect) {
  const char *sets[N_SMALL + 2];
  Str notes = {0};
  Warnings warnings = {.warn = note, .ctx = &notes};
  BenchResult result;
  memcpy(sets, small_sets, sizeof small_sets);
  sets[N_SMALL] = "model.attention.flow=bahdanau";
  sets[N_SMALL + 1] = "model.attention.window=3";
  BenchOptions o = {.sets = sets, .n_sets = N_SMALL + 2, .limit = 2, .effort = tiny, .warnings = &warnings};
  run(&o, &result);
  ck_assert_str_eq(str_text(&notes),
                   "--set: model.attention.window has no effect: it counts only when model.attention.scope is local_m "
                   "or local_p\n");
  str_free(&notes);
}
END_TEST

/* Generated text may be longer than the positions that a model usually has. */
START_TEST(long_sources_have_positions) {
  const char *sets[N_SMALL + 1];
  BenchResult result;
  memcpy(sets, small_sets, sizeof small_sets);
  sets[N_SMALL] = "model.attention.score=location";
  BenchOptions o = {.sets = sets, .n_sets = N_SMALL + 1, .limit = 2, .n_source = 70, .n_target = 3, .effort = tiny};
  run(&o, &result);
  ck_assert_double_gt(result.train.target_tokens_per_s, 0);
}
END_TEST

START_TEST(all_keys) {
  BenchResult result;
  BenchOptions o = {.sets = small_sets, .n_sets = N_SMALL, .limit = 4, .n_source = 5, .n_target = 3, .effort = tiny};
  run(&o, &result);
  ck_assert_int_eq(n_files(), 0); /* nothing is left behind */
  Json *json = report(&result);
  ck_assert_double_eq(number(json, "threads"), 2);
  ck_assert_double_gt(number(json, "peak_gflops"), 0);
  ck_assert_double_ge(number(json, "load_ms"), 0);
  const Json *train = json_get(json, "train");
  ck_assert_double_gt(number(train, "target_tokens_per_s"), 0);
  ck_assert_double_eq(number(train, "padding"), 0); /* equal lengths */
  ck_assert_double_gt(number(train, "peak_memory_mb"), 0);
  /* GRUs 2 x 5 over 8 and 6 over [8; 6]; W 6 x 10; combine 6 x 16; 30 words. 6 source tokens for 4 target tokens. */
  double source = 2 * 15 * (8 + 5) + 6 * 10, target = 18 * (14 + 6) + 6 * 16 + 30 * 6, looks = 6 * (6 + 10);
  ck_assert_double_eq(number(train, "flops_per_target_token"), 6 * (target + 1.5 * source + looks));
  ck_assert_double_eq_tol(number(train, "share_of_peak"),
                          number(train, "target_tokens_per_s") * number(train, "flops_per_target_token") /
                              (1e9 * number(json, "peak_gflops")),
                          1e-9);
  static const int settings[][2] = {{1, 1}, {1, 32}, {5, 1}, {5, 32}};
  const Json *d = json_first(json_get(json, "decode"));
  for (int i = 0; i < BENCH_DECODES; i++, d = json_next(d)) {
    ck_assert_double_eq(number(d, "beam"), settings[i][0]);
    ck_assert_double_eq(number(d, "batch"), settings[i][1]);
    ck_assert_double_eq_tol(number(d, "output_tokens_per_s") / number(d, "sentences_per_s"), 4, 1e-9);
  }
  ck_assert_ptr_null(d);
  json_free(json);
}
END_TEST

/* Every operation of the model is there, and the shares are of one whole. */
START_TEST(operations) {
  BenchResult result;
  BenchOptions o = {.sets = small_sets, .n_sets = N_SMALL, .effort = tiny};
  run(&o, &result);
  Json *json = report(&result);
  const Json *ops = json_get(json, "operations");
  static const char *const some[] = {"linear forward",  "linear weights backward", "cell forward", "cell backward",
                                     "context forward", "dropout backward",        "xent forward", "optimizer",
                                     "waiting"};
  double sum = 0;
  for (size_t i = 0; i < sizeof some / sizeof *some; i++) ck_assert_double_ge(number(ops, some[i]), 0);
  for (const Json *op = json_first(ops); op != NULL; op = json_next(op)) sum += json_number(op);
  ck_assert_double_eq_tol(sum, 1, 1e-9);
  const Json *xent = json_get(json_get(json, "products"), "xent forward");
  ck_assert_double_gt(number(xent, "share_of_peak"), 0);
  ck_assert_double_gt(number(xent, "gb_per_s"), 0);
  ck_assert_ptr_null(json_get(json_get(json, "products"), "optimizer"));
  Str text = {0};
  bench_report_text(&text, &result);
  ck_assert_ptr_nonnull(strstr(str_text(&text), "  2 threads, "));
  ck_assert_ptr_nonnull(strstr(str_text(&text), "\nDecoding\n"));
  str_free(&text);
  json_free(json);
}
END_TEST

START_TEST(own_corpus_and_model) {
  Err err = {0};
  BenchResult result;
  Str config = {0};
  Translator *t = small_translator(1, NULL, 0);
  const char *model = scratch_path(&scratch, "given.safetensors");
  ck_assert_msg(translator_save(t, model, &err), "%s", err.text);
  const char *pairs = scratch_text(&scratch, "pairs.tsv", "a b\tuno\na b c\tuno due\nb\tdue\nc c\tdue due\n");
  str_addf(&config,
           "{\"data\": {\"train\": {\"tsv\": \"%s\"}, \"valid\": {\"tsv\": \"%s\"}},"
           "\"model\": {\"embedding\": 4, \"encoder\": {\"hidden\": 2}, \"decoder\": {\"hidden\": 3}},"
           "\"train\": {\"threads\": 1, \"shards\": 3}}",
           pairs, pairs);
  const char *path = scratch_text(&scratch, "config.json", str_text(&config));
  BenchOptions o = {.config = path, .model = model, .limit = 2, .effort = tiny};
  run(&o, &result);
  ck_assert_int_eq(result.threads, 1);
  /* 12 source and 10 target tokens with </s> in the one batch of the 4 pairs, in which 6 + 12 + 4 + 9 times one looks
   * at another; a vocabulary of uno, due and 4 more */
  double source = 2 * 6 * (4 + 2) + 3 * 4, target = 9 * (4 + 3 + 3) + 3 * 7 + 6 * 3, looks = 3 + 4;
  ck_assert_double_eq_tol(result.train.flops_per_target_token, 6 * (target + 1.2 * source + 3.1 * looks), 1e-6);
  o = (BenchOptions){.model = model, .n_source = 3, .n_target = 3, .limit = 2, .effort = tiny};
  run(&o, &result); /* its own config, on generated text */
  o.shortlist = scratch_text(&scratch, "list", "a\tuno\t1\n");
  run(&o, &result);
  ck_assert_int_eq(n_files(), 4);
  str_free(&config);
  translator_free(t);
}
END_TEST

START_TEST(what_is_missing) {
  Err err = {0};
  BenchResult result;
  BenchOptions o = {.config = scratch_path(&scratch, "none.json"), .effort = tiny};
  ck_assert(!bench_run(&o, &result, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  err_clear(&err);
  o.config = scratch_text(&scratch, "empty.json", "{}");
  ck_assert(!bench_run(&o, &result, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  err_clear(&err);
  o = (BenchOptions){
      .sets = small_sets, .n_sets = N_SMALL, .model = scratch_path(&scratch, "none.safetensors"), .effort = tiny};
  ck_assert(!bench_run(&o, &result, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  err_clear(&err);
  o = (BenchOptions){
      .sets = small_sets, .n_sets = N_SMALL, .shortlist = scratch_text(&scratch, "list", "a\tuno\n"), .effort = tiny};
  ck_assert(!bench_run(&o, &result, &err));
  ck_assert_msg(err.kind == ERR_FILE && strstr(err.text, "list:1: ") != NULL, "%s", err.text);
  ck_assert_int_eq(n_files(), 2);
}
END_TEST

/* Generated text: lengths, every word, and lengths that vary around 13. */
START_TEST(generated_text) {
  Err err = {0};
  Str at = {0};
  const char *source = scratch_path(&scratch, "s"), *target = scratch_path(&scratch, "t");
  BenchText text = {.n_pairs = 2, .n_source = 3, .n_target = 2, .source_words = 6, .target_words = 1};
  ck_assert(bench_text_write(&text, source, target, &err));
  ck_assert(io_read_all(&at, source, 1 << 20, &err));
  ck_assert_str_eq(str_text(&at), "w0 w1 w2\nw3 w4 w5\n");
  str_clear(&at);
  ck_assert(io_read_all(&at, target, 1 << 20, &err));
  ck_assert_str_eq(str_text(&at), "w0 w0\nw0 w0\n");
  for (int side = 0; side < 2; side++) {
    text = (BenchText){.n_pairs = 2000, .source_words = 50, .target_words = 50};
    ck_assert(bench_text_write(&text, source, target, &err));
    str_clear(&at);
    ck_assert(io_read_all(&at, side == 0 ? source : target, 1 << 20, &err));
    int n = 0;
    for (size_t i = 0; i < at.n; i++) n += at.at[i] == 'w';
    ck_assert_double_ge(n / 2000.0, 12);
    ck_assert_double_le(n / 2000.0, 14);
  }
  str_free(&at);
}
END_TEST

Suite *test_bench(void);
Suite *test_bench(void) {
  Suite *s = suite_create("bench");
  TCase *t = tcase_create("bench");
  tcase_add_checked_fixture(t, open_scratch, close_scratch);
  tcase_add_test(t, set_without_effect);
  tcase_add_test(t, long_sources_have_positions);
  tcase_add_test(t, all_keys);
  tcase_add_test(t, operations);
  tcase_add_test(t, own_corpus_and_model);
  tcase_add_test(t, what_is_missing);
  tcase_add_test(t, generated_text);
  suite_add_tcase(s, t);
  return s;
}
