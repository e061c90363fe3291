/* toy_pointer.c - words that point at each other: "c2d" is called c, holds 2 and points at d. The target says what each
 * word holds that is pointed at. Whom a word looks for is not what it is called, and neither of them is what it gives:
 * three things that the projections of self-attention to queries, keys and values keep apart. With one projection for
 * all of them a word looks as much at the one that points at it, and at itself.
 *
 * Links: each token to the one that its place's points at.
 *
 * A stratum is a number of words. The pointers of a line go round all of its words, so that of three and more no two
 * point at each other. */
#include <stdint.h>

#include "text/toy.h"

enum { N_NAMES = 6, N_THINGS = 6, FEWEST = 3, N_STRATA = N_NAMES - FEWEST + 1 };

static uint64_t size(int stratum) {
  uint64_t size = 1;
  int n = FEWEST + stratum;
  for (int i = 0; i < n; i++) size *= (uint64_t)((N_NAMES - i) * N_THINGS);
  for (int i = 1; i < n; i++) size *= (uint64_t)i;
  return size;
}

static double weight(int stratum) {
  (void)stratum;
  return 1;
}

static int take(uint64_t *index, int n) {
  int at = (int)(*index % (uint64_t)n);
  *index /= (uint64_t)n;
  return at;
}

static void swap(int *a, int *b) {
  int was = *a;
  *a = *b;
  *b = was;
}

static void draw(uint64_t *index, int n, int *names, int *next) {
  for (int i = 0; i < N_NAMES; i++) names[i] = i;
  for (int i = 0; i < n; i++) swap(&names[i], &names[i + take(index, N_NAMES - i)]);
  for (int i = 0; i < n; i++) next[i] = i;
  for (int i = n - 1; i > 0; i--) swap(&next[i], &next[take(index, i)]); /* Sattolo 1986: one cycle */
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  int n = FEWEST + stratum, names[N_NAMES], next[N_NAMES], things[N_NAMES];
  draw(&index, n, names, next);
  for (int i = 0; i < n; i++) things[i] = 1 + take(&index, N_THINGS);
  for (int i = 0; i < n; i++) {
    const char *blank = i == 0 ? "" : " ";
    str_addf(&pair->source, "%s%c%d%c", blank, 'a' + names[i], things[i], 'a' + names[next[i]]);
    str_addf(&pair->target, "%s%d", blank, things[next[i]]);
    toy_link(pair, next[i], i);
  }
}

extern const Toy toy_pointer;
const Toy toy_pointer = {N_STRATA, size, weight, make};
