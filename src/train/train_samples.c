#include "train/train_samples.h"

#include "base/mem.h"
#include "search/translate.h"

enum { BATCH = 32, AHEAD = 20 * BATCH };

static void keep_text(const Translator *t, const BeamResult *result, Str *out) {
  Tokens tokens = {0};
  const Hypothesis *best = &result->best[0];
  vocab_decode(t->target_vocab, best->tokens, best->n_target - 1, &tokens);
  tokenizer_join(t->target_tokenizer, &tokens, out);
  tokens_free(&tokens);
}

/* Greedy translations of the pairs index[0..n) of a corpus. Returns how many were cut at their greatest length. */
static int translate(const Translator *t, Pool *pool, const Corpus *corpus, const int *index, int n, Str *outputs) {
  const BeamOptions options = translate_greedy(&t->config.translate);
  const Model *model = t->model;
  Translate *translate = translate_new(&model, 1, pool);
  translate_spread(translate);
  Ids *sources = mem_alloc(AHEAD, sizeof *sources, "validation");
  BeamResult *results = mem_alloc(AHEAD, sizeof *results, "validation");
  int n_cut = 0;
  for (int first = 0; first < n; first += AHEAD) {
    int k = n - first < AHEAD ? n - first : AHEAD;
    for (int j = 0; j < k; j++) sources[j] = corpus_pair(corpus, index[first + j]).source;
    translate_ids(translate, sources, k, (uint64_t)first, &options, BATCH, results);
    for (int j = 0; j < k; j++) keep_text(t, &results[j], &outputs[first + j]);
    for (int j = 0; j < k; j++) n_cut += results[j].best[0].cut;
  }
  mem_free(sources);
  mem_free(results);
  translate_free(translate);
  return n_cut;
}

int train_samples(const Translator *translator, Pool *pool, const Corpus *corpus, TrainSample samples[TRAIN_SAMPLES]) {
  int n = corpus_size(corpus) < TRAIN_SAMPLES ? corpus_size(corpus) : TRAIN_SAMPLES;
  int index[TRAIN_SAMPLES] = {0};
  Str outputs[TRAIN_SAMPLES] = {0};
  for (int i = 0; i < n; i++) index[i] = i * (corpus_size(corpus) / n);
  (void)translate(translator, pool, corpus, index, n, outputs);
  for (int i = 0; i < n; i++) {
    Pair text = corpus_text(corpus, index[i]);
    samples[i] = (TrainSample){text.source, text.target, outputs[i]};
  }
  return n;
}

/* Takes the statistics of one line into sums. */
static void measure(const MetricDef *metric, void *work, const Str *output, const Pair *text, double *sums) {
  static const MetricOptions options = {0};
  MetricText reference = {text->target, text->n_target};
  MetricLine line = {.hypothesis = {str_text(output), output->n}, .references = &reference, .n_references = 1};
  double stats[METRIC_STATS] = {0};
  Err err = {0};
  CHECK(metric->measure(work, &options, &line, stats, &err), "validation: %s", err.text);
  for (int i = 0; i < metric->n_stats; i++) sums[i] += stats[i];
}

double train_samples_score(const Translator *translator, Pool *pool, const Corpus *corpus, const MetricDef *metric,
                           int *n_cut) {
  int n = corpus_size(corpus);
  int *index = mem_alloc((size_t)n, sizeof *index, "validation");
  Str *outputs = mem_zero((size_t)n, sizeof *outputs, "validation");
  void *work = mem_zero(1, metric->size, "validation");
  double sums[METRIC_STATS] = {0};
  for (int i = 0; i < n; i++) index[i] = i;
  *n_cut = translate(translator, pool, corpus, index, n, outputs);
  for (int i = 0; i < n; i++) {
    Pair text = corpus_text(corpus, i);
    measure(metric, work, &outputs[i], &text, sums);
    str_free(&outputs[i]);
  }
  if (metric->release != NULL) metric->release(work);
  mem_free(work);
  mem_free(index);
  mem_free(outputs);
  return metric_score(metric, &(MetricOptions){0}, sums);
}
