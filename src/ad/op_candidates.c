#include <math.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"

typedef struct Candidates {
  const Look *look;
  Tensor e, dst;
  real sigma;
} Candidates;

static bool stays(real score) { return !(score == -(real)INFINITY); }

static void backward(void *saved) {
  const Candidates *c = saved;
  for (int r = 0; r < c->look->n; r++) {
    const real *dst = tensor_row(&c->dst, r), *d = tensor_grad_row(&c->dst, r);
    real *de = tensor_grad_row(&c->e, r);
    for (int i = c->look->low[r]; i < c->look->high[r]; i++) {
      if (!stays(dst[i])) continue;
      de[i] += d[i];
      if (c->look->centre == NULL) continue;
      real offset = (real)i - tensor_row(c->look->centre, r)[0];
      tensor_grad_row(c->look->centre, r)[0] += d[i] * offset / (c->sigma * c->sigma);
    }
  }
}

/* Leaves the `top` greatest of n; those left out become -inf. */
static void leave_greatest(real *e, int n, int top) {
  for (int left = 0, i = 0; left < n - top; left++, i = 0) {
    while (!stays(e[i])) i++;
    for (int k = i + 1; k < n; k++)
      if (stays(e[k]) && e[k] <= e[i]) i = k;
    e[i] = -(real)INFINITY;
  }
}

static int count_left(const real *e, int n) {
  int left = 0;
  for (int i = 0; i < n; i++) left += stays(e[i]);
  return left;
}

static void forward_row(const Candidates *c, int r, int top) {
  real *dst = tensor_row(&c->dst, r);
  const real *e = tensor_row(&c->e, r);
  int low = c->look->low[r], high = c->look->high[r];
  for (int i = 0; i < c->dst.cols; i++) {
    dst[i] = i < low || i >= high ? -(real)INFINITY : e[i];
    if (c->look->centre == NULL || !stays(dst[i])) continue;
    real offset = (real)i - tensor_row(c->look->centre, r)[0];
    dst[i] -= offset * offset / (2 * c->sigma * c->sigma);
  }
  int over = count_left(dst + low, high - low) - top;
  if (top > 0 && over > 0) leave_greatest(dst + low, high - low, high - low - over);
}

void op_candidates(Tape *tape, const Look *look, const Tensor *e, int top, real sigma, Tensor *dst) {
  CHECK(e->rows == look->n && dst->cols == e->cols, "candidates: scores [%d,%d] of %d rows to [,%d]", e->rows, e->cols,
        look->n, dst->cols);
  Candidates *c = tape_alloc(tape, 1, sizeof *c);
  *c = (Candidates){look, *e, *dst, sigma};
  for (int r = 0; r < look->n; r++) forward_row(c, r, top);
  tape_push(tape, "candidates", backward, c);
}

static const int sentence[] = {0, 0, 1}, start[] = {0, 5}, length[] = {5, 3};
static const Places places = {.n_sent = 2, .longest = 5, .start = start, .length = length};
static int low[] = {0, 1, 0}, high[] = {5, 4, 3};

/* Through a softmax, as scores that are -inf have no values to differ. */
static void case_one(GradEnv *env, void *ctx) {
  Look *look = tape_alloc(&env->tape, 1, sizeof *look), *bare = tape_alloc(&env->tape, 1, sizeof *look);
  const int *top = ctx;
  *look = *bare = (Look){.n = 3, .sentence = sentence, .step = sentence, .low = low, .high = high};
  if (*top != 2) look->centre = gradcheck_input(env, 3, 1, 2);
  const Tensor *e = gradcheck_input(env, 3, 5, 2);
  Tensor *scores = tape_tensor(&env->tape, 3, 5), *a = tape_tensor(&env->tape, 3, 5);
  op_candidates(&env->tape, look, e, *top, (real)1.5, scores);
  op_softmax(&env->tape, &places, bare, scores, 1, 1, a);
  gradcheck_output(env, a);
}

static void check(GradEnv *env) {
  static int tops[] = {0, 1, 2, 3, 7};
  for (int k = 0; k < 5; k++) gradcheck_run(env, "candidates", case_one, &tops[k]);
}

const OpDef op_candidates_def = {"candidates", check};
