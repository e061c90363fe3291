/* Translating and scoring as a user does it: a line for a line whatever it holds, at once when it comes through a pipe,
 * and alignments that tell the same in every form. */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "scratch.h"
#include "session.h"

static Scratch scratch;

static const char *folder(void) { return str_text(&scratch.folder); }

/* Two models of different seeds, m1 and m2, trained a little: they are not sure of what they say. odd.src has lines of
 * every kind, a third of them without tokens. */
static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(folder());
  session_must(folder(),
               "for s in 1 2; do $A train c.json --quiet --set train.epochs=12 --set train.optimizer.lr=0.01 "
               "--set train.seed=$s; mv out/m.safetensors m$s; rm -r out; done");
  session_must(folder(),
               "{ head -5 v.src; echo; echo 'x,y \"z\" a'; echo '  '; printf 'a b\\r\\n'; tail -5 v.src; "
               "printf '\\tc \\n\\302\\240\\n<s> </s>\\n|||\\nb c'; } > odd.src");
}

static void tear_down(void) { scratch_close(&scratch); }

/* ---- A line for a line. */

static const struct {
  const char *make; /* prints the line */
  bool empty;       /* nothing to translate */
  bool unknown;     /* most of its tokens */
  const char *warning;
} odd[] = {
    {"echo a b c", false, false, NULL},
    {"echo", true, false, NULL},
    {"printf '\\r\\n'", true, false, NULL},
    {"echo '     '", true, false, NULL},
    {"printf ' \\t \\013\\014\\n'", true, false, NULL},
    {"printf 'c d\\r\\n'", false, false, NULL},
    {"printf 'a\\0b\\n'", false, true, ": invalid UTF-8 or NUL"},
    {"printf '\\377\\300 b\\n'", false, true, ": invalid UTF-8 or NUL"},
    {"printf '\\302\\240\\n'", false, true, NULL},
    {"echo '<s> </s> <pad> <unk>'", false, true, NULL},
    {"echo '0 ||| a ||| b'", false, true, NULL},
    {"head -c 1000000 /dev/zero | tr '\\0' a; echo", false, true, NULL},
    {"head -c 1000000 /dev/zero | tr '\\0' ' '; echo", true, false, NULL},
    {"yes 'a b' | head -c 1000000 | tr '\\n' ' '; echo", false, false, ": 500000 tokens, cut to the first 100"},
    {"printf 'd e f'", false, false, NULL},
};

enum { N_ODD = sizeof odd / sizeof *odd };

START_TEST(every_line_has_an_answer) {
  Str all = {0}, alone = {0};
  str_adds(&all, "{ :; ");
  for (int i = 0; i < N_ODD; i++) {
    str_addf(&all, "%s; ", odd[i].make);
    Str line = {0};
    str_addf(&line, "{ %s; } | $A translate -m m1", odd[i].make);
    Ran ran = session_run(folder(), line.at);
    ck_assert_msg(ran.status == 0 && ran.out.n > 0 && strchr(ran.out.at, '\n') == ran.out.at + ran.out.n - 1,
                  "%s\nstatus %d: %s", line.at, ran.status, str_text(&ran.out));
    ck_assert_msg(!odd[i].empty || ran.out.n == 1, "%s\n%s", line.at, ran.out.at);
    ck_assert_msg((strstr(str_text(&ran.said), "% of the tokens are unknown") != NULL) == odd[i].unknown, "%s\n%s",
                  line.at, str_text(&ran.said));
    if (odd[i].warning == NULL && !odd[i].unknown) ck_assert_str_eq(str_text(&ran.said), "");
    str_add(&alone, ran.out.at, ran.out.n);
    session_end(&ran);
    str_free(&line);
  }
  str_adds(&all, "} | $A translate -m m1");
  Ran ran = session_run(folder(), all.at);
  ck_assert_str_eq(str_text(&ran.out), str_text(&alone));
  for (int i = 0; i < N_ODD; i++) {
    if (odd[i].warning == NULL) continue;
    str_clear(&all);
    str_addf(&all, "attn-seq2seq: warning: standard input:%d%s", i + 1, odd[i].warning);
    ck_assert_msg(strstr(ran.said.at, all.at) != NULL, "%s is missing in:\n%s", all.at, ran.said.at);
  }
  session_end(&ran);
  str_free(&all);
  str_free(&alone);
}
END_TEST

