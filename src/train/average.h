/* average.h - checkpoint averaging: the arithmetic mean of the weights of several models (Junczys-Dowmunt, Dwojak and
 * Sennrich 2016). */
#ifndef TRAIN_AVERAGE_H
#define TRAIN_AVERAGE_H

#include <stddef.h>

#include "base/err.h"
#include "base/real.h"
#include "search/translator.h"

/* The mean of blocks of weights, summed in double in the order they are added. Belongs to its caller; average_close
 * ends it. */
typedef struct AverageSum {
  double *sum; /* [size] */
  size_t size;
  int n; /* blocks so far */
} AverageSum;
AverageSum average_open(size_t size);
void average_add(AverageSum *sum, const real *block);
/* mean [size] receives the mean, unless NULL. */
void average_close(AverageSum *sum, real *mean);

/* mean [size of the parameters] receives the mean of a training's newest n checkpoints: the weights in the block
 * `newest`, and n - 1 step files that its history tells of. It is what `attn-seq2seq average` makes of them. */
bool average_steps(const Translator *translator, const real *newest, int n, real *mean, Err *err);
/* Writes to out the mean of the models at paths [n], n >= 1, with config, vocabularies and history of the last. The
 * models must have equal config.model and vocabularies; what differs is named. Models are added in the order of
 * paths. Another file that stands at out is an error unless it may be overwritten. */
bool average_models(const char *const *paths, int n, const char *out, bool overwrite, Err *err);

#endif
