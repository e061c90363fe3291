#include "run/train_samples.h"

#include "base/mem.h"
#include "run/beam.h"

enum { BATCH = 32 };

/* Greedy translation of some pairs of a corpus, batch by batch on the pool. */
typedef struct Job {
  const Translator *translator;
  const Corpus *corpus;
  const int *index; /* [n] pairs */
  int n;
  Beam **beams; /* one a worker */
  Arena **arenas;
  Str *outputs; /* [n] texts */
} Job;

static void keep_text(const Translator *t, const Hypothesis *h, Str *out) {
  Tokens tokens = {0};
  vocab_decode(t->target_vocab, h->tokens, h->n_target - 1, &tokens);
  tokenizer_join(t->target_tokenizer, &tokens, out);
  tokens_free(&tokens);
}

static void translate_batch(void *ctx, int task, int worker) {
  const Job *job = ctx;
  const TranslateConfig *c = &job->translator->config.translate;
  Arena *arena = job->arenas[worker];
  arena_reset(arena);
  int first = task * BATCH, n = job->n - first < BATCH ? job->n - first : BATCH;
  Ids *sources = arena_alloc(arena, (size_t)n, sizeof *sources);
  uint64_t *numbers = arena_zero(arena, (size_t)n, sizeof *numbers);
  BeamResult *results = arena_alloc(arena, (size_t)n, sizeof *results);
  for (int j = 0; j < n; j++) sources[j] = corpus_pair(job->corpus, job->index[first + j]).source;
  BeamOptions options = {.beam_size = 1,
                         .n_best = 1,
                         .length_penalty = c->length_penalty,
                         .max_length_ratio = c->max_length_ratio,
                         .temperature = 1};
  beam_search(job->beams[worker], sources, numbers, n, &options, arena, results);
  for (int j = 0; j < n; j++) keep_text(job->translator, &results[j].best[0], &job->outputs[first + j]);
}

static void run(Job *job, Pool *pool) {
  int workers = pool_size(pool);
  const Model *model = job->translator->model;
  job->beams = mem_alloc((size_t)workers, sizeof *job->beams, "validation");
  job->arenas = mem_alloc((size_t)workers, sizeof *job->arenas, "validation");
  for (int w = 0; w < workers; w++) {
    job->beams[w] = beam_new(&model, 1);
    job->arenas[w] = arena_new();
  }
  pool_run(pool, (job->n + BATCH - 1) / BATCH, translate_batch, job);
  for (int w = 0; w < workers; w++) {
    beam_free(job->beams[w]);
    arena_free(job->arenas[w]);
  }
  mem_free(job->beams);
  mem_free(job->arenas);
}

int train_samples(const Translator *translator, Pool *pool, const Corpus *corpus, TrainSample samples[TRAIN_SAMPLES]) {
  int n = corpus_size(corpus) < TRAIN_SAMPLES ? corpus_size(corpus) : TRAIN_SAMPLES;
  int index[TRAIN_SAMPLES];
  Str outputs[TRAIN_SAMPLES] = {0};
  for (int i = 0; i < n; i++) index[i] = i * (corpus_size(corpus) / n);
  Job job = {.translator = translator, .corpus = corpus, .index = index, .n = n, .outputs = outputs};
  run(&job, pool);
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

double train_samples_score(const Translator *translator, Pool *pool, const Corpus *corpus, const MetricDef *metric) {
  int n = corpus_size(corpus);
  int *index = mem_alloc((size_t)n, sizeof *index, "validation");
  Str *outputs = mem_zero((size_t)n, sizeof *outputs, "validation");
  void *work = mem_zero(1, metric->size, "validation");
  double sums[METRIC_STATS] = {0};
  for (int i = 0; i < n; i++) index[i] = i;
  Job job = {.translator = translator, .corpus = corpus, .index = index, .n = n, .outputs = outputs};
  run(&job, pool);
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
