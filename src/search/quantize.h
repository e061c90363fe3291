/* quantize.h - a model file whose matrices are of 8 bits: a quarter of the size. */
#ifndef SEARCH_QUANTIZE_H
#define SEARCH_QUANTIZE_H

#include <stdbool.h>

#include "base/err.h"

/* Writes to out the model at path with its matrices of products and its embeddings as tensors I8, codes -127 .. 127,
 * each with a tensor NAME.scale F32 [rows] beside it: row r of the matrix is scale[r] times its codes. All else stays
 * as it is. A model that is quantised already or has numbers that are not finite is an error, and another file that
 * stands at out, unless it may be overwritten. */
bool quantize_model(const char *path, const char *out, bool overwrite, Err *err);

#endif
