/* BLEU, chrF and TER against the figures of sacrebleu in tests/golden/metrics.json, which tests/peer/metrics.py made.
 * Run from the top folder. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/io.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/unicode.h"
#include "eval/bleu.h"
#include "eval/bleu_tokenizer.h"
#include "eval/metric_run.h"
#include "text/lines.h"
#include "text/tokens.h"

static const char *const paths[] = {"tests/golden/metrics.hyp", "tests/golden/metrics.ref1",
                                    "tests/golden/metrics.ref2"};
enum { N_FILES = 3 };
static Tokens texts[N_FILES];
static Json *golden;

static void set_up(void) {
  Err err = {0};
  for (int i = 0; i < N_FILES; i++) {
    const char *line;
    size_t n;
    Lines *lines = lines_open(paths[i], NULL, &err);
    ck_assert_msg(lines != NULL, "%s", err.text);
    while (lines_next(lines, &line, &n, &err) == 1) tokens_add(&texts[i], line, n);
    lines_close(lines);
    ck_assert_int_ge(texts[i].n, 1000);
  }
  Str text = {0};
  ck_assert_msg(io_read_all(&text, "tests/golden/metrics.json", 1 << 20, &err), "%s", err.text);
  golden = json_parse(str_text(&text), text.n, "metrics.json", ERR_FILE, &err);
  ck_assert_msg(golden != NULL, "%s", err.text);
  str_free(&text);
}

static void tear_down(void) {
  for (int i = 0; i < N_FILES; i++) tokens_free(&texts[i]);
  json_free(golden);
}

static int index_of(const char *const *names, const Json *name) {
  int i = 0;
  if (name == NULL) return 0;
  while (strcmp(names[i], json_string(name)) != 0) i++;
  return i;
}

/* A setting of the golden file. */
typedef struct Case {
  MetricSet set;
  MetricOptions options;
  int n_references;
} Case;

static Case case_of(const Json *json) {
  Case c = {.n_references = (int)json_number(json_get(json, "references"))};
  Err err = {0};
  const Json *lowercase = json_get(json, "lowercase");
  ck_assert(metric_choose(&c.set, json_string(json_get(json, "metric")), &err));
  c.options.tokenize = index_of(bleu_tokenizer_names, json_get(json, "tokenize"));
  c.options.smooth = index_of(bleu_smooth_names, json_get(json, "smooth"));
  c.options.lowercase = lowercase != NULL && json_bool(lowercase);
  return c;
}

static void add_line(const Case *c, void *work, int line, double *sums) {
  Str lowered[N_FILES] = {0};
  MetricText all[N_FILES];
  for (int i = 0; i <= c->n_references; i++) {
    all[i].at = tokens_get(&texts[i], line, &all[i].n);
    if (!c->options.lowercase) continue;
    unicode_lower(&lowered[i], all[i].at, all[i].n);
    all[i] = (MetricText){str_text(&lowered[i]), lowered[i].n};
  }
  MetricLine one = {.hypothesis = all[0], .references = all + 1, .n_references = c->n_references, .line = line + 1};
  double stats[METRIC_STATS] = {0};
  Err err = {0};
  ck_assert(c->set.at[0]->measure(work, &c->options, &one, stats, &err));
  for (int i = 0; i < c->set.at[0]->n_stats; i++) sums[i] += stats[i];
  for (int i = 0; i < N_FILES; i++) str_free(&lowered[i]);
}

START_TEST(blocks_of_lines) {
  static const int sizes[] = {1, 3, 60};
  for (const Json *json = json_first(golden); json != NULL; json = json_next(json)) {
    Case c = case_of(json);
    const MetricDef *metric = c.set.at[0];
    void *work = mem_zero(1, metric->size, "test");
    int line = 0, block = 0;
    for (const Json *want = json_first(json_get(json, "blocks")); want != NULL; want = json_next(want), block++) {
      double sums[METRIC_STATS] = {0};
      int end = line + sizes[block % 3] < texts[0].n ? line + sizes[block % 3] : texts[0].n;
      for (; line < end; line++) add_line(&c, work, line, sums);
      double got = metric_score(metric, &c.options, sums);
      ck_assert_msg(fabs(got - json_number(want)) < 6e-7, "%s: lines to %d: %.7f, sacrebleu %.6f",
                    json_string(json_get(json, "line")), end, got, json_number(want));
    }
    ck_assert_int_eq(line, texts[0].n);
    metric->release(work);
    mem_free(work);
  }
}
END_TEST

/* Each line by itself: BLEU with effective order. */
START_TEST(sentences) {
  enum { EVERY = 8 };
  for (const Json *json = json_first(golden); json != NULL; json = json_next(json)) {
    Case c = case_of(json);
    const MetricDef *metric = c.set.at[0];
    void *work = mem_zero(1, metric->size, "test");
    int line = 0;
    for (const Json *want = json_first(json_get(json, "sentences")); want != NULL; want = json_next(want)) {
      double stats[METRIC_STATS] = {0};
      add_line(&c, work, line, stats);
      double got = metric_sentence(metric, &c.options, stats);
      ck_assert_msg(fabs(got - json_number(want)) < 6e-7, "%s: line %d: %.7f, sacrebleu %.6f",
                    json_string(json_get(json, "line")), line + 1, got, json_number(want));
      line += EVERY;
    }
    ck_assert_int_eq(line, texts[0].n);
    metric->release(work);
    mem_free(work);
  }
}
END_TEST

START_TEST(printed_lines) {
  ck_assert_int_eq(json_count(golden), 36);
  for (const Json *json = json_first(golden); json != NULL; json = json_next(json)) {
    Case c = case_of(json);
    MetricRun run = {.files = {.hypothesis = paths[0], .references = paths + 1, .n_references = c.n_references},
                     .options = c.options};
    MetricReport report;
    Err err = {0};
    ck_assert_msg(metric_run(&c.set, &run, NULL, &report, &err), "%s", err.text);
    Str got = {0}, want = {0};
    metric_report_print(&got, &report, -1);
    const char *line = json_string(json_get(json, "line")), *version = strstr(line, "VERSION");
    str_add(&want, line, (size_t)(version - line));
    str_addf(&want, "attn-seq2seq-%s%s\n", VERSION, version + strlen("VERSION"));
    ck_assert_str_eq(str_text(&got), str_text(&want));
    metric_report_free(&report);
    str_free(&got);
    str_free(&want);
  }
}
END_TEST

Suite *test_sacrebleu(void);
Suite *test_sacrebleu(void) {
  Suite *s = suite_create("sacrebleu");
  TCase *t = tcase_create("sacrebleu");
  tcase_set_timeout(t, 300); /* valgrind */
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, blocks_of_lines);
  tcase_add_test(t, sentences);
  tcase_add_test(t, printed_lines);
  suite_add_tcase(s, t);
  return s;
}
