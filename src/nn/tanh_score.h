/* tanh_score.h - what the scores v . tanh(q' + k'_i) share, additive and concat: q' the query and k'_i an encoder
 * state, both projected to size A and, with layer normalisation, normalised. With coverage C the sum is q' + k'_i + C_i
 * w (Tu et al. 2016, section 3.2). The k'_i are computed once a batch. */
#ifndef NN_TANH_SCORE_H
#define NN_TANH_SCORE_H

#include "nn/attention.h"

/* Places of the score's parameters; a part of a matrix counts as one. */
enum { TANH_QUERY, TANH_KEY, TANH_V, TANH_BIAS, N_TANH_PARAMS };

/* TANH_BIAS, the bias of the keys, may be -1: none. */
Tensor *tanh_score_keys(AttentionRun *run);
void tanh_score_open(AttentionRun *run, int capacity);
Tensor *tanh_score(AttentionRun *run, const Look *look, const Tensor *q);
void tanh_score_work(const AttentionDims *dims, ModelWork *work);

#endif
