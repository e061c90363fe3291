/* metric_input.h - the files that metrics are taken over, line by line: outputs of systems, references, and the source.
 *
 * Links (MetricDef.links) are read in any form that link_file.h knows and handed on as Pharaoh links from 0.
 *
 * A MetricInput belongs to its caller and to one thread. */
#ifndef EVAL_METRIC_INPUT_H
#define EVAL_METRIC_INPUT_H

#include "eval/metric.h"

/* Paths; "-", for one of them, is standard input. */
typedef struct MetricFiles {
  const char *hypothesis;
  const char *rival;             /* another system's output, or NULL */
  const char *const *references; /* [n_references], line by line; or none, and: */
  int n_references;
  const char *table;  /* see references.h; wants the source */
  const char *source; /* the lines translated, or NULL */
  const char *target; /* with source: the texts that links are between, or NULL */
} MetricFiles;

typedef enum MetricSystem { METRIC_SYSTEM, METRIC_RIVAL, N_METRIC_SYSTEMS } MetricSystem;

typedef struct MetricInput MetricInput;

/* links: the files are of links; from_1: those of references count from 1. warnings outlives the reader, or is NULL.
 * NULL on failure. */
MetricInput *metric_input_open(const MetricFiles *files, bool links, bool from_1, Warnings *warnings, Err *err);
/* 1: a line of every file. 0: the end of all. -1: an error. */
int metric_input_next(MetricInput *input, Err *err);
long metric_input_number(const MetricInput *input); /* of the line given last, from 1; after the end, of lines */
/* Views of the present line, valid until the next; the source is empty when there is none. */
MetricText metric_input_output(const MetricInput *input, MetricSystem system);
MetricText metric_input_source(const MetricInput *input);
/* Points line at the references, and fills in its number and the reference's path. */
bool metric_input_references(MetricInput *input, MetricLine *line, Err *err);
const char *metric_input_path(const MetricInput *input, MetricSystem system);
/* Warns of what was noticed in files of links. Once, after the last line. */
void metric_input_tell(const MetricInput *input);
void metric_input_close(MetricInput *input); /* may be NULL */

#endif
