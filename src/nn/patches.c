#include "nn/patches.h"

#include "base/err.h"

void patches_declare(Patches *p, ParamSet *set, const ModelConfig *c) {
  *p = (Patches){.size = model_config_features(c), .row = -1, .column = -1};
  p->weight = param_weight(set, "encoder.patch.weight", c->embedding, p->size, START_GLOROT, 1);
  p->bias = param_vector(set, "encoder.patch.bias", c->embedding, START_ZERO, 1);
  if (c->encoder.patch == 0) return;
  p->row = param_matrix(set, "encoder.patch.row.weight", c->encoder.max_side, c->embedding, START_EMBEDDING, 1);
  p->column = param_matrix(set, "encoder.patch.column.weight", c->encoder.max_side, c->embedding, START_EMBEDDING, 1);
}

/* f [N,F], without a gradient. */
static Tensor gather(const Patches *p, Tape *tape, const Rows *rows, const Ids *sources) {
  Tensor f = {.x = tape_alloc(tape, (size_t)rows->n * (size_t)p->size, sizeof(real)),
              .rows = rows->n,
              .cols = p->size,
              .ld = p->size};
  for (int r = 0; r < rows->n; r++) {
    const Regions *from = sources[rows->sentence[r]].regions;
    CHECK(from != NULL && from->size == p->size && rows->step[r] < from->n, "row %d has no region of %d numbers", r,
          p->size);
    const float *at = from->at + (size_t)rows->step[r] * (size_t)p->size;
    real *to = tensor_row(&f, r);
    for (int i = 0; i < p->size; i++) to[i] = at[i];
  }
  return f;
}

/* Where in the image each row's patch is. */
static int *find_places(Tape *tape, const Rows *rows, const Ids *sources, bool down) {
  int *place = tape_alloc(tape, (size_t)rows->n, sizeof *place);
  for (int r = 0; r < rows->n; r++) {
    int columns = sources[rows->sentence[r]].regions->columns, i = rows->step[r];
    CHECK(columns > 0, "row %d is of no image", r);
    place[r] = down ? i / columns : i % columns;
  }
  return place;
}

static Tensor *add_place(Tape *tape, const Tensor *x, int table, const int *place) {
  Tensor *placed = tape_tensor(tape, x->rows, x->cols);
  op_place(tape, x, 1, tape_param(tape, table), place, placed);
  return placed;
}

Tensor *patches_run(const Patches *p, Tape *tape, const Rows *rows, const Ids *sources) {
  Tensor f = gather(p, tape, rows, sources);
  Tensor *x = op_linear(tape, &f, tape_part(tape, p->weight), tape_param(tape, p->bias));
  if (p->row < 0) return x;
  x = add_place(tape, x, p->row, find_places(tape, rows, sources, true));
  return add_place(tape, x, p->column, find_places(tape, rows, sources, false));
}
