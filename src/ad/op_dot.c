#include "ad/attend_case.h"
#include "ad/attend_rows.h"
#include "ad/op.h"
#include "base/err.h"

typedef struct Dot {
  const Places *places;
  const Look *look;
  Tensor q, keys, e;
  int heads;
  real scale;
} Dot;

/* Of head h and the rows of a block. */
static void backward_head(const Dot *d, int h, int r, int end) {
  int k = d->q.cols / d->heads, at = h * d->places->longest + d->look->low[r];
  const real *de = tensor_grad_row(&d->e, r) + at;
  HeadRows keys = attend_rows(d->places, d->look, r, &d->keys, d->keys.x + h * k);
  HeadRows dk = attend_rows(d->places, d->look, r, &d->keys, d->keys.g + h * k);
  HeadRows q = attend_queries(&d->q, d->q.x, d->heads, h, r, end);
  for (int i = r; i < end; i++)
    heads_mix(&keys, d->scale, tensor_grad_row(&d->e, i) + at, tensor_grad_row(&d->q, i) + h * k, (size_t)k);
  heads_spread(&dk, d->scale, de, (size_t)d->e.ld, &q, (size_t)k);
}

static void forward_head(const Dot *d, int h, int r, int end) {
  int k = d->q.cols / d->heads, at = h * d->places->longest + d->look->low[r];
  HeadRows keys = attend_rows(d->places, d->look, r, &d->keys, d->keys.x + h * k);
  for (int i = r; i < end; i++)
    attend_dots(d->heads, &keys, tensor_row(&d->q, i) + h * k, (size_t)k, d->scale, false, tensor_row(&d->e, i) + at);
}

static void each(const Dot *d, void (*head)(const Dot *d, int h, int r, int end)) {
  for (int r = 0, end; r < d->look->n; r = end) {
    end = attend_block(d->look, r);
    for (int h = 0; h < d->heads; h++) head(d, h, r, end);
  }
}

static void backward(void *saved) { each(saved, backward_head); }

Tensor *op_dot(Tape *tape, const Places *places, const Look *look, const Tensor *q, const Tensor *keys, int heads,
               real scale) {
  CHECK(q->cols == keys->cols && q->cols % heads == 0, "dot: queries of %d, keys of %d, %d heads", q->cols, keys->cols,
        heads);
  Dot *d = tape_alloc(tape, 1, sizeof *d);
  Tensor *e = tape_tensor(tape, look->n, heads * places->longest);
  *d = (Dot){places, look, *q, *keys, *e, heads, scale};
  each(d, forward_head);
  tape_push(tape, "dot", backward, d);
  return e;
}

static void case_one(GradEnv *env, void *ctx) {
  AttendCase c = attend_case_open(env, ctx, 3);
  Tensor *e = op_dot(&env->tape, c.places, c.look, c.queries, c.states, c.kind.heads, (real)0.5);
  attend_case_scores(env, &c, e);
}

static void check(GradEnv *env) { attend_case_each(env, "dot", case_one); }

const OpDef op_dot_def = {"dot", check};
