#include "search/ensemble.h"

#include <check.h>
#include <limits.h>
#include <string.h>

#include "scratch.h"
#include "tiny.h"

static Scratch scratch;

static void open_scratch(void) { scratch_open(&scratch); }
static void close_scratch(void) { scratch_close(&scratch); }

static const char *save(const char *name, uint64_t seed, const char *score, const char *target) {
  Err err = {0};
  Translator *t = tiny_translator(seed, score, target);
  const char *path = scratch_path(&scratch, name);
  ck_assert_msg(translator_save(t, path, &err), "%s", err.text);
  translator_free(t);
  return path;
}

START_TEST(members_in_order) {
  const char *const paths[] = {save("1", 1, "general", NULL), save("2", 2, "location", NULL)};
  Ensemble e;
  Err err = {0};
  ck_assert_msg(ensemble_load(&e, paths, 2, &err), "%s", err.text);
  ck_assert_int_eq(e.n, 2);
  ck_assert_int_eq(e.room.across, 2);           /* each looks at the source with one head */
  ck_assert_int_eq(e.longest.source.tokens, 5); /* one of the 6 positions is </s> */
  ck_assert_str_eq(e.longest.source.key, "model.attention.max_positions");
  for (int i = 0; i < 2; i++) ck_assert_ptr_eq(e.models[i], e.members[i]->model);
  ck_assert_int_eq(e.members[0]->config.model.attention.score, SCORE_general);
  ensemble_free(&e);
  ck_assert(ensemble_load(&e, paths, 1, &err));
  ck_assert_int_eq(e.longest.source.tokens, INT_MAX);
  ck_assert_int_eq(e.room.across, 1);
  ensemble_free(&e);
}
END_TEST

START_TEST(other_vocabularies) {
  static const char other[] = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"x\",\"y\",\"w\"]";
  const char *const paths[] = {save("1", 1, "general", NULL), save("2", 2, "general", other)};
  Ensemble e;
  Err err = {0};
  ck_assert(!ensemble_load(&e, paths, 2, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_ptr_nonnull(strstr(err.text, paths[0]));
  ck_assert_ptr_nonnull(strstr(err.text, paths[1]));
  ck_assert_ptr_nonnull(strstr(err.text, "target vocabularies"));
}
END_TEST

START_TEST(other_alignments) {
  Err err = {0};
  Ensemble e;
  Translator *t = tiny_translator(2, "general", NULL);
  t->config.model.attention.aligns = ALIGNS_read;
  const char *const paths[] = {save("1", 1, "general", NULL), scratch_path(&scratch, "2")};
  ck_assert_msg(translator_save(t, paths[1], &err), "%s", err.text);
  translator_free(t);
  ck_assert(!ensemble_load(&e, paths, 2, &err));
  ck_assert_msg(strstr(err.text, "model.attention.aligns") != NULL, "%s", err.text);
}
END_TEST

START_TEST(missing_member) {
  const char *const paths[] = {save("1", 1, "general", NULL), scratch_path(&scratch, "none")};
  Ensemble e;
  Err err = {0};
  ck_assert(!ensemble_load(&e, paths, 2, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_ptr_nonnull(strstr(err.text, paths[1]));
}
END_TEST

Suite *test_ensemble(void);
Suite *test_ensemble(void) {
  Suite *suite = suite_create("ensemble");
  TCase *tc = tcase_create("ensemble");
  tcase_add_checked_fixture(tc, open_scratch, close_scratch);
  tcase_add_test(tc, members_in_order);
  tcase_add_test(tc, other_vocabularies);
  tcase_add_test(tc, other_alignments);
  tcase_add_test(tc, missing_member);
  suite_add_tcase(suite, tc);
  return suite;
}
