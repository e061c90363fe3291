#include "nn/narrow.h"

#include <check.h>
#include <string.h>

#include "ad/op.h"
#include "base/rng.h"

enum { V = 150, O = 37, N = 40, MOST_ROWS = 3 * N, N_COMMON = 20 };
static const double WITHIN = REAL_IS_DOUBLE ? 1e-12 : 1e-5;

/* A layer, readouts, and sentences with 0 to 49 tokens of their own. */
typedef struct Case {
  Tape tape;
  Tensor *w, *b, *x; /* [V,O], [1,V], [MOST_ROWS,O] */
  Ids own[N];
  int32_t ids[N][V];
} Case;

static void fill(Tensor *t, uint64_t key) {
  for (int r = 0; r < t->rows; r++)
    for (int c = 0; c < t->cols; c++)
      tensor_row(t, r)[c] = (real)rng_normal(key, (uint64_t)r * (uint64_t)t->cols + (uint64_t)c);
}

static void case_open(Case *c) {
  c->tape = (Tape){.arena = arena_new()};
  c->w = tape_tensor(&c->tape, V, O);
  c->b = tape_tensor(&c->tape, 1, V);
  c->x = tape_tensor(&c->tape, MOST_ROWS, O);
  fill(c->w, 1);
  fill(c->b, 2);
  fill(c->x, 3);
  for (int i = 0; i < N; i++) {
    int n = (int)rng_below(4, (uint64_t)i, 50), at = 0;
    for (int32_t id = N_COMMON; id < V && at < n; id++)
      if (rng_below(5, (uint64_t)(i * V + id), 3) == 0) c->ids[i][at++] = id;
    c->own[i] = (Ids){c->ids[i], at};
  }
}

/* What the whole layer says of a row's columns. */
static void expect_columns(const Case *c, const NarrowTokens *tokens, const Tensor *whole, const Tensor *got, int row,
                           int sentence) {
  for (int k = 0; k < narrow_width(tokens, sentence); k++) {
    int32_t token = narrow_token(tokens, sentence, k);
    ck_assert(k == 0 || token > narrow_token(tokens, sentence, k - 1));
    ck_assert_double_eq_tol((double)tensor_row(got, row)[k], (double)tensor_row(whole, row)[token], WITHIN);
  }
  ck_assert_int_eq(narrow_width(tokens, sentence), N_COMMON + c->own[sentence].n);
}

/* Sentences have 0 to `rows` rows. */
START_TEST(as_the_whole_layer) {
  static const int ways[][2] = {{1, 1}, {1, 3}, {5, 1}, {N, 1}, {N, 3}, {17, 2}};
  int n = ways[_i][0], rows = ways[_i][1], n_rows = 0, sentence[MOST_ROWS];
  Case c;
  case_open(&c);
  NarrowTokens tokens = {N_COMMON, c.own};
  const Narrow *narrow = narrow_open(&c.tape, c.w, c.b, &tokens, n, rows);
  for (int i = 0; i < n; i++)
    for (int k = 0; k < rows; k++)
      if (n == 1 || (i + k) % 3 != 0) sentence[n_rows++] = i;
  Tensor x = tensor_rows(c.x, 0, n_rows), *whole = op_linear(&c.tape, &x, c.w, c.b);
  const Tensor *got = narrow_logits(narrow, &c.tape, &x, sentence);
  ck_assert_int_eq(got->rows, n_rows);
  for (int r = 0; r < n_rows; r++) expect_columns(&c, &tokens, whole, got, r, sentence[r]);
  arena_free(c.tape.arena);
}
END_TEST

/* The numbers of packed weights are the same for any company: a sentence's columns are its own. */
START_TEST(neighbours_do_not_matter) {
  Case c;
  case_open(&c);
  int sentence[N];
  for (int i = 0; i < N; i++) sentence[i] = i;
  Pack pack;
  pack_init(&pack, PACK_FORWARD, V, O);
  for (int i = 0; i < pack_panels(&pack); i++) pack_fill(&pack, &(PackRows){.x = c.w->x, .ld = c.w->ld}, i);
  c.w->pack = &pack;
  const Narrow *together = narrow_open(&c.tape, c.w, c.b, &(NarrowTokens){N_COMMON, c.own}, N, 1);
  Tensor all = tensor_rows(c.x, 0, N), *whole = op_linear(&c.tape, &all, c.w, c.b);
  const Tensor *got = narrow_logits(together, &c.tape, &all, sentence);
  for (int i = 0; i < N; i++) {
    NarrowTokens tokens = {N_COMMON, &c.own[i]};
    const Narrow *alone = narrow_open(&c.tape, c.w, c.b, &tokens, 1, 1);
    Tensor x = tensor_rows(c.x, i, 1);
    const Tensor *want = narrow_logits(alone, &c.tape, &x, (int[]){0});
    size_t width = (size_t)narrow_width(&tokens, 0);
    ck_assert_mem_eq(tensor_row(got, i), tensor_row(want, 0), width * sizeof(real));
    for (int k = 0; k < (int)width; k++)
      ck_assert(memcmp(tensor_row(got, i) + k, tensor_row(whole, i) + narrow_token(&tokens, 0, k), sizeof(real)) == 0);
  }
  pack_free(&pack);
  arena_free(c.tape.arena);
}
END_TEST

Suite *test_narrow(void);
Suite *test_narrow(void) {
  Suite *suite = suite_create("narrow");
  TCase *tc = tcase_create("narrow");
  tcase_add_loop_test(tc, as_the_whole_layer, 0, 6);
  tcase_add_test(tc, neighbours_do_not_matter);
  suite_add_tcase(suite, tc);
  return suite;
}
