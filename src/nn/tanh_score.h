/* tanh_score.h - what the scores v . tanh(q' + k'_i) share, additive and concat: q' the query and k'_i an encoder
 * state, both projected to size A and, with layer normalisation, normalised. With coverage C the sum is q' + k'_i + C_i
 * w (Tu et al. 2016, section 3.2), with filters F over the weights of the step before q' + k'_i + U (F * a_{t-1})_i
 * (Chorowski et al. 2015, eq. 8 and 9). The k'_i are computed once a batch. Each head has its part of v. */
#ifndef NN_TANH_SCORE_H
#define NN_TANH_SCORE_H

#include "nn/attention.h"

/* Places of the score's parameters; a part of a matrix counts as one. TANH_BIAS, of the keys, may be -1: none. */
enum { TANH_QUERY, TANH_KEY, TANH_V, TANH_BIAS, N_TANH_PARAMS };

const Tensor *tanh_score_keys(const Attention *attention, Tape *tape, const Tensor *states);
void tanh_score_open(AttentionRun *run, int capacity);
const Tensor *tanh_score_queries(AttentionRun *run, const Tensor *q);
Tensor *tanh_score_compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys);

#endif
