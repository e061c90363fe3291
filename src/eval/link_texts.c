#include "eval/link_texts.h"

#include "base/mem.h"
#include "eval/pieces.h"
#include "text/pairs.h"

struct LinkTexts {
  Pairs *pairs;
  Pieces words;
};

LinkTexts *link_texts_open(const char *source, const char *target, Warnings *warnings, Err *err) {
  Pairs *pairs = pairs_open(&(PairFiles){.source = source, .target = target}, warnings, err);
  if (pairs == NULL) return NULL;
  LinkTexts *t = mem_zero(1, sizeof *t, "texts of links");
  t->pairs = pairs;
  return t;
}

static int count(LinkTexts *t, const char *at, size_t n) {
  pieces_words(&t->words, at, n, pieces_blank);
  return t->words.n;
}

int link_texts_next(LinkTexts *t, LinkLengths *lengths, Err *err) {
  Pair pair;
  int got = pairs_next(t->pairs, &pair, err);
  if (got == 1) *lengths = (LinkLengths){count(t, pair.source, pair.n_source), count(t, pair.target, pair.n_target)};
  return got;
}

long link_texts_count(LinkTexts *t, Err *err) {
  Pair pair;
  int got;
  while ((got = pairs_next(t->pairs, &pair, err)) == 1) continue;
  return got == 0 ? pairs_number(t->pairs) : -1;
}

const char *link_texts_path(const LinkTexts *t) { return pairs_path(t->pairs); }

void link_texts_close(LinkTexts *t) {
  if (t == NULL) return;
  pairs_close(t->pairs);
  pieces_free(&t->words);
  mem_free(t);
}
