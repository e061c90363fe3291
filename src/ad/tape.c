#include "ad/tape.h"

#include "base/err.h"

void tape_reset(Tape *tape) {
  tape->last = NULL;
  arena_reset(tape->arena);
  if (tape->gradients != NULL) arena_reset(tape->gradients);
}

Tensor *tape_tensor(Tape *tape, int rows, int cols) {
  CHECK(rows >= 0 && cols >= 0, "tensor of %d x %d", rows, cols);
  size_t n = (size_t)rows * (size_t)cols;
  Tensor t = {.x = arena_alloc(tape->arena, n, sizeof(real)), .rows = rows, .cols = cols, .ld = cols};
  if (tape->recording && tape->gradients != NULL) t.g = arena_alloc(tape->gradients, n, sizeof(real));
  else if (tape->recording) t.g = arena_zero(tape->arena, n, sizeof(real));
  return tape_keep(tape, t);
}

Tensor *tape_zeros(Tape *tape, int rows, int cols) {
  Tensor *t = tape_tensor(tape, rows, cols);
  for (size_t i = 0; i < (size_t)rows * (size_t)cols; i++) t->x[i] = 0;
  return t;
}

Tensor *tape_in_place(Tape *tape, int rows, int cols) {
  real *at = arena_alloc(tape->arena, (size_t)rows * (size_t)cols, sizeof(real));
  return tape_keep(tape, (Tensor){.x = at, .g = at, .rows = rows, .cols = cols, .ld = cols});
}

Tensor *tape_keep(Tape *tape, Tensor view) {
  Tensor *t = arena_alloc(tape->arena, 1, sizeof *t);
  *t = view;
  return t;
}

static void push(Tape *tape, const char *op, void (*backward)(void *saved), void *saved) {
  TapeNode *node = arena_alloc(tape->arena, 1, sizeof *node);
  *node = (TapeNode){op, backward, saved, tape->last};
  tape->last = node;
}

typedef struct Use {
  const TapeWatch *watch;
  int param;
} Use;

static void use_backward(void *saved) {
  const Use *use = saved;
  if (--use->watch->uses[use->param] == 0) use->watch->complete(use->watch->ctx, use->param);
}

/* Backward comes here after all that is yet to be done with the parameter. */
static void begin_use(Tape *tape, int param) {
  if (!tape->recording || tape->watch == NULL) return;
  Use *use = arena_alloc(tape->arena, 1, sizeof *use);
  *use = (Use){tape->watch, param};
  use->watch->uses[param]++;
  push(tape, "gradients summed", use_backward, use);
}

Tensor *tape_param(Tape *tape, int index) {
  begin_use(tape, index);
  return tape_keep(tape, param_tensor(tape->params, index, tape->recording ? tape->grads : NULL));
}

Tensor *tape_part(Tape *tape, int part) {
  begin_use(tape, tape->params->parts[part].param);
  return tape_keep(tape, param_part_tensor(tape->params, part, tape->recording ? tape->grads : NULL));
}

void *tape_scratch(Tape *tape, size_t count, size_t size) {
  bool shares = tape->recording && tape->gradients != NULL;
  return shares ? arena_share(tape->gradients, count, size) : arena_alloc(tape->arena, count, size);
}

void *tape_alloc(Tape *tape, size_t count, size_t size) { return arena_alloc(tape->arena, count, size); }

void tape_push(Tape *tape, const char *op, void (*backward)(void *saved), void *saved) {
  if (!tape->recording) return;
  profile_lap(tape->profile, op, "forward");
  push(tape, op, backward, saved);
}

void tape_backward(Tape *tape) {
  profile_start(tape->profile);
  if (tape->gradients != NULL) arena_clear(tape->gradients);
  for (TapeNode *node = tape->last; node != NULL; node = node->previous) {
    node->backward(node->saved);
    profile_lap(tape->profile, node->op, "backward");
  }
  tape->last = NULL;
}
