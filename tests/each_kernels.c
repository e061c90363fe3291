#include "each_kernels.h"

#include "num/kernels.h"

static void take(int i) {
  Err err = {0};
  ck_assert_msg(kernels_choose(kernels_list(i), &err), "%s", err.text);
}

static void take_0(void) { take(0); }
static void take_1(void) { take(1); }
static void take_2(void) { take(2); }
static void take_3(void) { take(3); }
static void take_4(void) { take(4); }
static void take_5(void) { take(5); }

void each_kernels(Suite *s, void (*fill)(TCase *t)) {
  static void (*const takes[])(void) = {take_0, take_1, take_2, take_3, take_4, take_5};
  for (int i = 0; kernels_list(i) != NULL; i++) {
    CHECK(i < (int)(sizeof takes / sizeof *takes), "each_kernels: no fixture for %s", kernels_list(i));
    if (!kernels_here(i)) continue;
    TCase *t = tcase_create(kernels_list(i));
    tcase_add_checked_fixture(t, takes[i], NULL);
    fill(t);
    suite_add_tcase(s, t);
  }
}
