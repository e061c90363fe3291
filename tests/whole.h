/* whole.h - checks of whole models that any part of one can ask for: random weights with opinions, a search against
 * scoring, gradients against differences. */
#ifndef TESTS_WHOLE_H
#define TESTS_WHOLE_H

#include "nn/model.h"

/* A model of the config whose weights are those that training starts from and up to 0.4 more or less, by the seed and
 * the tensor's name. Freed with model_free. */
Model *whole_model(const ModelConfig *config, uint64_t seed);
/* Every entry of n-best lists of beam 4 has the log-probabilities and the weights that it has when it is given. */
void whole_searched_as_scored(Model *model, const Ids *sources, int n);
/* Gradients of the losses of an aim over three pairs at most, with dropout, against central differences. In the double
 * build; nothing else there is to check. */
void whole_gradients(Model *model, const IdPair *pairs, int n, const LossAim *aim);

#endif
