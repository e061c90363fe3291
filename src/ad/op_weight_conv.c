#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"

typedef struct WeightConv {
  const Places *places;
  const Look *look;
  Tensor a, w, f;
  int reach;
} WeightConv;

/* Taps first .. last - 1 of a filter at position i lie inside a sentence of n positions. */
static void clip(const WeightConv *c, int i, int n, int *first, int *last) {
  *first = c->reach > i ? c->reach - i : 0;
  *last = n - i + c->reach < c->w.cols ? n - i + c->reach : c->w.cols;
}

static void backward_at(const WeightConv *c, int r, int i) {
  int first, last, filters = c->w.rows;
  clip(c, i, c->places->length[c->look->sentence[r]], &first, &last);
  const real *df = tensor_grad_row(&c->f, r) + i * filters, *a = tensor_row(&c->a, r) + i - c->reach;
  real *da = tensor_grad_row(&c->a, r) + i - c->reach;
  for (int k = 0; k < filters; k++)
    for (int j = first; j < last; j++) {
      tensor_grad_row(&c->w, k)[j] += df[k] * a[j];
      da[j] += df[k] * tensor_row(&c->w, k)[j];
    }
}

static void backward(void *saved) {
  const WeightConv *c = saved;
  for (int r = 0; r < c->look->n; r++)
    for (int i = c->look->low[r]; i < c->look->high[r]; i++) backward_at(c, r, i);
}

static void forward_at(const WeightConv *c, int r, int i) {
  int first, last, filters = c->w.rows;
  clip(c, i, c->places->length[c->look->sentence[r]], &first, &last);
  const real *a = tensor_row(&c->a, r) + i - c->reach;
  for (int k = 0; k < filters; k++) {
    real sum = 0;
    for (int j = first; j < last; j++) sum += tensor_row(&c->w, k)[j] * a[j];
    tensor_row(&c->f, r)[i * filters + k] = sum;
  }
}

Tensor *op_weight_conv(Tape *tape, const Places *places, const Look *look, const Tensor *a, const Tensor *w) {
  CHECK(a->cols == places->longest && w->cols % 2 == 1, "weight_conv: weights [,%d] of %d, filters of %d", a->cols,
        places->longest, w->cols);
  Tensor *f = tape_zeros(tape, look->n, places->longest * w->rows);
  WeightConv *c = tape_alloc(tape, 1, sizeof *c);
  *c = (WeightConv){places, look, *a, *w, *f, w->cols / 2};
  for (int r = 0; r < look->n; r++)
    for (int i = look->low[r]; i < look->high[r]; i++) forward_at(c, r, i);
  tape_push(tape, "weight_conv", backward, c);
  return f;
}

/* Filters of 1, 3 and 9 taps, more than any sentence has. */
static void case_one(GradEnv *env, void *ctx) {
  const int *width = ctx;
  for (int windowed = 0; windowed < 2; windowed++) {
    const AttendKind kind = {.heads = 1, .windowed = windowed == 1};
    AttendCase c = attend_case_open(env, &kind, 1);
    Tensor *a = gradcheck_input(env, 5, c.places->longest, 1), *w = gradcheck_input(env, 2, *width, 1);
    gradcheck_output(env, op_weight_conv(&env->tape, c.places, c.look, a, w));
  }
}

static void check(GradEnv *env) {
  for (int width = 1; width <= 9; width = 3 * width) gradcheck_run(env, "weight_conv", case_one, &width);
}

const OpDef op_weight_conv_def = {"weight_conv", check};
