/* Sets of kernels: which may be chosen, and that they are what runs. */
#include "num/kernels.h"

#include <check.h>
#include <string.h>

#include "num/pack.h"

START_TEST(by_itself_the_best) {
  Err err = {0};
  const char *best = NULL;
  for (int i = 0; kernels_list(i) != NULL; i++)
    if (kernels_here(i)) best = kernels_list(i);
  ck_assert(kernels_choose(NULL, &err));
  ck_assert_str_eq(kernels_name(), best);
  ck_assert_str_eq(kernels_list(0), "plain");
  ck_assert(kernels_here(0));
}
END_TEST

START_TEST(by_name) {
  Err err = {0};
  for (int i = 0; kernels_list(i) != NULL; i++) {
    ck_assert_int_eq(kernels_choose(kernels_list(i), &err), kernels_here(i));
    if (kernels_here(i)) ck_assert_str_eq(kernels_name(), kernels_list(i));
    else ck_assert_ptr_nonnull(strstr(err.text, "this processor has not"));
  }
  ck_assert(kernels_choose("plain", &err));
  err_clear(&err);
  ck_assert(!kernels_choose("mmx", &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_ptr_nonnull(strstr(err.text, "\"mmx\": no kernels of that name; this one has plain"));
  ck_assert_str_eq(kernels_name(), "plain");
}
END_TEST

#if !REAL_IS_DOUBLE && defined(__x86_64__)
/* Packed weights stand in panels of columns, which are as wide as two registers of a set. */
START_TEST(the_chosen_set_runs) {
  static const struct {
    const char *name;
    size_t columns;
  } sets[] = {{"plain", 8}, {"avx2", 16}, {"avxvnni", 16}, {"avx512", 32}, {"avx512vnni", 32}, {"amx", 32}};
  Err err = {0};
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
    if (!kernels_choose(sets[i].name, &err)) continue;
    size_t numbers = pack_size(PACK_FORWARD, 1, 100) / sizeof(real);
    ck_assert_msg(numbers == 100 * sets[i].columns, "%s: %zu", sets[i].name, numbers);
  }
}
END_TEST
#endif

Suite *test_kernels(void);
Suite *test_kernels(void) {
  Suite *s = suite_create("kernels");
  TCase *t = tcase_create("kernels");
  tcase_add_test(t, by_itself_the_best);
  tcase_add_test(t, by_name);
#if !REAL_IS_DOUBLE && defined(__x86_64__)
  tcase_add_test(t, the_chosen_set_runs);
#endif
  suite_add_tcase(s, t);
  return s;
}
