/* regions.h - a source that is not text: instead of a word, each of its positions has a vector of numbers, be it a
 * patch of an image or a row of a matrix. */
#ifndef NUM_REGIONS_H
#define NUM_REGIONS_H

/* A view, owned by whatever read it. */
typedef struct Regions {
  const float *at; /* [n,size], finite */
  int n, size;     /* S >= 1, F */
  int columns;     /* of an image: patches from its left side to its right; 0: a matrix */
} Regions;

#endif
