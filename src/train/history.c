#include "train/history.h"

#include <stddef.h>

void history_add(Json *history, const HistoryRow *row) {
  Json *json = json_new_object();
  json_set(json, "step", json_new_number((double)row->step));
  json_set(json, "epoch", json_new_number(row->epoch));
  json_set(json, "loss", json_new_number(row->loss));
  json_set(json, "metric", json_new_number(row->metric));
  json_append(history, json);
}

static bool get(const Json *json, const char *key, double *value) {
  const Json *at = json_type(json) == JSON_OBJECT ? json_get(json, key) : NULL;
  if (at == NULL || json_type(at) != JSON_NUMBER) return false;
  *value = json_number(at);
  return true;
}

static HistoryRow read_row(const Json *json) {
  double step, epoch;
  HistoryRow row;
  if (!get(json, "step", &step) || !get(json, "epoch", &epoch) || !get(json, "loss", &row.loss) ||
      !get(json, "metric", &row.metric))
    return (HistoryRow){0};
  bool fits = step >= 1 && step < 0x1p53 && epoch >= 1 && epoch < 0x1p31;
  row.step = fits ? (long)step : 0;
  row.epoch = fits ? (int)epoch : 0;
  return row;
}

HistoryRow history_at(const Json *history, int k) {
  int i = json_count(history) - 1 - k;
  const Json *row = i >= 0 ? json_first(history) : NULL;
  for (; row != NULL && i > 0; i--) row = json_next(row);
  if (row == NULL) return (HistoryRow){0};
  return read_row(row);
}

/* metric: of the rows that count, or NULL. */
static HistoryRow least(const Json *history, const double *metric) {
  HistoryRow best = {0};
  for (const Json *json = json_first(history); json != NULL; json = json_next(json)) {
    HistoryRow row = read_row(json);
    if (row.step == 0 || (metric != NULL && row.metric != *metric)) continue;
    if (best.step == 0 || row.loss < best.loss) best = row;
  }
  return best;
}

HistoryRow history_best(const Json *history, double metric) { return least(history, &metric); }

HistoryRow history_least(const Json *history) { return least(history, NULL); }

HistoryRow history_top(const Json *history, long step, bool less) {
  HistoryRow best = {0};
  for (const Json *json = json_first(history); json != NULL; json = json_next(json)) {
    HistoryRow row = read_row(json);
    if (row.step == 0 || row.step > step) continue;
    bool better = less ? row.metric < best.metric : row.metric > best.metric;
    if (best.step == 0 || better || (row.metric == best.metric && row.loss < best.loss)) best = row;
  }
  return best;
}

long history_updates(const Json *history, int k) { return history_at(history, 0).step - history_at(history, k).step; }
