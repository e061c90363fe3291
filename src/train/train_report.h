/* train_report.h - a training as one HTML page that needs nothing else: curves, held-out samples with what was attended
 * to at each validation, the config, a table of validations. Written at each checkpoint and at the end, as a whole.
 *
 * The page keeps its own data: a training that goes on reads them back. A TrainReport belongs to one thread and borrows
 * what it is opened with. */
#ifndef TRAIN_TRAIN_REPORT_H
#define TRAIN_TRAIN_REPORT_H

#include "base/pool.h"
#include "train/heldout.h"
#include "train/train.h"

typedef struct TrainReport TrainReport;

typedef struct TrainReportPlan {
  const char *path;
  HeldoutLinks gold;     /* of the validation pairs; path NULL: none */
  const char *sentences; /* path of the pairs to show (exhibit_list.h), or NULL: some of the validation pairs */
  const Translator *translator;
  Pool *pool;
  const Corpus *valid; /* with its text */
  bool resumed;        /* goes on with the page that stands at path, up to update `step` */
  long step;
} TrainReportPlan;

/* True when path is that of a page and one could be written there; a report that stands there is refused unless it is
 * to be replaced or gone on with, and what is no report always. */
bool train_report_check(const char *path, bool replace, Err *err);
/* Validations of the translator's history that no page tells of are shown without samples. Those of
 * a page that showed other sentences lose theirs. NULL on failure: what stands at path is no report to go on with, or a
 * file of the plan cannot be used. */
TrainReport *train_report_open(const TrainReportPlan *plan, Err *err);
/* Takes in what happened, and writes the page when a checkpoint is made and at the end. report may be NULL. */
bool train_report_event(TrainReport *report, const TrainEvent *event, Err *err);
/* Looks at the samples with the weights in use, for the validation that is told next. report may be NULL. */
void train_report_look(TrainReport *report);
void train_report_close(TrainReport *report); /* report may be NULL */

#endif
