/* compare.h - trains the variants of a config one after another and puts them side by side: DIR/NAME/ holds a variant's
 * model, state, log and report; DIR/table.tsv, DIR/table.json and DIR/index.html what came of all of them.
 * All are measured on the same validation pairs: those that every one of them can read.
 *
 * Nothing here prints. Begun again it goes on where it stopped. */
#ifndef TRAIN_COMPARE_H
#define TRAIN_COMPARE_H

#include "train/train.h"
#include "train/variants.h"

typedef struct CompareOptions {
  const char *config;      /* path */
  const char *const *sets; /* KEY=VALUE, [n_sets], of all variants */
  int n_sets;
  const char *const *varies; /* KEY[,KEY...]=V1,V2,..., [n_varies] */
  int n_varies;
  int n_seeds; /* trainings a variant, with train.seed 1 to n_seeds; 1: with the config's */
  const char *folder;
  const char *gold;      /* path of the links of the validation pairs, or NULL */
  bool from_1;           /* they count from 1 */
  const char *sentences; /* path of the pairs that the page shows (exhibit_list.h), or NULL: some validation pairs */
  bool overwrite;        /* variants begun there with another config begin anew, and other pages are replaced */
  TrainObserver observer;
  Warnings *useless; /* told of keys that no variant has a use for: variants of such a key are the same */
  void (*begin)(void *ctx, const Variant *variant, int i, int n); /* before variant i of n, */
  void (*failed)(void *ctx, const Variant *variant,
                 const char *reason); /* of a training that failed; ctx is observer's */
  const atomic_int *interrupted;
} CompareOptions;

/* table receives the text table of what there is. TRAIN_FAILED with err empty: some variants could not be trained, as
 * `failed` was told; the others are done. Before any training starts every variant's config is checked, with what was
 * begun in the folder; all that are refused are named. */
TrainEnd compare_run(const CompareOptions *options, Str *table, Err *err);

#endif
