/* bench_train.h - the speed of training. */
#ifndef RUN_BENCH_TRAIN_H
#define RUN_BENCH_TRAIN_H

#include "run/bench.h"
#include "run/translator.h"
#include "text/corpus.h"

/* Trains the translator on the corpus, on at most `threads` threads: fills result->train, but for share_of_peak, and
 * result->operations. */
bool bench_train_measure(Translator *translator, const Corpus *corpus, int threads, const BenchEffort *effort,
                         BenchResult *result, Err *err);

#endif
