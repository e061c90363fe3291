#include "eval/chrf.h"

#include <string.h>

#include "base/unicode.h"
#include "base/utf8.h"
#include "eval/ngram.h"

enum { CHARACTER_ORDER = 6, WORD_ORDER = 2, ORDERS = CHARACTER_ORDER + WORD_ORDER };
enum { HYPOTHESIS, REFERENCE, MATCHES, N_COUNTS }; /* of each order, one order after another */

/* A text as scalars and as words, and the work memory to cut it. */
typedef struct Text {
  Pieces scalars, blanks, words;
} Text;

typedef struct Work {
  Text hypothesis, reference;
  Ngrams h[ORDERS], r;
} Work;

/* Words with one ASCII punctuation mark at their end, else one at their start, cut off. */
static void cut_marks(Text *text) {
  pieces_clear(&text->words);
  for (int i = 0; i < text->blanks.n; i++) {
    const char *at = text->blanks.text.at + text->blanks.from[i];
    size_t n = text->blanks.to[i] - text->blanks.from[i];
    static const char marks[] = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    bool alone = utf8_count(at, n) == 1;
    size_t cut = n;
    if (!alone && strchr(marks, at[n - 1]) != NULL) cut = n - 1;
    else if (!alone && strchr(marks, at[0]) != NULL) cut = 1;
    pieces_add(&text->words, at, cut);
    if (cut < n) pieces_add(&text->words, at + cut, n - cut);
  }
}

static void cut(Text *text, const MetricText *from, int orders) {
  pieces_scalars(&text->scalars, from->at, from->n);
  if (orders <= CHARACTER_ORDER) return;
  pieces_words(&text->blanks, from->at, from->n, unicode_space);
  cut_marks(text);
}

static void count(Ngrams *ngrams, const Text *text, int order) {
  if (order < CHARACTER_ORDER) ngram_count(ngrams, &text->scalars, order + 1);
  else ngram_count(ngrams, &text->words, order - CHARACTER_ORDER + 1);
}

static int sum(const Ngrams *ngrams) {
  int all = 0;
  for (int i = 0; i < ngrams->n; i++) all += ngrams->at[i].count;
  return all;
}

/* In percent. */
static double f_score(const double *sums, int orders) {
  double precision = 0, recall = 0, factor = 2 * 2;
  int used = 0;
  for (int i = 0; i < orders; i++) {
    const double *c = sums + (ptrdiff_t)N_COUNTS * i;
    if (c[HYPOTHESIS] == 0 || c[REFERENCE] == 0) continue;
    precision += c[MATCHES] / c[HYPOTHESIS];
    recall += c[MATCHES] / c[REFERENCE];
    used++;
  }
  if (used == 0) return 0;
  precision /= used;
  recall /= used;
  if (precision + recall == 0) return 0;
  return 100 * ((1 + factor) * precision * recall / (factor * precision + recall));
}

static void measure(Work *w, const MetricLine *line, int orders, double *stats) {
  double best = -1;
  cut(&w->hypothesis, &line->hypothesis, orders);
  for (int i = 0; i < orders; i++) count(&w->h[i], &w->hypothesis, i);
  for (int r = 0; r < line->n_references; r++) {
    double counts[N_COUNTS * ORDERS];
    cut(&w->reference, &line->references[r], orders);
    for (int i = 0; i < orders; i++) {
      double *c = counts + (ptrdiff_t)N_COUNTS * i;
      count(&w->r, &w->reference, i);
      c[HYPOTHESIS] = w->r.n > 0 ? sum(&w->h[i]) : 0; /* a reference without n-grams cannot be missed */
      c[REFERENCE] = sum(&w->r);
      c[MATCHES] = ngram_matches(&w->h[i], &w->r);
    }
    double f = f_score(counts, orders);
    if (f > best) memcpy(stats, counts, (size_t)(N_COUNTS * orders) * sizeof *stats);
    if (f > best) best = f;
  }
}

static bool measure_chrf(void *work, const MetricOptions *options, const MetricLine *line, double *stats, Err *err) {
  (void)options;
  (void)err;
  measure(work, line, CHARACTER_ORDER, stats);
  return true;
}

static bool measure_plus(void *work, const MetricOptions *options, const MetricLine *line, double *stats, Err *err) {
  (void)options;
  (void)err;
  measure(work, line, ORDERS, stats);
  return true;
}

static int values_chrf(const MetricOptions *options, const double *sums, MetricValue *out) {
  (void)options;
  out[0] = (MetricValue){"chrF2", f_score(sums, CHARACTER_ORDER), 1};
  return 1;
}

static int values_plus(const MetricOptions *options, const double *sums, MetricValue *out) {
  (void)options;
  out[0] = (MetricValue){"chrF2++", f_score(sums, ORDERS), 1};
  return 1;
}

static void sign(Str *out, const MetricOptions *options, int words) {
  str_addf(out, "case:%s|eff:yes|nc:%d|nw:%d|space:no", options->lowercase ? "lc" : "mixed", CHARACTER_ORDER, words);
}
static void signature_chrf(Str *out, const MetricOptions *options) { sign(out, options, 0); }
static void signature_plus(Str *out, const MetricOptions *options) { sign(out, options, WORD_ORDER); }

static void release_text(Text *text) {
  pieces_free(&text->scalars);
  pieces_free(&text->blanks);
  pieces_free(&text->words);
}

static void release(void *work) {
  Work *w = work;
  release_text(&w->hypothesis);
  release_text(&w->reference);
  for (int i = 0; i < ORDERS; i++) ngram_free(&w->h[i]);
  ngram_free(&w->r);
}

const MetricDef chrf_metric = {.name = "chrf",
                               .title = "chrF2",
                               .n_stats = N_COUNTS * CHARACTER_ORDER,
                               .size = sizeof(Work),
                               .measure = measure_chrf,
                               .values = values_chrf,
                               .signature = signature_chrf,
                               .release = release};
const MetricDef chrf_plus_metric = {.name = "chrf++",
                                    .title = "chrF2++",
                                    .n_stats = N_COUNTS * ORDERS,
                                    .size = sizeof(Work),
                                    .measure = measure_plus,
                                    .values = values_plus,
                                    .signature = signature_plus,
                                    .release = release};
