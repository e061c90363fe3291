/* corpora.h - which pairs of which files a config trains and validates on (data.valid.split, data.train.pairs). Pure.
 */
#ifndef TRAIN_CORPORA_H
#define TRAIN_CORPORA_H

#include "conf/config.h"
#include "text/pairs.h"

/* Views of the config's paths. */
PairFiles corpora_train(const DataConfig *data);
PairFiles corpora_valid(const DataConfig *data);

#endif
