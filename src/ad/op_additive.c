#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Additive {
  const Memory *m;
  const Look *look;
  Tensor q, keys, v, e;
} Additive;

/* tanh(q + k) is computed again: cheaper than keeping N S A numbers. */
static void backward(void *saved) {
  Additive *a = saved;
  for (int r = 0; r < a->look->n; r++) {
    int first = a->m->start[a->look->sentence[r]];
    for (int i = a->look->low[r]; i < a->look->high[r]; i++)
      vec_tanh_dot_backward(a->v.x, tensor_row(&a->q, r), tensor_row(&a->keys, first + i), tensor_grad_row(&a->e, r)[i],
                            a->v.g, tensor_grad_row(&a->q, r), tensor_grad_row(&a->keys, first + i), (size_t)a->q.cols);
  }
}

Tensor *op_additive(Tape *tape, const Memory *m, const Look *look, const Tensor *q, const Tensor *keys,
                    const Tensor *v) {
  CHECK(q->cols == keys->cols && v->cols == q->cols, "additive: q %d, keys %d, v %d", q->cols, keys->cols, v->cols);
  Tensor *e = tape_tensor(tape, look->n, m->longest);
  for (int r = 0; r < look->n; r++) {
    int first = m->start[look->sentence[r]];
    for (int i = look->low[r]; i < look->high[r]; i++)
      tensor_row(e, r)[i] = vec_tanh_dot(v->x, tensor_row(q, r), tensor_row(keys, first + i), (size_t)q->cols);
  }
  Additive *a = tape_alloc(tape, 1, sizeof *a);
  *a = (Additive){m, look, *q, *keys, *v, *e};
  tape_push(tape, "additive", backward, a);
  return e;
}

static void case_one(GradEnv *env, void *windowed) {
  Memory *m = attend_case_memory(env, 3);
  Look *look = attend_case_look(env, m, windowed != NULL);
  Tensor *q = gradcheck_input(env, 5, 3, 1), *v = gradcheck_input(env, 1, 3, 1);
  Tensor *e = op_additive(&env->tape, m, look, q, m->h, v);
  for (int r = 0; r < look->n; r++) {
    Tensor part = tensor_view(e, r, 1, look->low[r], look->high[r] - look->low[r]);
    gradcheck_output(env, &part);
  }
}

static void check(GradEnv *env) {
  gradcheck_run(env, "additive", case_one, NULL);
  gradcheck_run(env, "additive windowed", case_one, env);
}

const OpDef op_additive_def = {"additive", check};
