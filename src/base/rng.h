/* rng.h - counter-based random numbers: a number is a pure function of its key and index, so nothing depends on the
 * order in which threads ask. A key is made of the seed, what the numbers are for, and two indices (update, place,
 * ...). SplitMix64 (Steele, Lea and Flood 2014) is the mixing function. No state, safe from any thread. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

typedef enum RngPurpose {
  RNG_INIT = 1,
  RNG_SHUFFLE,
  RNG_DROPOUT,
  RNG_SAMPLE,
  RNG_TOY,
  RNG_TEST,
  RNG_BOOTSTRAP,
  RNG_SUBWORDS,
  RNG_ATTENTION,
  RNG_FOLD,
  RNG_TUNE
} RngPurpose;

uint64_t rng_key(uint64_t seed, RngPurpose purpose, uint64_t a, uint64_t b);
/* A key of a further level: the numbers of different indices are independent. */
uint64_t rng_subkey(uint64_t key, uint64_t index);
/* A 64-bit key from a name, FNV-1a. */
uint64_t rng_name(const char *name);

uint64_t rng_u64(uint64_t key, uint64_t index);
/* Uniform in [0, 1), 53 bits. */
double rng_uniform(uint64_t key, uint64_t index);
/* Standard normal (Box-Muller). */
double rng_normal(uint64_t key, uint64_t index);
/* Uniform in 0 .. n-1, n >= 1. */
uint64_t rng_below(uint64_t key, uint64_t index, uint64_t n);
/* Fisher-Yates over n ints. */
void rng_shuffle(uint64_t key, int *at, int n);

#endif
