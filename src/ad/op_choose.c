#include <math.h>
#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "num/vec.h"

typedef struct Choose {
  Tensor a, dst;
  Choice choice;
} Choose;

/* pull d log a_at / de = pull (onehot - a) */
static void pull(const Choose *c, int r) {
  const real *a = tensor_row(&c->a, r);
  real *de = tensor_grad_row(c->choice.scores, r), by = c->choice.pull[r];
  for (int i = 0; i < c->a.cols; i++) de[i] -= by * a[i];
  de[c->choice.at[r]] += by;
}

static void backward(void *saved) {
  const Choose *c = saved;
  for (int r = 0; r < c->a.rows; r++) {
    bool chosen = c->choice.at[r] >= 0;
    if (!chosen || c->choice.gradient == CHOICE_THROUGH)
      vec_add(tensor_grad_row(&c->a, r), tensor_grad_row(&c->dst, r), (size_t)c->a.cols);
    if (chosen && c->choice.gradient == CHOICE_PULL) pull(c, r);
  }
}

void op_choose(Tape *tape, const Tensor *a, const Choice *choice, Tensor *dst) {
  for (int r = 0; r < a->rows; r++) {
    real *to = tensor_row(dst, r);
    if (choice->at[r] < 0) {
      memcpy(to, tensor_row(a, r), (size_t)a->cols * sizeof *to);
      continue;
    }
    memset(to, 0, (size_t)a->cols * sizeof *to);
    to[choice->at[r]] = 1;
  }
  Choose *c = tape_alloc(tape, 1, sizeof *c);
  *c = (Choose){*a, *dst, *choice};
  tape_push(tape, "choose", backward, c);
}

static const int sentence[] = {0, 0, 0}, zero[] = {0}, four[] = {4};
static const Places places = {.n_sent = 1, .longest = 4, .start = zero, .length = four};
static int low[] = {0, 0, 0}, high[] = {4, 4, 4};
static const Look look = {.n = 3, .sentence = sentence, .step = sentence, .low = low, .high = high};

/* What it gives has the derivative that is meant only where nothing was chosen; of what was, the objective is put
 * together here: pull log a, or, straight through, what a itself would give. */
static void case_one(GradEnv *env, void *ctx) {
  static const int at[] = {2, -1, 0};
  static const real pulls[] = {(real)0.7, 0, (real)-1.3}, weights[] = {(real)0.4, (real)-0.9, (real)1.5, (real)0.2};
  const ChoiceGradient *gradient = ctx;
  const Tensor *e = gradcheck_input(env, 3, 4, 2);
  Tensor *a = tape_tensor(&env->tape, 3, 4), *dst = tape_tensor(&env->tape, 3, 4);
  op_softmax(&env->tape, &places, &look, e, 1, 1, a);
  op_choose(&env->tape, a, &(Choice){at, *gradient, e, pulls}, dst);
  for (int r = 0; r < 3; r++) {
    const real *row = tensor_row(a, r);
    bool as_it_is = at[r] < 0 || *gradient == CHOICE_THROUGH;
    for (int i = 0; i < 4; i++) {
      if (env->tape.recording) tensor_grad_row(dst, r)[i] = weights[i];
      if (as_it_is) gradcheck_add(env, (double)(weights[i] * row[i]));
    }
    if (at[r] >= 0 && *gradient == CHOICE_PULL) gradcheck_add(env, (double)pulls[r] * log((double)row[at[r]]));
  }
}

static void check(GradEnv *env) {
  static ChoiceGradient kinds[] = {CHOICE_NONE, CHOICE_THROUGH, CHOICE_PULL};
  for (int k = 0; k < 3; k++) gradcheck_run(env, "choose", case_one, &kinds[k]);
}

const OpDef op_choose_def = {"choose", check};
