/* exhibit_list.h - which pairs a page shows: some that are held out, or those of a file.
 *
 * An ExhibitList owns its texts and belongs to its maker; zero-initialised it is empty, exhibit_list_free ends it. */
#ifndef TRAIN_EXHIBIT_LIST_H
#define TRAIN_EXHIBIT_LIST_H

#include "eval/gold.h"
#include "train/heldout.h"

enum { EXHIBIT_LIST_MOST = 100 };

typedef struct ExhibitList {
  Tokens sources, targets;
  int id[EXHIBIT_LIST_MOST];        /* numbers to show them by, from 0: of a held-out pair its place */
  bool held_out[EXHIBIT_LIST_MOST]; /* id is a place among the held-out pairs, so that gold links may be there */
} ExhibitList;

int exhibit_list_count(const ExhibitList *list);
Pair exhibit_list_pair(const ExhibitList *list, int i);
/* The gold links of pair i; NULL when there are none. gold may be NULL. */
const PharaohLinks *exhibit_list_gold(const ExhibitList *list, int i, Gold *gold);
/* False when the list is full. */
bool exhibit_list_add(ExhibitList *list, const Pair *pair, int id, bool held_out);
/* Adds the pairs of a file: a line each, the source, a tab, its translation; or a source alone, of one of the held-out
 * pairs. Blank lines count for nothing. */
bool exhibit_list_read(ExhibitList *list, const char *path, const Heldout *pairs, Err *err);
/* The digest of all texts, as 64 hexadecimal digits and a NUL. */
void exhibit_list_digest(const ExhibitList *list, char hex[65]);
void exhibit_list_free(ExhibitList *list);

#endif
