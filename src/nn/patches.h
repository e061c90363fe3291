/* patches.h - what an encoder reads of a source that is not text: x = W f + b of the F numbers of a region, and for a
 * patch of an image row[r] + column[c] besides, both learned (the linear patches of Dosovitskiy et al. 2021, eq. 1).
 * Const once declared. */
#ifndef NN_PATCHES_H
#define NN_PATCHES_H

#include "ad/op.h"
#include "nn/model_config.h"
#include "num/ids.h"
#include "num/rows.h"

typedef struct Patches {
  int weight, bias; /* a part [E,F], a parameter [E] */
  int row, column;  /* parameters [max_side,E] of images; else -1 */
  int size;         /* F */
} Patches;

void patches_declare(Patches *patches, ParamSet *set, const ModelConfig *config);
/* x [N,E] of the rows of sources, all of which have regions. */
Tensor *patches_run(const Patches *patches, Tape *tape, const Rows *rows, const Ids *sources);

#endif