/* What comes from the session within ten seconds, up to a line end. */
static Str answer(const Session *session) {
  Str line = {0};
  char c = '\0';
  while (c != '\n') {
    struct pollfd end = {session->out, POLLIN, 0};
    ck_assert_msg(poll(&end, 1, 10000) == 1, "no answer while the pipe is open");
    ck_assert_int_eq(read(session->out, &c, 1), 1);
    str_addc(&line, c);
  }
  return line;
}

START_TEST(an_open_pipe_is_answered_at_once) {
  Str path = {0};
  session_must(folder(), "mkfifo pipe; $A translate -m m1 < v.src > v.out; head -2 v.src > two");
  str_addf(&path, "%s/pipe", folder());
  int hold = open(path.at, O_RDWR | O_CLOEXEC);
  ck_assert_int_ge(hold, 0);
  Session session = session_start(folder(), "exec $A translate -m m1 < pipe");
  Str source = session_read(folder(), "two"), expected = session_read(folder(), "v.out");
  const char *second = strchr(source.at, '\n') + 1;
  ck_assert_int_eq(write(hold, source.at, (size_t)(second - source.at)), second - source.at);
  Str one = answer(&session);
  ck_assert_int_eq(write(hold, second, strlen(second)), (ssize_t)strlen(second));
  Str two = answer(&session);
  str_adds(&one, two.at);
  ck_assert_int_eq(strncmp(one.at, expected.at, one.n), 0);
  (void)close(hold);
  Ran ran = session_wait(&session);
  ck_assert_int_eq(ran.status, 0);
  session_end(&ran);
  Str *const texts[] = {&path, &source, &expected, &one, &two};
  for (int i = 0; i < 5; i++) str_free(texts[i]);
}
END_TEST

/* ---- Alignments. */

static const char *const runs[] = {
    "$A translate -m m1 --threads 2 < odd.src",
    "$A translate -m m1 --beam-size 1 < odd.src",
    "$A translate -m m1 --n-best 3 < odd.src",
    "$A translate -m m1 -m m2 --batch-size 3 < odd.src",
    "$A translate -m m1 --sample --n-best 2 --seed 5 < odd.src",
    "$A score -m m1 odd.src odd.src",
    "$A score -m m2 -m m1 odd.src odd.src",
};

static void add_cell(Str *out, const char *text) {
  if (strpbrk(text, ",\"") == NULL) {
    str_adds(out, text);
    return;
  }
  str_addc(out, '"');
  for (; *text != '\0'; text++) str_addf(out, *text == '"' ? "\"\"" : "%c", *text);
  str_addc(out, '"');
}

static const Json *item(const Json *array, int i) {
  const Json *at = json_first(array);
  while (i-- > 0) at = json_next(at);
  return at;
}

/* The matrix, and the rows of a tidy file with rank or without, that an object of the JSON Lines form means. */
static void add_tables(Str *matrix, Str *tidy, const Json *object, bool ranked) {
  const Json *source = json_get(object, "source"), *target = json_get(object, "target");
  for (int s = 0; s < json_count(source); s++) {
    str_addc(matrix, ',');
    add_cell(matrix, json_string(item(source, s)));
  }
  str_addc(matrix, '\n');
  for (int t = 0; t < json_count(target); t++) {
    const Json *row = item(json_get(object, "alignment"), t);
    double sum = 0;
    add_cell(matrix, json_string(item(target, t)));
    ck_assert_int_eq(json_count(row), json_count(source));
    for (int s = 0; s < json_count(source); s++) {
      double weight = json_number(item(row, s));
      sum += weight;
      str_addf(matrix, ",%.9g", weight);
      str_addf(tidy, "%d,%d,", (int)json_number(json_get(object, "id")) + 1, t);
      add_cell(tidy, json_string(item(target, t)));
      str_addf(tidy, ",%d,", s);
      add_cell(tidy, json_string(item(source, s)));
      str_addf(tidy, ",%.9g", weight);
      if (ranked) str_addf(tidy, ",%d", (int)json_number(json_get(object, "rank")));
      str_addc(tidy, '\n');
    }
    str_addc(matrix, '\n');
    ck_assert_double_eq_tol(sum, 1, 1e-5);
  }
}

/* The Pharaoh line of the same object: for each target word its heaviest source word; none for `</s>`. */
static void add_links(Str *out, const Json *object) {
  const Json *rows = json_get(object, "alignment");
  int n_source = json_count(json_get(object, "source")), n = 0;
  for (int i = 0; i + 1 < n_source; i++)
    for (int j = 0; j + 1 < json_count(rows); j++) {
      const Json *row = item(rows, j);
      int best = 0;
      for (int s = 1; s < n_source; s++)
        if (json_number(item(row, s)) > json_number(item(row, best))) best = s;
      if (best == i) str_addf(out, "%s%d-%d", n++ > 0 ? " " : "", i, j);
    }
  str_addc(out, '\n');
}

