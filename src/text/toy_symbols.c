#include "text/toy_symbols.h"

/* In the order that `sort` puts them, which is their order by bytes too. */
static const char *const words[TOY_SYMBOLS] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j",
                                               "k", "l", "m", "n", "o", "p", "q", "r", "s", "t",
                                               "u", "v", "w", "x", "y", "z", "α", "β", "γ", "δ"};

uint64_t toy_symbols_size(int stratum) {
  uint64_t size = 1;
  for (int i = 0; i < TOY_SYMBOLS_MIN + stratum; i++) size *= TOY_SYMBOLS;
  return size;
}

double toy_symbols_weight(int stratum) {
  (void)stratum;
  return 1;
}

int toy_symbols_draw(int stratum, uint64_t index, int *symbols) {
  int n = TOY_SYMBOLS_MIN + stratum;
  for (int i = 0; i < n; i++, index /= TOY_SYMBOLS) symbols[i] = (int)(index % TOY_SYMBOLS);
  return n;
}

void toy_symbols_pair(ToyPair *pair, const int *symbols, const int *from, int n) {
  for (int j = 0; j < n; j++) {
    str_addf(&pair->source, j == 0 ? "%s" : " %s", words[symbols[j]]);
    str_addf(&pair->target, j == 0 ? "%s" : " %s", words[symbols[from[j]]]);
    toy_link(pair, from[j], j);
  }
}
