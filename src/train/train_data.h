/* train_data.h - what a training reads: both corpora, the vocabularies made of them, the fingerprints of the files. */
#ifndef TRAIN_TRAIN_DATA_H
#define TRAIN_TRAIN_DATA_H

#include "search/limits.h"
#include "search/translator.h"
#include "text/corpus.h"
#include "text/coverage.h"
#include "train/guide.h"

/* How the vocabulary of a side fits the validation text. */
typedef struct TrainSide {
  Coverage coverage;
  int n_vectors; /* words that start from a vector of data.embeddings; -1: no file is named */
} TrainSide;

/* How references fit into the length that translations may have. */
typedef struct TrainLimits {
  double ratio; /* translate.max_length_ratio */
  bool raised;  /* it follows from the training text, and is more than usual: with the usual, `usual` would be cut */
  LimitsCount usual, train, valid;
} TrainLimits;

typedef struct TrainData {
  Corpus *train, *valid; /* valid keeps its text; train is drawn anew each epoch where the config says so */
  SubwordSampler *source_sampler, *target_sampler;
  TrainSide source, target;
  TrainLimits limits;
  int n_seen;   /* validation pairs whose source is trained on too (overlap.h) */
  Guide *guide; /* links that attention is to follow, or NULL */
  Json *files;  /* object: path -> SHA-256 of every file read */
} TrainData;

/* Reads the corpora a config names and makes the translator, its weights at their start values. Takes over config.
 * warnings may be NULL. NULL on failure; then data is empty. */
Translator *train_data_read(Config *config, TrainData *data, Warnings *warnings, Err *err);
void train_data_free(TrainData *data);

#endif
