#include "eval/references.h"

#include "base/mem.h"
#include "text/pairs.h"
#include "text/tokens.h"

struct References {
  char *path;
  StrMap last;   /* source -> 1 + its row read last */
  Tokens texts;  /* [n] a reference a row */
  int *previous; /* [n] 1 + the row before it of the same source, 0: none */
  int cap;
  Str key;
  MetricText *found;
  int found_cap;
};

static void key_of(Str *key, const char *at, size_t n) {
  str_clear(key);
  for (size_t i = 0; i < n; i++)
    if (at[i] != ' ' && at[i] != '\t') str_addc(key, at[i]);
}

static void add(References *r, const Pair *pair) {
  key_of(&r->key, pair->source, pair->n_source);
  if (r->texts.n == r->cap) {
    r->cap = r->cap == 0 ? 1024 : 2 * r->cap;
    r->previous = mem_grow(r->previous, (size_t)r->cap, sizeof *r->previous, "references");
  }
  int *last = strmap_at(&r->last, str_text(&r->key), r->key.n);
  r->previous[r->texts.n] = *last;
  tokens_add(&r->texts, pair->target, pair->n_target);
  *last = r->texts.n;
}

References *references_load(const char *path, Warnings *warnings, Err *err) {
  Pairs *pairs = pairs_open(&(PairFiles){.tsv = path}, warnings, err);
  if (pairs == NULL) return NULL;
  References *r = mem_zero(1, sizeof *r, "references");
  str_adds(&r->key, path);
  r->path = mem_text(str_text(&r->key), r->key.n);
  Pair pair;
  int got;
  while ((got = pairs_next(pairs, &pair, err)) == 1) add(r, &pair);
  pairs_close(pairs);
  if (got == 0) return r;
  references_free(r);
  return NULL;
}

const MetricText *references_find(References *references, const MetricText *source, int *n) {
  References *r = references;
  int row;
  *n = 0;
  key_of(&r->key, source->at, source->n);
  if (!strmap_get(&r->last, str_text(&r->key), r->key.n, &row)) return NULL;
  for (; row > 0; row = r->previous[row - 1]) {
    if (*n == r->found_cap) {
      r->found_cap = r->found_cap == 0 ? 16 : 2 * r->found_cap;
      r->found = mem_grow(r->found, (size_t)r->found_cap, sizeof *r->found, "references");
    }
    MetricText *text = &r->found[(*n)++];
    text->at = tokens_get(&r->texts, row - 1, &text->n);
  }
  return r->found;
}

const char *references_path(const References *references) { return references->path; }

void references_free(References *references) {
  if (references == NULL) return;
  strmap_free(&references->last);
  tokens_free(&references->texts);
  str_free(&references->key);
  mem_free(references->path);
  mem_free(references->previous);
  mem_free(references->found);
  mem_free(references);
}
