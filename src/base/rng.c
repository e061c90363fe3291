#include "base/rng.h"

#include <math.h>

__extension__ typedef unsigned __int128 u128;

static const uint64_t GOLDEN = 0x9E3779B97F4A7C15u;

static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

uint64_t rng_subkey(uint64_t key, uint64_t index) { return mix(mix(key + GOLDEN) ^ (index + 1) * GOLDEN); }

uint64_t rng_key(uint64_t seed, RngPurpose purpose, uint64_t a, uint64_t b) {
  return rng_subkey(rng_subkey(rng_subkey(mix(seed + GOLDEN), (uint64_t)purpose), a), b);
}

uint64_t rng_name(const char *name) {
  uint64_t h = 14695981039346656037u;
  for (; *name != '\0'; name++) h = (h ^ (unsigned char)*name) * 1099511628211u;
  return h;
}

uint64_t rng_u64(uint64_t key, uint64_t index) { return mix(key + (index + 1) * GOLDEN); }

double rng_uniform(uint64_t key, uint64_t index) { return (double)(rng_u64(key, index) >> 11) * 0x1p-53; }

double rng_normal(uint64_t key, uint64_t index) {
  double u = 1.0 - rng_uniform(key, 2 * index); /* in (0, 1] */
  double v = rng_uniform(key, 2 * index + 1);
  return sqrt(-2.0 * log(u)) * cos(6.283185307179586477 * v);
}

uint64_t rng_below(uint64_t key, uint64_t index, uint64_t n) {
  /* Multiply-shift: the bias is below n / 2^64. */
  return (uint64_t)(((u128)rng_u64(key, index) * n) >> 64);
}

void rng_shuffle(uint64_t key, int *at, int n) {
  for (int i = n - 1; i > 0; i--) {
    int j = (int)rng_below(key, (uint64_t)i, (uint64_t)i + 1);
    int keep = at[i];
    at[i] = at[j];
    at[j] = keep;
  }
}
