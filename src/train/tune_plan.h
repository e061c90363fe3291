/* tune_plan.h - how a budget is spent on draws: successive halving (Jamieson and Talwalkar 2016, algorithm 1), which
 * trains all a little, the better third three times as long, and so on. Pure functions.
 *
 * Updates are those of the config's own batch size; a draw of half that size makes twice as many. */
#ifndef TRAIN_TUNE_PLAN_H
#define TRAIN_TUNE_PLAN_H

#include <stdbool.h>

/* Rungs of a plan, and with those that time allows in the end; draws that are kept whatever they come to. */
enum { TUNE_PLAN_RUNGS = 4, TUNE_PLAN_MOST = 6, TUNE_PLAN_KEPT = 2 };

typedef struct TuneRung {
  int n_draws;  /* of which TUNE_PLAN_KEPT may stand there without having won it */
  int n_folds;  /* each is trained on */
  long updates; /* of each training so far, this rung's included; a multiple of the first rung's */
} TuneRung;

typedef struct TunePlan {
  TuneRung rungs[TUNE_PLAN_MOST];
  int n_rungs;
} TunePlan;

/* budget: updates of all trainings together, >= 1. n_folds >= 1: the last rung's; earlier ones have fewer. */
TunePlan tune_plan_make(long budget, int n_folds);
/* Updates of all trainings from a rung on. */
double tune_plan_cost(const TunePlan *plan, int rung);
/* What an update takes in all trainings that are at the rung, and what is left, in seconds of one training: from the
 * rung on each is made as much longer than the one before, between 1.5 and 6 times, as fits. False: 1.5 is too much. */
bool tune_plan_fit(TunePlan *plan, int rung, double seconds, double left);
/* One rung more for the best draw and those that are kept, if it fits; seconds are of all draws of the last. */
bool tune_plan_more(TunePlan *plan, double seconds, double left);

#endif
