#include "nn/carry.h"

#include <string.h>

#include "nn/attention.h"

#define CARRY(name) extern const CarryDef carry_##name;
#include "nn/carries.def"
#undef CARRY

static const CarryDef *const carries[] = {
#define CARRY(name) &carry_##name,
#include "nn/carries.def"
#undef CARRY
};

const CarryDef *carry_def(CarryKind kind) { return carries[kind]; }

void carry_declare(Attention *a, ParamSet *set, const AttentionSpec *spec) {
  for (int k = 0; k < N_CARRIES; k++)
    if (carries[k]->declare != NULL && carries[k]->used(spec)) carries[k]->declare(set, spec, a->carry[k]);
}

bool carry_any(const AttentionSpec *spec) {
  bool any = false;
  for (int k = 0; k < N_CARRIES; k++) any = any || carries[k]->used(spec);
  return any;
}

void carry_keys(const Attention *a, Tape *tape, const Tensor *states, const Tensor *keys[N_CARRIES]) {
  for (int k = 0; k < N_CARRIES; k++)
    if (carries[k]->keys != NULL && carries[k]->used(&a->spec)) keys[k] = carries[k]->keys(a, tape, states);
}

Carried carry_start(const Attention *a, Tape *tape, const Places *places, const int *sentence, int n) {
  Carried carried = {0};
  for (int k = 0; k < N_CARRIES; k++)
    if (carries[k]->used(&a->spec)) carried.of[k] = *carries[k]->start(a, tape, places, sentence, n);
  return carried;
}

Carried carry_pass(const AttentionRun *run, const Look *look, const Tensor *e, const AttentionLook *at) {
  Carried carried = {0};
  for (int k = 0; k < N_CARRIES; k++)
    if (carries[k]->used(&run->attention->spec)) carried.of[k] = carries[k]->pass(run, look, e, at);
  return carried;
}

Carried carry_rows(const Carried *carried, int n) {
  Carried part = {0};
  for (int k = 0; k < N_CARRIES; k++)
    if (carried->of[k].x != NULL) part.of[k] = tensor_rows(&carried->of[k], 0, n);
  return part;
}

static Tensor make_room(CarryRoom *room, int kind, int n, int cols) {
  size_t size = (size_t)room->rows * (size_t)cols;
  if (size > room->size[kind]) {
    room->size[kind] = room->size[kind] == 0 ? size : 2 * size;
    room->now.of[kind].x = arena_alloc(room->arena, room->size[kind], sizeof(real));
  }
  return (Tensor){.x = room->now.of[kind].x, .rows = n, .cols = cols, .ld = cols};
}

void carry_select(CarryRoom *room, const Carried *from, const int *parents, int n) {
  for (int k = 0; k < N_CARRIES; k++) {
    const Tensor *rows = &from->of[k];
    if (rows->x == NULL) continue;
    Tensor now = make_room(room, k, n, rows->cols);
    for (int r = 0; r < n; r++)
      memcpy(tensor_row(&now, r), tensor_row(rows, parents[r]), (size_t)rows->cols * sizeof(real));
    room->now.of[k] = now;
  }
}
