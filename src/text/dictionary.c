#include "text/dictionary.h"

#include <string.h>

#include "base/mem.h"
#include "text/pairs.h"
#include "text/tokens.h"

struct Dictionary {
  StrMap numbers; /* source -> number in targets, + 1 */
  Tokens targets;
};

static bool add(Dictionary *d, const Pair *pair, const char *path, long line, Err *err) {
  if (pair->n_source == 0 || pair->n_target == 0)
    return err_set(err, ERR_FILE, "%s:%ld: a word is missing beside the tab", path, line);
  int *number = strmap_at(&d->numbers, pair->source, pair->n_source);
  if (*number != 0) return true;
  tokens_add(&d->targets, pair->target, pair->n_target);
  *number = d->targets.n;
  return true;
}

Dictionary *dictionary_read(const char *path, Warnings *warnings, Err *err) {
  Pairs *pairs = pairs_open(&(PairFiles){.tsv = path}, warnings, err);
  if (pairs == NULL) return NULL;
  Dictionary *d = mem_zero(1, sizeof *d, "dictionary");
  Pair pair;
  int got;
  bool ok = true;
  while (ok && (got = pairs_next(pairs, &pair, err)) != 0)
    ok = got == 1 && add(d, &pair, path, pairs_number(pairs), err);
  pairs_close(pairs);
  if (ok) return d;
  dictionary_free(d);
  return NULL;
}

void dictionary_free(Dictionary *d) {
  if (d == NULL) return;
  strmap_free(&d->numbers);
  tokens_free(&d->targets);
  mem_free(d);
}

const char *dictionary_find(const Dictionary *d, const char *word) {
  int number;
  return strmap_get(&d->numbers, word, strlen(word), &number) ? tokens_get(&d->targets, number - 1, NULL) : NULL;
}
