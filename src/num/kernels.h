/* kernels.h - the program runs on every processor of its kind: vec.c, heads.c and pack.c are compiled once for each set
 * of instructions (KERNEL_SETS in the Makefile), and what their headers declare calls those of one set. Until one is
 * chosen it is the first, which every such processor has.
 *
 * Results may differ between sets in their last digits, and packed weights in their layout: the choice is made before
 * any of them is called, once a process. */
#ifndef NUM_KERNELS_H
#define NUM_KERNELS_H

#include <stdbool.h>

#include "base/err.h"

/* Takes the set named, or, when name is NULL, the last of the list that the processor has. A name that is not in the
 * list and a set that the processor has not are ERR_USAGE. */
bool kernels_choose(const char *name, Err *err);
/* The set that is called now. */
const char *kernels_name(void);
/* Its floating-point numbers: the name of the first set that gives the same, for some differ in products of 8 bits
 * alone.
 */
const char *kernels_floats(void);
/* Set i of those that were compiled, from the slowest on; NULL behind the last. */
const char *kernels_list(int i);
/* Whether the processor has what set i needs. */
bool kernels_here(int i);

#endif
