/* pgm.h - grey images in the PGM forms of netpbm, P2 (numbers) and P5 (bytes; two of them, the higher first, where the
 * greatest value is over 255), pixel by pixel.
 *
 * A Pgm is a view of the bytes it was opened on; it belongs to one thread. */
#ifndef TEXT_PGM_H
#define TEXT_PGM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { PGM_MOST_SIDE = 65536 };

typedef struct Pgm {
  int width, height; /* 1 .. PGM_MOST_SIDE */
  int most;          /* the value of white, 1 .. 65535 */
  bool plain;        /* P2 */
  const char *name;  /* for messages */
  const char *at, *end;
} Pgm;

/* Reads the header of a file's bytes at[0..n), and checks that there are as many bytes behind it as its pixels take at
 * least. name stands before messages. */
bool pgm_open(Pgm *pgm, const char *name, const char *at, size_t n, Err *err);
/* The next pixel, from left to right and from the top, from 0 (black) to 1. As many as width times height. */
bool pgm_next(Pgm *pgm, float *value, Err *err);
/* After the last pixel: that nothing follows. */
bool pgm_close(const Pgm *pgm, Err *err);

#endif
