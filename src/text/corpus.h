/* corpus.h - a parallel corpus in memory, as token ids.
 *
 * It is read once. For training: corpus_count numbers the tokens of the pairs it keeps in a Counter a side (one and the
 * same for a shared vocabulary), the caller makes vocabularies of the counters or takes given ones, and corpus_map
 * turns the numbers into ids. corpus_load does all of that for vocabularies that are there already.
 *
 * A Corpus belongs to its maker, who frees it; once mapped it never changes but by corpus_draw, and may be shared by
 * any threads. It takes 4 bytes a token and 8.5 a pair, and the text where that is kept. */
#ifndef TEXT_CORPUS_H
#define TEXT_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "nn/model_config.h"
#include "num/ids.h"
#include "text/counter.h"
#include "text/pairs.h"
#include "text/subword_sampler.h"
#include "text/tokenizer.h"
#include "text/vocab.h"
#include "text/warnings.h"

/* A pair as it is read. */
typedef struct CorpusPair {
  long line; /* from 1 */
  const Tokens *source, *target;
  bool kept;
} CorpusPair;

typedef struct CorpusOptions {
  const Tokenizer *source, *target;
  int max_source, max_target; /* tokens without </s>; longer pairs are left out; 0, INT_MAX: no limit */
  ModelRoom room;             /* that a model takes for a pair: too much is an error */
  const char *separator; /* pairs must be a document, this word, a query, and for a target one word of the document;
                            NULL: they may be any */
  const char *longer;    /* the key that would allow longer ones, for when no pair is left; or NULL */
  bool shared;           /* among the ranks of a machine: see corpus_share */
  bool keep_text;        /* keep the text of the pairs, for corpus_text */
  Warnings *warnings;    /* or NULL */
  /* Is told of each pair as it is read, and whether it was kept; false ends reading. NULL: nobody is. */
  bool (*told)(void *ctx, const CorpusPair *pair, Err *err);
  void *ctx;
} CorpusOptions;

/* Tokens of a pair, without <s> and </s>. */
typedef struct PairLength {
  uint32_t source, target;
} PairLength;

typedef struct CorpusStats {
  long n_lines;      /* of the files; 0: not read to their end */
  long n_read;       /* pairs of those that are chosen (pairs.h) */
  long n_empty;      /* left out: a side without tokens */
  long n_long;       /* left out: a side over its limit, none empty */
  long n_unanswered; /* left out: with a separator, what has it not or another target, neither empty nor long */
  int64_t n_source, n_target; /* tokens of the pairs kept */
  int64_t n_unknown_source, n_unknown_target;
} CorpusStats;

typedef struct Corpus Corpus;

/* NULL on failure; a corpus of which no pair is left is one, and a pair that is kept and no model could work on. */
Corpus *corpus_count(const PairFiles *files, const CorpusOptions *options, Counter *source, Counter *target, Err *err);
/* Once, with the counters of corpus_count. */
void corpus_map(Corpus *corpus, const Counter *source, const Vocab *source_vocab, const Counter *target,
                const Vocab *target_vocab);
/* The ranks of a machine (ranks.h), each of which has counted and mapped the same pairs with options->shared, come to
 * read the ids that the first of them has kept; the others kept none. All ranks. warnings: of memory, or NULL. */
void corpus_share(Corpus *corpus, Warnings *warnings);
Corpus *corpus_load(const PairFiles *files, const CorpusOptions *options, const Vocab *source, const Vocab *target,
                    Err *err);
void corpus_free(Corpus *corpus); /* corpus may be NULL */

/* How the tokens of a corpus are drawn anew. */
typedef struct CorpusSampling {
  const SubwordSampler *source, *target; /* NULL: this side stays as it is */
  int max_source, max_target;            /* a pair drawn longer stays as it is; 0: no limit */
  uint64_t seed;
} CorpusSampling;

/* The same pairs, whose tokens corpus_draw changes; until then they are those of base, which is taken over. The
 * samplers outlive it. Shared when base is. */
Corpus *corpus_sampled(Corpus *base, const CorpusSampling *sampling);
/* Draws the tokens of every pair for an epoch: they depend on seed, epoch and pair. Views of pairs and lengths end. A
 * corpus that is not sampled stays as it is. The ranks of a machine that share it draw a part each; all ranks. */
void corpus_draw(Corpus *corpus, Pool *pool, uint64_t epoch);

int corpus_size(const Corpus *corpus);
/* Pair i of a mapped corpus; a view. */
IdPair corpus_pair(const Corpus *corpus, int i);
/* [corpus_size], a view. */
const PairLength *corpus_lengths(const Corpus *corpus);
const CorpusStats *corpus_stats(const Corpus *corpus);
/* Pair i as text, when that was kept: the source line as it was read, and what the target's tokens spell, which is how
 * a model spells its own output, so that the two can be compared. */
Pair corpus_text(const Corpus *corpus, int i);
/* The SHA-256 of what the files hold that the source lines name, as 64 hexadecimal digits and a NUL; false: they are
 * text. */
bool corpus_digest(const Corpus *corpus, char hex[65]);
/* Bytes of heap it holds. */
size_t corpus_bytes(const Corpus *corpus);

#endif
