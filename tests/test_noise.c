/* Dropout: where the rates come from, and what the masks of words and of recurrent states have in common. */
#include "nn/noise.h"

#include <check.h>
#include <string.h>

#include "num/packed.h"

enum { N_SENT = 40, STEPS = 25, UNITS = 12 };

static int length[N_SENT], row[N_SENT];
static Tape tape;
static const Packed *packed;
static Rows of_rows;

static void set_up(void) {
  for (int b = 0; b < N_SENT; b++) length[b] = STEPS - b % 3;
  for (int b = 0; b < N_SENT; b++) row[b] = 100 + b;
  tape = (Tape){.arena = arena_new()};
  packed = packed_new(tape.arena, length, N_SENT);
  of_rows = (Rows){packed->n_rows, packed->sentence, packed->step};
}

static void tear_down(void) { arena_free(tape.arena); }

static Tensor *ones(int rows) {
  Tensor *x = tape_tensor(&tape, rows, UNITS);
  for (int i = 0; i < rows * UNITS; i++) x->x[i] = 1;
  return x;
}

START_TEST(rates_come_from_the_keys) {
  const ModelConfig c = {.dropout = 0.1,
                         .dropout_embedding = 0.2,
                         .dropout_output = 0.3,
                         .dropout_context = 0.4,
                         .dropout_recurrent = 0.5,
                         .word_dropout = {0.6, 0.7},
                         .dropout_attention = 0.8,
                         .dropout_feed_forward = 0.9};
  static const double want[N_NOISE_PLACES] = {0.2, 0.1, 0.2, 0.1, 0.3, 0.4, 0.5, 0.5, 0.6, 0.7, 0.1, 0.8, 0.9};
  Noise noise = noise_of(&c, 5, 6, row);
  for (int place = 0; place < N_NOISE_PLACES; place++) ck_assert_double_eq(noise.p[place], want[place]);
  ck_assert(noise.seed == 5 && noise.update == 6 && noise.row == row);
}
END_TEST

START_TEST(none_is_none) {
  const Noise off = {.seed = 1, .row = row};
  Tensor *x = ones(packed->n_rows);
  ck_assert_ptr_null(noise_open(NULL, &tape, &of_rows));
  ck_assert_ptr_null(noise_open(&off, &tape, &of_rows));
  ck_assert(noise_apply(NULL, NOISE_SOURCE, 0, 0, x, NULL) == x);
  Noise some = off;
  some.p[NOISE_READOUT] = 0.5;
  const NoiseRun *run = noise_open(&some, &tape, &of_rows);
  ck_assert(noise_apply(run, NOISE_SOURCE, 0, 0, x, NULL) == x);
  noise_words(run, NOISE_SOURCE_WORDS, x);
  for (int i = 0; i < x->rows * x->cols; i++) ck_assert(x->x[i] == 1);
}
END_TEST

START_TEST(words_are_dropped_whole) {
  Noise noise = {.seed = 1, .row = row};
  noise.p[NOISE_SOURCE_WORDS] = 0.2;
  Tensor *x = ones(packed->n_rows);
  noise_words(noise_open(&noise, &tape, &of_rows), NOISE_SOURCE_WORDS, x);
  int dropped = 0;
  for (int r = 0; r < x->rows; r++) {
    real first = tensor_row(x, r)[0];
    ck_assert(first == 0 || first == (real)1.25);
    for (int j = 1; j < UNITS; j++) ck_assert(tensor_row(x, r)[j] == first);
    dropped += first == 0;
  }
  /* Of 960 words 192 on average, with a deviation of 12.4. */
  ck_assert_msg(dropped > 142 && dropped < 242, "%d of %d dropped", dropped, x->rows);
}
END_TEST

static const real *mask_of(const NoiseRun *run, NoisePlace place, int layer, int sentence, int step) {
  int at = packed_row(packed, sentence, step);
  return noise_apply(run, place, layer, at, ones(1), NULL)->x;
}

START_TEST(states_keep_their_mask) {
  Noise noise = {.seed = 1, .row = row};
  noise.p[NOISE_ENCODER_STATE] = noise.p[NOISE_SOURCE] = 0.5;
  const NoiseRun *run = noise_open(&noise, &tape, &of_rows);
  size_t size = UNITS * sizeof(real);
  int others = 0;
  for (int b = 0; b < N_SENT; b++) {
    const real *first = mask_of(run, NOISE_ENCODER_STATE, 0, b, 0);
    for (int t = 1; t < length[b]; t++) {
      ck_assert_mem_eq(first, mask_of(run, NOISE_ENCODER_STATE, 0, b, t), size);
      others += memcmp(mask_of(run, NOISE_SOURCE, 0, b, 0), mask_of(run, NOISE_SOURCE, 0, b, t), size) != 0;
    }
    others += memcmp(first, mask_of(run, NOISE_ENCODER_STATE, 1, b, 0), size) != 0;
    if (b > 0) others += memcmp(first, mask_of(run, NOISE_ENCODER_STATE, 0, b - 1, 0), size) != 0;
  }
  /* Two masks of 12 units agree by chance once in 4096. */
  ck_assert_int_gt(others, N_SENT * (STEPS - 1) - 10);
}
END_TEST

Suite *test_noise(void);
Suite *test_noise(void) {
  Suite *s = suite_create("noise");
  TCase *t = tcase_create("noise");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, rates_come_from_the_keys);
  tcase_add_test(t, none_is_none);
  tcase_add_test(t, words_are_dropped_whole);
  tcase_add_test(t, states_keep_their_mask);
  suite_add_tcase(s, t);
  return s;
}
