#include "eval/metric_report.h"

static void print_p(Str *out, const MetricResult *r) {
  if (r->p > 0) str_addf(out, "p = %.*f", r->n_samples > 10000 ? 7 : 4, r->p);
  else str_addf(out, "p < %.3g", 1.0 / r->n_samples);
}

/* Which of the two systems is the better one, by how much. */
static void print_rival(Str *out, const MetricReport *report, const MetricResult *r, int decimals) {
  double difference = r->values[0].value - r->rival_score;
  bool better = r->metric->errors ? difference < 0 : difference > 0;
  str_addf(out, "%s of %s = %.*f (%s - %s = %+.*f: ", r->metric->title, r->rival, decimals, r->rival_score,
           report->hypothesis, r->rival, decimals, difference);
  if (difference == 0) str_adds(out, "no difference, ");
  else str_addf(out, "%s is better, ", better ? report->hypothesis : r->rival);
  print_p(out, r);
  str_adds(out, ")\n");
}

enum { SHOWN = 60 }; /* bytes of a line */

static void print_baselines(Str *out, const MetricReport *report, const MetricResult *r, int decimals) {
  const char *title = r->metric->title;
  if (r->has_copy) str_addf(out, "%s of the source copied = %.*f\n", title, decimals, r->copy);
  if (!r->has_commonest) return;
  size_t n = report->commonest.n;
  while (n > SHOWN && (n > SHOWN + 3 || (report->commonest.at[n] & 0xC0) == 0x80)) n--;
  str_addf(out, "%s of the most frequent reference = %.*f (\"%.*s%s\", %d times on %ld lines)\n", title, decimals,
           r->commonest, (int)n, str_text(&report->commonest), n < report->commonest.n ? "..." : "",
           report->n_commonest, report->n_lines);
}

static void print_result(Str *out, const MetricReport *report, const MetricResult *r, int width) {
  for (int i = 0; i < r->n_values; i++) {
    const MetricValue *v = &r->values[i];
    int decimals = width < 0 ? v->decimals : width;
    str_adds(out, v->name);
    if (i == 0 && r->signature.n > 0) str_addf(out, "|%s", r->signature.at);
    str_addf(out, " = %.*f", decimals, v->value);
    if (i == 0 && r->has_confidence)
      str_addf(out, " (\xCE\xBC = %.*f \xC2\xB1 %.*f)", decimals, r->mean, decimals, r->half_width);
    if (i == 0 && r->detail.n > 0) str_addf(out, " %s", r->detail.at);
    str_addc(out, '\n');
  }
  int decimals = width < 0 ? r->values[0].decimals : width;
  if (r->rival != NULL) print_rival(out, report, r, decimals);
  print_baselines(out, report, r, decimals);
}

void metric_report_print(Str *out, const MetricReport *report, int width) {
  for (int i = 0; i < report->n; i++) print_result(out, report, &report->at[i], width);
}

/* Sets NAME_suffix. */
static void set(Json *json, const char *name, const char *suffix, Json *value) {
  Str key = {0};
  str_addf(&key, "%s_%s", name, suffix);
  json_set(json, str_text(&key), value);
  str_free(&key);
}

static void set_result(Json *json, const MetricResult *r) {
  const char *name = r->metric->name;
  json_set(json, name, json_new_number(r->values[0].value));
  for (int i = 1; i < r->n_values; i++) json_set(json, r->values[i].name, json_new_number(r->values[i].value));
  if (r->signature.n > 0) set(json, name, "signature", json_new_string(r->signature.at));
  if (r->detail.n > 0) set(json, name, "detail", json_new_string(r->detail.at));
  if (r->has_confidence) {
    set(json, name, "mean", json_new_number(r->mean));
    set(json, name, "half_width", json_new_number(r->half_width));
  }
  if (r->rival != NULL) {
    set(json, name, "against", json_new_number(r->rival_score));
    set(json, name, "difference", json_new_number(r->values[0].value - r->rival_score));
    set(json, name, "p", json_new_number(r->p > 0 ? r->p : 1.0 / r->n_samples));
    if (r->p == 0) set(json, name, "p_is_below", json_new_bool(true));
  }
  if (r->has_copy) set(json, name, "copy", json_new_number(r->copy));
  if (r->has_commonest) set(json, name, "most_frequent", json_new_number(r->commonest));
}

void metric_report_json(Str *out, const MetricReport *report, Json *worst) {
  Json *json = json_new_object();
  for (int i = 0; i < report->n; i++) set_result(json, &report->at[i]);
  if (report->n_commonest > 0) {
    json_set(json, "most_frequent_reference", json_new_string(str_text(&report->commonest)));
    json_set(json, "most_frequent_count", json_new_number(report->n_commonest));
  }
  if (worst != NULL) json_set(json, "worst", worst);
  json_print(out, json, false);
  str_addc(out, '\n');
  json_free(json);
}

void metric_report_free(MetricReport *report) {
  for (int i = 0; i < report->n; i++) {
    str_free(&report->at[i].signature);
    str_free(&report->at[i].detail);
  }
  str_free(&report->commonest);
  *report = (MetricReport){0};
}
