#include "text/toy_draw.h"

#include "base/mem.h"
#include "base/rng.h"

typedef struct Stratum {
  uint64_t size, used;
  double weight;
  double up_to; /* sum of the weights of all strata up to this one that had pairs at the last summing */
} Stratum;

struct ToyDraw {
  const Toy *toy;
  Stratum *strata;
  uint64_t choose, permute; /* keys */
  uint64_t step;
  double used_up; /* weight of the strata that have given all their pairs since the last summing */
};

static void sum_weights(ToyDraw *draw) {
  double sum = 0;
  for (int i = 0; i < draw->toy->n_strata; i++) {
    Stratum *s = &draw->strata[i];
    if (s->used < s->size) sum += s->weight;
    s->up_to = sum;
  }
  draw->used_up = 0;
}

ToyDraw *toy_draw_new(const Toy *toy, uint64_t key) {
  ToyDraw *draw = mem_zero(1, sizeof *draw, "toy corpus");
  draw->toy = toy;
  draw->strata = mem_zero((size_t)toy->n_strata, sizeof *draw->strata, "toy corpus");
  for (int i = 0; i < toy->n_strata; i++) draw->strata[i] = (Stratum){toy->size(i), 0, toy->weight(i), 0};
  draw->choose = rng_subkey(key, 0);
  draw->permute = rng_subkey(key, 1);
  sum_weights(draw);
  return draw;
}

void toy_draw_free(ToyDraw *draw) {
  if (draw == NULL) return;
  mem_free(draw->strata);
  mem_free(draw);
}

/* A permutation of 0 .. 4^half_bits - 1. */
static uint64_t feistel(uint64_t key, int half_bits, uint64_t x) {
  uint64_t mask = ((uint64_t)1 << half_bits) - 1;
  uint64_t left = x >> half_bits, right = x & mask;
  for (uint64_t round = 0; round < 8; round++) {
    uint64_t next = left ^ (rng_u64(rng_subkey(key, round), right) & mask);
    left = right;
    right = next;
  }
  return left << half_bits | right;
}

/* The value of x under a permutation of 0 .. n-1. */
static uint64_t permuted(uint64_t key, uint64_t n, uint64_t x) {
  int half_bits = 1;
  while (half_bits < 31 && (uint64_t)1 << (2 * half_bits) < n) half_bits++;
  do x = feistel(key, half_bits, x);
  while (x >= n);
  return x;
}

/* The first stratum whose up_to is above u. */
static int stratum_at(const ToyDraw *draw, double u) {
  int low = 0, high = draw->toy->n_strata - 1;
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (draw->strata[middle].up_to > u) high = middle;
    else low = middle + 1;
  }
  return low;
}

/* A stratum that has pairs left. Those used up are drawn again until they make half of the weight. */
static int choose(ToyDraw *draw) {
  if (draw->used_up > 0 && 2 * draw->used_up >= draw->strata[draw->toy->n_strata - 1].up_to) sum_weights(draw);
  double sum = draw->strata[draw->toy->n_strata - 1].up_to;
  int at;
  do at = stratum_at(draw, sum * rng_uniform(draw->choose, draw->step++));
  while (draw->strata[at].used == draw->strata[at].size);
  return at;
}

void toy_draw_next(ToyDraw *draw, int *stratum, uint64_t *index, uint64_t *size) {
  *stratum = choose(draw);
  Stratum *s = &draw->strata[*stratum];
  *index = permuted(rng_subkey(draw->permute, (uint64_t)*stratum), s->size, s->used++);
  *size = s->size;
  if (s->used == s->size) draw->used_up += s->weight;
}
