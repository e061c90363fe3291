#include "text/pairs.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/rng.h"
#include "text/graph_line.h"
#include "text/lines.h"

struct Pairs {
  PairFiles files; /* borrows no path */
  Warnings *warnings;
  Lines *source;
  Lines *target; /* NULL: the lines of source hold both sides */
  Str joined;    /* a source of tsv with its links */
  long n_given;
  bool ended;
  bool told; /* of third columns */
};

Pairs *pairs_open(const PairFiles *files, Warnings *warnings, Err *err) {
  const char *const paths[] = {files->source, files->target};
  if (!path_check_standard(path_count_standard(paths, 2), err)) return NULL;
  CHECK((files->tsv != NULL) != (files->source != NULL && files->target != NULL), "a pair of files, or one tsv file");
  Pairs *pairs = mem_zero(1, sizeof *pairs, "corpus reader");
  pairs->files =
      (PairFiles){.every = files->every, .fold = files->fold, .held_out = files->held_out, .most = files->most};
  pairs->warnings = warnings;
  pairs->source = lines_open(files->tsv != NULL ? files->tsv : files->source, warnings, err);
  bool ok = pairs->source != NULL;
  if (ok && files->tsv == NULL) {
    pairs->target = lines_open(files->target, warnings, err);
    ok = pairs->target != NULL;
  }
  ok = ok && (files->graph == NULL || lines_join(pairs->source, files->graph, err));
  if (ok) return pairs;
  pairs_close(pairs);
  return NULL;
}

static int count_tabs(const char *line, size_t n) {
  int tabs = 0;
  for (size_t i = 0; i < n; i++) tabs += line[i] == '\t';
  return tabs;
}

/* How the attribution of a pair begins: "CC-BY 2.0 (France) Attribution: tatoeba.org #...". */
static bool is_licence(const char *text, size_t n) {
  static const char *const begins[] = {"CC-BY", "CC BY", "CC0"};
  for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
    if (n >= strlen(begins[i]) && strncasecmp(text, begins[i], strlen(begins[i])) == 0) return true;
  return false;
}

/* Bytes of the line up to a third column that is an attribution; all n without one. */
static size_t without_licence(Pairs *pairs, const char *line, size_t n) {
  const char *first = memchr(line, '\t', n);
  const char *second = first == NULL ? NULL : memchr(first + 1, '\t', n - (size_t)(first + 1 - line));
  size_t left = second == NULL ? 0 : (size_t)(second - line);
  if (second == NULL || count_tabs(second, n - left) != 1 || !is_licence(second + 1, n - left - 1)) return n;
  if (!pairs->told)
    warnings_tell(pairs->warnings, "%s: the third column, which names a licence, is left out (from line %ld on)",
                  lines_path(pairs->source), lines_number(pairs->source));
  pairs->told = true;
  return left;
}

/* Puts what was joined to the whole line, with its mark, behind the source. */
static void join_source(Pairs *pairs, Pair *pair, const char *links, size_t n) {
  str_clear(&pairs->joined);
  str_add(&pairs->joined, pair->source, pair->n_source);
  str_add(&pairs->joined, links, n);
  pair->source = str_text(&pairs->joined);
  pair->n_source = pairs->joined.n;
}

static int next_tsv(Pairs *pairs, Pair *pair, Err *err) {
  Lines *lines = pairs->source;
  const char *line;
  size_t n;
  int got = lines_next(lines, &line, &n, err);
  if (got != 1) return got;
  size_t whole = n, text = graph_line_text(line, n);
  n = without_licence(pairs, line, text);
  int tabs = count_tabs(line, n);
  if (tabs != 1) {
    (void)err_set(err, ERR_FILE, "%s:%ld: %d tabs; a line is the source, exactly one tab, and the target%s",
                  lines_path(lines), lines_number(lines), tabs,
                  tabs > 1 ? "; of other tables cut out the two columns first (cut -f)" : "");
    return -1;
  }
  const char *tab = memchr(line, '\t', n);
  size_t left = (size_t)(tab - line);
  *pair = (Pair){.source = line, .n_source = left, .target = tab + 1, .n_target = n - left - 1};
  if (text < whole) join_source(pairs, pair, line + text, whole - text);
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

static int next_line(Pairs *pairs, Pair *pair, Err *err) {
  if (pairs->target == NULL) return next_tsv(pairs, pair, err);
  int got_source = lines_next(pairs->source, &pair->source, &pair->n_source, err);
  if (got_source < 0) return -1;
  int got_target = lines_next(pairs->target, &pair->target, &pair->n_target, err);
  if (got_target < 0) return -1;
  return got_source == got_target ? got_source : unequal(pairs, err);
}

/* The key is the same for every training: folds of different settings are of the same pairs. */
static bool in_fold(const PairFiles *files, long line) {
  uint64_t every = (uint64_t)files->every, at = (uint64_t)line - 1;
  uint64_t drawn = rng_below(rng_key(0, RNG_FOLD, every, 0), at / every, every);
  return (at + drawn) % every == (uint64_t)files->fold - 1;
}

/* Whether the pair of the line read last is among those that are given. */
static bool is_chosen(const Pairs *pairs) {
  const PairFiles *files = &pairs->files;
  long line = lines_number(pairs->source);
  if (files->every == 0) return true;
  return (files->fold > 0 ? in_fold(files, line) : line % files->every == 0) == files->held_out;
}

int pairs_next(Pairs *pairs, Pair *pair, Err *err) {
  if (pairs->files.most > 0 && pairs->n_given == pairs->files.most) return 0;
  int got;
  do got = next_line(pairs, pair, err);
  while (got == 1 && !is_chosen(pairs));
  pairs->ended = got == 0;
  pairs->n_given += got == 1;
  return got;
}

long pairs_number(const Pairs *pairs) { return lines_number(pairs->source); }

bool pairs_ended(const Pairs *pairs) { return pairs->ended; }

const char *pairs_path(const Pairs *pairs) { return lines_path(pairs->source); }

const char *pairs_target_path(const Pairs *pairs) {
  return lines_path(pairs->target != NULL ? pairs->target : pairs->source);
}

Warnings *pairs_warnings(const Pairs *pairs) { return pairs->warnings; }

void pairs_close(Pairs *pairs) {
  if (pairs == NULL) return;
  lines_close(pairs->source);
  lines_close(pairs->target);
  str_free(&pairs->joined);
  mem_free(pairs);
}
