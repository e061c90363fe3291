/* Whether a training has come to anything: log 8 = 2.0794, log 100 = 4.6052, and 1.05 of them 2.1834, 4.8354. */
#include "train/verdict.h"

#include <check.h>
#include <math.h>
#include <string.h>

static const struct {
  VerdictCase c;
  Verdict verdict;
  const char *says; /* NULL: nothing */
} cases[] = {
    {{2.1, 0.3, 0.4, 20, 20, 8, NULL}, VERDICT_SOUND, NULL},
    /* The start is worse than a guess, and what came of it better. */
    {{2.6, 2.0, 2.0, 20, 20, 8, NULL}, VERDICT_SOUND, NULL},
    {{2.1, 6e10, 7e10, 20, 40, 8, NULL}, VERDICT_DIVERGED, "6e+10 after update 20"},
    {{2.0, 2.19, 2.19, 20, 20, 8, NULL}, VERDICT_DIVERGED, "guess among 8 words (2.079)"},
    {{2.2, 2.2, 2.2, 20, 20, 8, NULL}, VERDICT_DOUBTFUL, "nothing is learnt"},
    {{2.1, 2.2, 2.2, 20, 20, 8, NULL}, VERDICT_DOUBTFUL, "2.2 after update 20"},
    {{2.0, 2.18, 2.18, 20, 20, 8, NULL}, VERDICT_DOUBTFUL, "nothing is learnt"},
    {{2.6, 2.7, 2.7, 20, 20, 8, NULL}, VERDICT_DOUBTFUL, "no better than a uniform guess among 8 words"},
    {{2.6, 2.74, 2.74, 20, 20, 8, NULL}, VERDICT_DIVERGED, "before the first update (2.6)"},
    {{4.5, 4.55, 4.55, 20, 20, 100, NULL}, VERDICT_DOUBTFUL, "no validation was better than before the first update"},
    {{1.5, 1.55, 1.6, 20, 20, 100, "base.safetensors"},
     VERDICT_DOUBTFUL,
     "no validation was better than base.safetensors"},
    {{1.5, 1.55, 1.6, 20, 20, 100, "base.safetensors"}, VERDICT_DOUBTFUL, "(loss 1.55 against 1.5): keep that model"},
    {{1.5, 4.9, 5, 20, 20, 100, "base.safetensors"}, VERDICT_DIVERGED, "has diverged"},
    {{1.5, 1.4, 1.6, 20, 20, 100, "base.safetensors"}, VERDICT_SOUND, NULL},
    /* Good once, then lost; or the text learnt by heart. */
    {{4.6, 2, 4.7, 20, 20, 100, NULL}, VERDICT_DOUBTFUL, "the last validation loss, 4.7,"},
    {{4.6, 2, 1e9, 20, 30, 100, NULL}, VERDICT_DOUBTFUL, "the model is that of update 30"},
    {{4.6, 2, 4.6, 20, 20, 100, NULL}, VERDICT_SOUND, NULL},
};

START_TEST(is_told) {
  Str text = {0};
  VerdictCase c = cases[_i].c;
  Verdict verdict = verdict_of(&c, &text);
  ck_assert_msg(verdict == cases[_i].verdict, "%d: %s", (int)verdict, str_text(&text));
  ck_assert_msg((text.n > 0) == (verdict != VERDICT_SOUND), "%s", str_text(&text));
  if (cases[_i].says != NULL) ck_assert_msg(strstr(str_text(&text), cases[_i].says) != NULL, "%s", str_text(&text));
  str_free(&text);
}
END_TEST

/* No number is worse than any: a start that is not finite condemns nothing. */
START_TEST(a_start_that_is_no_number) {
  VerdictCase c = {(double)NAN, 1, 1, 20, 20, 8, NULL};
  Str text = {0};
  ck_assert_int_eq(verdict_of(&c, &text), VERDICT_SOUND);
  c.start = (double)INFINITY;
  ck_assert_int_eq(verdict_of(&c, &text), VERDICT_SOUND);
  str_free(&text);
}
END_TEST

Suite *test_verdict(void);
Suite *test_verdict(void) {
  Suite *s = suite_create("verdict");
  TCase *t = tcase_create("verdict");
  tcase_add_loop_test(t, is_told, 0, sizeof cases / sizeof *cases);
  tcase_add_test(t, a_start_that_is_no_number);
  suite_add_tcase(s, t);
  return s;
}
