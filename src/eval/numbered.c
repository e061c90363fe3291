#include "eval/numbered.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"

enum { LEAST_DIGITS = 6, MOST_DIGITS = 9 };

void numbered_name(Str *out, int id, int rank, const char *end) {
  str_addf(out, "%0*ld", LEAST_DIGITS, (long)id + 1);
  if (rank > 1) str_addf(out, ".%d", rank);
  str_adds(out, end);
}

/* Reads digits at *at and passes them; -1 when there are none, or too many. */
static long read_number(const char **at) {
  size_t n = strspn(*at, "0123456789");
  if (n == 0 || n > MOST_DIGITS) return -1;
  long value = strtol(*at, NULL, 10);
  *at += n;
  return value;
}

/* Reads sentence and rank (1 when it is not there) off a name; *at stops at what follows. */
static bool read_name(const char **at, long *sentence, long *rank) {
  *sentence = read_number(at);
  *rank = 1;
  if (*sentence < 1) return false;
  if (**at != '.' || (*at)[1] < '0' || (*at)[1] > '9') return true;
  ++*at;
  *rank = read_number(at);
  return *rank >= 1;
}

long numbered_sentence(const char *path) {
  const char *slash = strrchr(path, '/'), *at = slash == NULL ? path : slash + 1;
  long sentence, rank;
  return read_name(&at, &sentence, &rank) && *at == '.' ? sentence : 0;
}

void numbered_wrote(Numbered *w, int id, int rank) {
  if (id >= w->cap) {
    int cap = 2 * id + 64;
    w->ranks = mem_grow(w->ranks, (size_t)cap, sizeof *w->ranks, "numbered files");
    memset(w->ranks + w->cap, 0, (size_t)(cap - w->cap) * sizeof *w->ranks);
    w->cap = cap;
  }
  if (id >= w->n) w->n = id + 1;
  int least = rank > 1 ? rank : 1;
  if (w->ranks[id] < least) w->ranks[id] = least;
}

typedef struct Sweep {
  const Numbered *written;
  const char *end;
} Sweep;

/* Only what numbered_name would give for the numbers it reads: at least six digits, no rank 1. */
static bool is_stale(void *ctx, const char *name) {
  const Sweep *sweep = ctx;
  const char *at = name;
  long sentence, rank;
  if (strspn(name, "0123456789") < LEAST_DIGITS || !read_name(&at, &sentence, &rank) || strcmp(at, sweep->end) != 0)
    return false;
  const Numbered *w = sweep->written;
  return sentence > w->n || rank > w->ranks[sentence - 1];
}

bool numbered_sweep(const Numbered *written, const char *folder, const char *end, Err *err) {
  Sweep sweep = {written, end};
  return io_sweep(folder, is_stale, &sweep, err);
}

void numbered_free(Numbered *w) {
  mem_free(w->ranks);
  *w = (Numbered){0};
}
