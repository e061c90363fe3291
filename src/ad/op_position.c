#include "ad/attend_case.h"
#include "ad/op.h"
#include "num/vec.h"

typedef struct Position {
  const Places *places;
  const int *sentence;
  Tensor u, p;
} Position;

/* dp/du = S s (1 - s) = p (1 - p / S) */
static void backward(void *saved) {
  Position *at = saved;
  for (int r = 0; r < at->p.rows; r++) {
    real length = (real)at->places->length[at->sentence[r]], p = tensor_row(&at->p, r)[0];
    tensor_grad_row(&at->u, r)[0] += tensor_grad_row(&at->p, r)[0] * p * (1 - p / length);
  }
}

Tensor *op_position(Tape *tape, const Places *places, const int *sentence, const Tensor *u) {
  Tensor *p = tape_tensor(tape, u->rows, 1);
  for (int r = 0; r < u->rows; r++) {
    vec_sigmoid(tensor_row(p, r), tensor_row(u, r), 1);
    tensor_row(p, r)[0] *= (real)places->length[sentence[r]];
  }
  Position *at = tape_alloc(tape, 1, sizeof *at);
  *at = (Position){places, sentence, *u, *p};
  tape_push(tape, "position", backward, at);
  return p;
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  const AttendKind kind = {.heads = 1};
  AttendCase c = attend_case_open(env, &kind, 2);
  gradcheck_output(env, op_position(&env->tape, c.places, c.look->sentence, gradcheck_input(env, 5, 1, 2)));
}

static void check(GradEnv *env) { gradcheck_run(env, "position", case_one, NULL); }

const OpDef op_position_def = {"position", check};
