/* nearly_equal.h - lines that differ from all their references, but from one of them by case or blanks alone: often the
 * sign of a step of preparation that one side lacks.
 *
 * A NearlyEqual belongs to its caller; zero-initialised it has seen nothing, nearly_equal_free ends it. */
#ifndef EVAL_NEARLY_EQUAL_H
#define EVAL_NEARLY_EQUAL_H

#include "eval/metric.h"

typedef struct NearlyEqual {
  long n_lines, by_case, by_blanks, by_both; /* seen; differing by case alone, by blanks alone, only by both */
  Str folded[2], lowered[2];                 /* the hypothesis, a reference */
} NearlyEqual;

void nearly_equal_add(NearlyEqual *n, MetricText hypothesis, const MetricText *references, int n_references);
/* Warns of such lines of the file at path; blanks: those that differ in blanks count too. */
void nearly_equal_tell(const NearlyEqual *n, const char *path, bool blanks, Warnings *warnings);
void nearly_equal_free(NearlyEqual *n);

#endif
