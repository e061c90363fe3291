#include "nn/narrow.h"

#include <string.h>

#include "ad/op.h"
#include "base/err.h"
#include "num/idset.h"

enum {
  ENOUGH_ROWS = 20, /* of a product; more make it no faster, fewer leave it waiting for memory */
  MOST_GROUPS = 16, /* of a batch, so that their copies of W stay small */
};

static int group_size(int n, int rows) {
  int by_rows = rows < ENOUGH_ROWS ? ENOUGH_ROWS / rows : 1, by_groups = (n + MOST_GROUPS - 1) / MOST_GROUPS;
  return by_rows > by_groups ? by_rows : by_groups;
}

/* Places of tokens in all, both rising. */
static int *find_places(Tape *tape, Ids tokens, Ids all) {
  int *places = tape_alloc(tape, (size_t)tokens.n, sizeof *places);
  for (int i = 0, at = 0; i < tokens.n; i++) {
    while (all.at[at] < tokens.at[i]) at++;
    places[i] = at;
  }
  return places;
}

static void open_group(Narrow *narrow, Tape *tape, IdSet *set, int first, int n) {
  const Tensor *w = &narrow->w;
  NarrowGroup *group = &narrow->groups[first / narrow->together];
  for (int i = first; i < first + n; i++) idset_add(set, narrow->tokens.own[i]);
  Ids all = idset_take(set, tape->arena);
  CHECK(all.n == 0 || (all.at[0] >= narrow->tokens.n_common && all.at[all.n - 1] < w->rows),
        "narrow: own tokens %d to %d, %d common, %d in all", (int)all.at[0], (int)all.at[all.n - 1],
        narrow->tokens.n_common, w->rows);
  group->n = all.n;
  PackKind kind = w->pack == NULL ? PACK_FORWARD : w->pack->kind;
  void *panels = tape_alloc(tape, pack_size(kind, all.n, w->cols), 1);
  PackRows rows = {.x = w->x, .ld = w->ld};
  if (w->pack != NULL && w->pack->from.codes != NULL) rows = w->pack->from;
  group->pack = pack_gather(kind, panels, &rows, w->cols, all.at, all.n);
  group->bias = tape_alloc(tape, (size_t)all.n, sizeof *group->bias);
  for (int i = 0; i < all.n; i++) group->bias[i] = narrow->b.x[all.at[i]];
  for (int i = first; i < first + n; i++) narrow->places[i] = find_places(tape, narrow->tokens.own[i], all);
}

Narrow *narrow_open(Tape *tape, const Tensor *w, const Tensor *b, const NarrowTokens *tokens, int n, int rows) {
  Narrow *narrow = tape_alloc(tape, 1, sizeof *narrow);
  *narrow = (Narrow){.tokens = *tokens, .w = *w, .b = *b, .together = group_size(n, rows)};
  narrow->groups = tape_alloc(tape, (size_t)n, sizeof *narrow->groups);
  narrow->places = tape_alloc(tape, (size_t)n, sizeof *narrow->places);
  IdSet set = idset_new(tape->arena, w->rows);
  for (int i = 0; i < n; i++)
    if (narrow_width(tokens, i) > narrow->widest) narrow->widest = narrow_width(tokens, i);
  for (int i = 0; i < n; i += narrow->together)
    open_group(narrow, tape, &set, i, n - i < narrow->together ? n - i : narrow->together);
  return narrow;
}

/* The columns that all rows have, as one product. */
static void common_columns(const Narrow *narrow, const Tensor *x, const Tensor *logits) {
  int n = narrow->tokens.n_common;
  Tensor w = narrow->w, y = tensor_cols(logits, 0, n);
  w.rows = n;
  op_linear_product(x, &w, &narrow->b, &y);
}

/* The other columns of rows whose sentences are of one group. */
static void own_columns(const Narrow *narrow, Tape *tape, const NarrowGroup *group, const Tensor *x,
                        const int *sentence, const Tensor *logits) {
  ArenaMark mark = arena_mark(tape->arena);
  size_t n = (size_t)group->n;
  real *all = tape_alloc(tape, (size_t)x->rows * n, sizeof *all);
  pack_forward(&group->pack, x->rows, group->n, x->x, x->ld, (PackStart){group->bias, 0}, all, group->n);
  for (int r = 0; r < x->rows; r++) {
    const int *places = narrow->places[sentence[r]];
    const real *from = all + (size_t)r * n;
    real *to = tensor_row(logits, r) + narrow->tokens.n_common;
    for (int i = 0; i < narrow->tokens.own[sentence[r]].n; i++) to[i] = from[places[i]];
  }
  arena_rewind(tape->arena, mark);
}

Tensor *narrow_logits(const Narrow *narrow, Tape *tape, const Tensor *x, const int *sentence) {
  Tensor *logits = tape_tensor(tape, x->rows, narrow->widest);
  common_columns(narrow, x, logits);
  for (int r = 0, n = 0; r < x->rows; r += n) {
    int group = sentence[r] / narrow->together;
    for (n = 1; r + n < x->rows && sentence[r + n] / narrow->together == group;) n++;
    Tensor some = tensor_rows(x, r, n), to = tensor_rows(logits, r, n);
    own_columns(narrow, tape, &narrow->groups[group], &some, sentence + r, &to);
  }
  return logits;
}
