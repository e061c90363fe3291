/* region_file.h - the files that stand for source lines where the source is not text: PGM images, cut into square
 * patches from left to right and from the top, and matrices, .npy or CSV, a region a row.
 *
 * Sizes are checked before memory is taken. A RegionFile belongs to its caller and to one thread; zero-initialised it
 * is empty and ready, memory is used again for the next file, region_file_free ends it. */
#ifndef TEXT_REGION_FILE_H
#define TEXT_REGION_FILE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "num/regions.h"

enum { REGION_FILE_MOST = 1 << 26 }; /* numbers of a file */

/* Which files a model reads: keys of the same names in model.encoder. */
typedef struct RegionForm {
  int patch;    /* pixels to a side of a patch, of images; 0: matrices */
  int features; /* columns of a matrix, where patch is 0 */
  int max_side; /* patches along a side of an image at most */
} RegionForm;

typedef struct RegionFile {
  Regions regions; /* n = 0: none */
  float *at;       /* [cap] */
  size_t cap;
} RegionFile;

/* Reads a file's bytes at[0..n), at[n] being 0. name stands before messages. Pixels are 0 (black) to 1 and those that
 * the last patches lack 0. */
bool region_file_parse(RegionFile *file, const RegionForm *form, const char *name, const char *at, size_t n, Err *err);
bool region_file_read(RegionFile *file, const RegionForm *form, const char *path, Err *err);
/* Appends what position i is called: r2c5, the fifth patch of the second row; of a matrix the number of the row, from
 * 1. */
void region_file_label(Str *out, const Regions *regions, int i);
void region_file_free(RegionFile *file);

#endif
