#include "serve/metrics.h"

#include <string.h>

#include "base/mem.h"
#include "base/monitor.h"

static const char *const paths[] = {"/translate", "/score", "/", "/info", "/health", "/metrics", "other"};
static const int statuses[] = {200, 400, 404, 405, 408, 413, 415, 429, 500, 503};
static const double bounds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
enum { N_STATUSES = sizeof statuses / sizeof *statuses, N_BOUNDS = sizeof bounds / sizeof *bounds };

struct Metrics {
  Monitor *monitor; /* of all below */
  long requests[N_METRICS_PATHS][N_STATUSES];
  long within[N_BOUNDS + 1]; /* requests that texts were worked on for, by seconds; the last: longer than all */
  double seconds;
  long n_timed, n_texts, n_batches, n_batched, n_cut;
};

Metrics *metrics_new(void) {
  Metrics *m = mem_zero(1, sizeof *m, "metrics");
  m->monitor = monitor_new();
  return m;
}

void metrics_free(Metrics *m) {
  if (m == NULL) return;
  monitor_free(m->monitor);
  mem_free(m);
}

MetricsPath metrics_path(const char *path) {
  int p = 0;
  while (p < METRICS_OTHER && strcmp(paths[p], path) != 0) p++;
  return (MetricsPath)p;
}

void metrics_request(Metrics *m, MetricsPath path, int status, double seconds, int n_texts) {
  int s = 0, b = 0;
  while (s + 1 < N_STATUSES && statuses[s] != status) s++;
  while (b < N_BOUNDS && seconds > bounds[b]) b++;
  monitor_enter(m->monitor);
  m->requests[path][s]++;
  if (n_texts > 0) {
    m->within[b]++;
    m->seconds += seconds;
    m->n_timed++;
    m->n_texts += n_texts;
  }
  monitor_leave(m->monitor);
}

void metrics_cut(Metrics *m) {
  monitor_enter(m->monitor);
  m->n_cut++;
  monitor_leave(m->monitor);
}

void metrics_batch(Metrics *m, int n_texts) {
  monitor_enter(m->monitor);
  m->n_batches++;
  m->n_batched += n_texts;
  monitor_leave(m->monitor);
}

static void head(Str *out, const char *name, const char *type, const char *help) {
  str_addf(out, "# HELP attn_seq2seq_%s %s\n# TYPE attn_seq2seq_%s %s\n", name, help, name, type);
}

static void number(Str *out, const char *name, const char *type, const char *help, double value) {
  head(out, name, type, help);
  str_addf(out, "attn_seq2seq_%s %.17g\n", name, value);
}

static void add_requests(const Metrics *m, Str *out) {
  head(out, "requests_total", "counter", "Requests answered.");
  for (int p = 0; p < N_METRICS_PATHS; p++)
    for (int s = 0; s < N_STATUSES; s++)
      if (m->requests[p][s] > 0)
        str_addf(out, "attn_seq2seq_requests_total{path=\"%s\",status=\"%d\"} %ld\n", paths[p], statuses[s],
                 m->requests[p][s]);
}

static void add_seconds(const Metrics *m, Str *out) {
  long n = 0;
  head(out, "request_seconds", "histogram", "From the end of a request to its answer, where texts were worked on.");
  for (int b = 0; b < N_BOUNDS; b++) {
    n += m->within[b];
    str_addf(out, "attn_seq2seq_request_seconds_bucket{le=\"%g\"} %ld\n", bounds[b], n);
  }
  str_addf(out, "attn_seq2seq_request_seconds_bucket{le=\"+Inf\"} %ld\n", m->n_timed);
  str_addf(out, "attn_seq2seq_request_seconds_sum %.17g\nattn_seq2seq_request_seconds_count %ld\n", m->seconds,
           m->n_timed);
}

void metrics_add(Metrics *m, Str *out, int n_waiting) {
  monitor_enter(m->monitor);
  add_requests(m, out);
  add_seconds(m, out);
  number(out, "texts_total", "counter", "Texts translated or scored.", (double)m->n_texts);
  number(out, "batches_total", "counter", "Times that waiting texts were taken together.", (double)m->n_batches);
  number(out, "batched_texts_total", "counter", "Texts taken so.", (double)m->n_batched);
  number(out, "cut_answers_total", "counter", "Answers read too slowly, whose connection was ended.", (double)m->n_cut);
  number(out, "waiting_texts", "gauge", "Texts that wait.", n_waiting);
  monitor_leave(m->monitor);
}
