#include "nn/mixture.h"

#include <math.h>

#include "num/vec.h"

static bool looked_at(const Tensor *scores, int r, int i) { return !(tensor_row(scores, r)[i] == -(real)INFINITY); }

static int count_parts(const Tensor *scores, int n_rows) {
  int n = 0;
  for (int r = 0; r < n_rows; r++)
    for (int i = 0; i < scores->cols; i++) n += looked_at(scores, r, i);
  return n;
}

/* Finds the parts; key [n] receives the row of keys that each is of. */
static void find_parts(Tape *tape, const MixtureRows *rows, Mixture *m, int *key) {
  const HardRun *hard = rows->attention->hard;
  int *first = tape_alloc(tape, (size_t)rows->joined->rows + 1, sizeof *first), n = 0;
  int *position = tape_alloc(tape, (size_t)m->mixed.n, sizeof *position);
  int *row = tape_alloc(tape, (size_t)m->mixed.n, sizeof *row);
  for (int r = 0; r < rows->joined->rows; r++) {
    first[r] = n;
    for (int i = 0; i < hard->scores->cols; i++) {
      if (!looked_at(hard->scores, r, i)) continue;
      position[n] = i;
      row[n] = r;
      key[n++] = places_row(rows->attention->places, rows->sentence[r], i);
    }
  }
  first[rows->joined->rows] = n;
  m->mixed.first = first;
  m->mixed.position = position;
  m->row = row;
}

Mixture *mixture_open(Tape *tape, const MixtureRows *rows) {
  const Tensor *values = rows->attention->keys->values, *joined = rows->joined;
  Mixture *m = tape_alloc(tape, 1, sizeof *m);
  Tensor *scores = tape_keep(tape, tensor_rows(rows->attention->hard->scores, 0, joined->rows));
  int n = count_parts(scores, joined->rows), width = values->cols;
  *m = (Mixture){.mixed = {.n = n, .scores = scores}};
  int *key = tape_alloc(tape, (size_t)n, sizeof *key);
  find_parts(tape, rows, m, key);
  m->joined = *tape_tensor(tape, n, joined->cols);
  Tensor context = tensor_cols(&m->joined, 0, width);
  Tensor rest = tensor_cols(&m->joined, width, joined->cols - width);
  const Tensor others = tensor_cols(joined, width, joined->cols - width);
  Tensor *alone = rows->gate == NULL ? &context : tape_tensor(tape, n, width);
  op_rows(tape, values, key, alone);
  gate_again(rows->gate, m->row, alone, &context);
  op_rows(tape, &others, m->row, &rest);
  return m;
}

static real log_add(real a, double b) {
  double high = fmax((double)a, b), low = fmin((double)a, b);
  if (high == -(double)INFINITY) return a;
  return (real)(high + log1p(exp(low - high)));
}

void mixture_words(const Mixture *m, Tape *tape, int r, const Tensor *logits, int n_words, real *logprob) {
  ArenaMark mark = arena_mark(tape->arena);
  double *log_a = tape_alloc(tape, (size_t)logits->rows, sizeof *log_a);
  real *p = tape_alloc(tape, (size_t)n_words, sizeof *p);
  op_mixture_weights(&m->mixed, r, log_a);
  for (int v = 0; v < n_words; v++) logprob[v] = -(real)INFINITY;
  for (int k = 0; k < logits->rows; k++) {
    const real *row = tensor_row(logits, k);
    double log_z = (double)vec_softmax(p, row, (size_t)n_words);
    for (int v = 0; v < n_words; v++) logprob[v] = log_add(logprob[v], (double)row[v] - log_z + log_a[k]);
  }
  arena_rewind(tape->arena, mark);
}
