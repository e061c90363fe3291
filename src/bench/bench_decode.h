/* bench_decode.h - the speed of translating. */
#ifndef BENCH_BENCH_DECODE_H
#define BENCH_BENCH_DECODE_H

#include "base/pool.h"
#include "bench/bench.h"
#include "search/shortlist.h"
#include "search/translator.h"
#include "text/corpus.h"

/* Translates the corpus's source sentences, in batches of like lengths in no order, for about so many seconds on the
 * pool. beam and batch of out are given, the rates are filled in. limit as in BenchOptions; shortlist may be NULL. */
void bench_decode_measure(const Translator *translator, const Corpus *corpus, Pool *pool, int limit,
                          const Shortlist *shortlist, double seconds, BenchDecode *out);

/* Whether each of these sentences can be searched for with a beam of that size. */
bool bench_decode_check(const Config *config, const Corpus *corpus, int beam, int limit, Err *err);

#endif
