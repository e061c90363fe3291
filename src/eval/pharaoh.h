/* pharaoh.h - word alignments of a sentence pair as Pharaoh links: `0-0 1-2 2?1`, source-target, counted from 0; `-` is
 * a sure link, `?` (or `p`, when read) one that is only possible.
 *
 * A PharaohLinks belongs to its caller; zero-initialised it is empty and ready, pharaoh_free ends it. */
#ifndef EVAL_PHARAOH_H
#define EVAL_PHARAOH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

typedef struct PharaohLink {
  int source, target;
  bool sure;
} PharaohLink;

typedef struct PharaohLinks {
  PharaohLink *at;
  int n, cap;
} PharaohLinks;

void pharaoh_add(PharaohLinks *links, PharaohLink link);
/* By source, then target; each pair of positions once, sure if any of its links was. */
void pharaoh_sort(PharaohLinks *links);
/* Replaces links by those of text[0..n), sorted; blanks separate them. path and line are for messages. */
bool pharaoh_parse(PharaohLinks *links, const char *text, size_t n, const char *path, long line, Err *err);
/* Appends the links, separated by blanks, without a line end. */
void pharaoh_print(Str *out, const PharaohLinks *links);
void pharaoh_clear(PharaohLinks *links); /* keeps the memory */
void pharaoh_free(PharaohLinks *links);

#endif
