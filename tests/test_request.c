#include "serve/request.h"

#include <check.h>
#include <string.h>

static const RequestLimits limits = {.lines = 3, .bytes = 10, .beam_size = 8};
static const char FORM[] = "application/x-www-form-urlencoded";

static int read_as(Request *r, RequestKind kind, const char *type, const char *body, Err *err) {
  err_clear(err);
  return request_read(r, kind, type, body, strlen(body), &limits, err);
}

typedef struct Good {
  const char *type, *body;
  int n;
  bool list, libre;
  const char *texts[3], *model;
} Good;

static const Good good[] = {
    {NULL, "{\"text\":\"a b\"}", 1, false, false, {"a b"}, NULL},
    {"application/json; charset=utf-8",
     "{\"text\":[\"a\",\"\",\"\\u00e9\"],\"model\":\"m\"}",
     3,
     true,
     false,
     {"a", "", "é"},
     "m"},
    {"application/json", "{\"text\":[]}", 0, true, false, {NULL}, NULL},
    {"APPLICATION/JSON",
     "{\"q\":\"a\",\"source\":\"en\",\"target\":\"de\",\"format\":\"text\",\"api_key\":\"\"}",
     1,
     false,
     true,
     {"a"},
     NULL},
    {FORM, "q=a+b%21&source=en&target=de", 1, false, true, {"a b!"}, NULL},
    {FORM, "q=a&q=b&&model=x%C3%A9", 2, true, true, {"a", "b"}, "xé"},
    {FORM, "text=&x", 1, false, false, {""}, NULL},
};

START_TEST(requests_are_read) {
  const Good *g = &good[_i];
  Request r;
  Err err = {0};
  ck_assert_msg(read_as(&r, REQUEST_TRANSLATE, g->type, g->body, &err) == REQUEST_OK, "%s", err.text);
  ck_assert_int_eq(r.n, g->n);
  ck_assert_int_eq(r.list, g->list);
  ck_assert_int_eq(r.libre, g->libre);
  ck_assert_ptr_null(r.targets);
  for (int i = 0; i < g->n; i++) ck_assert_str_eq(r.sources[i], g->texts[i]);
  ck_assert_int_eq(r.model == NULL, g->model == NULL);
  if (g->model != NULL) ck_assert_str_eq(r.model, g->model);
  request_free(&r);
}
END_TEST

typedef struct Bad {
  RequestKind kind;
  const char *type, *body;
  int status;
  const char *says;
} Bad;

static const Bad bad[] = {
    {REQUEST_TRANSLATE, NULL, "", 400, "body"},
    {REQUEST_TRANSLATE, NULL, "{\"text\":\"a\"", 400, "body"},
    {REQUEST_TRANSLATE, NULL, "[]", 400, "the body is an array, an object is wanted"},
    {REQUEST_TRANSLATE, NULL, "{}", 400, "text: is missing"},
    {REQUEST_TRANSLATE, NULL, "{\"text\":{}}", 400, "text: a text or a list of texts is wanted"},
    {REQUEST_TRANSLATE, NULL, "{\"text\":[\"a\",1]}", 400, "text: a text or a list of texts is wanted"},
    {REQUEST_TRANSLATE, NULL, "{\"text\":[\"a\",\"a\",\"a\",\"a\"]}", 413, "text: 4 texts, more than 3"},
    {REQUEST_TRANSLATE, NULL, "{\"text\":\"12345678901\"}", 413, "text: a text of 11 bytes, more than 10"},
    {REQUEST_TRANSLATE, NULL, "{\"text\":\"\\u0000\"}", 400, "body"},
    {REQUEST_TRANSLATE, NULL, "{\"text\":\"a\",\"model\":1}", 400, "model: a name is wanted"},
    {REQUEST_TRANSLATE, NULL, "{\"q\":\"a\",\"format\":\"html\"}", 400, "format: only \"text\" is translated"},
    {REQUEST_TRANSLATE, "multipart/form-data; boundary=x", "x", 415, "Content-Type: application/json or"},
    {REQUEST_TRANSLATE, FORM, "q=%", 400, "the form has a % without two hexadecimal digits"},
    {REQUEST_TRANSLATE, FORM, "q=%4", 400, "the form has a % without two hexadecimal digits"},
    {REQUEST_TRANSLATE, FORM, "q=%g0x", 400, "the form has a % without two hexadecimal digits"},
    {REQUEST_TRANSLATE, FORM, "q=%00", 400, "the form is not valid UTF-8, or has a NUL"},
    {REQUEST_TRANSLATE, FORM, "q=%ff", 400, "the form is not valid UTF-8, or has a NUL"},
    {REQUEST_SCORE, NULL, "{\"source\":\"a\"}", 400, "target: is missing"},
    {REQUEST_SCORE, NULL, "{\"source\":[\"a\",\"b\"],\"target\":[\"a\"]}", 400, "2 source and 1 target texts"},
    {REQUEST_SCORE, NULL, "{\"source\":[\"a\"],\"target\":\"a\"}", 400, "target: is one text, and the other a list"},
    {REQUEST_SCORE, NULL, "{\"source\":\"a\",\"target\":[\"a\"]}", 400, "source: is one text, and the other a list"},
    {REQUEST_TRANSLATE, FORM, " \n{\"text\":\"a\"}", 415, "Content-Type: says a form, and the body is JSON"},
    {REQUEST_TRANSLATE, FORM, "[", 415, "Content-Type: says a form, and the body is JSON"},
};

