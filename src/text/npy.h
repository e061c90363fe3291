/* npy.h - matrices as NumPy saves them: format version 1, numbers of four bytes, the lower first ('<f4'), row by row.
 *
 * An Npy is a view of the bytes it was opened on. */
#ifndef TEXT_NPY_H
#define TEXT_NPY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

typedef struct Npy {
  size_t rows, cols;
  const char *at; /* [rows,cols], not aligned */
} Npy;

bool npy_is(const char *at, size_t n);
/* Reads the header of a file's bytes at[0..n); as many bytes as it names follow, no more. name stands before messages.
 */
bool npy_open(Npy *npy, const char *name, const char *at, size_t n, Err *err);
float npy_get(const Npy *npy, size_t i);

#endif
