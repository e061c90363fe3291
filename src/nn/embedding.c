#include "nn/embedding.h"

#include "ad/op.h"

void embedding_rows(Tape *tape, int table, const int32_t *ids, Tensor *dst) {
  if (tape->recording) op_embed(tape, tape_param(tape, table), ids, dst);
  else
    for (int r = 0; r < dst->rows; r++) param_row(tape->params, table, ids[r], tensor_row(dst, r));
}
