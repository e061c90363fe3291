/* work.h - how much a model has to calculate, whatever the way it is done. */
#ifndef NN_WORK_H
#define NN_WORK_H

#include "nn/model_config.h"

/* Multiply-adds of the forward pass in products with weight matrices: encoder and keys for each source token; decoder,
 * queries, readout and output layer for each target token. Embeddings, the decoder's start and what grows with the
 * sentence (q . k, sum a h, the score location) are not counted: about 1 % together. */
ModelWork work_count(const ModelConfig *config);
/* Floating-point operations of training a target token: forward, and twice as much backward; two for a multiply-add. */
double work_train_flops(const ModelWork *work, double source_tokens_per_target_token);

#endif
