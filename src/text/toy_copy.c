/* toy_copy.c - the target is the source. */
#include "text/toy_symbols.h"

static void make(int stratum, uint64_t index, ToyPair *pair) {
  int symbols[TOY_SYMBOLS_MAX], from[TOY_SYMBOLS_MAX];
  int n = toy_symbols_draw(stratum, index, symbols);
  for (int j = 0; j < n; j++) from[j] = j;
  toy_symbols_pair(pair, symbols, from, n);
}

extern const Toy toy_copy;
const Toy toy_copy = {TOY_SYMBOLS_STRATA, toy_symbols_size, toy_symbols_weight, make};
