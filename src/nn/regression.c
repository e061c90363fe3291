#include "nn/regression.h"

#include <math.h>

#include "base/mem.h"
#include "nn/attention.h"

enum { BLOCK = 1 << 18 }; /* weights that are found together */

typedef struct Work {
  const Regression *regression;
  double mean_x, mean_y, range_x, range_y; /* what x and y are taken from and divided by */
  ParamSet set;
  Attention attention;
  Arena *arena;
  Tape tape;
} Work;

static double mean_of(const double *x, int n) {
  double mean = 0;
  for (int i = 0; i < n; i++) mean += (x[i] - mean) / (i + 1);
  return mean;
}

/* How far apart the farthest are; 1 where all are one. */
static double range_of(const double *x, int n) {
  double low = x[0], high = x[0];
  for (int i = 1; i < n; i++) {
    low = fmin(low, x[i]);
    high = fmax(high, x[i]);
  }
  return high > low ? high - low : 1;
}

/* The width for x that are divided. Beyond these all distances, or none, are one to single precision. */
static double width_within(const Work *w) { return fmin(fmax(w->regression->width * w->range_x, 1e-15), 1e15); }

/* learn: the width is a parameter, and the tape records. */
static void work_open(Work *w, const Regression *r, bool learn) {
  const RegressionPoints *p = r->points;
  AttentionSpec spec = {.name = "regression", .query = 1, .state = 1, .size = 1, .heads = 1, .score = r->kernel};
  *w = (Work){.regression = r,
              .mean_x = mean_of(p->x, p->n),
              .mean_y = mean_of(p->y, p->n),
              .range_x = range_of(p->x, p->n),
              .range_y = range_of(p->y, p->n),
              .arena = arena_new()};
  spec.width = learn ? 0 : width_within(w);
  attention_declare(&w->attention, &w->set, &spec);
  param_seal(&w->set);
  w->tape = (Tape){.arena = w->arena, .params = &w->set, .recording = learn};
  if (learn) w->tape.grads = param_block(&w->set, "regression");
  if (learn && w->set.n_params > 0) param_tensor(&w->set, 0, NULL).x[0] = (real)width_within(w);
  param_changed(&w->set);
}

static void work_close(Work *w) {
  mem_free(w->tape.grads);
  param_free(&w->set);
  arena_free(w->arena);
}

static Tensor *column(Work *w, const double *x, int n, double mean, double range) {
  Tensor *t = tape_tensor(&w->tape, n, 1);
  for (int i = 0; i < n; i++) t->x[i] = (real)((x[i] - mean) / range);
  return t;
}

/* Query r looks at sentence r of places, or at the only one. */
static AttentionLook look(Work *w, const Places *places, const double *queries, int n) {
  const RegressionPoints *p = w->regression->points;
  int *sentence = tape_alloc(&w->tape, (size_t)n, sizeof *sentence);
  int *step = tape_alloc(&w->tape, (size_t)n, sizeof *step);
  for (int r = 0; r < n; r++) {
    sentence[r] = places->n_sent > 1 ? r : 0;
    step[r] = 0;
  }
  AttentionKeys *keys = tape_alloc(&w->tape, 1, sizeof *keys);
  *keys = (AttentionKeys){.keys = column(w, p->x, p->n, w->mean_x, w->range_x),
                          .values = column(w, p->y, p->n, w->mean_y, w->range_y)};
  AttentionRun *run = attention_open(&w->attention, &w->tape, places, keys, n);
  AttentionLook at = {.sentence = sentence,
                      .step = step,
                      .query = *column(w, queries, n, w->mean_x, w->range_x),
                      .weights = *tape_tensor(&w->tape, n, places->longest),
                      .context = *tape_zeros(&w->tape, n, 1)};
  attention_read(run, &at);
  return at;
}

/* In double, so that a query that sees one point gives its very y. */
static double mean_by(const real *weights, const double *y, int n) {
  double sum = 0, whole = 0;
  for (int i = 0; i < n; i++) {
    sum += (double)weights[i] * y[i];
    whole += (double)weights[i];
  }
  return sum / whole;
}

