/* norm.h - layer normalisation (Ba et al. 2016) at one place of a model: its gain and bias. */
#ifndef NN_NORM_H
#define NN_NORM_H

#include "ad/op.h"
#include "nn/model_config.h"

typedef struct Norm {
  bool on;
  int gain, bias; /* parameters [size] */
  int groups;     /* equal parts of a row, each normalised by itself: the gates of a cell */
} Norm;

/* Declares NAME.weight, which starts at 1, and NAME.bias. */
Norm norm_declare(ParamSet *set, const char *name, int size, ParamStart bias, int groups);
/* Its tensors, on the tape's arena; NULL when it is off. */
const LayerNorm *norm_tensors(const Norm *norm, Tape *tape);
/* dst = x normalised; norm is on. */
void norm_apply(const Norm *norm, Tape *tape, const Tensor *x, Tensor *dst);
/* The same into a new tensor. */
const Tensor *norm_new(const Norm *norm, Tape *tape, const Tensor *x);

#endif
