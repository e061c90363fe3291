/* alignment_count.h - how many sentences a file of alignments has, without reading their weights. */
#ifndef EVAL_ALIGNMENT_COUNT_H
#define EVAL_ALIGNMENT_COUNT_H

/* Of a file or folder that alignment_reader.h reads: its matrices, its lines of JSON but for lower entries of n-best
 * lists, the last sentence of its table. 0: not known, as of standard input. */
long alignment_count(const char *path);

#endif
