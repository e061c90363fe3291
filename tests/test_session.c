#include "search/session.h"

#include <check.h>
#include <string.h>

#include "search/search_options.h"
#include "tiny.h"

static Translator *translator;
static const Model *model;
static Ensemble ensemble; /* of translator alone */
static Pool *pool;
static Session *session;

static void open_with(const char *score) {
  translator = tiny_translator(5, score, NULL);
  model = translator->model;
  ensemble =
      (Ensemble){&translator, &model, 1, model_config_longest(&model->config), model_config_room(&model->config)};
  pool = pool_new(2);
  session = session_new(&ensemble, pool);
}

static void open_general(void) { open_with("general"); }
static void open_location(void) { open_with("location"); }

static void close_all(void) {
  session_free(session);
  pool_free(pool);
  translator_free(translator);
}

static SearchOptions usual(void) {
  SearchOptions o = search_options_usual(&translator->config.translate);
  Err err = {0};
  ck_assert(search_options_set(&o, "n_best", 2, &err) && search_options_set(&o, "attention", 1, &err));
  ck_assert_msg(search_options_end(&o, &ensemble, &err), "%s", err.text);
  return o;
}

static void add(const char *line, const SearchOptions *o) {
  Err err = {0};
  ck_assert_msg(session_add(session, line, strlen(line), &o->translate, &err), "%s", err.text);
}

static void translate(const SearchOptions *o) {
  Err err = {0};
  ck_assert_msg(session_translate(session, 0, &o->translate, &err), "%s", err.text);
}

static bool add_pair(const char *source, const char *target, bool *of_target, Err *err) {
  return session_add_pair(session, &(Pair){source, target, strlen(source), strlen(target)}, of_target, err);
}

/* Whatever was in it before and whatever stands beside. */
START_TEST(a_text_gives_what_it_gives_alone) {
  SearchOptions o = usual();
  Str alone = {0}, among = {0};
  add("a b", &o);
  translate(&o);
  str_adds(&alone, session_entry(session, 0, 1, 0, true)->alignment.text);
  session_clear(session);
  ck_assert_int_eq(session_count(session), 0);
  add("c c a b c", &o);
  add("", &o);
  add("b", &o);
  session_drop(session, 2);
  add("a b", &o);
  translate(&o);
  ck_assert_int_eq(session_count(session), 3);
  ck_assert_int_eq(session_result(session, 1).n, 0);
  const Alignment *empty = &session_entry(session, 1, 0, 7, true)->alignment;
  ck_assert_str_eq(empty->text, "");
  ck_assert_int_eq(empty->id, 7);
  ck_assert_int_eq(empty->rank, 1);
  const Alignment *a = &session_entry(session, 2, 1, 0, true)->alignment;
  ck_assert_int_eq(a->rank, 2);
  ck_assert_str_eq(a->source[1], "b");
  str_adds(&among, a->text);
  ck_assert_str_eq(str_text(&among), str_text(&alone));
  str_free(&alone);
  str_free(&among);
}
END_TEST

/* One session does both by turns. */
START_TEST(what_is_found_is_scored) {
  SearchOptions o = usual();
  Err err = {0};
  Str text = {0};
  bool of_target;
  add("a b c", &o);
  translate(&o);
  double logprob = session_result(session, 0).best[0].logprob;
  str_adds(&text, session_entry(session, 0, 0, 0, false)->alignment.text);
  session_clear(session);
  ck_assert(add_pair("a b c", str_text(&text), &of_target, &err));
  ck_assert(session_score(session, &(ScoreOptions){.batch_size = 4, .heads = true}, &err));
  ck_assert_double_eq_tol(session_result(session, 0).best[0].logprob, logprob, TINY_WITHIN);
  ck_assert_int_eq(session_entry(session, 0, 0, 0, false)->alignment.heads.of[HEADS_CROSS].n, 1);
  ck_assert(session_score(session, &(ScoreOptions){.batch_size = 4}, &err));
  ck_assert_int_eq(session_entry(session, 0, 0, 0, false)->alignment.heads.of[HEADS_CROSS].n, 0);
  session_clear(session);
  add("a b c", &o);
  translate(&o);
  ck_assert_int_eq(session_result(session, 0).n, 2);
  str_free(&text);
}
END_TEST

/* Of a model that has six positions. */
START_TEST(what_is_too_long_is_not_added) {
  Err err = {0};
  bool of_target = true;
  ck_assert(add_pair("a", "x y z x y z x y z", &of_target, &err)); /* the target may be any */
  ck_assert(!add_pair("a b c a b c a", "x", &of_target, &err));
  ck_assert(!of_target);
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_int_eq(session_count(session), 1);
  SearchOptions o = usual();
  session_clear(session);
  add("a b c a b c a b", &o);
  ck_assert_int_lt(session_ids(session, 0)->source.n, 8); /* lines are cut */
}
END_TEST

START_TEST(any_bytes_become_a_line) {
  static const struct {
    const char *bytes;
    size_t n;
    const char *line;
  } rows[] = {{"a b", 3, "a b"},
              {"a\nb\r\nc", 6, "a b  c"},
              {"a\0b", 3,
               "a\xef\xbf\xbd"
               "b"},
              {"\xff", 1, "\xef\xbf\xbd"},
              {"", 0, ""}};
  Str out = {0};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    session_text(&out, rows[i].bytes, rows[i].n);
    ck_assert_str_eq(str_text(&out), rows[i].line);
    ck_assert_uint_eq(out.n, strlen(rows[i].line));
  }
  str_free(&out);
}
END_TEST

Suite *test_session(void);
Suite *test_session(void) {
  Suite *suite = suite_create("session");
  TCase *t = tcase_create("general"), *location = tcase_create("location");
  tcase_add_checked_fixture(t, open_general, close_all);
  tcase_add_checked_fixture(location, open_location, close_all);
  tcase_add_test(t, a_text_gives_what_it_gives_alone);
  tcase_add_test(t, what_is_found_is_scored);
  tcase_add_test(t, any_bytes_become_a_line);
  tcase_add_test(location, what_is_too_long_is_not_added);
  suite_add_tcase(suite, t);
  suite_add_tcase(suite, location);
  return suite;
}