static void check_file(const char *name, const Str *expected) {
  Str text = session_read(folder(), name);
  ck_assert_msg(strcmp(str_text(&text), str_text(expected)) == 0, "%s holds\n%.900s\nnot\n%.900s", name,
                str_text(&text), str_text(expected));
  str_free(&text);
}

/* The forms of one run, against its JSON Lines. */
static void check_forms(const char *jsonl) {
  Str tidy = {0}, links = {0};
  bool ranked = strstr(jsonl, "\"rank\":2") != NULL;
  Err err = {0};
  int n_files = 0;
  str_addf(&tidy, "sentence,target_position,target_token,source_position,source_token,weight%s\n",
           ranked ? ",rank" : "");
  for (const char *at = jsonl; *at != '\0'; at = strchr(at, '\n') + 1, n_files++) {
    Json *object = json_parse(at, (size_t)(strchr(at, '\n') - at), "line", ERR_FILE, &err);
    ck_assert_msg(object != NULL, "%s", err.text);
    Str matrix = {0}, name = {0};
    int rank = ranked ? (int)json_number(json_get(object, "rank")) : 1;
    str_addf(&name, "forms/d/%06d", (int)json_number(json_get(object, "id")) + 1);
    str_addf(&name, rank > 1 ? ".%d.csv" : ".csv", rank);
    add_tables(&matrix, &tidy, object, ranked);
    add_links(&links, object);
    check_file(name.at, &matrix);
    str_free(&matrix);
    str_free(&name);
    json_free(object);
  }
  check_file("forms/x.csv", &tidy);
  check_file("forms/x.txt", &links);
  Ran ran = session_run(folder(), "ls forms/d | wc -l");
  ck_assert_int_eq(strtol(str_text(&ran.out), NULL, 10), n_files);
  session_end(&ran);
  str_free(&tidy);
  str_free(&links);
}

START_TEST(alignments_tell_the_same_in_every_form) {
  Str line = {0};
  str_addf(&line,
           "rm -rf forms; mkdir forms; set -e; run() { %s \"$@\"; }; run --alignments forms/d/ > forms/1; "
           "for form in csv txt jsonl; do run --alignments forms/x.$form > forms/2; cmp forms/1 forms/2; done; "
           "run --format jsonl > forms/3; cmp forms/x.jsonl forms/3",
           runs[_i]);
  session_must(folder(), line.at);
  Str jsonl = session_read(folder(), "forms/x.jsonl");
  check_forms(jsonl.at);
  str_free(&jsonl);
  str_free(&line);
}
END_TEST

/* ---- Scores. */

/* The sum of token_logprob of each object, a line each with six decimals. */
static Str logprobs(const char *jsonl) {
  Str out = {0};
  Err err = {0};
  for (const char *at = jsonl; *at != '\0'; at = strchr(at, '\n') + 1) {
    Json *object = json_parse(at, (size_t)(strchr(at, '\n') - at), "line", ERR_FILE, &err);
    ck_assert_msg(object != NULL, "%s", err.text);
    double sum = 0;
    for (const Json *p = json_first(json_get(object, "token_logprob")); p != NULL; p = json_next(p))
      sum += json_number(p);
    str_addf(&out, "%.6f\n", sum);
    json_free(object);
  }
  return out;
}

static const char *const scored[] = {"-m m1", "-m m1 --batch-size 7 --threads 2", "-m m2 -m m1"};

START_TEST(score_agrees_with_translate) {
  Str line = {0};
  str_addf(&line,
           "set -e; $A translate %s --no-unknown --format jsonl < t.src > o.jsonl; "
           "$A translate %s --no-unknown < t.src > o; $A score %s t.src o > p",
           scored[_i], scored[_i], scored[_i]);
  session_must(folder(), line.at);
  Str jsonl = session_read(folder(), "o.jsonl"), got = session_read(folder(), "p"), expected = logprobs(jsonl.at);
  char *a = got.at, *b = expected.at;
  int n = 0;
  for (; *a != '\0' && *b != '\0'; n++) {
    ck_assert_double_eq_tol(strtod(a, &a), strtod(b, &b), 2e-5);
    ck_assert(*a++ == '\n' && *b++ == '\n');
  }
  ck_assert_int_eq(n, 300);
  str_free(&line);
  str_free(&jsonl);
  str_free(&got);
  str_free(&expected);
}
END_TEST

