/* The pages of a training (train --report) and of a comparison (compare): what they hold, going on with them, what is
 * refused before work begins. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/json.h"
#include "eval/page.h"
#include "scratch.h"
#include "session.h"

static Scratch scratch;

static const char *folder(void) { return str_text(&scratch.folder); }

static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(folder());
}
static void tear_down(void) { scratch_close(&scratch); }

/* The data of a page in the folder. */
static Json *data_of(const char *name) {
  Str page = session_read(folder(), name);
  const char *at;
  size_t n;
  Err err = {0};
  ck_assert_msg(page_data(str_text(&page), page.n, &at, &n), "%s is no page", name);
  Json *data = json_parse(at, n, name, ERR_FILE, &err);
  ck_assert_msg(data != NULL, "%s", err.text);
  str_free(&page);
  return data;
}

static Json *item(const Json *array, int i) {
  Json *at = json_first(array);
  while (i-- > 0) at = json_next(at);
  return at;
}

static double number(const Json *object, const char *key) {
  const Json *value = json_get(object, key);
  ck_assert_msg(value != NULL && json_type(value) == JSON_NUMBER, "no number %s", key);
  return json_number(value);
}

static const char *text(const Json *object, const char *key) {
  const Json *value = json_get(object, key);
  ck_assert_msg(value != NULL && json_type(value) == JSON_STRING, "no text %s", key);
  return json_string(value);
}

static void expect_status(int status, const char *said, const char *line) {
  Ran ran = session_run(folder(), line);
  ck_assert_msg(ran.status == status, "%s: status %d: %s", line, ran.status, str_text(&ran.said));
  ck_assert_msg(strstr(str_text(&ran.said), said) != NULL, "%s: \"%s\" is not in \"%s\"", line, said,
                str_text(&ran.said));
  session_end(&ran);
}

/* ---- train --report */

static double log_number(const char *line, const char *key) {
  Str quoted = {0};
  str_addf(&quoted, "\"%s\":", key);
  const char *at = strstr(line, str_text(&quoted));
  ck_assert_ptr_nonnull(at);
  double value = strtod(at + quoted.n, NULL);
  str_free(&quoted);
  return value;
}

/* 19 updates an epoch, three epochs, a line of the log every four updates. */
START_TEST(the_report_tells_what_the_log_tells) {
  session_must(folder(), "$A train c.json --quiet --log l --report r.html --set train.metric=accuracy");
  Json *data = data_of("r.html");
  Str log = session_read(folder(), "l");
  const Json *point = json_first(json_get(data, "points")), *valid = json_first(json_get(data, "valid"));
  for (const char *line = str_text(&log); *line != '\0'; line = strchr(line, '\n') + 1) {
    if (strncmp(line, "{\"event\":\"update\"", 17) == 0) {
      ck_assert_double_eq(json_number(item(point, 0)), log_number(line, "step"));
      ck_assert_double_eq_tol(json_number(item(point, 1)), log_number(line, "loss"), 1e-4);
      ck_assert_double_eq_tol(json_number(item(point, 2)), log_number(line, "learning_rate"), 1e-8);
      ck_assert_double_eq_tol(json_number(item(point, 3)), log_number(line, "gradient_norm"), 1e-4);
      point = json_next(point);
    } else if (strncmp(line, "{\"event\":\"valid\"", 16) == 0) {
      ck_assert_double_eq(number(valid, "step"), log_number(line, "step"));
      ck_assert_double_eq(number(valid, "epoch"), log_number(line, "epoch"));
      ck_assert_double_eq_tol(number(valid, "loss"), log_number(line, "loss"), 1e-4);
      ck_assert_double_eq_tol(number(valid, "value"), log_number(line, "value"), 1e-4);
      valid = json_next(valid);
    }
  }
  ck_assert_ptr_null(point);
  ck_assert_ptr_null(valid);
  ck_assert_int_eq(json_count(json_get(data, "points")), 14);
  ck_assert_int_eq(json_count(json_get(data, "valid")), 3);
  ck_assert_str_eq(text(data, "status"), "train.epochs reached");
  ck_assert_double_eq(number(data, "train_pairs"), 300);
  ck_assert_double_eq(number(data, "valid_pairs"), 20);
  ck_assert_double_eq(number(json_get(json_get(data, "config"), "train"), "epochs"), 3);
  str_free(&log);
  json_free(data);
}
END_TEST

