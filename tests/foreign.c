#include "foreign.h"

#include <check.h>
#include <string.h>

#include "text/sentencepiece_shim.h"

enum { TIMES = 20, MOST_OPTIONS = 40 };

typedef struct Lines {
  const char *const *lines;
  int at, n;
} Lines;

static bool next(void *ctx, const char **line, size_t *n) {
  Lines *l = ctx;
  if (l->at == TIMES * l->n) return false;
  *line = l->lines[l->at++ % l->n];
  *n = strlen(*line);
  return true;
}

static void take(void *ctx, const char *at, size_t n) { str_add(ctx, at, n); }

void foreign_bytes(const char *const *lines, const char *const *options, Str *out) {
  const char *all[MOST_OPTIONS] = {"minloglevel", "3", "hard_vocab_limit", "false"};
  Lines l = {lines, 0, 0};
  int n = 4;
  while (lines[l.n] != NULL) l.n++;
  while (*options != NULL && n + 1 < MOST_OPTIONS) all[n++] = *options++;
  all[n] = NULL;
  ck_assert_msg(sentencepiece_shim_train(all, next, &l, take, out), "%s", str_text(out));
}

Sentencepiece *foreign_model(const char *const *lines, const char *const *options) {
  Str bytes = {0};
  Err err = {0};
  foreign_bytes(lines, options, &bytes);
  Sentencepiece *sp = sentencepiece_load(bytes.at, bytes.n, "foreign", &err);
  ck_assert_msg(sp != NULL, "%s", err.text);
  str_free(&bytes);
  return sp;
}

const char *const foreign_rhyme[] = {
    "this is the house that jack built, this is the malt", "that lay in the house that jack built. this is the rat",
    "that ate the malt? this is the cat that killed the rat", "(quick vexed gypsum fjord) caf\u00E9... 5", NULL};

const char *const foreign_nfkc[] = {"model_type", "bpe", "vocab_size", "60", "normalization_rule_name",
                                    "nmt_nfkc",   NULL};
const char *const foreign_suffix[] = {"model_type", "bpe", "vocab_size", "60", "treat_whitespace_as_suffix",
                                      "true",       NULL};
const char *const foreign_phrases[] = {"model_type", "bpe", "vocab_size", "150", "split_by_whitespace", "false", NULL};

static const char *const unigram[] = {"model_type",           "unigram",  "vocab_size", "400", "byte_fallback", "true",
                                      "user_defined_symbols", "<ph>,[X]", NULL};
static const char *const bpe[] = {"model_type",           "bpe",      "vocab_size", "400", "byte_fallback", "true",
                                  "user_defined_symbols", "<ph>,[X]", NULL};
const char *const *const foreign_atoms[2] = {unigram, bpe};

void foreign_strip(Str *out, const char *piece) {
  for (const char *at = piece; *at != '\0'; at++) {
    if (strncmp(at, "\u2581", 3) == 0) at += 2;
    else str_addc(out, *at);
  }
}
