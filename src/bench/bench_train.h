/* bench_train.h - the speed of training. */
#ifndef BENCH_BENCH_TRAIN_H
#define BENCH_BENCH_TRAIN_H

#include "bench/bench.h"
#include "search/translator.h"
#include "text/corpus.h"

/* Trains the translator on the corpus, on at most `threads` threads: fills result->train, but for share_of_peak, and
 * result->operations. */
bool bench_train_measure(Translator *translator, const Corpus *corpus, int threads, const BenchEffort *effort,
                         BenchResult *result, Err *err);

#endif
