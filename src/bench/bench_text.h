/* bench_text.h - generated text to measure speed on: sentence lengths like those of Multi30k (13 +- 4 tokens, the
 * target's near the source's), words by Zipf's law, every word there at least once. The same text on every machine. */
#ifndef BENCH_BENCH_TEXT_H
#define BENCH_BENCH_TEXT_H

#include "base/err.h"

typedef struct BenchText {
  int n_pairs;
  int n_source, n_target;         /* tokens of every sentence; 0: varying */
  int source_words, target_words; /* different ones */
} BenchText;

/* Writes the two sides, a sentence a line. */
bool bench_text_write(const BenchText *text, const char *source, const char *target, Err *err);

#endif
