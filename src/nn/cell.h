/* cell.h - the recurrent cells, PyTorch's gate for gate. cell_NAME.c holds the pointwise mathematics of one; see
 * CellDef. */
#ifndef NN_CELL_H
#define NN_CELL_H

#include "ad/op.h"
#include "nn/model_config.h"

/* Of CELL_cgru the GRU that each of its two cells is. */
const CellDef *cell_def(CellKind kind);

#endif
