/* alignment_reader.h - reads back one sentence, or all, of what alignment_writer.h writes: a CSV matrix, a tidy CSV,
 * JSON Lines, or a folder of matrices. Strict: what is not of the form is an error that names file and line.
 *
 * An AlignmentFile owns its texts and weights and belongs to one thread. */
#ifndef EVAL_ALIGNMENT_READER_H
#define EVAL_ALIGNMENT_READER_H

#include <stddef.h>

#include "base/err.h"
#include "eval/alignment.h"
#include "text/region_file.h"
#include "text/tokens.h"

/* Owned. */
typedef struct AlignmentHeads {
  int n;
  HeadName *names;
  float *at;
} AlignmentHeads;

typedef struct AlignmentFile {
  /* id, rank (0: of no list), source, target, weights; of JSON Lines also text, score, log-probabilities, marks
   * and heads, where they stand: else "", NAN, NULL, NULL, false and none. */
  Alignment view;
  Tokens source, target;
  float *weights;
  size_t n_weights, cap;
  const char **names; /* [n_source + n_target] */
  Str text;
  double score;
  double *logprobs;                    /* [n_target] or NULL */
  double *positions;                   /* likewise */
  int *chosen;                         /* likewise */
  double *source_steps, *target_steps; /* [n_source], [n_target] or NULL */
  long window;
  bool *unknown; /* [n_source + n_target] or NULL */
  bool source_cut, target_cut;
  AlignmentHeads heads[N_HEAD_KINDS];
  RegionFile image;
} AlignmentFile;

/* Reads the given sentence, from 1, of path ("-": standard input); 0 means the first. Of a file of
 * one matrix that is sentence 1 and, where its name is made of a number, that number, which is then its id. Of n-best
 * lists the best entry is read. On failure file is empty. */
bool alignment_reader_read(AlignmentFile *file, const char *path, long sentence, Err *err);
/* The same from text[0..n), a file's bytes; name is what messages call it. */
bool alignment_reader_parse(AlignmentFile *file, const char *name, const char *text, size_t n, long sentence, Err *err);

/* Takes an alignment, which is gone when it returns. False ends the reading. */
typedef bool AlignmentVisit(void *ctx, const Alignment *a, Err *err);
/* Hands on all sentences, and all entries of their n-best lists, in the order they stand in. */
bool alignment_reader_all(const char *path, AlignmentVisit *visit, void *ctx, Err *err);
bool alignment_reader_parse_all(const char *name, const char *text, size_t n, AlignmentVisit *visit, void *ctx,
                                Err *err);
void alignment_reader_free(AlignmentFile *file);

#endif
