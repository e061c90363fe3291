/* toy_symbols.h - sequences of symbols: what the toys copy, reverse and sort share. */
#ifndef TEXT_TOY_SYMBOLS_H
#define TEXT_TOY_SYMBOLS_H

#include "text/toy.h"

enum { TOY_SYMBOLS = 30, TOY_SYMBOLS_MIN = 3, TOY_SYMBOLS_MAX = 12 };

/* One stratum a length, all equally likely. */
enum { TOY_SYMBOLS_STRATA = TOY_SYMBOLS_MAX - TOY_SYMBOLS_MIN + 1 };
uint64_t toy_symbols_size(int stratum);
double toy_symbols_weight(int stratum);
/* Makes sequence `index` of the stratum, symbols[TOY_SYMBOLS_MAX], each 0 .. TOY_SYMBOLS-1. Returns its length. */
int toy_symbols_draw(int stratum, uint64_t index, int *symbols);
/* The pair of a sequence and its rearrangement: target word j is source word from[j]. */
void toy_symbols_pair(ToyPair *pair, const int *symbols, const int *from, int n);

#endif
