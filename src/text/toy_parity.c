/* toy_parity.c - Graves 2016, section 3.1, smaller: an image of 3 by 3 cells, one to five of them marked black or
 * white, the others grey; the target says whether the white ones are an odd or an even number. All is seen at once and
 * no mark tells anything by itself, so the more there are the more has to be thought about one look.
 *
 * Links: the image, one patch, to the word.
 *
 * A stratum is a number of marks; each is equally likely. */
#include "base/rng.h"
#include "text/toy.h"

enum { SIDE = 3, CELLS = SIDE * SIDE, MOST = 5, SHADES = 1 << 20 };
enum { BLACK, GREY, WHITE };

static uint64_t choose(int n, int k) {
  uint64_t ways = 1;
  for (int i = 0; i < k; i++) ways = ways * (uint64_t)(n - i) / (uint64_t)(i + 1);
  return ways;
}

static uint64_t patterns(int marks) { return choose(CELLS, marks) << marks; }

/* Each pattern in so many shades. */
static uint64_t size(int stratum) { return patterns(stratum + 1) * SHADES; }

static double weight(int stratum) {
  (void)stratum;
  return 1;
}

/* Subset `rank` of that many cells, and its colours; returns the number of white ones. */
static int paint(int marks, uint64_t rank, int *cells) {
  uint64_t colours = rank % ((uint64_t)1 << marks), subset = rank >> marks;
  int white = 0;
  for (int i = 0; i < CELLS; i++) {
    uint64_t without = choose(CELLS - 1 - i, marks);
    cells[i] = GREY;
    if (marks == 0) continue;
    if (subset < without) continue;
    subset -= without;
    cells[i] = colours % 2 == 0 ? BLACK : WHITE;
    white += colours % 2 == 1;
    colours /= 2;
    marks--;
  }
  return white;
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  int cells[CELLS], marks = stratum + 1, white = paint(marks, index % patterns(marks), cells);
  uint64_t key = rng_key((uint64_t)stratum, RNG_TOY, index, 2);
  str_addf(&pair->file, "P2\n%d %d\n255\n", (int)SIDE, (int)SIDE);
  for (int i = 0; i < CELLS; i++)
    str_addf(&pair->file, "%d%c", 110 * cells[i] + (int)rng_below(key, (uint64_t)i, 36),
             (i + 1) % SIDE == 0 ? '\n' : ' ');
  str_adds(&pair->target, white % 2 == 0 ? "even" : "odd");
  toy_link(pair, 0, 0);
}

extern const Toy toy_parity;
const Toy toy_parity = {MOST, size, weight, make};