/* Thousandths of a row of weights, unpacked, added up. */
static double sum_of(const Json *row) {
  double sum = 0;
  for (const Json *w = json_first(row); w != NULL; w = json_next(w))
    if (json_number(w) > 0) sum += json_number(w);
  return sum;
}

/* Six samples at each validation; each a translation and the reference, whose weights are shares. */
static const char *const weights[] = {"", " --set train.ema=0.5"};

START_TEST(samples_at_every_validation) {
  Str line = {0};
  str_addf(&line, "$A train c.json --quiet --report r.html%s && $A translate -m out/m.safetensors -b 1 <v.src >o",
           weights[_i]);
  session_must(folder(), line.at);
  str_free(&line);
  Json *data = data_of("r.html");
  Str out = session_read(folder(), "o"), reference = session_read(folder(), "v.tgt");
  for (const Json *row = json_first(json_get(data, "valid")); row != NULL; row = json_next(row)) {
    ck_assert_int_eq(json_count(json_get(row, "samples")), 6);
    for (const Json *sample = json_first(json_get(row, "samples")); sample != NULL; sample = json_next(sample)) {
      const Json *given = item(json_get(sample, "o"), 1);
      Str wanted = {0};
      str_addf(&wanted, "%s\n", text(given, "x"));
      ck_assert_ptr_nonnull(strstr(str_text(&reference), str_text(&wanted)));
      str_free(&wanted);
      for (const Json *w = json_first(json_get(given, "w")); w != NULL; w = json_next(w))
        ck_assert_double_eq_tol(sum_of(w), 1000, 3);
    }
  }
  /* The last validation was the best, so that its translations are the model's. */
  const Json *last = item(json_get(data, "valid"), 2);
  for (const Json *s = json_first(json_get(last, "samples")); s != NULL; s = json_next(s)) {
    const Json *made = json_get(item(json_get(s, "o"), 0), "x");
    ck_assert_ptr_nonnull(strstr(str_text(&out), made == NULL ? "" : json_string(made)));
  }
  str_free(&out);
  str_free(&reference);
  json_free(data);
}
END_TEST

/* What of a report does not depend on the clock, as text. */
static Str timeless(const char *name) {
  Json *data = data_of(name);
  Str out = {0};
  for (Json *row = json_first(json_get(data, "valid")); row != NULL; row = json_next(row)) json_remove(row, "seconds");
  for (const Json *point = json_first(json_get(data, "points")); point != NULL; point = json_next(point))
    for (int k = 0; k < 4; k++) str_addf(&out, "%.9g ", json_number(item(point, k)));
  json_remove(data, "points");
  json_print(&out, data, false);
  json_free(data);
  return out;
}

START_TEST(a_report_goes_on) {
  session_must(folder(),
               "$A train c.json --quiet --report whole.html; rm -r out;"
               "$A train c.json --quiet --report r.html --set train.epochs=1;"
               "$A train c.json --quiet --report r.html --set train.epochs=2 --resume;"
               "$A train c.json --quiet --report r.html --resume && cp r.html before.html &&"
               "$A train c.json --quiet --report r.html --resume");
  Str whole = timeless("whole.html"), parts = timeless("r.html"), before = timeless("before.html");
  ck_assert_str_eq(str_text(&whole), str_text(&parts));
  ck_assert_str_eq(str_text(&whole), str_text(&before));
  str_free(&whole);
  str_free(&parts);
  str_free(&before);
}
END_TEST

/* After a kill the page may tell of updates that are done again. */
START_TEST(a_killed_report_goes_on) {
  session_must(folder(),
               "$A train c.json --quiet --report whole.html; mv out whole;"
               "$A train c.json --quiet --report r.html --set train.epochs=2; cp out/m.state.safetensors old;"
               "$A train c.json --quiet --report r.html --resume; mv old out/m.state.safetensors;"
               "$A train c.json --quiet --report r.html --resume; cmp whole/m.safetensors out/m.safetensors");
  Str whole = timeless("whole.html"), parts = timeless("r.html");
  ck_assert_str_eq(str_text(&whole), str_text(&parts));
  str_free(&whole);
  str_free(&parts);
}
END_TEST

