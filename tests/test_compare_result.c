#include "train/compare_result.h"

#include <check.h>
#include <string.h>

#include "train/compare_page.h"

static CompareRow rows[6];
static Variants variants;
static CompareResult result;

static CompareRow done(double loss, double metric) {
  return (CompareRow){.state = COMPARE_DONE,
                      .n_parameters = 100,
                      .updates = 7,
                      .result = {.n_pairs = 10, .n_tokens = 50, .loss = loss, .metric = metric},
                      .target = "v",
                      .seconds = 2};
}

/* Two variants of three seeds, whose metrics are 1, 2, 4 and 5, failed, 7. */
static void set_up(void) {
  Err err = {0};
  ck_assert_msg(variants_make(&variants, (const char *const[]){"a.b,c.b=x,y"}, 1, 3, &err), "%s", err.text);
  const double metrics[] = {1, 2, 4, 5, 0, 7};
  for (int i = 0; i < 6; i++) rows[i] = done(1, metrics[i]);
  rows[4] = (CompareRow){.state = COMPARE_FAILED};
  str_adds(&rows[4].reason, "why");
  result = (CompareResult){.variants = &variants,
                           .rows = rows,
                           .metric = metric_find("bleu"),
                           .same_text = true,
                           .n_pairs = 10,
                           .title = "t"};
}

static void tear_down(void) {
  for (int i = 0; i < 6; i++) compare_result_free_row(&rows[i]);
  variants_free(&variants);
}

/* Of 1, 2, 4: the mean 7/3, the deviations -4/3, -1/3, 5/3, the variance (16 + 1 + 25) / 9 / 2 = 7/3. Of 5, 7: 6, and
 * the variance 2. */
START_TEST(means_and_spread) {
  CompareValue first = compare_result_value(&result, 0, COMPARE_METRIC);
  CompareValue second = compare_result_value(&result, 1, COMPARE_METRIC);
  ck_assert_int_eq(compare_result_count(&result), 2);
  ck_assert_double_eq_tol(first.mean, 7.0 / 3, 1e-12);
  ck_assert_double_eq_tol(first.sd, 1.5275252316519468, 1e-12);
  ck_assert_double_eq_tol(second.mean, 6, 1e-12);
  ck_assert_double_eq_tol(second.sd, 1.4142135623730951, 1e-12);
  ck_assert_int_eq(compare_result_done(&result, 1), 2);
  ck_assert(!compare_result_value(&result, 0, COMPARE_SPEED).known);
  ck_assert(!compare_result_value(&result, 0, COMPARE_AER).known);
}
END_TEST

START_TEST(tables) {
  Str out = {0};
  compare_result_text(&out, &result);
  static const char head[] =
      "b  runs  parameters  updates      valid_loss    perplexity        bleu  tokens_per_s  seconds\n"
      "x     3         100     7 \xC2\xB1"
      "0  1.0000 \xC2\xB1"
      "0.0000  2.718 \xC2\xB1"
      "0.000  2.33 \xC2\xB1"
      "1.53             -     2 \xC2\xB1"
      "0\n";
  ck_assert_int_eq(strncmp(str_text(&out), head, sizeof head - 1), 0);
  ck_assert_ptr_nonnull(strstr(str_text(&out), "\n\nMeans over 3 seeds, \xC2\xB1 the standard deviation.\n"));
  str_clear(&out);
  compare_result_tsv(&out, &result);
  ck_assert_ptr_nonnull(strstr(str_text(&out), "b\truns\tparameters\t"));
  ck_assert_ptr_nonnull(strstr(str_text(&out), "\tbleu_sd\t"));
  ck_assert_ptr_nonnull(strstr(str_text(&out), "\t1.5275\t"));
  str_free(&out);
}
END_TEST

static Json *json_of(void) {
  Err err = {0};
  Str out = {0};
  compare_page_json(&out, &result);
  Json *json = json_parse(str_text(&out), out.n, "table.json", ERR_FILE, &err);
  ck_assert_msg(json != NULL, "%s", err.text);
  str_free(&out);
  return json;
}

START_TEST(as_json) {
  Json *json = json_of();
  const Json *second = json_next(json_first(json_get(json, "variants")));
  ck_assert_str_eq(json_string(json_get(json_get(second, "values"), "a.b")), "y");
  ck_assert_str_eq(json_string(json_get(json_get(second, "values"), "c.b")), "y");
  ck_assert_double_eq_tol(json_number(json_get(second, "bleu")), 6, 1e-12);
  ck_assert_double_eq_tol(json_number(json_get(second, "bleu_sd")), 1.4142135623730951, 1e-12);
  ck_assert_int_eq(json_type(json_get(second, "aer")), JSON_NULL);
  ck_assert_int_eq(json_count(json_get(second, "each")), 3);
  const Json *last = json_next(json_next(json_first(json_get(second, "each"))));
  ck_assert_double_eq(json_number(json_get(last, "seed")), 3);
  ck_assert_double_eq(json_number(json_get(last, "bleu")), 7);
  ck_assert_int_eq(json_count(json_get(json, "not_comparable")), 0);
  json_free(json);
}
END_TEST

static void expect_note(const char *note) {
  Str out = {0};
  compare_result_notes(&out, &result);
  ck_assert_msg(strstr(str_text(&out), note) != NULL, "%s", str_text(&out));
  str_free(&out);
}

START_TEST(what_cannot_be_compared) {
  ck_assert(compare_result_comparable(&result, COMPARE_LOSS));
  strcpy(rows[5].target, "w"); /* another vocabulary */
  for (int c = 0; c < COMPARE_COLUMNS; c++)
    ck_assert_int_eq(compare_result_comparable(&result, (CompareColumn)c),
                     c != COMPARE_LOSS && c != COMPARE_PERPLEXITY && c != COMPARE_SPEED);
  expect_note("are per token, and cannot be compared");
  Json *json = json_of();
  ck_assert_str_eq(json_string(json_first(json_get(json, "not_comparable"))), "valid_loss");
  json_free(json);
  strcpy(rows[5].target, "v");
  rows[5].result.n_tokens = 51; /* the same pieces, but other splits */
  ck_assert(!compare_result_comparable(&result, COMPARE_PERPLEXITY));
  rows[5].result.n_tokens = 50;
  rows[0].lowercase = true;
  ck_assert(!compare_result_comparable(&result, COMPARE_METRIC));
  expect_note("bleu cannot be compared");
  rows[0].lowercase = false;
  result.gold = true;
  rows[0].characters = 2;
  ck_assert(!compare_result_comparable(&result, COMPARE_AER));
  expect_note("aer cannot be compared");
  rows[0].characters = 0;
  result.n_pairs = 12;
  expect_note("Measured on 10 of the 12 validation pairs");
  result.same_text = false;
  ck_assert(!compare_result_comparable(&result, COMPARE_METRIC));
  expect_note("validation texts of their own");
}
END_TEST

Suite *test_compare_result(void);
Suite *test_compare_result(void) {
  Suite *s = suite_create("compare_result");
  TCase *t = tcase_create("compare_result");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, means_and_spread);
  tcase_add_test(t, tables);
  tcase_add_test(t, as_json);
  tcase_add_test(t, what_cannot_be_compared);
  suite_add_tcase(s, t);
  return s;
}
