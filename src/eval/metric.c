#include "eval/metric.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "text/lines.h"

#define METRIC(name) extern const MetricDef name##_metric;
#include "eval/metrics.def"
#undef METRIC

static const MetricDef *const metrics[] = {
#define METRIC(name) &name##_metric,
#include "eval/metrics.def"
#undef METRIC
};

static const MetricDef *find(const char *name, Err *err) {
  const char *names[N_METRICS];
  Str all = {0};
  const MetricDef *found = NULL;
  for (int i = 0; i < N_METRICS; i++) {
    names[i] = metrics[i]->name;
    str_addf(&all, "%s%s", i > 0 ? ", " : "", names[i]);
    if (strcmp(names[i], name) == 0) found = metrics[i];
  }
  const char *near = str_nearest(name, names, N_METRICS);
  if (found == NULL && near != NULL)
    (void)err_set(err, ERR_USAGE, "\"%s\" is not a metric; did you mean \"%s\"? There are: %s", name, near,
                  str_text(&all));
  else if (found == NULL) (void)err_set(err, ERR_USAGE, "\"%s\" is not a metric; there are: %s", name, str_text(&all));
  str_free(&all);
  return found;
}

static bool choose_one(MetricSet *set, const char *name, Err *err) {
  const MetricDef *metric = find(name, err);
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

/* Two files being read side by side. */
typedef struct Reading {
  Lines *hypothesis, *reference;
  const MetricSet *set;
  void *states[N_METRICS];
} Reading;

static bool count_rest(Lines *lines, Err *err) {
  const char *line;
  size_t n;
  int got;
  do got = lines_next(lines, &line, &n, err);
  while (got == 1);
  return got == 0;
}

/* One of the files has ended before the other. */
static bool unequal(Reading *r, Err *err) {
  if (!count_rest(r->hypothesis, err) || !count_rest(r->reference, err)) return false;
  return err_set(
      err, ERR_FILE, "%s: %ld lines, %s: %ld lines; each line of the one is compared with the same line of the other",
      lines_path(r->hypothesis), lines_number(r->hypothesis), lines_path(r->reference), lines_number(r->reference));
}

static bool take_pair(Reading *r, const MetricPair *pair, Err *err) {
  for (int i = 0; i < r->set->n; i++)
    if (!r->set->at[i]->add(r->states[i], pair, err)) return false;
  return true;
}

static bool take_all(Reading *r, Err *err) {
  MetricPair pair = {.hypothesis.path = lines_path(r->hypothesis), .reference.path = lines_path(r->reference)};
  for (;;) {
    int h = lines_next(r->hypothesis, &pair.hypothesis.at, &pair.hypothesis.n, err);
    int f = h < 0 ? h : lines_next(r->reference, &pair.reference.at, &pair.reference.n, err);
    if (h < 0 || f < 0) return false;
    if (h != f) return unequal(r, err);
    if (h == 0) break;
    pair.line++;
    if (!take_pair(r, &pair, err)) return false;
  }
  return pair.line > 0 || err_set(err, ERR_FILE, "%s and %s have no lines; there is nothing to compare",
                                  pair.hypothesis.path, pair.reference.path);
}

static void report_all(const Reading *r, MetricReport *report) {
  report->n = 0;
  for (int i = 0; i < r->set->n; i++) report->n += r->set->at[i]->values(r->states[i], report->at + report->n);
}

static void release(Reading *r) {
  for (int i = 0; i < r->set->n; i++) {
    if (r->set->at[i]->release != NULL) r->set->at[i]->release(r->states[i]);
    mem_free(r->states[i]);
  }
  lines_close(r->hypothesis);
  lines_close(r->reference);
}

bool metric_run(const MetricSet *set, const char *hypothesis, const char *reference, Warnings *warnings,
                MetricReport *report, Err *err) {
  if (strcmp(hypothesis, "-") == 0 && strcmp(reference, "-") == 0)
    return err_set(err, ERR_USAGE, "only one of the two files can be standard input (\"-\")");
  Reading r = {.set = set};
  for (int i = 0; i < set->n; i++) r.states[i] = mem_zero(1, set->at[i]->size, "metric");
  r.hypothesis = lines_open(hypothesis, warnings, err);
  if (r.hypothesis != NULL) r.reference = lines_open(reference, warnings, err);
  bool ok = r.reference != NULL && take_all(&r, err);
  if (ok) report_all(&r, report);
  release(&r);
  return ok;
}

void metric_print(Str *out, const MetricReport *report) {
  for (int i = 0; i < report->n; i++)
    str_addf(out, "%s = %.*f\n", report->at[i].name, report->at[i].decimals, report->at[i].value);
}

void metric_print_json(Str *out, const MetricReport *report) {
  Json *json = json_new_object();
  for (int i = 0; i < report->n; i++) json_set(json, report->at[i].name, json_new_number(report->at[i].value));
  json_print(out, json, false);
  str_addc(out, '\n');
  json_free(json);
}
