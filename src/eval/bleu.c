#include "eval/bleu.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "eval/bleu_tokenizer.h"
#include "eval/ngram.h"

enum { ORDER = 4 };
enum { HYPOTHESIS_LENGTH, REFERENCE_LENGTH, CORRECT, TOTAL = CORRECT + ORDER, N_STATS = TOTAL + ORDER };
enum { SMOOTH_EXP, SMOOTH_NONE, SMOOTH_FLOOR, SMOOTH_ADD_K };

const char *const bleu_smooth_names[] = {"exp", "none", "floor", "add-k", NULL};
static const char *const signatures[] = {"exp", "none", "floor[0.10]", "add-k[1.00]"};

typedef struct Work {
  BleuTokenizer tokenizer;
  Pieces hypothesis, *references; /* [n_references] */
  int n_references;
  Ngrams h, most, one, joined;
} Work;

static void cut(Work *w, const MetricOptions *options, const MetricLine *line) {
  const MetricText *h = &line->hypothesis;
  bleu_tokenizer_cut(&w->tokenizer, options->tokenize, h->at, h->n, &w->hypothesis);
  if (line->n_references > w->n_references) {
    w->references = mem_grow(w->references, (size_t)line->n_references, sizeof *w->references, "references");
    for (int i = w->n_references; i < line->n_references; i++) w->references[i] = (Pieces){0};
    w->n_references = line->n_references;
  }
  for (int i = 0; i < line->n_references; i++) {
    const MetricText *r = &line->references[i];
    bleu_tokenizer_cut(&w->tokenizer, options->tokenize, r->at, r->n, &w->references[i]);
  }
}

static int nearest_length(const Work *w, int n_references) {
  int nearest = w->references[0].n;
  for (int i = 1; i < n_references; i++) {
    int length = w->references[i].n;
    int closer = abs(length - w->hypothesis.n) - abs(nearest - w->hypothesis.n);
    if (closer < 0 || (closer == 0 && length < nearest)) nearest = length;
  }
  return nearest;
}

static int correct(Work *w, int n_references, int order) {
  ngram_count(&w->h, &w->hypothesis, order);
  ngram_count(&w->most, &w->references[0], order);
  for (int i = 1; i < n_references; i++) {
    ngram_count(&w->one, &w->references[i], order);
    ngram_most(&w->joined, &w->most, &w->one);
    Ngrams spare = w->most;
    w->most = w->joined;
    w->joined = spare;
  }
  return ngram_matches(&w->h, &w->most);
}

static bool measure(void *work, const MetricOptions *options, const MetricLine *line, double *stats, Err *err) {
  (void)err;
  Work *w = work;
  cut(w, options, line);
  stats[HYPOTHESIS_LENGTH] = w->hypothesis.n;
  stats[REFERENCE_LENGTH] = nearest_length(w, line->n_references);
  for (int order = 1; order <= ORDER; order++) {
    stats[CORRECT + order - 1] = correct(w, line->n_references, order);
    stats[TOTAL + order - 1] = w->hypothesis.n < order ? 0 : w->hypothesis.n - order + 1;
  }
  return true;
}

typedef struct Bleu {
  double score, precisions[ORDER], brevity; /* precisions in percent */
} Bleu;

/* precisions[n] of n+1-grams; all 0 when nothing matches. Returns the greatest order that the hypothesis has. */
static int find_precisions(Bleu *bleu, int smooth, const double *sums) {
  double power = 1;
  int n = 0;
  for (; n < ORDER; n++) {
    double added = smooth == SMOOTH_ADD_K && n > 0 ? 1 : 0;
    double right = sums[CORRECT + n] + added, total = sums[TOTAL + n] + added;
    if (total == 0) break;
    if (right > 0) bleu->precisions[n] = 100 * right / total;
    else if (smooth == SMOOTH_FLOOR) bleu->precisions[n] = 100 * 0.1 / total;
    else if (smooth == SMOOTH_EXP) bleu->precisions[n] = 100 / ((power *= 2) * total);
  }
  return n;
}

/* effective: the mean is over the orders that the hypothesis has, as sacrebleu does for single sentences. */
static Bleu compute(const MetricOptions *options, const double *sums, bool effective) {
  Bleu bleu = {.brevity = 1};
  double h = sums[HYPOTHESIS_LENGTH], r = sums[REFERENCE_LENGTH], any = 0, logs = 0;
  if (h < r) bleu.brevity = h > 0 ? exp(1 - r / h) : 0;
  for (int n = 0; n < ORDER; n++) any += sums[CORRECT + n];
  if (any == 0) return bleu;
  int order = find_precisions(&bleu, options->smooth, sums);
  if (!effective) order = ORDER;
  /* log 0 is a large negative number here, as in sacrebleu: the score becomes 0. */
  for (int n = 0; n < order; n++) logs += bleu.precisions[n] == 0 ? -9999999999 : log(bleu.precisions[n]);
  bleu.score = bleu.brevity * exp(logs / order);
  return bleu;
}

static double sentence(const MetricOptions *options, const double *stats) {
  return compute(options, stats, true).score;
}

static int values(const MetricOptions *options, const double *sums, MetricValue *out) {
  out[0] = (MetricValue){"BLEU", compute(options, sums, false).score, 1};
  return 1;
}

static void signature(Str *out, const MetricOptions *options) {
  str_addf(out, "case:%s|eff:no|tok:%s|smooth:%s", options->lowercase ? "lc" : "mixed",
           bleu_tokenizer_names[options->tokenize], signatures[options->smooth]);
}

static void detail(Str *out, const MetricOptions *options, const double *sums) {
  Bleu bleu = compute(options, sums, false);
  double h = sums[HYPOTHESIS_LENGTH], r = sums[REFERENCE_LENGTH];
  for (int n = 0; n < ORDER; n++) str_addf(out, "%s%.1f", n > 0 ? "/" : "", bleu.precisions[n]);
  str_addf(out, " (BP = %.3f ratio = %.3f hyp_len = %.0f ref_len = %.0f)", bleu.brevity, r > 0 ? h / r : 0, h, r);
}

static void release(void *work) {
  Work *w = work;
  bleu_tokenizer_free(&w->tokenizer);
  pieces_free(&w->hypothesis);
  for (int i = 0; i < w->n_references; i++) pieces_free(&w->references[i]);
  mem_free(w->references);
  ngram_free(&w->h);
  ngram_free(&w->most);
  ngram_free(&w->one);
  ngram_free(&w->joined);
}

const MetricDef bleu_metric = {.name = "bleu",
                               .title = "BLEU",
                               .n_stats = N_STATS,
                               .size = sizeof(Work),
                               .measure = measure,
                               .values = values,
                               .signature = signature,
                               .detail = detail,
                               .sentence = sentence,
                               .release = release};
