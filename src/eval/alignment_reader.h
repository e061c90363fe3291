/* alignment_reader.h - reads back one sentence of what alignment_writer.h writes: a CSV matrix, a tidy CSV, JSON Lines,
 * or a folder of matrices. Strict: what is not of the form is an error that names file and line.
 *
 * An AlignmentFile owns its texts and weights and belongs to one thread. */
#ifndef EVAL_ALIGNMENT_READER_H
#define EVAL_ALIGNMENT_READER_H

#include <stddef.h>

#include "base/err.h"
#include "eval/alignment.h"
#include "text/tokens.h"

typedef struct AlignmentFile {
  Alignment view; /* source, target, weights, id; text "", no log-probabilities */
  Tokens source, target;
  float *weights;
  size_t n_weights, cap;
  const char **names; /* [n_source + n_target] */
} AlignmentFile;

/* Reads the given sentence, from 1, of path ("-": standard input); 0 means the first, and is all that a file of one
 * matrix allows. Of n-best lists the best entry is read. On failure file is empty. */
bool alignment_reader_read(AlignmentFile *file, const char *path, long sentence, Err *err);
/* The same from text[0..n), a file's bytes; name is what messages call it. */
bool alignment_reader_parse(AlignmentFile *file, const char *name, const char *text, size_t n, long sentence, Err *err);
void alignment_reader_free(AlignmentFile *file);

#endif
