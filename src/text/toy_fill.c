/* toy_fill.c - blanks that are to be filled with the next letter on their right: ". . c a . b" gives "c c c a b b". A
 * blank's letter is 1 to 6 positions away, so how many steps a layer that sees only neighbours needs for it differs
 * from token to token. A decoder that looks at one place alone cannot know it: it reads what it has written, but not
 * what is to come.
 *
 * Links: each letter to its own place and to the blanks before it.
 *
 * A stratum is a number of letters; each letter and number of blanks before it is equally likely. */
#include "text/toy.h"

enum { LEAST_LETTERS = 2, N_STRATA = 3, N_LETTERS = 8, MAX_BLANKS = 6 };

static uint64_t size(int stratum) {
  uint64_t n = 1;
  for (int i = 0; i < LEAST_LETTERS + stratum; i++) n *= N_LETTERS * (MAX_BLANKS + 1);
  return n;
}

static double weight(int stratum) {
  (void)stratum;
  return 1;
}

static void add(Str *line, char token) {
  if (line->n > 0) str_addc(line, ' ');
  str_addc(line, token);
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  for (int i = 0, at = 0; i < LEAST_LETTERS + stratum; i++) {
    char letter = (char)('a' + index % N_LETTERS);
    index /= N_LETTERS;
    int blanks = (int)(index % (MAX_BLANKS + 1));
    index /= MAX_BLANKS + 1;
    for (int k = 0; k <= blanks; k++) {
      add(&pair->source, k < blanks ? '.' : letter);
      add(&pair->target, letter);
      toy_link(pair, at + blanks, at + k);
    }
    at += blanks + 1;
  }
}

extern const Toy toy_fill;
const Toy toy_fill = {N_STRATA, size, weight, make};
