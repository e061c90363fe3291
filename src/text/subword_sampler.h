/* subword_sampler.h - other ways to spell the same text in pieces of a subword model, drawn at random as
 * regularisation: of a unigram model segmentations with probability proportional to p^alpha (Kudo 2018, eq. 8, over all
 * segmentations instead of the n best), of a bpe model merging that leaves out merges (BPE-dropout, Provilkov et al.
 * 2020). Bytes, and symbols that the user of the library defined, stay as they are.
 *
 * A SubwordSampler belongs to its maker, who frees it; it is const and may be shared by any threads. */
#ifndef TEXT_SUBWORD_SAMPLER_H
#define TEXT_SUBWORD_SAMPLER_H

#include <stdint.h>

#include "base/arena.h"
#include "num/ids.h"
#include "text/sentencepiece.h"
#include "text/vocab.h"

typedef struct SubwordSampler SubwordSampler;

/* vocab: the model's pieces; outlives the sampler. sampling: alpha > 0 of a unigram model, or the part of the merges
 * left out, 0 <= p < 1, of a bpe model; there is no other kind of model that has a choice. */
SubwordSampler *subword_sampler_new(const Sentencepiece *sp, const Vocab *vocab, double sampling);
void subword_sampler_free(SubwordSampler *sampler); /* sampler may be NULL */

/* The most pieces that a drawing of ids can have. */
int subword_sampler_room(const SubwordSampler *sampler, Ids ids);
/* Draws pieces that spell what ids do; unknown ones stay. The same key draws the same. out has room for
 * subword_sampler_room ids; returns how many there are. scratch is used and left as it was. */
int subword_sampler_draw(const SubwordSampler *sampler, Ids ids, uint64_t key, Arena *scratch, int32_t *out);

#endif
