/* alignment_writer.h - writes the alignments of a run to PATH, whose form follows from its end: a folder (`DIR/`, or
 * one that exists) gets a CSV matrix a sentence, 000001.csv (000001.2.csv for the second entry of an n-best list);
 * `.csv` is one tidy file, `.jsonl` an object a line, `.txt` Pharaoh links.
 *
 * Nothing is seen at a single file's PATH before alignment_writer_close; the files of a folder appear whole, one by
 * one, and at the close a folder named with a slash at its end loses those of an earlier run. A writer belongs to its
 * caller and to one thread. */
#ifndef EVAL_ALIGNMENT_WRITER_H
#define EVAL_ALIGNMENT_WRITER_H

#include <stdbool.h>

#include "base/err.h"
#include "eval/alignment.h"

typedef struct AlignmentWriter AlignmentWriter;

/* True when path has one of the four forms; else a usage error. Touches nothing. */
bool alignment_writer_check(const char *path, Err *err);
/* True when path, which may be NULL, is of JSON Lines. */
bool alignment_writer_is_jsonl(const char *path);
/* Makes the folder of path when only that level is missing. ranked: entries of n-best lists, N > 1. NULL on failure. */
AlignmentWriter *alignment_writer_open(const char *path, bool ranked, Err *err);
/* True when it writes Pharaoh links. */
bool alignment_writer_links(const AlignmentWriter *writer);
/* Outputs come in the order they are to stand in. */
bool alignment_writer_add(AlignmentWriter *writer, const Alignment *a, Err *err);
/* Puts a single file into place. Frees writer, also on failure. */
bool alignment_writer_close(AlignmentWriter *writer, Err *err);
/* Drops what was written to a single file. Frees writer, which may be NULL. */
void alignment_writer_abandon(AlignmentWriter *writer);

#endif
