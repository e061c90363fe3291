/* projection.h - the matrices of an attention's pattern: what queries, keys and values are made by, and W_o (Vaswani et
 * al. 2017, section 3.2.2). For attention.c. */
#ifndef NN_PROJECTION_H
#define NN_PROJECTION_H

#include "nn/attention.h"

AttentionProjection projection_declare(ParamSet *set, const AttentionSpec *spec);
/* Fills keys and values, [rows,A] each, from states [rows,D]. */
void projection_keys(const Attention *attention, Tape *tape, const Tensor *states, AttentionKeys *keys);
AttentionSelf projection_self(const Attention *attention, Tape *tape, const Tensor *x);
/* Opens W_o, and W_q unless queries come of attention_self, and their slabs. */
void projection_open(AttentionRun *run, int capacity);
/* q [n,Q] to [n,A]. */
const Tensor *projection_queries(AttentionRun *run, const Tensor *q);

#endif