START_TEST(a_report_begun_late_has_all_validations) {
  session_must(folder(),
               "$A train c.json --quiet --set train.epochs=2; $A train c.json --quiet --report r.html --resume");
  Json *data = data_of("r.html"), *valid = json_get(data, "valid");
  ck_assert_int_eq(json_count(valid), 3);
  ck_assert_ptr_null(json_get(item(valid, 1), "samples"));
  ck_assert_ptr_nonnull(json_get(item(valid, 2), "samples"));
  ck_assert_double_eq(number(item(valid, 0), "step"), 19);
  json_free(data);
}
END_TEST

START_TEST(the_report_changes_no_byte) {
  session_must(folder(),
               "$A train c.json --quiet; mv out plain; $A train c.json --quiet --report r.html --threads 2; "
               "diff -r plain out >&2");
}
END_TEST

START_TEST(report_refused) {
  expect_status(1, "none", "$A train c.json --report none/deep/r.html");
  expect_status(2, "ends in .html", "$A train c.json --report r.txt");
  session_must(folder(), "test ! -e out/m.safetensors && mkdir r.html");
  expect_status(1, "r.html", "$A train c.json --report r.html");
  session_must(folder(),
               "test ! -e out/m.safetensors && rmdir r.html && echo mine > r.html && $A train c.json --quiet");
  expect_status(1, "is no report of a training", "$A train c.json --report r.html --resume --set train.epochs=4");
  session_must(folder(), "test \"$(cat r.html)\" = mine");
}
END_TEST

static int count(const char *page, const char *what) {
  int n = 0;
  for (const char *at = strstr(page, what); at != NULL; at = strstr(at + 1, what)) n++;
  return n;
}

/* Words of the corpus reach the page as text. */
START_TEST(hostile_words) {
  session_must(folder(),
               "for f in t.src t.tgt v.src v.tgt; do sed 's/^/<\\/script><script>alert(1)<\\/script><!-- /' $f > x && "
               "mv x $f; done; $A train c.json --quiet --report r.html --set train.epochs=1");
  Str page = session_read(folder(), "r.html");
  ck_assert_int_eq(count(str_text(&page), "<script"), 2);
  ck_assert_int_eq(count(str_text(&page), "</script"), 2);
  ck_assert_int_eq(count(str_text(&page), "<!--"), 0);
  static const char *const signs[] = {" src=", " href=\"h", "url(", "@import", "fetch(", "innerHTML"};
  for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) ck_assert_int_eq(count(str_text(&page), signs[i]), 0);
  json_free(data_of("r.html"));
  str_free(&page);
}
END_TEST

#define GOLD \
  "awk '{for (i = 0; i < NF; i++) printf \"%d-%d%s\", i, NF - 1 - i, i < NF - 1 ? \" \" : \"\\n\"}' v.src > gold"

/* Sentences of one's own and gold links, on both pages; a page that showed others begins anew with its samples. */
START_TEST(sentences_and_gold_on_the_pages) {
  session_must(folder(), GOLD
               "; printf 'a b c\\tc b a\\n' > s; tail -1 v.src >> s;"
               "$A train c.json --quiet --report r.html --set train.epochs=1 && "
               "$A train c.json --quiet --report r.html --resume --gold gold --sentences s");
  Json *data = data_of("r.html");
  const Json *rows = json_get(data, "valid"), *samples = json_get(item(rows, 2), "samples");
  ck_assert_int_eq(json_count(rows), 3);
  ck_assert_ptr_null(json_get(item(rows, 0), "samples"));
  ck_assert_int_eq(json_count(samples), 2);
  ck_assert_ptr_null(json_get(item(samples, 0), "g"));
  ck_assert_double_eq(number(item(samples, 1), "n"), 20);
  ck_assert_int_gt(json_count(json_get(item(samples, 1), "g")), 0);
  json_free(data);
  session_must(folder(),
               "$A compare c.json --quiet --seeds 1 --vary train.epochs=1 -o d --gold gold --sentences s > x");
  data = data_of("d/index.html");
  samples = json_get(item(json_get(data, "variants"), 0), "samples");
  ck_assert_int_eq(json_count(samples), 2);
  ck_assert_int_gt(json_count(json_get(item(samples, 1), "g")), 0);
  json_free(data);
  session_must(folder(), "$A train c.json --quiet --report q.html --gold gold --set train.model=q.safetensors");
  data = data_of("q.html");
  samples = json_get(item(json_get(data, "valid"), 0), "samples");
  ck_assert_int_eq(json_count(samples), 6);
  for (int i = 0; i < 6; i++) ck_assert_ptr_nonnull(json_get(item(samples, i), "g"));
  json_free(data);
  expect_status(1, "no validation pair",
                "echo nowhere > s; $A compare c.json --vary train.epochs=1,2 -o e --sentences s");
  expect_status(2, "give --report", "$A train c.json --sentences s");
}
END_TEST