START_TEST(others_are_refused) {
  const Bad *b = &bad[_i];
  Request r;
  Err err = {0};
  ck_assert_int_eq(read_as(&r, b->kind, b->type, b->body, &err), b->status);
  ck_assert_msg(strncmp(err.text, b->says, strlen(b->says)) == 0, "%s", err.text);
  request_free(&r);
}
END_TEST

START_TEST(pairs_are_read) {
  Request r;
  Err err = {0};
  ck_assert_int_eq(read_as(&r, REQUEST_SCORE, NULL, "{\"source\":[\"a\",\"b\"],\"target\":[\"c\",\"d\"]}", &err),
                   REQUEST_OK);
  ck_assert_int_eq(r.n, 2);
  ck_assert_str_eq(r.sources[1], "b");
  ck_assert_str_eq(r.targets[1], "d");
  ck_assert(!r.libre);
  request_free(&r);
}
END_TEST

static const TranslateConfig usual = {
    .beam_size = 5, .length_penalty = 1, .max_length_ratio = 2, .max_length = 50, .batch_size = 32};

/* NULL: taken. */
static const struct {
  const char *members, *says;
} options[] = {
    {"\"beam_size\":8,\"n_best\":3,\"attention\":2,\"length_penalty\":0.5", NULL},
    {"\"sample\":true,\"temperature\":0.5,\"seed\":7,\"top_k\":3", NULL},
    {"\"max_length\":50,\"max_length_ratio\":1.5", NULL},
    {"\"beam_size\":\"4\"", NULL},
    {"\"beam_size\":9", "beam_size: 9 is not an integer from 1 to 8 here"},
    {"\"beam_size\":0", "beam_size: 0 is not an integer from 1 to 8 here"},
    {"\"n_best\":1e9", "n_best: 1e+09 is not an integer from 1 to 8 here"},
    {"\"max_length\":51", "max_length: 51 is not an integer from 1 to 50 here"},
    {"\"max_length\":9,\"min_length\":50", NULL},
    {"\"max_length\":9,\"min_length\":51", "min_length: 51 is not an integer from 0 to 50 here"},
    {"\"max_length_ratio\":2.1", "max_length_ratio: 2.1 is not a number from 1e-09 to 2 here"},
    {"\"batch_size\":1", "batch_size: is the service's own: leave it out"},
    {"\"beam_size\":4,\"sample\":1",
     "beam_size is of the search for the best, and sample draws: leave one of them out"},
    {"\"alternatives\":1", "\"alternatives\": no such option"},
    {"\"beam_size\":\"4x\"", "beam_size: a number is wanted"},
    {"\"beam_size\":\"\"", "beam_size: a number is wanted"},
    {"\"beam_size\":\"nan\"", "beam_size: nan is not an integer from 1 to 8 here"},
    {"\"beam_size\":null", "beam_size: a number is wanted"},
    {"\"beam\":4", "\"beam\": no such option; did you mean \"beam_size\"?"},
    {"\"source\":\"en\"", "\"source\": no such option"},
};

START_TEST(options_are_checked) {
  Request r;
  Err err = {0};
  Str body = {0};
  SearchOptions o = search_options_usual(&usual);
  str_addf(&body, "{\"text\":\"a\",%s}", options[_i].members);
  ck_assert_int_eq(read_as(&r, REQUEST_TRANSLATE, NULL, str_text(&body), &err), REQUEST_OK);
  bool ok = request_options(&r, &limits, &o, &err);
  ck_assert_str_eq(err.text, options[_i].says == NULL ? "" : options[_i].says);
  ck_assert_int_eq(ok, options[_i].says == NULL);
  if (_i == 0) ck_assert_int_eq(o.translate.beam.beam_size, 8);
  if (_i == 0) ck_assert_int_eq(o.attention, SEARCH_HEADS);
  if (_i == 3) ck_assert_int_eq(o.translate.beam.beam_size, 4);
  str_free(&body);
  request_free(&r);
}
END_TEST

