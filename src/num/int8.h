/* int8.h - products with weights of 8 bits: what pack.h calls for a Pack that is PACK_INT8.
 *
 * A row w of W is stored as codes -127 .. 127 and one scale, max |w| / 127; a row of inputs becomes codes -2047 .. 2047
 * and a scale at each product, for instructions that multiply 16 bits exactly take them as fast as 8. Products of codes
 * are summed in 32 bits, exactly, whatever the set of instructions, and everything else is rounded alike: all sets give
 * the same bytes. A row depends on itself alone.
 *
 * Rows of inputs that codes do not hold, with infinite or undefined numbers, or of no number above 1e-20 or of one
 * above 1e20, are multiplied as they are. A row of weights that is not finite gives NaN; one below 1e-30 counts as
 * zeros. */
#ifndef NUM_INT8_H
#define NUM_INT8_H

#include "num/pack.h"

/* Codes [n] and scale of a row of weights; the scale is NaN, and the codes 0, when the row is not finite. */
void int8_quantise(const real *w, int n, int8_t *codes, real *scale);
/* Bytes of the panels of a matrix [rows, cols] and their scales; how many panels. */
size_t int8_size(int rows, int cols);
int int8_panels(int rows);
/* A pack in int8_size bytes at `at`, 64-byte aligned, that stay the caller's; nothing is filled. */
Pack int8_pack(void *at, int rows, int cols);
/* Fills a panel from rows ids[0 ..) of W, or, when ids is NULL, from those of its own place. */
void int8_fill(const Pack *pack, const PackRows *w, const int32_t *ids, int panel);
/* As pack_forward. */
void int8_forward(const Pack *pack, int m, int n, const real *x, int ldx, PackStart start, real *y, int ldy);

#endif