/* ---- compare */

#define VARY "--vary model.attention.score=dot,additive --vary train.seed=1,2 --set model.encoder.hidden=4"

/* The numbers of the table are those of the commands. */
START_TEST(a_comparison) {
  session_must(folder(), GOLD
               "; $A compare c.json " VARY
               " -o d --gold gold --quiet --set train.metric=accuracy > out.txt;"
               "M=d/score=additive,seed=2/model.safetensors; $A score -m $M v.src v.tgt --alignments a.txt |"
               "awk '{s += $1} END {printf \"%.6f\\n\", s}' > logp; $A evaluate aer a.txt gold --json > aer;"
               "$A translate -m $M -b 1 < v.src > o; $A evaluate accuracy o v.tgt --json > accuracy;"
               "$A train c.json --quiet --set train.metric=accuracy --set model.encoder.hidden=4 "
               "--set model.attention.score=additive --set train.seed=2; $A score v.src v.tgt -m out/m.safetensors |"
               "awk '{s += $1} END {printf \"%.6f\\n\", s}' | cmp - logp");
  Json *data = data_of("d/index.html"), *last = item(json_get(data, "variants"), 3);
  ck_assert_int_eq(json_count(json_get(data, "variants")), 4);
  ck_assert_str_eq(text(last, "name"), "score=additive,seed=2");
  ck_assert_str_eq(text(last, "state"), "done");
  Str logp = session_read(folder(), "logp"), aer = session_read(folder(), "aer");
  Str accuracy = session_read(folder(), "accuracy"), words = session_read(folder(), "v.tgt");
  int tokens = 0;
  for (const char *at = str_text(&words); *at != '\0'; at++)
    tokens += *at == ' ' || *at == '\n' ? 1 + (*at == '\n') : 0;
  ck_assert_double_eq_tol(number(last, "loss"), -strtod(str_text(&logp), NULL) / tokens, 1e-5);
  ck_assert_double_eq_tol(number(last, "aer"), log_number(str_text(&aer), "aer"), 1e-4);
  ck_assert_double_eq_tol(number(last, "metric"), log_number(str_text(&accuracy), "accuracy"), 1e-4);
  ck_assert_double_eq(number(last, "updates"), 57);
  ck_assert_int_eq(json_count(json_first(json_get(last, "histories"))), 3);
  ck_assert_int_eq(json_count(json_get(last, "samples")), 6);
  ck_assert_ptr_nonnull(json_get(json_first(json_get(last, "samples")), "g"));
  session_must(folder(),
               "test $(wc -l < d/table.tsv) = 5 && test $(wc -l < out.txt) = 5 && "
               "test \"$(head -1 d/table.tsv | tr '\\t' ' ')\" = "
               "'score seed parameters updates valid_loss perplexity accuracy aer tokens_per_s seconds' && "
               "head -1 out.txt | grep -q '^score  *seed ' && test -s d/score=dot,seed=1/report.html");
  str_free(&logp);
  str_free(&aer);
  str_free(&accuracy);
  str_free(&words);
  json_free(data);
}
END_TEST

