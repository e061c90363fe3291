#define _DEFAULT_SOURCE /* mincore */
#include "base/mem.h"

#include <check.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "child.h"

START_TEST(gives_what_it_says) {
  unsigned long before = mem_calls();
  char *a = mem_alloc(10, 2, "test");
  unsigned char *zero = mem_zero(7, 3, "test");
  unsigned char *aligned = mem_aligned(3, 33, "test");
  memset(a, 'a', 20);
  for (int i = 0; i < 21; i++) ck_assert_uint_eq(zero[i], 0);
  memset(aligned, 'b', 99);
  ck_assert_uint_eq((uintptr_t)aligned % 64, 0);
  a = mem_grow(a, 1000, 2, "test");
  for (int i = 0; i < 20; i++) ck_assert_int_eq(a[i], 'a');
  char *text = mem_text("one\0two", 7);
  ck_assert_mem_eq(text, "one\0two", 8);
  ck_assert_uint_eq(mem_calls() - before, 5);
  mem_free(a);
  mem_free(zero);
  mem_free(aligned);
  mem_free(text);
  mem_free(NULL);
}
END_TEST

START_TEST(nothing_is_not_null) {
  void *a = mem_alloc(0, 4, "test"), *b = mem_zero(0, 0, "test"), *c = mem_grow(NULL, 0, 1, "test");
  char *d = mem_text(NULL, 0);
  ck_assert(a != NULL && b != NULL && c != NULL);
  ck_assert_str_eq(d, "");
  mem_free(a);
  mem_free(b);
  mem_free(c);
  mem_free(d);
}
END_TEST

typedef struct Request {
  void *(*give)(size_t count, size_t size, const char *what);
  size_t count, size;
} Request;

static void *grow_nothing(size_t count, size_t size, const char *what) { return mem_grow(NULL, count, size, what); }

static void ask(void *ctx) {
  const Request *r = ctx;
  mem_free(r->give(r->count, r->size, "the test"));
}

/* Each product overflows, or fits size_t and no machine. */
START_TEST(overflow_is_out_of_memory) {
  void *(*const give[])(size_t, size_t, const char *) = {mem_alloc, mem_zero, mem_aligned, grow_nothing};
  for (int i = 0; i < 4; i++) {
    char said[256];
    Request wraps = {give[i], SIZE_MAX / 2 + 2, 2}; /* would wrap to 2 bytes */
    ck_assert_int_eq(child_run(ask, &wraps, said, sizeof said), 1);
    ck_assert_str_eq(said, "attn-seq2seq: out of memory: 9223372036854775809 x 2 bytes for the test\n");
    Request most = {give[i], SIZE_MAX, 1};
    ck_assert_int_eq(child_run(ask, &most, said, sizeof said), 1);
  }
}
END_TEST

static void three_calls(void *ctx) {
  mem_fail_after(*(const unsigned long *)ctx);
  mem_free(mem_alloc(1, 11, "first"));
  mem_free(mem_zero(1, 22, "second"));
  mem_free(mem_aligned(1, 33, "third"));
}

START_TEST(fails_at_the_nth_call) {
  static const char *const expect[] = {"", "1 x 11 bytes for first", "1 x 22 bytes for second",
                                       "1 x 33 bytes for third"};
  for (unsigned long n = 0; n <= 4; n++) {
    char said[256];
    int fails = n >= 1 && n <= 3;
    ck_assert_int_eq(child_run(three_calls, &n, said, sizeof said), fails);
    if (fails) ck_assert_msg(strstr(said, expect[n]) != NULL, "%s", said);
    else ck_assert_str_eq(said, "");
  }
}
END_TEST

/* Pages that have memory. */
static size_t resident(void *at, size_t n) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), found = 0;
  unsigned char in[64];
  ck_assert_uint_le(n / page, sizeof in);
  ck_assert_int_eq(mincore(at, n, in), 0);
  for (size_t i = 0; i < n / page; i++) found += in[i] & 1;
  return found;
}

/* A range that begins and ends inside pages: its neighbours stay, the pages between are given back. */
START_TEST(cleared_pages_are_zero_and_take_no_memory) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), n = 16 * page, from = page / 2, to = n - page / 4;
  unsigned char *at = mem_pages(16, page, "test");
  ck_assert_uint_eq(resident(at, n), 0);
  memset(at, 7, n);
  ck_assert_uint_eq(resident(at, n), 16);
  mem_pages_clear(at + from, to - from);
  ck_assert_uint_eq(resident(at, n), 2);
  size_t wrong = 0;
  for (size_t i = 0; i < n; i++) wrong += at[i] != (i < from || i >= to ? 7 : 0);
  ck_assert_uint_eq(wrong, 0);
  memset(at, 7, n);
  mem_pages_clear(at + 3, 5);
  for (size_t i = 0; i < 16; i++) ck_assert_uint_eq(at[i], i < 3 || i >= 8 ? 7 : 0);
  mem_pages_free(at, 16, page);
  mem_pages_free(NULL, 16, page);
}
END_TEST

Suite *test_mem(void);
Suite *test_mem(void) {
  Suite *s = suite_create("mem");
  TCase *t = tcase_create("mem");
  tcase_add_test(t, gives_what_it_says);
  tcase_add_test(t, nothing_is_not_null);
  tcase_add_test(t, overflow_is_out_of_memory);
  tcase_add_test(t, fails_at_the_nth_call);
  tcase_add_test(t, cleared_pages_are_zero_and_take_no_memory);
  suite_add_tcase(s, t);
  return s;
}
