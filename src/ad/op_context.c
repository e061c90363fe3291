#include <string.h>

#include "ad/attend_case.h"
#include "ad/attend_rows.h"
#include "ad/op.h"
#include "base/err.h"

typedef struct Context {
  const Places *places;
  const Look *look;
  Tensor a, values, context;
  int heads;
} Context;

/* Of head h and the rows of a block. */
static void backward_head(const Context *c, int h, int r, int end) {
  int v = c->values.cols / c->heads, at = h * c->places->longest + c->look->low[r];
  HeadRows values = attend_rows(c->places, c->look, r, &c->values, c->values.x + h * v);
  HeadRows dv = attend_rows(c->places, c->look, r, &c->values, c->values.g + h * v);
  HeadRows dc = attend_queries(&c->context, c->context.g, c->heads, h, r, end);
  for (int i = r; i < end; i++)
    attend_dots(c->heads, &values, tensor_grad_row(&c->context, i) + h * v, (size_t)v, 1, true,
                tensor_grad_row(&c->a, i) + at);
  heads_spread(&dv, 1, tensor_row(&c->a, r) + at, (size_t)c->a.ld, &dc, (size_t)v);
}

static void forward_head(const Context *c, int h, int r, int end) {
  int v = c->values.cols / c->heads, at = h * c->places->longest + c->look->low[r];
  HeadRows values = attend_rows(c->places, c->look, r, &c->values, c->values.x + h * v);
  for (int i = r; i < end; i++) {
    real *context = tensor_row(&c->context, i) + h * v;
    memset(context, 0, (size_t)v * sizeof *context);
    heads_mix(&values, 1, tensor_row(&c->a, i) + at, context, (size_t)v);
  }
}

static void each(const Context *c, void (*head)(const Context *c, int h, int r, int end)) {
  for (int r = 0, end; r < c->look->n; r = end) {
    end = attend_block(c->look, r);
    for (int h = 0; h < c->heads; h++) head(c, h, r, end);
  }
}

static void backward(void *saved) { each(saved, backward_head); }

void op_context(Tape *tape, const Places *places, const Look *look, const Tensor *a, const Tensor *values, int heads,
                Tensor *context) {
  CHECK(a->cols == heads * places->longest && context->cols == values->cols && values->cols % heads == 0,
        "context: weights [,%d], values of %d, context of %d, %d heads of %d", a->cols, values->cols, context->cols,
        heads, places->longest);
  Context *c = tape_alloc(tape, 1, sizeof *c);
  *c = (Context){places, look, *a, *values, *context, heads};
  each(c, forward_head);
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
