#include "train/exhibit_list.h"

#include <string.h>

#include "base/sha256.h"
#include "text/graph_line.h"
#include "text/lines.h"

int exhibit_list_count(const ExhibitList *list) { return list->sources.n; }

Pair exhibit_list_pair(const ExhibitList *list, int i) {
  Pair pair;
  pair.source = tokens_get(&list->sources, i, &pair.n_source);
  pair.target = tokens_get(&list->targets, i, &pair.n_target);
  return pair;
}

const PharaohLinks *exhibit_list_gold(const ExhibitList *list, int i, Gold *gold) {
  Err ignored = {0}; /* heldout_gold has read them all */
  return gold == NULL || !list->held_out[i] ? NULL : gold_get(gold, list->id[i], &ignored);
}

bool exhibit_list_add(ExhibitList *list, const Pair *pair, int id, bool held_out) {
  int n = list->sources.n;
  if (n == EXHIBIT_LIST_MOST) return false;
  tokens_add(&list->sources, pair->source, pair->n_source);
  tokens_add(&list->targets, pair->target, pair->n_target);
  list->id[n] = id;
  list->held_out[n] = held_out;
  return true;
}

static bool same(const char *a, size_t n, const char *b, size_t m) { return n == m && memcmp(a, b, n) == 0; }

/* The first held-out pair of this source and, unless it is NULL, this target; -1: none. */
static int find(const Heldout *pairs, const Pair *wanted) {
  for (int i = 0; i < heldout_count(pairs); i++) {
    Pair pair = heldout_pair(pairs, i);
    if (same(pair.source, graph_line_text(pair.source, pair.n_source), wanted->source, wanted->n_source) &&
        (wanted->target == NULL || same(pair.target, pair.n_target, wanted->target, wanted->n_target)))
      return i;
  }
  return -1;
}

static bool is_blank(const char *at, size_t n) { return strspn(at, " \t") >= n; }

/* The line as a pair; target NULL: there is no tab. */
static Pair split(const char *line, size_t n) {
  const char *tab = memchr(line, '\t', n);
  if (tab == NULL) return (Pair){.source = line, .n_source = n};
  size_t n_source = (size_t)(tab - line);
  return (Pair){line, tab + 1, n_source, n - n_source - 1};
}

static bool add_line(ExhibitList *list, const Lines *lines, const char *line, size_t n, const Heldout *pairs,
                     Err *err) {
  Pair pair = split(line, n);
  int place = find(pairs, &pair);
  if (pair.target == NULL && place < 0)
    return err_set(err, ERR_FILE,
                   "%s:%ld: no validation pair has this source, so that its translation is not known: write the "
                   "sentence, a tab and its translation",
                   lines_path(lines), lines_number(lines));
  if (place >= 0) pair = heldout_pair(pairs, place); /* with its links */
  if (is_blank(pair.source, pair.n_source) || is_blank(pair.target, pair.n_target) ||
      memchr(pair.target, '\t', pair.n_target) != NULL)
    return err_set(err, ERR_FILE, "%s:%ld: not a sentence, one tab and its translation", lines_path(lines),
                   lines_number(lines));
  bool held_out = place >= 0;
  return exhibit_list_add(list, &pair, held_out ? place : (int)lines_number(lines) - 1, held_out) ||
         err_set(err, ERR_FILE, "%s: more than %d sentences to show; choose some", lines_path(lines),
                 EXHIBIT_LIST_MOST);
}

bool exhibit_list_read(ExhibitList *list, const char *path, const Heldout *pairs, Err *err) {
  Lines *lines = lines_open(path, NULL, err);
  if (lines == NULL) return false;
  const char *line;
  size_t n;
  int got;
  bool ok = true;
  while (ok && (got = lines_next(lines, &line, &n, err)) == 1)
    ok = is_blank(line, n) || add_line(list, lines, line, n, pairs, err);
  ok = ok && got == 0;
  if (ok && exhibit_list_count(list) == 0) ok = err_set(err, ERR_FILE, "%s: no sentence to show in it", path);
  lines_close(lines);
  return ok;
}

void exhibit_list_digest(const ExhibitList *list, char hex[65]) {
  Sha256 sha = sha256_open();
  for (int i = 0; i < exhibit_list_count(list); i++) {
    Pair pair = exhibit_list_pair(list, i);
    sha256_add(&sha, pair.source, pair.n_source + 1); /* with its NUL */
    sha256_add(&sha, pair.target, pair.n_target + 1);
  }
  sha256_close(&sha, hex);
}

void exhibit_list_free(ExhibitList *list) {
  tokens_free(&list->sources);
  tokens_free(&list->targets);
}
