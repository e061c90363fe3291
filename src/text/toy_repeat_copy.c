/* toy_repeat_copy.c - Graves et al. 2014, section 4.2: a number and symbols; the target is the symbols so many times, a
 * "." after each. There are few symbols, so that what stands next to be written is told by its place, hardly by what it
 * is.
 *
 * Links: each symbol written to the one in the source; the points to nothing.
 *
 * A stratum is a length and a number; each length is equally likely, and each number. repeat-copy-long has lengths that
 * repeat-copy has not: what was learned on the one is tested on the other. */
#include <stdint.h>

#include "text/toy.h"

enum { N_SYMBOLS = 8, SHORTEST = 2, LONGEST = 8, FAR = 14, MOST = 5, N_STRATA = (LONGEST - SHORTEST + 1) * MOST };

static int length_of(int stratum) { return SHORTEST + stratum / MOST; }

static uint64_t size(int stratum) {
  uint64_t size = 1;
  for (int i = 0; i < length_of(stratum); i++) size *= N_SYMBOLS;
  return size;
}

static double weight(int stratum) {
  (void)stratum;
  return 1;
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  int n = length_of(stratum), times = 1 + stratum % MOST;
  char symbols[FAR];
  str_addf(&pair->source, "%d", times);
  for (int i = 0; i < n; i++, index /= N_SYMBOLS) {
    symbols[i] = (char)('a' + index % N_SYMBOLS);
    str_addf(&pair->source, " %c", symbols[i]);
  }
  for (int k = 0, at = 0; k < times; k++) {
    for (int i = 0; i < n; i++, at++) {
      str_addf(&pair->target, "%c ", symbols[i]);
      toy_link(pair, 1 + i, at);
    }
    str_addf(&pair->target, k + 1 < times ? ". " : ".");
    at++;
  }
}

static uint64_t far_size(int stratum) { return size(N_STRATA + stratum); }
static void make_far(int stratum, uint64_t index, ToyPair *pair) { make(N_STRATA + stratum, index, pair); }

extern const Toy toy_repeat_copy, toy_repeat_copy_long;
const Toy toy_repeat_copy = {N_STRATA, size, weight, make};
const Toy toy_repeat_copy_long = {(FAR - LONGEST) * MOST, far_size, weight, make_far};
