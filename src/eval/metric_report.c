#include "eval/metric_report.h"

#include "base/json.h"

static void print_result(Str *out, const MetricResult *r, int width) {
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
  if (r->rival == NULL) return;
  int decimals = width < 0 ? r->values[0].decimals : width;
  str_addf(out, "%s of %s = %.*f (difference = %+.*f p = %.4f)\n", r->metric->title, r->rival, decimals, r->rival_score,
           decimals, r->values[0].value - r->rival_score, r->p);
}

void metric_report_print(Str *out, const MetricReport *report, int width) {
  for (int i = 0; i < report->n; i++) print_result(out, &report->at[i], width);
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
    set(json, name, "p", json_new_number(r->p));
  }
}

void metric_report_json(Str *out, const MetricReport *report) {
  Json *json = json_new_object();
  for (int i = 0; i < report->n; i++) set_result(json, &report->at[i]);
  json_print(out, json, false);
  str_addc(out, '\n');
  json_free(json);
}

void metric_report_free(MetricReport *report) {
  for (int i = 0; i < report->n; i++) {
    str_free(&report->at[i].signature);
    str_free(&report->at[i].detail);
  }
  *report = (MetricReport){0};
}
