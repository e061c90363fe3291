#include "search/lexicon.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"

/* The mass of a pair of tokens. */
typedef struct Cell {
  int32_t source, target; /* a free cell has target ID_PAD, which stands in no text */
  double mass;
} Cell;

/* A hash table, open addressing; a power of two of cells, at most half of them taken. */
typedef struct Masses {
  Cell *cells;
  size_t n, cap;
} Masses;

static size_t place(const Masses *m, int32_t source, int32_t target) {
  uint64_t key = (uint64_t)source << 32 | (uint64_t)target;
  size_t i = (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & (m->cap - 1);
  while (m->cells[i].target != ID_PAD && (m->cells[i].source != source || m->cells[i].target != target))
    i = (i + 1) & (m->cap - 1);
  return i;
}

static void make_room(Masses *m) {
  if (2 * m->n < m->cap) return;
  Masses larger = {.n = m->n, .cap = m->cap == 0 ? 1024 : 2 * m->cap};
  larger.cells = mem_zero(larger.cap, sizeof *larger.cells, "lexicon");
  for (size_t i = 0; i < m->cap; i++) {
    const Cell *cell = &m->cells[i];
    if (cell->target != ID_PAD) larger.cells[place(&larger, cell->source, cell->target)] = *cell;
  }
  mem_free(m->cells);
  *m = larger;
}

static void add_mass(Masses *m, int32_t source, int32_t target, double mass) {
  make_room(m);
  Cell *cell = &m->cells[place(m, source, target)];
  if (cell->target == ID_PAD) m->n++;
  *cell = (Cell){source, target, cell->mass + mass};
}

static bool count_line(void *ctx, const SessionLine *line, Err *err) {
  Masses *m = ctx;
  const BeamResult result = session_result(line->session, line->at);
  const Hypothesis *h = result.best;
  const Ids *source_ids = &session_ids(line->session, line->at)->source;
  (void)err;
  for (int t = 0; t < h->n_target; t++)
    for (int i = 0; i < h->n_source; i++) {
      double weight = (double)h->weights[t * h->n_source + i];
      int32_t source = i < source_ids->n ? source_ids->at[i] : ID_EOS;
      if (weight > 0) add_mass(m, source, h->tokens[t], weight);
    }
  return true;
}

/* By source token, then falling mass, then target token. */
static int by_mass(const void *a, const void *b) {
  const Cell *x = a, *y = b;
  if (x->source != y->source) return x->source < y->source ? -1 : 1;
  if (x->mass > y->mass || x->mass < y->mass) return x->mass > y->mass ? -1 : 1;
  return (x->target > y->target) - (x->target < y->target);
}

/* The cells taken, sorted, stand first; the table is none any more. */
static void sort_cells(Masses *m) {
  size_t n = 0;
  for (size_t i = 0; i < m->cap; i++)
    if (m->cells[i].target != ID_PAD) m->cells[n++] = m->cells[i];
  if (n > 0) qsort(m->cells, n, sizeof *m->cells, by_mass);
}

/* The lines of one source token, whose n cells are sorted. */
static void print_token(Str *out, const Translator *t, const Cell *cells, size_t n, int n_best) {
  const char *source = vocab_token(t->source_vocab, cells[0].source);
  double total = 0;
  for (size_t i = 0; i < n; i++) total += cells[i].mass;
  if (strchr(source, '\t') != NULL) return;
  for (size_t i = 0; i < n && n_best > 0; i++) {
    const char *target = vocab_token(t->target_vocab, cells[i].target);
    if (strchr(target, '\t') != NULL) continue;
    str_addf(out, "%s\t%s\t%.6g\n", source, target, cells[i].mass / total);
    n_best--;
  }
}

static bool write_cells(IoOut *out, const Translator *t, const Masses *m, int n_best, Err *err) {
  Str text = {0};
  bool ok = true;
  for (size_t from = 0, to; ok && from < m->n; from = to) {
    for (to = from; to < m->n && m->cells[to].source == m->cells[from].source;) to++;
    str_clear(&text);
    print_token(&text, t, m->cells + from, to - from, n_best);
    ok = io_write(out, str_text(&text), text.n, err);
  }
  str_free(&text);
  return ok;
}

static bool write_file(const Translator *t, const Masses *m, int n_best, const char *path, Err *err) {
  IoOut *out = io_create(path, err);
  if (out == NULL) return false;
  if (write_cells(out, t, m, n_best, err)) return io_commit(out, err);
  io_abandon(out);
  return false;
}

bool lexicon_write(const Ensemble *ensemble, Pool *pool, Pairs *pairs, int batch_size, int n_best, const char *path,
                   Err *err) {
  Masses m = {0};
  bool ok = score_lines(ensemble, pool, pairs, &(ScoreOptions){.batch_size = batch_size}, count_line, &m, err);
  if (ok && m.n == 0) ok = err_set(err, ERR_FILE, "%s: no lines; there is nothing to list", pairs_path(pairs));
  sort_cells(&m);
  ok = ok && write_file(ensemble->members[0], &m, n_best, path, err);
  mem_free(m.cells);
  return ok;
}
