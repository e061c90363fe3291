#include "base/rng.h"

#include <check.h>
#include <math.h>

/* First outputs of the authors' splitmix64.c for seed 1234567. */
START_TEST(splitmix64_reference) {
  static const uint64_t expect[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                    4593380528125082431u, 16408922859458223821u};
  for (int i = 4; i >= 0; i--) ck_assert_uint_eq(rng_u64(1234567, (uint64_t)i), expect[i]);
}
END_TEST

/* FNV-1a, 64 bits: vectors of draft-eastlake-fnv. */
START_TEST(names_are_fnv1a) {
  ck_assert_uint_eq(rng_name(""), 0xcbf29ce484222325u);
  ck_assert_uint_eq(rng_name("a"), 0xaf63dc4c8601ec8cu);
  ck_assert_uint_eq(rng_name("foobar"), 0x85944171f73967e8u);
}
END_TEST

START_TEST(keys_differ_in_every_part) {
  uint64_t key = rng_key(1, RNG_INIT, 2, 3);
  ck_assert_uint_eq(key, rng_key(1, RNG_INIT, 2, 3));
  ck_assert_uint_ne(key, rng_key(2, RNG_INIT, 2, 3));
  ck_assert_uint_ne(key, rng_key(1, RNG_DROPOUT, 2, 3));
  ck_assert_uint_ne(key, rng_key(1, RNG_INIT, 3, 3));
  ck_assert_uint_ne(key, rng_key(1, RNG_INIT, 2, 4));
  ck_assert_uint_ne(key, rng_key(1, RNG_INIT, 3, 2));
  ck_assert_uint_ne(rng_subkey(key, 0), rng_subkey(key, 1));
  ck_assert_uint_ne(rng_subkey(key, 0), key);
}
END_TEST

typedef double Draw(uint64_t key, uint64_t index);

/* Mean, variance and fourth central moment of 200,000 numbers. */
static void moments(Draw *draw, uint64_t key, double m[3]) {
  enum { N = 200000 };
  double sum = 0, square = 0, fourth = 0;
  for (uint64_t i = 0; i < N; i++) sum += draw(key, i);
  m[0] = sum / N;
  for (uint64_t i = 0; i < N; i++) {
    double d = draw(key, i) - m[0];
    square += d * d;
    fourth += d * d * d * d;
  }
  m[1] = square / N;
  m[2] = fourth / N;
}

/* Tolerances are above five standard errors. */
START_TEST(uniform_moments) {
  double m[3];
  moments(rng_uniform, rng_key(7, RNG_TEST, 0, 0), m);
  ck_assert_double_eq_tol(m[0], 0.5, 0.004);
  ck_assert_double_eq_tol(m[1], 1.0 / 12, 0.001);
  ck_assert_double_eq_tol(m[2], 1.0 / 80, 0.0003);
  for (uint64_t i = 0; i < 1000; i++) {
    double u = rng_uniform(3, i);
    ck_assert(u >= 0 && u < 1);
  }
}
END_TEST

START_TEST(normal_moments) {
  double m[3];
  moments(rng_normal, rng_key(7, RNG_TEST, 1, 0), m);
  ck_assert_double_eq_tol(m[0], 0, 0.012);
  ck_assert_double_eq_tol(m[1], 1, 0.016);
  ck_assert_double_eq_tol(m[2], 3, 0.12);
}
END_TEST

/* Neighbouring indices and neighbouring keys must not go together. */
START_TEST(neighbours_are_uncorrelated) {
  enum { N = 100000 };
  double along = 0, across = 0;
  for (uint64_t i = 0; i < N; i++) {
    double u = rng_uniform(rng_subkey(5, 0), i) - 0.5;
    along += u * (rng_uniform(rng_subkey(5, 0), i + 1) - 0.5);
    across += u * (rng_uniform(rng_subkey(5, 1), i) - 0.5);
  }
  ck_assert_double_eq_tol(12 * along / N, 0, 0.016);
  ck_assert_double_eq_tol(12 * across / N, 0, 0.016);
}
END_TEST

START_TEST(below_covers_the_range_evenly) {
  enum { N = 70000 };
  int count[7] = {0};
  for (uint64_t i = 0; i < N; i++) {
    uint64_t v = rng_below(11, i, 7);
    ck_assert_uint_lt(v, 7);
    count[v]++;
  }
  for (int i = 0; i < 7; i++) ck_assert_int_lt(count[i] > 10000 ? count[i] - 10000 : 10000 - count[i], 500);
  ck_assert_uint_eq(rng_below(11, 0, 1), 0);
}
END_TEST

START_TEST(shuffle_is_a_permutation) {
  enum { N = 1000 };
  int a[N], b[N], seen[N] = {0}, moved = 0;
  for (int i = 0; i < N; i++) a[i] = b[i] = i;
  rng_shuffle(1, a, N);
  rng_shuffle(1, b, N);
  for (int i = 0; i < N; i++) {
    ck_assert_int_eq(a[i], b[i]);
    ck_assert(a[i] >= 0 && a[i] < N && !seen[a[i]]);
    seen[a[i]] = 1;
    moved += a[i] != i;
  }
  ck_assert_int_gt(moved, 980);
  rng_shuffle(1, a, 0);
  rng_shuffle(2, b, N);
  int same = 0;
  for (int i = 0; i < N; i++) same += a[i] == b[i];
  ck_assert_int_lt(same, 20);
}
END_TEST

/* All six orders of three, each about as often. */
START_TEST(shuffle_is_fair) {
  enum { N = 60000 };
  int count[27] = {0}, n_orders = 0;
  for (uint64_t key = 0; key < N; key++) {
    int a[3] = {0, 1, 2};
    rng_shuffle(rng_key(key, RNG_SHUFFLE, 0, 0), a, 3);
    count[9 * a[0] + 3 * a[1] + a[2]]++;
  }
  for (int i = 0; i < 27; i++) {
    n_orders += count[i] > 0;
    if (count[i] > 0) ck_assert(count[i] > 9500 && count[i] < 10500);
  }
  ck_assert_int_eq(n_orders, 6);
}
END_TEST

Suite *test_rng(void);
Suite *test_rng(void) {
  Suite *s = suite_create("rng");
  TCase *t = tcase_create("rng");
  tcase_add_test(t, splitmix64_reference);
  tcase_add_test(t, names_are_fnv1a);
  tcase_add_test(t, keys_differ_in_every_part);
  tcase_add_test(t, uniform_moments);
  tcase_add_test(t, normal_moments);
  tcase_add_test(t, neighbours_are_uncorrelated);
  tcase_add_test(t, below_covers_the_range_evenly);
  tcase_add_test(t, shuffle_is_a_permutation);
  tcase_add_test(t, shuffle_is_fair);
  suite_add_tcase(s, t);
  return s;
}
