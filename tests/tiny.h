/* tiny.h - small random models for tests of search, scoring and translating. */
#ifndef TESTS_TINY_H
#define TESTS_TINY_H

#include "nn/model.h"

enum { TINY_VOCAB = 7 }; /* three words besides the specials, on both sides */

/* A model of a few units whose weights are the seed's, made larger so that it has opinions; kind picks among cells,
 * flows, scores, scopes and layers. Freed with model_free. */
Model *tiny_model(int kind, uint64_t seed);
enum { TINY_KINDS = 6 };

/* log p of every target token and the alignment [T,S], as model_score gives them, for target tokens without `</s>`. On
 * the arena. */
ModelScore tiny_score(const Model *model, Arena *arena, Ids source, Ids target);

#endif
