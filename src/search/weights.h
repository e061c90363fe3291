/* weights.h - the parameters of a model among the tensors of a safetensors file: as this program writes them, or as
 * PyTorch's modules name and store them (doc/DESIGN.md, "Files").
 *
 * Borrows file and strings. Const, for any thread. */
#ifndef SEARCH_WEIGHTS_H
#define SEARCH_WEIGHTS_H

#include "base/str.h"
#include "num/param.h"
#include "num/safetensors.h"

/* What this build writes; every build reads F32 too. */
static const SafeTensorType WEIGHTS_TYPE = REAL_IS_DOUBLE ? SAFETENSORS_F64 : SAFETENSORS_F32;

typedef struct Weights {
  const SafeTensors *file;
  const char *path;   /* for messages */
  const char *prefix; /* stands before every parameter's name */
  /* As torch.nn's modules are stored, too: in_proj_weight [3A,A] as q_proj_weight, k_proj_weight and v_proj_weight
   * [A,A]; biases left out, which are 0 then, all of a kind of a stack or none (bias=False). The bias of the output
   * layer may be left out when `bare_output`. */
  bool modules, bare_output;
  /* A matrix may be I8, codes [rows, cols] as those of num/int8.h, with a tensor NAME.scale F32 [rows] beside it. */
  bool int8;
} Weights;

/* What stands before all names of a model file of somebody else's module: before decoder.embedding.weight, which every
 * model has, or a reader's encoder.embedding.weight; to its own memory (mem_free). */
char *weights_prefix(const SafeTensors *file);
/* The tensor of a name without the prefix; NULL: none. */
const SafeTensor *weights_find(const Weights *weights, const char *name);
/* The name of a tensor without the prefix, or with it when it has none. */
const char *weights_name(const Weights *weights, const SafeTensor *tensor);
/* The shape of p.rank dimensions in which a parameter is stored, `rows` of its rows. */
void weights_shape(const Param *p, int rows, size_t shape[3]);
/* Names every parameter of the set that is missing or does not fit (ERR_FILE); takes no memory for values. */
bool weights_check(const Weights *weights, const ParamSet *set, Err *err);
/* Whether a matrix is I8. */
bool weights_quantised(const Weights *weights);
/* The name of the tensor that has the scales of another. */
void weights_scale_name(Str *out, const char *name);
/* The parameter that a tensor is, or is a part of, or has the scales of; -1: none. */
int weights_param(const Weights *weights, const ParamSet *set, const SafeTensor *tensor);
/* Copies all values, which have been checked, into a block of the set's layout. */
void weights_copy(const Weights *weights, const ParamSet *set, real *block);
/* Lends the set its values (param_lend), which have been checked: they stay in the file where they can be read there.
 * Gives the memory of the others, to be freed with mem_free after the set; NULL: there are none. */
real *weights_lend(const Weights *weights, ParamSet *set);

#endif
