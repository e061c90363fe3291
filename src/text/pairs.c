#include "text/pairs.h"

#include <string.h>

#include "base/mem.h"
#include "text/lines.h"

struct Pairs {
  Lines *source;
  Lines *target; /* NULL: the lines of source hold both sides */
};

Pairs *pairs_open(const PairFiles *files, Warnings *warnings, Err *err) {
  CHECK((files->tsv != NULL) != (files->source != NULL && files->target != NULL), "a pair of files, or one tsv file");
  Pairs *pairs = mem_zero(1, sizeof *pairs, "corpus reader");
  pairs->source = lines_open(files->tsv != NULL ? files->tsv : files->source, warnings, err);
  bool ok = pairs->source != NULL;
  if (ok && files->tsv == NULL) {
    pairs->target = lines_open(files->target, warnings, err);
    ok = pairs->target != NULL;
  }
  if (ok) return pairs;
  pairs_close(pairs);
  return NULL;
}

static int count_tabs(const char *line, size_t n) {
  int tabs = 0;
  for (size_t i = 0; i < n; i++) tabs += line[i] == '\t';
  return tabs;
}

static int next_tsv(Lines *lines, Pair *pair, Err *err) {
  const char *line;
  size_t n;
  int got = lines_next(lines, &line, &n, err);
  if (got != 1) return got;
  int tabs = count_tabs(line, n);
  if (tabs != 1) {
    (void)err_set(err, ERR_FILE, "%s:%ld: %d tabs; a line is the source, exactly one tab, and the target",
                  lines_path(lines), lines_number(lines), tabs);
    return -1;
  }
  const char *tab = memchr(line, '\t', n);
  size_t left = (size_t)(tab - line);
  *pair = (Pair){.source = line, .n_source = left, .target = tab + 1, .n_target = n - left - 1};
  return 1;
}

/* One file has ended before the other: reads on to the end of both, to name their lengths. */
static int unequal(Pairs *pairs, Err *err) {
  const char *line;
  size_t n;
  Lines *sides[] = {pairs->source, pairs->target};
  for (int i = 0; i < 2; i++) {
    int got;
    while ((got = lines_next(sides[i], &line, &n, err)) == 1) continue;
    if (got < 0) return -1;
  }
  (void)err_set(
      err, ERR_FILE, "%s has %ld lines, but %s has %ld: line for line they must be translations of each other",
      lines_path(pairs->source), lines_number(pairs->source), lines_path(pairs->target), lines_number(pairs->target));
  return -1;
}

int pairs_next(Pairs *pairs, Pair *pair, Err *err) {
  if (pairs->target == NULL) return next_tsv(pairs->source, pair, err);
  int got_source = lines_next(pairs->source, &pair->source, &pair->n_source, err);
  if (got_source < 0) return -1;
  int got_target = lines_next(pairs->target, &pair->target, &pair->n_target, err);
  if (got_target < 0) return -1;
  return got_source == got_target ? got_source : unequal(pairs, err);
}

long pairs_number(const Pairs *pairs) { return lines_number(pairs->source); }

const char *pairs_path(const Pairs *pairs) { return lines_path(pairs->source); }

void pairs_close(Pairs *pairs) {
  if (pairs == NULL) return;
  lines_close(pairs->source);
  lines_close(pairs->target);
  mem_free(pairs);
}
