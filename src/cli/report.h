/* report.h - what translate and score share: which models they load, how an output is printed, alignments written. For
 * the main thread. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/command.h"
#include "eval/alignment_writer.h"
#include "eval/heatmap_terminal.h"
#include "eval/heatmap_writer.h"
#include "eval/word_alignment.h"
#include "search/ensemble.h"
#include "text/word_form.h"

typedef enum ReportForm {
  REPORT_TEXT,    /* the output line */
  REPORT_NBEST,   /* as Moses writes n-best lists */
  REPORT_LOGPROB, /* log P */
  REPORT_JSONL,   /* an object a line */
  REPORT_NOTHING  /* is printed; alignments and heatmaps may be written */
} ReportForm;

/* What the rows and columns of alignments are. */
typedef enum ReportUnits {
  REPORT_USUAL, /* words in Pharaoh links and heatmaps, tokens elsewhere */
  REPORT_WORDS,
  REPORT_TOKENS
} ReportUnits;
extern const char *const report_units[]; /* the words of an option, in this order */

extern const char *const report_precision[]; /* the words of an option, in the order of Precision */

/* What JSON and pages tell of attention besides. */
enum { REPORT_ALIGNMENT, REPORT_HEADS };
extern const char *const report_attention[]; /* the words of an option, in this order */

/* What is to be made of outputs. */
typedef struct ReportPlan {
  ReportForm form;
  bool ranked;              /* entries of n-best lists */
  bool show;                /* a heatmap under each line */
  const char *alignments;   /* path, or NULL */
  const char *heatmaps;     /* folder, or NULL */
  const OptionList *models; /* as given, for titles */
  ReportUnits units;
  bool source_pieces, target_pieces; /* tokens are pieces of words */
} ReportPlan;

typedef struct Report {
  ReportPlan plan;
  HeatmapTerminal terminal; /* to show in */
  AlignmentWriter *writer;  /* or NULL */
  HeatmapWriter *heatmaps;  /* or NULL */
  WordAlignment words, drawn;
  WordForm source, target; /* of the words that links are of */
  Str text;
} Report;

/* Says what the tokens of a model are, and warns where its units cannot be had of them. */
void report_pieces(ReportPlan *plan, const Translator *translator);
/* Whether what the option --attention of a command asks for can be told, in JSON or on a page, of a single model; else
 * a usage error. */
bool report_check_attention(int attention, const ReportPlan *plan, const char *command, Err *err);
bool report_open(Report *report, const ReportPlan *plan, Err *err);
/* Prints and writes one output. False also when nobody reads standard output any more: then err stays empty. */
bool report_add(Report *report, const Alignment *a, Err *err);
/* Puts a file of alignments and a page of heatmaps into place if ok, else drops them. */
bool report_close(Report *report, bool ok, Err *err);

/* Loads the models named, or when none is, the one that training writes by default, and sets keys of the first one's
 * config. */
bool report_load(Ensemble *ensemble, const OptionList *models, const OptionList *sets, Precision precision, Err *err);

#endif
