#include "train/variants.h"

#include <check.h>
#include <string.h>

START_TEST(every_combination) {
  static const char *const names[] = {"score=dot,seed=1", "score=dot,seed=2", "score=dot,seed=3",
                                      "score=a_b,seed=1", "score=a_b,seed=2", "score=a_b,seed=3"};
  Variants v;
  Err err = {0};
  const char *const texts[] = {"model.attention.score=dot,\"a,b\"", "train.seed=1,2,3"};
  ck_assert_msg(variants_make(&v, texts, 2, 1, &err), "%s", err.text);
  ck_assert_int_eq(v.n, 6);
  for (int i = 0; i < 6; i++) ck_assert_str_eq(v.at[i].name, names[i]);
  ck_assert_str_eq(v.at[4].sets[0], "model.attention.score=\"a,b\"");
  ck_assert_str_eq(v.at[4].sets[1], "train.seed=2");
  ck_assert_int_eq(v.at[4].value[0], 1);
  ck_assert_int_eq(v.at[4].value[1], 1);
  variants_free(&v);
}
END_TEST

START_TEST(keys_that_end_alike) {
  Variants v;
  Err err = {0};
  const char *const texts[] = {"model.encoder.cell=gru,lstm", "model.decoder.cell=gru", "data.train.source=../x/y"};
  ck_assert_msg(variants_make(&v, texts, 3, 1, &err), "%s", err.text);
  ck_assert_str_eq(v.at[1].name, "model.encoder.cell=lstm,model.decoder.cell=gru,source=.._x_y");
  ck_assert_str_eq(v.keys[0].label, "model.encoder.cell");
  ck_assert_str_eq(v.keys[2].label, "source");
  variants_free(&v);
}
END_TEST

/* Keys in step take each value together; seeds are the last key, which tells no variants apart. */
START_TEST(keys_in_step_and_seeds) {
  Variants v;
  Err err = {0};
  const char *const texts[] = {"vocab.source.tokenizer,vocab.target.tokenizer=word,char",
                               "model.encoder.hidden,model.embedding=8"};
  ck_assert_msg(variants_make(&v, texts, 2, 3, &err), "%s", err.text);
  ck_assert_int_eq(v.n, 6);
  ck_assert_int_eq(v.n_seeds, 3);
  ck_assert_int_eq(v.n_told, 2);
  ck_assert_str_eq(v.at[4].name, "tokenizer=char,model.encoder.hidden,model.embedding=8,seed=2");
  static const char *const sets[] = {"vocab.source.tokenizer=char", "vocab.target.tokenizer=char",
                                     "model.encoder.hidden=8", "model.embedding=8", "train.seed=2"};
  ck_assert_int_eq(v.at[4].n_sets, 5);
  for (int i = 0; i < 5; i++) ck_assert_str_eq(v.at[4].sets[i], sets[i]);
  variants_free(&v);
  ck_assert_msg(variants_make(&v, NULL, 0, 2, &err), "%s", err.text);
  ck_assert_str_eq(v.at[1].name, "seed=2");
  variants_free(&v);
  ck_assert(!variants_make(&v, (const char *const[]){"a,train.seed=1"}, 1, 2, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "--seeds"));
}
END_TEST

static const struct {
  const char *texts[2], *said;
} bad[] = {
    {{"a"}, "not of the form"},          {{"=1"}, "not of the form"},   {{"a="}, "not of the form"},
    {{"a=1,"}, "not of the form"},       {{"a=1,1"}, "twice"},          {{"a=1", "a=2"}, "given twice"},
    {{"a=x/y,x:y"}, "share the folder"}, {{"a,=1"}, "not of the form"}, {{"a,a=1"}, "given twice"},
    {{"a=1", "b,a=2"}, "given twice"},
};

START_TEST(refused) {
  Variants v;
  Err err = {0};
  ck_assert(!variants_make(&v, bad[_i].texts, bad[_i].texts[1] == NULL ? 1 : 2, 1, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_msg(strstr(err.text, bad[_i].said) != NULL, "%s", err.text);
}
END_TEST

Suite *test_variants(void);
Suite *test_variants(void) {
  Suite *s = suite_create("variants");
  TCase *t = tcase_create("variants");
  tcase_add_test(t, every_combination);
  tcase_add_test(t, keys_that_end_alike);
  tcase_add_test(t, keys_in_step_and_seeds);
  tcase_add_loop_test(t, refused, 0, sizeof bad / sizeof *bad);
  suite_add_tcase(s, t);
  return s;
}
