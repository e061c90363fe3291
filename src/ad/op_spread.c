#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Spread {
  Tensor a;
  const Places *places;
  const int *sentence;
  real *lack; /* [B,L]: 1 - sum_t a_ti */
  double scale;
} Spread;

static real *lack_of(const Spread *s, int r) { return s->lack + (size_t)s->sentence[r] * (size_t)s->places->longest; }

static void backward(void *saved) {
  const Spread *s = saved;
  for (int r = 0; r < s->a.rows; r++)
    vec_axpy(tensor_grad_row(&s->a, r), (real)(-2 * s->scale), lack_of(s, r),
             (size_t)s->places->length[s->sentence[r]]);
}

double op_spread(Tape *tape, const Places *places, const int *sentence, const Tensor *a, double scale) {
  CHECK(a->cols == places->longest, "spread: weights of %d positions, the longest source has %d", a->cols,
        places->longest);
  size_t longest = (size_t)places->longest, n = (size_t)places->n_sent * longest;
  Spread *s = tape_alloc(tape, 1, sizeof *s);
  *s = (Spread){*a, places, sentence, tape_alloc(tape, n, sizeof(real)), scale};
  for (size_t i = 0; i < n; i++) s->lack[i] = 1;
  for (int r = 0; r < a->rows; r++) vec_axpy(lack_of(s, r), -1, tensor_row(a, r), (size_t)places->length[sentence[r]]);
  double sum = 0;
  for (int b = 0; b < places->n_sent; b++)
    for (int i = 0; i < places->length[b]; i++) {
      double lack = (double)s->lack[(size_t)b * longest + (size_t)i];
      sum += lack * lack;
    }
  tape_push(tape, "spread", backward, s);
  return sum;
}

/* Rows of two sentences in turn, in columns of a wider matrix; the shorter one's last column is no position. */
static void case_one(GradEnv *env, void *ctx) {
  static const int start[] = {0, 3}, length[] = {3, 2}, sentence[] = {0, 1, 0, 1, 0};
  static const Places places = {.n_sent = 2, .longest = 3, .start = start, .length = length};
  (void)ctx;
  Tensor *wide = gradcheck_input(env, 5, 5, 1), a = tensor_cols(wide, 1, 3);
  gradcheck_add(env, 0.7 * op_spread(&env->tape, &places, sentence, &a, 0.7));
}

static void check(GradEnv *env) { gradcheck_run(env, "spread", case_one, NULL); }

const OpDef op_spread_def = {"spread", check};
