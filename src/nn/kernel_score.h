/* kernel_score.h - what the scores share that are the logarithm of a kernel of u = w |q - h_i|: their softmax makes
 * Nadaraya-Watson regression of attention. w is learned, one a head, or given and then the same for all. */
#ifndef NN_KERNEL_SCORE_H
#define NN_KERNEL_SCORE_H

#include "nn/attention.h"

/* Declares a width to be learned, which starts as it says for queries of the size that is compared. */
void kernel_score_declare(ParamSet *set, const AttentionSpec *spec, int *params, ParamStart start);
/* [1,heads] */
const Tensor *kernel_score_width(const AttentionRun *run);
/* declare and compare of a kernel of finite reach. */
void kernel_score_reach(ParamSet *set, const AttentionSpec *spec, int *params);
Tensor *kernel_score_compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys, KernelKind kind);

#endif
