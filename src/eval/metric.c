#include "eval/metric.h"

#include <string.h>

#include "base/mem.h"

#define METRIC(symbol, name) extern const MetricDef symbol##_metric;
#include "eval/metrics.def"
#undef METRIC

static const MetricDef *const metrics[] = {
#define METRIC(symbol, name) &symbol##_metric,
#include "eval/metrics.def"
#undef METRIC
};

const MetricDef *metric_find(const char *name) {
  for (int i = 0; i < N_METRICS; i++)
    if (strcmp(metrics[i]->name, name) == 0) return metrics[i];
  return NULL;
}

static void set_unknown(const char *name, Err *err) {
  const char *names[N_METRICS];
  Str all = {0};
  for (int i = 0; i < N_METRICS; i++) {
    names[i] = metrics[i]->name;
    str_addf(&all, "%s%s", i > 0 ? ", " : "", names[i]);
  }
  const char *near = str_nearest(name, names, N_METRICS);
  if (near != NULL)
    (void)err_set(err, ERR_USAGE, "\"%s\" is not a metric; did you mean \"%s\"? There are: %s", name, near,
                  str_text(&all));
  else (void)err_set(err, ERR_USAGE, "\"%s\" is not a metric; there are: %s", name, str_text(&all));
  str_free(&all);
}

static bool choose_one(MetricSet *set, const char *name, Err *err) {
  const MetricDef *metric = metric_find(name);
  if (metric == NULL) set_unknown(name, err);
  if (metric == NULL) return false;
  for (int i = 0; i < set->n; i++)
    if (set->at[i] == metric) return err_set(err, ERR_USAGE, "the metric \"%s\" is named twice", name);
  set->at[set->n++] = metric;
  return true;
}

bool metric_choose(MetricSet *set, const char *list, Err *err) {
  *set = (MetricSet){0};
  bool ok = true;
  for (const char *at = list; ok && at != NULL;) {
    const char *comma = strchr(at, ',');
    char *name = mem_text(at, comma != NULL ? (size_t)(comma - at) : strlen(at));
    ok = choose_one(set, name, err);
    mem_free(name);
    at = comma != NULL ? comma + 1 : NULL;
  }
  return ok;
}

double metric_score(const MetricDef *metric, const MetricOptions *options, const double *sums) {
  MetricValue values[METRIC_VALUES];
  (void)metric->values(options, sums, values);
  return values[0].value;
}

double metric_sentence(const MetricDef *metric, const MetricOptions *options, const double *stats) {
  return metric->sentence != NULL ? metric->sentence(options, stats) : metric_score(metric, options, stats);
}
