#include "bench/bench_text.h"

#include <math.h>

#include "base/io.h"
#include "base/rng.h"
#include "base/str.h"

enum { SEED = 1, SHORTEST = 3, LONGEST = 40 };

static int clip(double n) { return (int)fmax(SHORTEST, fmin(LONGEST, round(n))); }

/* Tokens of pair i. */
static void lengths(const BenchText *text, int i, int *n_source, int *n_target) {
  uint64_t key = rng_key(SEED, RNG_TOY, 0, (uint64_t)i);
  *n_source = text->n_source > 0 ? text->n_source : clip(13 + 4 * rng_normal(key, 0));
  *n_target = text->n_target > 0 ? text->n_target : clip(0.95 * *n_source + 1.5 * rng_normal(key, 1));
}

/* Word r, from 0, with a probability of about 1 / (r + 1). */
static int draw(uint64_t key, int k, int n_words) {
  int word = (int)exp(rng_uniform(key, (uint64_t)k) * log(n_words + 1)) - 1;
  return word < n_words ? word : n_words - 1;
}

/* One sentence; *written counts the tokens of a side. Its first n_words tokens are each word once. */
static void add_sentence(Str *out, uint64_t key, int n, int n_words, int *written) {
  for (int k = 0; k < n; k++) {
    int word = *written < n_words ? (*written)++ : draw(key, k, n_words);
    str_addf(out, "%sw%d", k == 0 ? "" : " ", word);
  }
  str_addc(out, '\n');
}

bool bench_text_write(const BenchText *text, const char *source, const char *target, Err *err) {
  Str sides[2] = {{0}, {0}};
  int written[2] = {0, 0};
  for (int i = 0; i < text->n_pairs; i++) {
    int n[2];
    lengths(text, i, &n[0], &n[1]);
    for (int side = 0; side < 2; side++)
      add_sentence(&sides[side], rng_key(SEED, RNG_TOY, (uint64_t)side + 1, (uint64_t)i), n[side],
                   side == 0 ? text->source_words : text->target_words, &written[side]);
  }
  bool ok = io_write_file(source, sides[0].at, sides[0].n, err) && io_write_file(target, sides[1].at, sides[1].n, err);
  str_free(&sides[0]);
  str_free(&sides[1]);
  return ok;
}
