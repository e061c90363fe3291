/* toy.h - small parallel corpora made by rule, with gold alignments: for demonstrations, tests and measuring attention.
 *
 * A toy is a finite set of pairs, cut in strata; a stratum is a range of numbers, each of which makes one pair, and no
 * two numbers of a toy make the same source. So pairs are drawn without repetition and without a list of those drawn,
 * and the most that can be asked for is known. Adding a toy is one file and one line in toys.def.
 *
 * A ToyPair belongs to its caller; Toy structs are constants. Different pairs may be made by different threads. */
#ifndef TEXT_TOY_H
#define TEXT_TOY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

typedef struct ToyLink {
  int source, target; /* token positions from 0 */
  bool possible;      /* and not sure */
} ToyLink;

typedef struct ToyPair {
  Str source, target; /* a line each, without its end */
  Str file;           /* instead of a source line: what the file holds that it is to name; empty: the line is text */
  ToyLink *links;     /* [n_links], sorted by source, then target */
  int n_links, cap_links;
  Str graph; /* links between the tokens of the source (graph_line.h), of a toy that has them */
} ToyPair;

typedef struct Toy {
  int n_strata;
  uint64_t (*size)(int stratum);                            /* how many pairs; 0 for one that makes no sense */
  double (*weight)(int stratum);                            /* how often it is drawn, up to a factor */
  void (*make)(int stratum, uint64_t index, ToyPair *pair); /* pair is empty before; index < size(stratum) */
  bool graph;                                               /* has links between source tokens */
} Toy;

int toy_count(void);
/* Name of toy i, in the order of toys.def. */
const char *toy_name(int i);
/* What one sees on it, half a line. */
const char *toy_shows(int i);
/* NULL when there is no such toy. */
const Toy *toy_find(const char *name);
/* Number of distinct sources. */
uint64_t toy_size(const Toy *toy);
/* The largest n that toy_write takes. */
long toy_most(const Toy *toy);

/* Makes one pair; what *pair held is replaced. */
void toy_make(const Toy *toy, int stratum, uint64_t index, ToyPair *pair);
/* Adds the link of one source and one target token; for makers of pairs. */
void toy_link(ToyPair *pair, int source, int target);
/* One that is possible but not sure. */
void toy_link_possible(ToyPair *pair, int source, int target);
void toy_pair_free(ToyPair *pair);

/* Writes FOLDER/{train,valid,test}.{src,tgt,align}, of a toy with a graph .graph too, and FOLDER/config.json: n
 * training pairs, max(n / 20, 100) valid and as many test pairs, no source line twice; files that source lines name
 * stand in FOLDER/images. FOLDER is created when its parent exists. Same arguments, same bytes. An unknown name or an n
 * that is too large is ERR_USAGE. A file of other content that stands there is an error unless it may be overwritten;
 * then none is written. */
bool toy_write(const char *name, const char *folder, long n, uint64_t seed, bool overwrite, Err *err);

#endif
