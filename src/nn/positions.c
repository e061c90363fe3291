#include "nn/positions.h"

#include <math.h>

#include "base/err.h"
#include "base/str.h"

#define POSITION(name) extern const PositionDef position_##name;
#include "nn/positions.def"
#undef POSITION

static const PositionDef *const defs[] = {
#define POSITION(name) &position_##name,
#include "nn/positions.def"
#undef POSITION
};

const PositionDef *positions_def(PositionKind kind) { return defs[kind]; }

void positions_declare(Positions *positions, ParamSet *set, const PositionSpec *spec) {
  *positions = (Positions){.spec = *spec, .first = set->n_params};
  if (defs[spec->kind]->declare != NULL) defs[spec->kind]->declare(positions, set);
}

const PositionLayer *positions_open(const Positions *positions, Tape *tape, int n) {
  const PositionDef *def = defs[positions->spec.kind];
  CHECK(!def->limited || n <= positions->spec.max_positions, "%s positions: %d of %d", def->name, n,
        positions->spec.max_positions);
  PositionLayer *layers = arena_zero(tape->arena, (size_t)positions->spec.layers + 1, sizeof *layers);
  if (def->open != NULL) def->open(positions, tape, n, layers);
  return layers;
}

static Tensor copy_of(Tape *tape, const Tensor *x) {
  Tensor *copy = tape_tensor(tape, x->rows, x->cols);
  op_place(tape, x, 1, NULL, NULL, copy);
  return *copy;
}

void positions_turn(const PositionLayer *layer, Tape *tape, const int *index, Tensor *q, Tensor *k, const Tensor *v) {
  if (layer->turns.x == NULL) return;
  bool one = q->x == k->x;
  if (q->x == v->x) *q = copy_of(tape, q);
  if (one) *k = *q;
  else if (k->x == v->x) *k = copy_of(tape, k);
  op_rotary(tape, q, &layer->turns, index);
  if (!one) op_rotary(tape, k, &layer->turns, index);
}

const Tensor *positions_first(const PositionLayer *layers) {
  return layers[0].table.x == NULL ? NULL : &layers[0].table;
}

int positions_param(const Positions *positions, ParamSet *set, const char *rest, int rows, int cols, ParamStart start) {
  Str name = {0};
  str_addf(&name, "%s.%s", positions->spec.name, rest);
  int param = rows > 0 ? param_matrix(set, str_text(&name), rows, cols, start, 1)
                       : param_vector(set, str_text(&name), cols, start, 1);
  str_free(&name);
  return param;
}

Tensor positions_constant(Tape *tape, int n, int cols) {
  real *x = tape_alloc(tape, (size_t)n * (size_t)cols, sizeof *x);
  return (Tensor){.x = x, .rows = n, .cols = cols, .ld = cols};
}

Tensor positions_sinusoids(Tape *tape, int n, int size) {
  Tensor table = positions_constant(tape, n, size);
  for (int c = 0; c < size; c++) {
    double speed = pow(10000, -(double)(c - c % 2) / size);
    for (int i = 0; i < n; i++) tensor_row(&table, i)[c] = (real)(c % 2 == 0 ? sin(i * speed) : cos(i * speed));
  }
  return table;
}
