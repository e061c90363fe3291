#include <string.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Cover {
  const Places *places;
  const Look *look;
  Tensor covered, a, x, dst; /* x.x NULL: fertility 1 */
} Cover;

/* 1 / f = (1 + exp(-x)) / 2 of a position that stands in row i. */
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
    int sentence = c->look->sentence[r];
    const real *d = tensor_grad_row(&c->dst, r), *a = tensor_row(&c->a, r);
    vec_add(tensor_grad_row(&c->covered, r), d, (size_t)c->dst.cols);
    for (int i = 0; i < c->places->length[sentence]; i++) {
      int row = places_row(c->places, sentence, i);
      real inverse = inverse_fertility(c, row);
      tensor_grad_row(&c->a, r)[i] += d[i] * inverse;
      if (c->x.x != NULL) tensor_grad_row(&c->x, row)[0] += d[i] * a[i] * ((real)0.5 - inverse);
    }
  }
}

void op_cover(Tape *tape, const Places *places, const Look *look, const Tensor *covered, const Tensor *a,
              const Tensor *x, Tensor *dst) {
  CHECK(a->cols == places->longest && dst->cols == places->longest && covered->cols == places->longest,
        "cover: %d, %d, %d of %d", a->cols, dst->cols, covered->cols, places->longest);
  Cover *c = tape_alloc(tape, 1, sizeof *c);
  *c = (Cover){.places = places, .look = look, .covered = *covered, .a = *a, .dst = *dst};
  if (x != NULL) c->x = *x;
  for (int r = 0; r < look->n; r++) {
    int sentence = look->sentence[r];
    memcpy(tensor_row(dst, r), tensor_row(covered, r), (size_t)dst->cols * sizeof(real));
    for (int i = 0; i < places->length[sentence]; i++)
      tensor_row(dst, r)[i] += tensor_row(a, r)[i] * inverse_fertility(c, places_row(places, sentence, i));
  }
  tape_push(tape, "cover", backward, c);
}

static void case_one(GradEnv *env, void *fertile) {
  const AttendKind kind = {.heads = 1, .listed = fertile != NULL};
  AttendCase c = attend_case_open(env, &kind, 1);
  int longest = c.places->longest;
  const Tensor *covered = gradcheck_input(env, 5, longest, 1);
  Tensor *a = gradcheck_input(env, 5, longest, 1), *dst = tape_tensor(&env->tape, 5, longest);
  op_cover(&env->tape, c.places, c.look, covered, a, fertile != NULL ? c.states : NULL, dst);
  gradcheck_output(env, dst);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "cover", case_one, NULL);
  gradcheck_run(env, "cover with fertility", case_one, env);
}

const OpDef op_cover_def = {"cover", check};
