/* train_log.h - the JSON Lines log of a training, one object an event, flushed line by line. One thread. */
#ifndef TRAIN_TRAIN_LOG_H
#define TRAIN_TRAIN_LOG_H

#include "train/train.h"

typedef struct TrainLog TrainLog;
/* True when a log could be opened there; a device or pipe will do, and "-", the standard output. A file that is no log
 * is refused, and the log of another training unless the options let it be replaced or gone on with. */
bool train_log_check(const char *path, const TrainOptions *options, Err *err);
/* False, with an error, when the file holds validations of the first `step` updates that the history does not know. */
bool train_log_is_of(const char *path, const Json *history, long step, Err *err);
/* append: goes on after what stands there. Refuses a file that another process has open as its log. */
TrainLog *train_log_open(const char *path, bool append, Err *err);
/* Once the reader of a pipe has gone, nothing is written and nothing said. */
bool train_log_write(TrainLog *log, const TrainEvent *event, Err *err);
bool train_log_close(TrainLog *log, Err *err); /* log may be NULL */

/* What the lines of a log say of the whole training, over all its runs. */
typedef struct TrainLogSummary {
  double tokens_per_s; /* median of the lines of updates; 0: there are none */
  double seconds;      /* spent training */
} TrainLogSummary;
bool train_log_summary(const char *path, TrainLogSummary *summary, Err *err);

#endif
