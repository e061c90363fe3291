/* metric.h - what every metric over lines of text has in common.
 *
 * A metric turns a line and its references into a few numbers, its statistics, and the sums of those over any set of
 * lines into a score: so one reading serves the score and every resampling of lines. A metric is one file NAME.c that
 * defines `const MetricDef NAME_metric`, and one line in metrics.def. */
#ifndef EVAL_METRIC_H
#define EVAL_METRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "text/warnings.h"

/* A view of valid UTF-8 without NUL. */
typedef struct MetricText {
  const char *at;
  size_t n;
} MetricText;

typedef struct MetricLine {
  MetricText hypothesis;
  const MetricText *references; /* [n_references], at least one */
  int n_references;
  const char *hypothesis_path, *reference_path; /* for messages */
  long line;                                    /* from 1 */
} MetricLine;

typedef struct MetricOptions {
  int tokenize;   /* of bleu: index in bleu_tokenizer_names */
  int smooth;     /* of bleu: index in bleu_smooth_names */
  bool lowercase; /* the texts are in lower case already; a metric only says so */
} MetricOptions;

/* One number of a result. */
typedef struct MetricValue {
  const char *name;
  double value; /* percentages as 0 .. 100 */
  int decimals;
} MetricValue;

enum {
  METRIC_VALUES = 3, /* most values a metric gives */
  METRIC_STATS = 24  /* most statistics */
};

typedef struct MetricDef {
  const char *name;  /* as on the command line */
  const char *title; /* as printed */
  int n_stats;
  bool errors; /* the score counts errors: less is better */
  bool links;  /* of links, not of text */
  size_t size; /* of the work memory, zeroed at the start; belongs to one thread */
  /* Fills stats[n_stats] for one line. */
  bool (*measure)(void *work, const MetricOptions *options, const MetricLine *line, double *stats, Err *err);
  /* Fills values from sums of statistics, the score first; returns how many. */
  int (*values)(const MetricOptions *options, const double *sums, MetricValue *values);
  /* Appends `key:value|...`, what the score depends on; NULL: a metric without signature. */
  void (*signature)(Str *out, const MetricOptions *options);
  /* Appends what is printed after the score; NULL: nothing. */
  void (*detail)(Str *out, const MetricOptions *options, const double *sums);
  /* The score of a line alone; NULL: as of all lines. */
  double (*sentence)(const MetricOptions *options, const double *stats);
  /* Warns when the sums speak against the two files; may be NULL. */
  void (*doubt)(const double *sums, const char *hypothesis, const char *reference, Warnings *warnings);
  void (*release)(void *work); /* frees what work owns; may be NULL */
} MetricDef;

enum {
#define METRIC(symbol, name) +1
  N_METRICS = 0
#include "eval/metrics.def"
#undef METRIC
};

/* Metrics chosen, in the order named. */
typedef struct MetricSet {
  const MetricDef *at[N_METRICS];
  int n;
} MetricSet;

/* NULL when no metric has that name. */
const MetricDef *metric_find(const char *name);
/* Reads "NAME,NAME,..."; unknown and repeated names are usage errors. */
bool metric_choose(MetricSet *set, const char *list, Err *err);
/* The first of its values. */
double metric_score(const MetricDef *metric, const MetricOptions *options, const double *sums);
/* The score of one line, from its statistics. */
double metric_sentence(const MetricDef *metric, const MetricOptions *options, const double *stats);

#endif
