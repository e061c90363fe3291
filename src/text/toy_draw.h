/* toy_draw.h - draws pairs of a toy at random, none twice, in constant memory per pair.
 *
 * A stratum is chosen by weight; its pairs come in the order of a keyed permutation of their numbers (a Feistel network
 * with cycle walking: Black and Rogaway 2002). A stratum that has given all its pairs is not chosen any more. A ToyDraw
 * belongs to its caller and one thread. */
#ifndef TEXT_TOY_DRAW_H
#define TEXT_TOY_DRAW_H

#include "text/toy.h"

typedef struct ToyDraw ToyDraw;

ToyDraw *toy_draw_new(const Toy *toy, uint64_t key);
void toy_draw_free(ToyDraw *draw);
/* Size of the stratum in *size. At most toy_size(toy) calls. */
void toy_draw_next(ToyDraw *draw, int *stratum, uint64_t *index, uint64_t *size);

#endif