/* A block of n-best lists: ids in order, N entries each, falling scores, which are F0 a token with `</s>`. */
START_TEST(nbest_blocks) {
  session_must(folder(),
               "$A translate -m m1 --n-best 4 < v.src > nbest; $A translate -m m1 < v.src > best; "
               "awk 'NR % 4 == 1' nbest | sed 's/^[0-9]* ||| \\(.*\\) ||| F0=.*/\\1/' | diff - best >&2");
  Str text = session_read(folder(), "nbest");
  int n = 0;
  double last = 0;
  for (char *at = text.at; *at != '\0'; at = strchr(at, '\n') + 1, n++) {
    char words[64];
    double total, score;
    int id, tokens = 1;
    ck_assert_int_eq(sscanf(at, "%d ||| %63[^|]||| F0= %lf ||| %lf", &id, words, &total, &score), 4);
    for (const char *w = words; *w != '\0'; w++) tokens += *w == ' ';
    ck_assert_int_eq(id, n / 4);
    ck_assert(n % 4 == 0 || score <= last);
    ck_assert_double_eq_tol(score, total / tokens, 1e-4);
    last = score;
  }
  ck_assert_int_eq(n, 80);
  str_free(&text);
}
END_TEST

/* ---- Shell scripts that must succeed. */

static const char *const scripts[] = {
    "for n in 1 2 3; do $A translate -m m1 -m m2 --n-best 3 --format jsonl --threads $n < t.src > o$n; done; "
    "cmp o1 o2; cmp o1 o3",
    "for n in 1 2 3; do $A translate -m m1 --sample --temperature 2 --threads $n < t.src > o$n; done; cmp o1 o2; "
    "cmp o1 o3; $A translate -m m1 --sample --temperature 2 --seed 2 < t.src > o; ! cmp -s o o1",
    "for n in 1 2 3; do $A score -m m1 --format jsonl --threads $n t.src t.tgt > o$n; done; cmp o1 o2; cmp o1 o3",
    "$A translate -m m1 < v.src > o; $A translate -m m1 --threads 1000000000 < v.src > p; cmp o p",
    "$A translate -m m1 < /dev/null > o; test ! -s o",
    ": > e; $A score -m m1 e e > o; test ! -s o",
    "$A translate -m m1 --max-length 1 < t.src 2> said > o; test $(wc -l < said) = 11; "
    "grep -q '290 more lines cut' said; test $(wc -l < o) = 300",
    "$A translate -m m1 < v.src > o; ATTN_SEQ2SEQ_MODEL=m1 $A translate < v.src > p; cmp o p; mkdir models; "
    "cp m1 models/model.safetensors; $A translate < v.src > p; cmp o p",
    "$A translate -m m1 < v.src > o; $A translate -m m1 -m m1 < v.src > p; cmp o p",
    "$A translate -m m1 --n-best 2 < odd.src > o; test \"$(grep '^5 ' o)\" = '5 |||  ||| F0= 0 ||| 0'",
    "$A translate -m m1 --min-length 6 < v.src > o; ! grep -Eqv '^([^ ]+ ){5}' o",
    "gzip -c v.src > v.gz; $A score -m m1 v.src v.tgt > o; $A score -m m1 v.gz v.tgt > p; cmp o p",
    "$A average -o mean m1 m1; $A translate -m m1 < v.src > o; $A translate -m mean < v.src > p; cmp o p",
};

START_TEST(script) {
  Str line = {0};
  str_addf(&line, "set -e; rm -rf work; mkdir work; cp -R m1 m2 *.src *.tgt work; cd work; %s", scripts[_i]);
  session_must(folder(), line.at);
  str_free(&line);
}
END_TEST

Suite *test_system_translate(void);
Suite *test_system_translate(void) {
  Suite *s = suite_create("system: translating");
  TCase *t = tcase_create("translate");
  tcase_add_unchecked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 120);
  tcase_add_test(t, every_line_has_an_answer);
  tcase_add_test(t, an_open_pipe_is_answered_at_once);
  tcase_add_loop_test(t, alignments_tell_the_same_in_every_form, 0, sizeof runs / sizeof *runs);
  tcase_add_loop_test(t, score_agrees_with_translate, 0, sizeof scored / sizeof *scored);
  tcase_add_test(t, nbest_blocks);
  tcase_add_loop_test(t, script, 0, sizeof scripts / sizeof *scripts);
  suite_add_tcase(s, t);
  return s;
}
