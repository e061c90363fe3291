#include <string.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Cover {
  const Memory *m;
  const Look *look;
  Tensor a, x, dst; /* x.x NULL: fertility 1 */
} Cover;

/* 1 / f = (1 + exp(-x)) / 2 of the memory's row i. */
static real inverse_fertility(const Cover *c, int i) {
  if (c->x.x == NULL) return 1;
  real minus = -tensor_row(&c->x, i)[0], e;
  vec_exp(&e, &minus, 1);
  return (1 + e) / 2;
}

/* d(1 / f) / dx = -exp(-x) / 2 = 1/2 - 1 / f */
static void backward(void *saved) {
  Cover *c = saved;
  for (int r = 0; r < c->look->n; r++) {
    int sentence = c->look->sentence[r], first = c->m->start[sentence];
    const real *d = tensor_grad_row(&c->dst, r), *a = tensor_row(&c->a, r);
    vec_add(tensor_grad_row(&c->look->covered, r), d, (size_t)c->dst.cols);
    for (int i = 0; i < c->m->length[sentence]; i++) {
      real inverse = inverse_fertility(c, first + i);
      tensor_grad_row(&c->a, r)[i] += d[i] * inverse;
      if (c->x.x != NULL) tensor_grad_row(&c->x, first + i)[0] += d[i] * a[i] * ((real)0.5 - inverse);
    }
  }
}

void op_cover(Tape *tape, const Memory *m, const Look *look, const Tensor *a, const Tensor *x, Tensor *dst) {
  CHECK(a->cols == m->longest && dst->cols == m->longest && look->covered.cols == m->longest, "cover: %d, %d, %d of %d",
        a->cols, dst->cols, look->covered.cols, m->longest);
  Cover *c = tape_alloc(tape, 1, sizeof *c);
  *c = (Cover){.m = m, .look = look, .a = *a, .dst = *dst};
  if (x != NULL) c->x = *x;
  for (int r = 0; r < look->n; r++) {
    int sentence = look->sentence[r], first = m->start[sentence];
    memcpy(tensor_row(dst, r), tensor_row(&look->covered, r), (size_t)dst->cols * sizeof(real));
    for (int i = 0; i < m->length[sentence]; i++)
      tensor_row(dst, r)[i] += tensor_row(a, r)[i] * inverse_fertility(c, first + i);
  }
  tape_push(tape, "cover", backward, c);
}

static void case_one(GradEnv *env, void *fertile) {
  Memory *m = attend_case_memory(env, 1);
  Look *look = attend_case_look(env, m, 0);
  look->covered = *gradcheck_input(env, 5, m->longest, 1);
  Tensor *a = gradcheck_input(env, 5, m->longest, 1), *dst = tape_tensor(&env->tape, 5, m->longest);
  op_cover(&env->tape, m, look, a, fertile != NULL ? m->h : NULL, dst);
  gradcheck_output(env, dst);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "cover", case_one, NULL);
  gradcheck_run(env, "cover with fertility", case_one, env);
}

const OpDef op_cover_def = {"cover", check};