void regression_at(const Regression *regression, const double *queries, int n, double *estimates, float *weights) {
  const int n_points = regression->points->n, zero = 0;
  const Places places = {.n_sent = 1, .longest = n_points, .start = &zero, .length = &n_points};
  int block = BLOCK / n_points + 1;
  Work w;
  work_open(&w, regression, false);
  for (int first = 0; first < n; first += block) {
    int rows = n - first < block ? n - first : block;
    AttentionLook at = look(&w, &places, queries + first, rows);
    for (int r = 0; r < rows; r++)
      estimates[first + r] = mean_by(tensor_row(&at.weights, r), regression->points->y, n_points);
    for (size_t i = 0; weights != NULL && i < (size_t)rows * (size_t)n_points; i++)
      weights[(size_t)first * (size_t)n_points + i] = (float)at.weights.x[i];
    tape_reset(&w.tape);
  }
  work_close(&w);
}

/* Sentence r is all points but first + r. */
static const Places *others(Work *w, int first, int rows) {
  int n = w->regression->points->n, *at = tape_alloc(&w->tape, (size_t)rows * (size_t)(n - 1), sizeof *at);
  int *start = tape_alloc(&w->tape, (size_t)rows, sizeof *start);
  int *length = tape_alloc(&w->tape, (size_t)rows, sizeof *length);
  Places *places = tape_alloc(&w->tape, 1, sizeof *places);
  *places = (Places){.n_sent = rows, .longest = n - 1, .start = start, .length = length, .row = at};
  for (int r = 0; r < rows; r++) {
    start[r] = r * (n - 1);
    length[r] = n - 1;
    for (int i = 0; i < n; i++)
      if (i != first + r) *at++ = i;
  }
  return places;
}

double regression_error(const Regression *regression, double *slope) {
  const RegressionPoints *p = regression->points;
  int block = BLOCK / p->n + 1;
  double sum = 0;
  Work w;
  work_open(&w, regression, true);
  for (int first = 0; first < p->n; first += block) {
    int rows = p->n - first < block ? p->n - first : block;
    AttentionLook at = look(&w, others(&w, first, rows), p->x + first, rows);
    for (int r = 0; r < rows; r++) {
      double off = (double)at.context.x[r] - (p->y[first + r] - w.mean_y) / w.range_y;
      at.context.g[r] = (real)(2 * off / p->n);
      sum += off * off / p->n;
    }
    if (slope != NULL) tape_backward(&w.tape);
    tape_reset(&w.tape);
  }
  double square = w.range_y * w.range_y;
  if (slope != NULL)
    *slope = w.set.n_params > 0 ? (double)param_tensor(&w.set, 0, w.tape.grads).g[0] * w.range_x * square : 0;
  work_close(&w);
  return sum * square;
}

/* From reaching over all points to reaching over a part of 4096. */
static Regression best_doubling(const RegressionPoints *p, ScoreKind kernel, double *least) {
  enum { WIDTHS = 13 };
  Regression best = {p, kernel, 0};
  *least = (double)INFINITY;
  for (int k = 0; k < WIDTHS; k++) {
    const Regression r = {p, kernel, ldexp(1 / range_of(p->x, p->n), k)};
    double error = regression_error(&r, NULL);
    if (error < *least) best = r;
    if (error < *least) *least = error;
  }
  return best;
}

double regression_learn(const RegressionPoints *p, ScoreKind kernel) {
  enum { STEPS = 60 };
  double error, slope, step = 0.25; /* of log w */
  Regression at = best_doubling(p, kernel, &error);
  for (int i = 0; i < STEPS && step > 1e-7; i++) {
    Regression next = at;
    (void)regression_error(&at, &slope);
    next.width *= exp(slope > 0 ? -step : step);
    double found = regression_error(&next, NULL);
    step *= found < error ? 1.5 : 0.5;
    if (!(found < error)) continue;
    at = next;
    error = found;
  }
  return at.width;
}
