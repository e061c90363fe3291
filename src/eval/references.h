/* references.h - a table that lists several references a source, as pronouncing dictionaries have them.
 *
 * A References belongs to its caller and to one thread. */
#ifndef EVAL_REFERENCES_H
#define EVAL_REFERENCES_H

#include "eval/metric.h"
#include "text/warnings.h"

/* A table of lines SOURCE TAB REFERENCE, SOURCE written without blanks; a source may stand on several lines. */
typedef struct References References;

/* warnings outlives the reader, or is NULL. NULL on failure. */
References *references_load(const char *path, Warnings *warnings, Err *err);
/* The references of a source line, its blanks left out, and their number; NULL when the table has none. Valid until the
 * next call. */
const MetricText *references_find(References *references, const MetricText *source, int *n);
const char *references_path(const References *references);
void references_free(References *references); /* may be NULL */

#endif
