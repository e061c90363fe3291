/* toy_sort.c - the target is the source in order, a to z, then α to δ; equal symbols are linked in their order. */
#include "text/toy_symbols.h"

static void make(int stratum, uint64_t index, ToyPair *pair) {
  int symbols[TOY_SYMBOLS_MAX], from[TOY_SYMBOLS_MAX];
  int n = toy_symbols_draw(stratum, index, symbols);
  for (int j = 0; j < n; j++) {
    int at = j;
    for (; at > 0 && symbols[from[at - 1]] > symbols[j]; at--) from[at] = from[at - 1];
    from[at] = j;
  }
  toy_symbols_pair(pair, symbols, from, n);
}

extern const Toy toy_sort;
const Toy toy_sort = {TOY_SYMBOLS_STRATA, toy_symbols_size, toy_symbols_weight, make};
