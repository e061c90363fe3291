#include "eval/accuracy.h"

#include <string.h>

void accuracy_add(Accuracy *accuracy, const char *hypothesis, size_t n_hypothesis, const char *reference,
                  size_t n_reference) {
  accuracy->n_right += n_hypothesis == n_reference && memcmp(hypothesis, reference, n_reference) == 0;
  accuracy->n_lines++;
}

double accuracy_percent(const Accuracy *accuracy) {
  return accuracy->n_lines == 0 ? 0 : 100.0 * (double)accuracy->n_right / (double)accuracy->n_lines;
}

static bool add(void *state, const MetricPair *pair, Err *err) {
  (void)err;
  accuracy_add(state, pair->hypothesis.at, pair->hypothesis.n, pair->reference.at, pair->reference.n);
  return true;
}

static int values(const void *state, MetricValue *out) {
  out[0] = (MetricValue){"accuracy", accuracy_percent(state), 2};
  return 1;
}

const MetricDef accuracy_metric = {"accuracy", sizeof(Accuracy), add, values, NULL};