/* Finished variants stay as they are, the others go on; a changed config is refused. */
START_TEST(a_comparison_goes_on) {
  session_must(folder(), "$A compare c.json " VARY " -o d --quiet > x && mv d whole");
  Session session = session_start(folder(), "exec $A compare c.json " VARY " -o d");
  session_await(folder(), "d/score=dot,seed=2/model.state.safetensors");
  (void)kill(session.pid, SIGINT);
  Ran ran = session_wait(&session);
  ck_assert_msg(ran.status == 130, "status %d", ran.status);
  ck_assert_ptr_nonnull(strstr(str_text(&ran.said), "the same command goes on"));
  session_end(&ran);
  session_must(folder(),
               "cp -p d/score=dot,seed=1/model.safetensors first && $A compare c.json " VARY
               " -o d --quiet > x && "
               "cmp first d/score=dot,seed=1/model.safetensors && for v in whole/*=*; do for f in model model.state; "
               "do cmp $v/$f.safetensors d/${v#whole/}/$f.safetensors || exit 1; done; done");
  session_must(folder(), "cut -f 1-8 whole/table.tsv > a; cut -f 1-8 d/table.tsv | cmp - a");
  expect_status(2, "model.embedding: 8 became 9", "$A compare c.json " VARY " -o d --set model.embedding=9");
  expect_status(2, "give another --output", "$A compare c.json " VARY " -o d --set model.embedding=9");
}
END_TEST

/* location has rows for few positions: every variant is measured on the pairs that it can read, as a comparison without
 * it, on those pairs alone, measures them. Keys in step; three seeds are three trainings. */
START_TEST(a_comparison_on_the_same_pairs) {
  session_must(
      folder(),
      "set -e; $A compare c.json --quiet --vary model.attention.score=general,location --set "
      "model.attention.max_positions=4 --set data.max_length=3 "
      "-o d > out.txt; awk 'NF <= 3 {print NR}' v.src > short; n=$(wc -l < short); test $n -gt 0 -a $n -lt $(wc -l < "
      "v.src);"
      "grep -q \"Measured on $n of the $(wc -l < v.src) validation pairs\" out.txt;"
      "for f in src tgt; do awk 'NR == FNR {k[$1]; next} FNR in k' short v.$f > few.$f; done;"
      "M=d/score=general/model.safetensors; $A score -m $M few.src few.tgt | awk '{s += $1} END {printf \"%.6f\\n\", "
      "s}' > logp;"
      "awk '{n += NF + 1} END {print n}' few.tgt > tokens");
  Json *data = data_of("d/index.html");
  Str logp = session_read(folder(), "logp"), tokens = session_read(folder(), "tokens");
  const Json *first = item(json_get(data, "variants"), 0);
  ck_assert_double_eq_tol(number(first, "loss"), -strtod(str_text(&logp), NULL) / strtod(str_text(&tokens), NULL),
                          1e-5);
  str_free(&logp);
  str_free(&tokens);
  json_free(data);
}
END_TEST

START_TEST(a_comparison_in_step_with_seeds) {
  session_must(
      folder(),
      "set -e; $A compare c.json --quiet --vary vocab.source.tokenizer,vocab.target.tokenizer=word,char --seeds 2 -o d "
      "> out.txt; test -s d/tokenizer=char,seed=2/model.safetensors; grep -q '^tokenizer  *runs ' out.txt;"
      "grep -q 'Means over 2 seeds' out.txt; grep -q 'The variants split their targets into different tokens' out.txt;"
      "test $(wc -l < d/table.tsv) = 3; $A info d/tokenizer=char,seed=2/model.safetensors | grep -q '\"seed\": 2'");
  Json *data = data_of("d/index.html");
  ck_assert_int_eq(json_count(json_get(data, "variants")), 2);
  ck_assert_int_eq(json_count(json_get(item(json_get(data, "variants"), 1), "histories")), 2);
  ck_assert_ptr_nonnull(json_get(item(json_get(data, "variants"), 1), "samples"));
  ck_assert_int_eq(json_count(json_get(data, "not_comparable")), 4);
  json_free(data);
}
END_TEST

