/* link_file.h - files of word alignments as aligners and annotators write them, read sentence by sentence:
 *
 *   0-0 1-2 2?1        Pharaoh links, a line a sentence (eflomal, fast_align, awesome-align); 2p1 is 2?1
 *   7 TAB 0-0 1-2      the same after the sentence's number, which counts up by one (SimAlign)
 *   text ||| 0-0 1-2   the same after what Marian prints before them
 *   0001 1 1 S 1.0     a link a line: sentence, positions from 1, S(ure) or P(ossible), confidence; the last one or two
 *                      may be missing (the shared tasks of 2003 and 2005); position 0 is the null word
 *   .9,.1,0 0,.2,.8    soft alignments of Marian: a row of weights a target token, `</s>` on both sides; a word is
 * linked to the source token of most weight, the lower on a tie, to none where that is `</s>`
 *
 * The first line that is not empty settles the form of a file; a line of another one is an error.
 *
 * A LinkFile belongs to its caller and to one thread. */
#ifndef EVAL_LINK_FILE_H
#define EVAL_LINK_FILE_H

#include "eval/pharaoh.h"
#include "text/warnings.h"

typedef struct LinkFile LinkFile;

/* How many words the sentences of a pair have. */
typedef struct LinkLengths {
  int source, target;
} LinkLengths;

typedef struct LinkFileOptions {
  bool from_1;      /* Pharaoh links count from 1 */
  const char *cure; /* what to do about links that do, for messages: "say --from-1" */
} LinkFileOptions;

/* "-" is standard input; gzip too. warnings outlives the reader, or is NULL. NULL on failure. */
LinkFile *link_file_open(const char *path, const LinkFileOptions *options, Warnings *warnings, Err *err);
/* 1: links are those of the next sentence, sorted, from 0. 0: the end. -1: an error. lengths, if known, or NULL: then
 * links beyond them are an error, but for those of `</s>` where the first line has them, as Marian writes them: these
 * are left out. */
int link_file_next(LinkFile *file, const LinkLengths *lengths, PharaohLinks *links, Err *err);
/* Number of the sentence given last, from 1; after the end, how many there were. */
long link_file_sentence(const LinkFile *file);
/* The line read last. */
long link_file_line(const LinkFile *file);
const char *link_file_path(const LinkFile *file);
/* Sentences without links have no lines, so that there may be more of them after the last. */
bool link_file_sparse(const LinkFile *file);
/* Warns of what was left out, and of links that seem to count from 1. Once, after the last sentence. */
void link_file_tell(const LinkFile *file);
void link_file_close(LinkFile *file); /* file may be NULL */

#endif
