#include <math.h>
#include <string.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "ad/over.h"
#include "base/err.h"

typedef struct Over {
  const Look *look;
  Tensor matches, e;
  int longest;
  real *scratch, *d;
} Over;

static OverMatch match_of(const Over *o, int r) {
  return (OverMatch){o->matches.cols / o->longest, o->look->high[r], (size_t)o->longest};
}

static void backward_over(void *saved) {
  const Over *o = saved;
  for (int r = 0; r < o->look->n; r++) {
    const OverMatch match = match_of(o, r);
    const real *e = tensor_row(&o->e, r), *de = tensor_grad_row(&o->e, r);
    for (int i = 0; i < match.m; i++) {
      real a = (real)exp((double)e[i]);
      o->d[i] = a > 0 ? de[i] / a : 0;
    }
    over_weigh_back(&match, tensor_row(&o->matches, r), o->d, tensor_grad_row(&o->matches, r), o->scratch);
  }
}

Tensor *op_over(Tape *tape, const Look *look, const Tensor *matches, int longest) {
  CHECK(matches->cols > 0 && matches->cols % longest == 0, "over: %d matches of %d positions", matches->cols, longest);
  Over *o = tape_alloc(tape, 1, sizeof *o);
  *o = (Over){.look = look, .matches = *matches, .longest = longest, .e = *tape_tensor(tape, look->n, longest)};
  const OverMatch most = {matches->cols / longest, longest, (size_t)longest};
  o->scratch = tape_alloc(tape, over_scratch(&most), sizeof(real));
  o->d = tape_alloc(tape, (size_t)longest, sizeof(real));
  for (int r = 0; r < look->n; r++) {
    const OverMatch match = match_of(o, r);
    real *e = tensor_row(&o->e, r);
    CHECK(look->low[r] == 0, "over: a window from %d on", look->low[r]);
    over_weigh(&match, tensor_row(matches, r), e, o->scratch);
    for (int i = 0; i < match.m; i++) e[i] = (real)log((double)e[i]);
  }
  tape_push(tape, "over", backward_over, o);
  return tape_keep(tape, o->e);
}

/* Rows of 3 columns of what three queries match; what a row has no position for is not looked at. */
static void case_one(GradEnv *env, void *ctx) {
  AttendCase c = attend_case_open(env, ctx, 1);
  for (int r = 0; r < c.look->n; r++) c.look->low[r] = 0;
  int longest = c.places->longest;
  const Tensor *matches = gradcheck_input(env, c.look->n, 3 * longest, 2);
  attend_case_scores(env, &c, op_over(&env->tape, c.look, matches, longest));
}

static void check(GradEnv *env) {
  AttendKind whole = {.heads = 1}, part = {.heads = 1, .windowed = true};
  gradcheck_run(env, "over", case_one, &whole);
  gradcheck_run(env, "over windowed", case_one, &part);
}

const OpDef op_over_def = {"over", check};