static const struct {
  int status;
  const char *said, *line;
} refused[] = {
    {2, "variant score=dot: ", "$A compare c.json --vary model.attention.score=additive,dot -o d"},
    {2, "did you mean", "$A compare c.json --vary model.attention.skore=dot -o d"},
    {2, "-o DIR", "$A compare c.json --vary train.seed=1,2"},
    {2, "--vary", "$A compare c.json -o d"},
    {2, "KEY=VALUE", "$A compare c.json --vary train.seed -o d"},
    {2, "KEY=VALUE", "$A compare c.json --vary train.seed=1,,2 -o d"},
    {2, "twice", "$A compare c.json --vary train.seed=1,1 -o d"},
    {2, "twice", "$A compare c.json --vary train.seed=1 --vary train.seed=2 -o d"},
    {2, "train.model", "$A compare c.json --vary train.model=a,b -o d"},
    {2, "train.model", "$A compare c.json --vary train.seed,train.model=1,2 -o d"},
    {2, "--seeds", "$A compare c.json --vary train.seed=1,2 --seeds 2 -o d"},
    {2, "seeds 1 to 2", "$A compare c.json --set train.seed=4 --seeds 2 -o d"},
    {2, "more than 200",
     "$A compare c.json --vary train.seed=$(seq -s, 1 15) --vary train.epochs=$(seq -s, 1 15) -o d"},
    {1, "none", "$A compare c.json --vary train.seed=1,2 -o none/deep"},
    {1, "gold", "echo 0-0 > gold; $A compare c.json --vary train.seed=1,2 -o d --gold gold"},
    {1, "gold: sentence 1: the link from word 99 to word 1 is outside its pair",
     "sed 's/.*/98-0/' v.src > gold; $A compare c.json --vary train.seed=1,2 -o d --gold gold"},
    {1, "has position 0: these links count from 0",
     "sed 's/.*/0-0/' v.src > gold; $A compare c.json --vary train.seed=1,2 -o d --gold gold --from-1"},
    {2, "--from-1 is about --gold", "$A compare c.json --vary train.seed=1,2 -o d --from-1"},
    {1, "lines of gold links for",
     "(cat v.src; echo) | sed 's/.*/0-0/' > gold; $A compare c.json --vary train.seed=1,2 -o d --gold gold"},
};

START_TEST(comparison_refused) {
  expect_status(refused[_i].status, refused[_i].said, refused[_i].line);
  session_must(folder(), "test ! -e d");
}
END_TEST

/* A variant that diverges is named and passed over. */
START_TEST(a_variant_fails) {
  Ran ran = session_run(folder(),
                        "$A compare c.json --quiet --vary train.optimizer.weight_decay=1e300,0 -o d "
                        "--set train.optimizer.lr=1e5");
  ck_assert_int_eq(ran.status, 1);
  ck_assert_ptr_nonnull(strstr(str_text(&ran.said), "variant weight_decay=1e300: "));
  ck_assert_ptr_nonnull(strstr(str_text(&ran.out), "failed"));
  session_end(&ran);
  Json *data = data_of("d/index.html"), *all = json_get(data, "variants");
  ck_assert_str_eq(text(item(all, 0), "state"), "failed");
  ck_assert_ptr_nonnull(strstr(text(item(all, 0), "reason"), "not finite"));
  json_free(data);
}
END_TEST

Suite *test_system_report(void);
Suite *test_system_report(void) {
  Suite *s = suite_create("system: reports");
  TCase *t = tcase_create("reports");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 120);
  tcase_add_test(t, the_report_tells_what_the_log_tells);
  tcase_add_loop_test(t, samples_at_every_validation, 0, sizeof weights / sizeof *weights);
  tcase_add_test(t, a_report_goes_on);
  tcase_add_test(t, a_killed_report_goes_on);
  tcase_add_test(t, a_report_begun_late_has_all_validations);
  tcase_add_test(t, the_report_changes_no_byte);
  tcase_add_test(t, report_refused);
  tcase_add_test(t, hostile_words);
  tcase_add_test(t, sentences_and_gold_on_the_pages);
  tcase_add_test(t, a_comparison);
  tcase_add_test(t, a_comparison_on_the_same_pairs);
  tcase_add_test(t, a_comparison_in_step_with_seeds);
  tcase_add_test(t, a_comparison_goes_on);
  tcase_add_loop_test(t, comparison_refused, 0, sizeof refused / sizeof *refused);
  tcase_add_test(t, a_variant_fails);
  suite_add_tcase(s, t);
  return s;
}
