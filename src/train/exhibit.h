/* exhibit.h - held-out pairs on show: what a model translates each to, what it attends to in doing so, and what it
 * attends to in giving the reference.
 *
 * An Exhibit is room for showing pairs; it belongs to one thread, which is not inside a pool_run, and borrows the
 * translator, whose weights may change between calls, and the pool. */
#ifndef TRAIN_EXHIBIT_H
#define TRAIN_EXHIBIT_H

#include "eval/pharaoh.h"
#include "search/translator.h"
#include "text/batch.h"
#include "text/pairs.h"

enum { EXHIBITS = 6 };

/* Chooses up to EXHIBITS of n pairs, spread over all, of lengths that a page has room for where there are such. Fills
 * index with their places by rising place; returns how many. */
int exhibit_choose(const PairLength *lengths, int n, int index[EXHIBITS]);

typedef struct Exhibit Exhibit;
Exhibit *exhibit_new(const Translator *translator, Pool *pool);
void exhibit_free(Exhibit *exhibit); /* NULL is allowed */
/* Appends a pair as a sentence of heatmap_json.h with two outputs: the greedy translation and the reference. Of
 * subwords both are grouped into words. A side that is empty, a source with more positions than the model has, or
 * one that names a file which is gone, gives null. gold: NULL, or links to show. */
void exhibit_add(Exhibit *exhibit, Str *out, int id, const Pair *pair, const PharaohLinks *gold);

#endif