/* What the form of a request has no use for; NULL: taken. */
static const struct {
  RequestKind kind;
  const char *body, *says;
  int n_best, beam_size;
} forms[] = {
    {REQUEST_SCORE, "{\"source\":\"a\",\"target\":\"b\",\"attention\":2}", NULL, 1, 5},
    {REQUEST_SCORE, "{\"source\":\"a\",\"target\":\"b\",\"beam_size\":5}",
     "beam_size: is of /translate, and /score knows attention alone: leave it out", 1, 5},
    {REQUEST_SCORE, "{\"source\":\"a\",\"target\":\"b\",\"sample\":false}",
     "sample: is of /translate, and /score knows attention alone: leave it out", 1, 5},
    {REQUEST_SCORE, "{\"source\":\"a\",\"target\":\"b\",\"format\":\"text\"}", "\"format\": no such option", 1, 5},
    {REQUEST_TRANSLATE, "{\"q\":\"a\",\"alternatives\":0,\"api_key\":\"k\"}", NULL, 1, 5},
    {REQUEST_TRANSLATE, "{\"q\":\"a\",\"alternatives\":\"3\"}", NULL, 4, 5},
    {REQUEST_TRANSLATE, "{\"q\":\"a\",\"alternatives\":7}", NULL, 8, 8},
    {REQUEST_TRANSLATE, "{\"q\":\"a\",\"alternatives\":2,\"beam_size\":3}", NULL, 3, 3},
    {REQUEST_TRANSLATE, "{\"q\":\"a\",\"alternatives\":7,\"sample\":1}", NULL, 8, 5},
    {REQUEST_TRANSLATE, "{\"q\":\"a\",\"alternatives\":8}", "alternatives: 8 is not an integer from 0 to 7 here", 1, 5},
    {REQUEST_TRANSLATE, "{\"q\":\"a\",\"alternatives\":-1}", "alternatives: -1 is not an integer from 0 to 7 here", 1,
     5},
    {REQUEST_TRANSLATE, "{\"q\":\"a\",\"alternatives\":0.5}", "alternatives: 0.5 is not an integer from 0 to 7 here", 1,
     5},
    {REQUEST_TRANSLATE, "{\"q\":\"a\",\"alternatives\":\"x\"}", "alternatives: a number is wanted", 1, 5},
    {REQUEST_TRANSLATE, "{\"q\":\"a\",\"n_best\":2}",
     "n_best: goes with text; with q say alternatives, which is one less", 1, 5},
    {REQUEST_TRANSLATE, "{\"q\":\"a\",\"attention\":1}",
     "attention: has no place in the answer to q: ask with text instead of q", 1, 5},
    {REQUEST_TRANSLATE, "{\"q\":\"a\",\"text\":\"b\"}", "\"text\": no such option", 1, 5},
};

START_TEST(what_a_form_has_no_use_for_is_refused) {
  Request r;
  Err err = {0};
  SearchOptions o = search_options_usual(&usual);
  ck_assert_int_eq(read_as(&r, forms[_i].kind, NULL, forms[_i].body, &err), REQUEST_OK);
  bool ok = request_options(&r, &limits, &o, &err);
  ck_assert_str_eq(err.text, forms[_i].says == NULL ? "" : forms[_i].says);
  ck_assert_int_eq(ok, forms[_i].says == NULL);
  ck_assert_int_eq(o.translate.beam.n_best, forms[_i].n_best);
  ck_assert_int_eq(o.translate.beam.beam_size, forms[_i].beam_size);
  request_free(&r);
}
END_TEST

START_TEST(only_equal_options_are_equal) {
  Err err = {0};
  for (int i = 0; search_options_name(i) != NULL; i++) {
    SearchOptions a = search_options_usual(&usual), b = search_options_usual(&usual);
    const char *name = search_options_name(i);
    ck_assert(search_options_equal(&a, &b));
    bool flag = strcmp(name, "no_unknown") == 0 || strcmp(name, "sample") == 0;
    bool two = strcmp(name, "attention") == 0;
    ck_assert(search_options_set(&a, name, flag || two ? 1 : 7, &err));
    ck_assert_msg(!search_options_equal(&a, &b), "%s", name);
  }
}
END_TEST

/* Each name is looked for among those before it: a body of a megabyte took minutes. */
START_TEST(a_form_has_few_names) {
  Str body = {0};
  Request r;
  Err err = {0};
  for (int i = 0; i < 65; i++) str_addf(&body, "n%d&", i);
  ck_assert_int_eq(read_as(&r, REQUEST_TRANSLATE, FORM, str_text(&body), &err), REQUEST_BAD);
  ck_assert_str_eq(err.text, "the form has more than 64 names");
  request_free(&r);
  str_free(&body);
}
END_TEST

Suite *test_request(void);
Suite *test_request(void) {
  Suite *suite = suite_create("request");
  TCase *t = tcase_create("request");
  tcase_add_loop_test(t, requests_are_read, 0, (int)(sizeof good / sizeof *good));
  tcase_add_test(t, a_form_has_few_names);
  tcase_add_loop_test(t, others_are_refused, 0, (int)(sizeof bad / sizeof *bad));
  tcase_add_test(t, pairs_are_read);
  tcase_add_loop_test(t, options_are_checked, 0, (int)(sizeof options / sizeof *options));
  tcase_add_loop_test(t, what_a_form_has_no_use_for_is_refused, 0, (int)(sizeof forms / sizeof *forms));
  tcase_add_test(t, only_equal_options_are_equal);
  suite_add_tcase(suite, t);
  return suite;
}
