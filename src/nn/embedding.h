/* embedding.h - rows of an embedding, a table of parameters (param_table). */
#ifndef NN_EMBEDDING_H
#define NN_EMBEDDING_H

#include "ad/tape.h"

/* dst [n,E] = rows ids[0 .. n) of the table [V,E]. */
void embedding_rows(Tape *tape, int table, const int32_t *ids, Tensor *dst);

#endif
