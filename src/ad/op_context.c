#include <string.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Context {
  const Places *places;
  const Look *look;
  Tensor a, values, context;
  int heads;
} Context;

static void backward_row(const Context *c, int r) {
  size_t v = (size_t)(c->values.cols / c->heads), longest = (size_t)c->places->longest;
  const real *a = tensor_row(&c->a, r), *dc = tensor_grad_row(&c->context, r);
  real *da = tensor_grad_row(&c->a, r);
  for (int i = c->look->low[r]; i < c->look->high[r]; i++) {
    int row = places_row(c->places, c->look->sentence[r], i);
    const real *value = tensor_row(&c->values, row);
    real *dv = tensor_grad_row(&c->values, row);
    for (size_t h = 0; h < (size_t)c->heads; h++) {
      size_t at = h * longest + (size_t)i;
      da[at] += vec_dot(dc + h * v, value + h * v, v);
      vec_axpy(dv + h * v, a[at], dc + h * v, v);
    }
  }
}

static void backward(void *saved) {
  const Context *c = saved;
  for (int r = 0; r < c->look->n; r++) backward_row(c, r);
}

static void forward_row(const Context *c, int r) {
  size_t v = (size_t)(c->values.cols / c->heads), longest = (size_t)c->places->longest;
  const real *a = tensor_row(&c->a, r);
  real *context = tensor_row(&c->context, r);
  memset(context, 0, (size_t)c->context.cols * sizeof *context);
  for (int i = c->look->low[r]; i < c->look->high[r]; i++) {
    const real *value = tensor_row(&c->values, places_row(c->places, c->look->sentence[r], i));
    for (size_t h = 0; h < (size_t)c->heads; h++)
      vec_axpy(context + h * v, a[h * longest + (size_t)i], value + h * v, v);
  }
}

void op_context(Tape *tape, const Places *places, const Look *look, const Tensor *a, const Tensor *values, int heads,
                Tensor *context) {
  CHECK(a->cols == heads * places->longest && context->cols == values->cols && values->cols % heads == 0,
        "context: weights [,%d], values of %d, context of %d, %d heads of %d", a->cols, values->cols, context->cols,
        heads, places->longest);
  Context *c = tape_alloc(tape, 1, sizeof *c);
  *c = (Context){places, look, *a, *values, *context, heads};
  for (int r = 0; r < look->n; r++) forward_row(c, r);
  tape_push(tape, "context", backward, c);
}

/* The context lands in columns of a wider matrix. */
static void case_one(GradEnv *env, void *ctx) {
  AttendCase c = attend_case_open(env, ctx, 3);
  int cols = 3 * c.kind.heads;
  Tensor *a = gradcheck_input(env, 5, c.kind.heads * c.places->longest, 1);
  Tensor *wide = tape_zeros(&env->tape, 5, cols + 1), context = tensor_cols(wide, 1, cols);
  op_context(&env->tape, c.places, c.look, a, c.states, c.kind.heads, &context);
  gradcheck_output(env, wide);
}

static void check(GradEnv *env) { attend_case_each(env, "context", case_one); }

const OpDef op_context_def = {"context", check};
