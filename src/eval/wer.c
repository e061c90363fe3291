#include "eval/wer.h"

#include "base/mem.h"
#include "eval/ngram.h"

enum { ERRORS, LENGTH, N_STATS };

typedef struct Work {
  Pieces hypothesis, reference;
  StrMap known;
  int *h, *r; /* ids of the tokens */
  int h_cap, r_cap;
  int *row; /* [row_cap] of the edit distance */
  int row_cap;
  Ngrams h_bag, r_bag;
} Work;

static int least(int a, int b, int c) {
  int ab = a < b ? a : b;
  return ab < c ? ab : c;
}

static int edits(Work *w) {
  pieces_ids(&w->hypothesis, &w->known, &w->h, &w->h_cap);
  pieces_ids(&w->reference, &w->known, &w->r, &w->r_cap);
  int n_h = w->hypothesis.n, n_r = w->reference.n;
  if (n_r >= w->row_cap) {
    w->row_cap = 2 * n_r + 1;
    w->row = mem_grow(w->row, (size_t)w->row_cap, sizeof *w->row, "edit distance");
  }
  for (int j = 0; j <= n_r; j++) w->row[j] = j;
  for (int i = 1; i <= n_h; i++) {
    int diagonal = w->row[0];
    w->row[0] = i;
    for (int j = 1; j <= n_r; j++) {
      int above = w->row[j];
      w->row[j] = least(diagonal + (w->h[i - 1] != w->r[j - 1]), above + 1, w->row[j - 1] + 1);
      diagonal = above;
    }
  }
  return w->row[n_r];
}

static int bag_errors(Work *w) {
  ngram_count(&w->h_bag, &w->hypothesis, 1);
  ngram_count(&w->r_bag, &w->reference, 1);
  int more = w->hypothesis.n > w->reference.n ? w->hypothesis.n : w->reference.n;
  return more - ngram_matches(&w->h_bag, &w->r_bag);
}

static void measure(Work *w, const MetricLine *line, double *stats, int (*errors)(Work *)) {
  pieces_words(&w->hypothesis, line->hypothesis.at, line->hypothesis.n, pieces_blank);
  for (int i = 0; i < line->n_references; i++) {
    pieces_words(&w->reference, line->references[i].at, line->references[i].n, pieces_blank);
    double found = errors(w), length = w->reference.n;
    if (i > 0 && (found > stats[ERRORS] || (found == stats[ERRORS] && length <= stats[LENGTH]))) continue;
    stats[ERRORS] = found;
    stats[LENGTH] = length;
  }
}

static bool measure_wer(void *work, const MetricOptions *options, const MetricLine *line, double *stats, Err *err) {
  (void)options;
  (void)err;
  measure(work, line, stats, edits);
  return true;
}

static bool measure_per(void *work, const MetricOptions *options, const MetricLine *line, double *stats, Err *err) {
  (void)options;
  (void)err;
  measure(work, line, stats, bag_errors);
  return true;
}

/* Empty references: 0 for empty hypotheses, else 100. */
static double rate(const double *sums) {
  if (sums[LENGTH] == 0) return sums[ERRORS] > 0 ? 100 : 0;
  return 100 * sums[ERRORS] / sums[LENGTH];
}

static int values_wer(const MetricOptions *options, const double *sums, MetricValue *out) {
  (void)options;
  out[0] = (MetricValue){"wer", rate(sums), 2};
  return 1;
}

static int values_per(const MetricOptions *options, const double *sums, MetricValue *out) {
  (void)options;
  out[0] = (MetricValue){"per", rate(sums), 2};
  return 1;
}

static void release(void *work) {
  Work *w = work;
  pieces_free(&w->hypothesis);
  pieces_free(&w->reference);
  strmap_free(&w->known);
  mem_free(w->h);
  mem_free(w->r);
  mem_free(w->row);
  ngram_free(&w->h_bag);
  ngram_free(&w->r_bag);
}

const MetricDef wer_metric = {.name = "wer",
                              .title = "wer",
                              .n_stats = N_STATS,
                              .errors = true,
                              .size = sizeof(Work),
                              .measure = measure_wer,
                              .values = values_wer,
                              .release = release};
const MetricDef wer_per_metric = {.name = "per",
                                  .title = "per",
                                  .n_stats = N_STATS,
                                  .errors = true,
                                  .size = sizeof(Work),
                                  .measure = measure_per,
                                  .values = values_per,
                                  .release = release};
