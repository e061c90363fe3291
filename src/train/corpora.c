#include "train/corpora.h"

static PairFiles files_of(const CorpusConfig *c) {
  return (PairFiles){.source = c->source, .target = c->target, .tsv = c->tsv, .graph = c->graph};
}

PairFiles corpora_train(const DataConfig *data) {
  PairFiles files = files_of(&data->train);
  files.every = data->valid.split;
  files.fold = data->valid.fold;
  files.most = data->train.pairs;
  return files;
}

/* All that are held out, however few pairs are trained on: variants of data.train.pairs are measured on the same. */
PairFiles corpora_valid(const DataConfig *data) {
  if (data->valid.split == 0) return files_of(&data->valid);
  PairFiles files = files_of(&data->train);
  files.every = data->valid.split;
  files.fold = data->valid.fold;
  files.held_out = true;
  return files;
}
