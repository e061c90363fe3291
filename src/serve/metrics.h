/* metrics.h - what a service has done so far, as Prometheus reads it (text format 0.0.4).
 *
 * Shared by threads that count; it belongs to who made it. */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H

#include "base/str.h"

typedef enum MetricsPath {
  METRICS_TRANSLATE,
  METRICS_SCORE,
  METRICS_PAGE,
  METRICS_INFO,
  METRICS_HEALTH,
  METRICS_METRICS,
  METRICS_OTHER,
  N_METRICS_PATHS
} MetricsPath;

typedef struct Metrics Metrics;
Metrics *metrics_new(void);
void metrics_free(Metrics *metrics);
/* The one of that text, or METRICS_OTHER. */
MetricsPath metrics_path(const char *path);
/* A request was answered with this status, so many seconds after it had come; 0 texts where none were worked on. */
void metrics_request(Metrics *metrics, MetricsPath path, int status, double seconds, int n_texts);
/* An answer was read too slowly. */
void metrics_cut(Metrics *metrics);
/* So many texts were worked on together. */
void metrics_batch(Metrics *metrics, int n_texts);
/* Appends all of it, and how many texts wait. */
void metrics_add(Metrics *metrics, Str *out, int n_waiting);

#endif
