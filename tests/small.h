/* small.h - small translators, for tests of model files. */
#ifndef TESTS_SMALL_H
#define TESTS_SMALL_H

#include "search/translator.h"

/* A GRU model of embedding 4, encoder 2 x 3, decoder 5 whose weights are the seed's; source words a, b, c, target words
 * "uno", "due". The n_sets KEY=VALUE change its config. Freed with translator_free. */
Translator *small_translator(uint64_t seed, const char *const *sets, int n_sets);

#endif
