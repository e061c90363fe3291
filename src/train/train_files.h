/* train_files.h - the files that a training writes, before it starts: whether they can be written, what stands there
 * already, and that no other process is at work on them. */
#ifndef TRAIN_TRAIN_FILES_H
#define TRAIN_TRAIN_FILES_H

#include "base/lock.h"
#include "train/train.h"

typedef struct TrainFiles {
  Lock *model, *report;
} TrainFiles;

/* Checks the paths of model, log and report: each is a file of its own and none that is read. A training, model, log or
 * report that stands there is an error that says how to go on, unless the options let it be resumed or replaced. Locks
 * model and report until train_files_close. Rank 0 does so for all. */
bool train_files_open(TrainFiles *files, const Config *config, const TrainOptions *options, Err *err);
void train_files_close(TrainFiles *files);

#endif
