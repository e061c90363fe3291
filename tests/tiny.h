/* tiny.h - small random models for tests of search, scoring and translating. */
#ifndef TESTS_TINY_H
#define TESTS_TINY_H

#include "search/translator.h"

enum { TINY_VOCAB = 7 }; /* three words besides the specials, on both sides */
/* What two ways to the same number may differ by. */
static const double TINY_WITHIN = REAL_IS_DOUBLE ? 1e-5 : 1e-4;

/* A model of a few units whose weights are the seed's, made larger so that it has opinions; kind picks among encoders,
 * decoders, cells, flows, scores, scopes, foci, layers, positions and heads. Freed with model_free. */
Model *tiny_model(int kind, uint64_t seed);
/* Its config. */
ModelConfig tiny_config(int kind);
/* Recurrent ones come first, TINY_N_PONDERS of which ponder and the last of which are hard; the last of all have
 * universal encoders. */
enum {
  TINY_PONDERS = 11,
  TINY_N_PONDERS = 3,
  TINY_HARD = 20,
  TINY_RECURRENT = 25,
  TINY_UNIVERSAL = 42,
  TINY_KINDS = 45
};

/* The first kind with an encoder. */
int tiny_kind_of(EncoderKind encoder);

/* log p of every target token and the alignment [T,S], as model_score gives them, for target tokens without `</s>`. On
 * the arena. */
ModelScore tiny_score(const Model *model, Arena *arena, Ids source, Ids target);

/* Noise of one rate at every place; row as in Noise. */
Noise tiny_noise(double p, uint64_t seed, uint64_t update, const int *row);

/* Such a model with its vocabularies: source words a b c, target words from the JSON array `target`, or x y z when it
 * is NULL. score is the attention's; location has 6 positions (data.max_length is 5). Freed with translator_free. */
Translator *tiny_translator(uint64_t seed, const char *score, const char *target);

#endif
