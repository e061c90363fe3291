/* progress.h - shows a training on stderr: a progress bar on a terminal, else a plain line now and then. Main thread.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>

#include "train/train.h"

typedef struct Progress {
  bool quiet;
  bool terminal;    /* stderr is one */
  bool bar;         /* a bar stands on the current line */
  double shown;     /* seconds of the last bar or line */
  double seconds_0; /* seconds and update at the first update of this run, for the time left */
  long step_0;
  const char *model; /* path, for the closing words */
  bool saved;        /* a checkpoint was written */
} Progress;

/* For TrainObserver.event; ctx is a Progress. */
void progress_event(void *ctx, const TrainEvent *event);
/* For Warnings.warn; ctx is a Progress. */
void progress_warn(void *ctx, const char *text);

#endif
