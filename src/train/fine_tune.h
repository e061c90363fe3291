/* fine_tune.h - a training that starts from a model file, train.start_from: its weights and vocabularies are taken,
 * with the subword models; counters, history and optimizer begin anew. */
#ifndef TRAIN_FINE_TUNE_H
#define TRAIN_FINE_TUNE_H

#include "search/translator.h"

/* Loads the model that the config starts from; the caller's. The config's `model` and `vocab` must be the file's, but
 * for what matters to training alone (dropout, sampling); each difference is named. Keys that say how a vocabulary is
 * made, vocab.*.{size, min_count, file}, may also be left out: then they become the file's. NULL on failure. */
Translator *fine_tune_open(Config *config, Err *err);
/* Copies the weights of a model to a translator of the same shapes. */
void fine_tune_copy(Translator *translator, const Translator *from);

#endif
