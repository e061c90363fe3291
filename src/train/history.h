/* history.h - the validations of a training, as model and state keep them: an array of objects with step, epoch, loss
 * and metric, the oldest first. Rows of another form, as a damaged file may have them, are passed over. */
#ifndef TRAIN_HISTORY_H
#define TRAIN_HISTORY_H

#include "base/json.h"

typedef struct HistoryRow {
  long step; /* update; 0: there is no such row */
  int epoch;
  double loss;   /* a target token */
  double metric; /* what train.metric measured */
} HistoryRow;

void history_add(Json *history, const HistoryRow *row);
/* The kth row from the end (0: the last). */
HistoryRow history_at(const Json *history, int k);
/* The first of the rows with this metric that have the least loss. */
HistoryRow history_best(const Json *history, double metric);
/* The first of the rows with the least loss. */
HistoryRow history_least(const Json *history);
/* The first of the rows up to update `step` with the best metric, of these that of least loss; less: the least metric
 * is the best. */
HistoryRow history_top(const Json *history, long step, bool less);
/* Updates between the kth row from the end and the last. */
long history_updates(const Json *history, int k);

#endif
