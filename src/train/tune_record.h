/* tune_record.h - DIR/tune.json: what a tuning was asked, how its budget is spent, and how long it has taken, for the
 * next run to go on with. */
#ifndef TRAIN_TUNE_RECORD_H
#define TRAIN_TUNE_RECORD_H

#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "train/tune_plan.h"

typedef struct TuneRecord {
  const Json *given; /* config_file_read; borrowed */
  int64_t seed;
  long updates; /* 0: the budget is of time */
  int n_draws, n_folds;
  TunePlan plan;
  int n_begun;    /* rungs, whose updates stand */
  double seconds; /* spent so far */
} TuneRecord;

bool tune_record_write(const TuneRecord *record, const char *path, Err *err);
/* Fills in plan, n_draws and seconds. False, with an error, when path is no such file or was asked something else. */
bool tune_record_read(TuneRecord *record, const char *path, Err *err);

#endif
