/* tune_result.h - what came of a tuning: the variants that the comparison's table and page are made of, the best
 * config, and a few lines. Pure functions. */
#ifndef TRAIN_TUNE_RESULT_H
#define TRAIN_TUNE_RESULT_H

#include "train/compare_result.h"
#include "train/tune_plan.h"
#include "train/tune_space.h"

/* How a draw stands after a rung: means over the folds that the rung has. */
typedef struct TuneScore {
  bool known;
  double metric, loss;
} TuneScore;

typedef struct TuneStanding {
  const TuneDraw *draws; /* [n] */
  int n, n_folds;
  const TunePlan *plan;
  const CompareRow *rows; /* [n * n_folds] */
  const bool *alive;      /* [n] go on to the rung at hand */
  const MetricDef *metric;
  const Json *given; /* the config's keys as its writer has them */
  long n_pairs;      /* of training text */
  int unit;          /* sentences of a batch of the config as it is; 0: its batches are of tokens */
} TuneStanding;

/* Variants of a comparison: a column for every key in which draws differ, folds in the place of seeds. */
void tune_result_variants(Variants *variants, const TuneStanding *standing);
/* Updates that a draw has made at the end of a rung. */
long tune_result_updates(const TuneStanding *standing, int draw, int rung);
/* KEY=VALUEs that a draw is trained with besides its own: train.updates, and where they are open train.epochs and
 * train.validate_every. Appends them to list, which grows to *n. */
void tune_result_lengths(const TuneStanding *standing, int draw, int rung, char ***list, int *n);
TuneScore tune_result_score(const TuneStanding *standing, int draw, int rung);
/* Whether a is better than b: a better metric, or a less loss. */
bool tune_result_is_better(const TuneStanding *standing, TuneScore a, TuneScore b);

/* The config of a draw after that rung as `train` takes it, with "$comment" saying why. */
void tune_result_config(Str *out, const TuneStanding *standing, int draw, int rung);
/* The draws that are alive, the best after the rung first, with what each has otherwise than the config as it is. */
void tune_result_text(Str *out, const TuneStanding *standing, int draw, int rung);

#endif
