/* report.h - what translate and score share: which models they load, how an output is printed, alignments written. For
 * the main thread. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/command.h"
#include "eval/alignment_writer.h"
#include "run/ensemble.h"

typedef enum ReportForm {
  REPORT_TEXT,    /* the output line */
  REPORT_NBEST,   /* as Moses writes n-best lists */
  REPORT_LOGPROB, /* log P */
  REPORT_JSONL    /* an object a line */
} ReportForm;

typedef struct Report {
  ReportForm form;
  bool ranked;             /* entries of n-best lists */
  AlignmentWriter *writer; /* or NULL */
  Str text;
} Report;

/* alignments: path or NULL. */
bool report_open(Report *report, ReportForm form, bool ranked, const char *alignments, Err *err);
/* Prints and writes one output. False also when nobody reads standard output any more: then err stays empty. */
bool report_add(Report *report, const Alignment *a, Err *err);
/* Puts a file of alignments into place if ok, else drops it. */
bool report_close(Report *report, bool ok, Err *err);

/* Loads the models named, or when none is, the one that training writes by default, and sets keys of the first one's
 * config. */
bool report_load(Ensemble *ensemble, const OptionList *models, const OptionList *sets, Err *err);

#endif
