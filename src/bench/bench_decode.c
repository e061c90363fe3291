#include "bench/bench_decode.h"

#include <math.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/rng.h"
#include "search/beam.h"
#include "text/batch.h"

typedef struct Worker {
  Beam *beam;
  Arena *arena;
  int64_t n_sentences, n_tokens; /* done */
} Worker;

typedef struct Job {
  const Corpus *corpus;
  BeamOptions options;
  BatchPlan plan;
  int *order; /* [plan.n_batches] */
  int first;  /* place in order of task 0; after the last batch comes the first again */
  Worker *workers;
} Job;

static void translate(void *ctx, int task, int worker) {
  const Job *job = ctx;
  Worker *w = &job->workers[worker];
  int b = job->order[(job->first + task) % job->plan.n_batches];
  int n;
  const int *pairs = batch_pairs(&job->plan, b, &n);
  arena_reset(w->arena);
  Ids *sources = arena_alloc(w->arena, (size_t)n, sizeof *sources);
  uint64_t *numbers = arena_zero(w->arena, (size_t)n, sizeof *numbers);
  BeamResult *results = arena_alloc(w->arena, (size_t)n, sizeof *results);
  for (int j = 0; j < n; j++) sources[j] = corpus_pair(job->corpus, pairs[j]).source;
  beam_search(w->beam, sources, numbers, n, &job->options, w->arena, results);
  w->n_sentences += n;
  for (int j = 0; j < n; j++) w->n_tokens += results[j].best[0].n_target;
}

/* Batches of sentences of like lengths, in a shuffled order, so that some of them stand for all. */
static void plan(Job *job, int batch) {
  int n = corpus_size(job->corpus);
  PairLength *lengths = mem_alloc((size_t)n, sizeof *lengths, "bench");
  for (int i = 0; i < n; i++) {
    uint32_t source = corpus_lengths(job->corpus)[i].source;
    lengths[i] = (PairLength){source, source};
  }
  batch_plan_sequential(&job->plan, lengths, n, &(BatchOptions){.batch_size = batch});
  mem_free(lengths);
  job->order = mem_alloc((size_t)job->plan.n_batches, sizeof *job->order, "bench");
  for (int b = 0; b < job->plan.n_batches; b++) job->order[b] = b;
  rng_shuffle(rng_key(1, RNG_SHUFFLE, 0, 0), job->order, job->plan.n_batches);
}

/* Seconds that the next n batches take. */
static double translate_some(Job *job, Pool *pool, int n) {
  double start = clock_now();
  pool_run(pool, n, translate, job);
  job->first = (job->first + n) % job->plan.n_batches;
  return clock_now() - start;
}

static BeamOptions options_of(const TranslateConfig *c, int beam, int limit) {
  return (BeamOptions){.beam_size = beam,
                       .n_best = 1,
                       .length_penalty = c->length_penalty,
                       .coverage_penalty = c->coverage_penalty,
                       .max_length_ratio = c->max_length_ratio,
                       .max_length = limit,
                       .min_length = limit > 0 ? limit - 1 : 0,
                       .temperature = 1};
}

bool bench_decode_check(const Config *config, const Corpus *corpus, int beam, int limit, Err *err) {
  BeamOptions options = options_of(&config->translate, beam, limit);
  int64_t kept = model_config_kept(&config->model);
  for (int i = 0; i < corpus_size(corpus); i++)
    if (!beam_fits(&options, kept, (int)corpus_lengths(corpus)[i].source, err))
      return err_prefix(err, "data.valid: pair %d: ", i + 1);
  return true;
}

/* One batch a worker to warm up, which also tells how many fill the time. */
static void run(Job *job, Pool *pool, double seconds, BenchDecode *out) {
  int workers = pool_size(pool);
  double rounds = seconds / translate_some(job, pool, workers);
  for (int w = 0; w < workers; w++) job->workers[w].n_sentences = job->workers[w].n_tokens = 0;
  double took = translate_some(job, pool, workers * (int)fmax(1, fmin(rounds, 100000)));
  int64_t n_sentences = 0, n_tokens = 0;
  for (int w = 0; w < workers; w++) {
    n_sentences += job->workers[w].n_sentences;
    n_tokens += job->workers[w].n_tokens;
  }
  out->sentences_per_s = (double)n_sentences / took;
  out->output_tokens_per_s = (double)n_tokens / took;
}

void bench_decode_measure(const Translator *t, const Corpus *corpus, Pool *pool, int limit, const Shortlist *shortlist,
                          double seconds, BenchDecode *out) {
  const Model *model = t->model;
  int workers = pool_size(pool);
  Job job = {.corpus = corpus, .options = options_of(&t->config.translate, out->beam, limit)};
  job.options.shortlist = shortlist;
  plan(&job, out->batch);
  job.workers = mem_zero((size_t)workers, sizeof *job.workers, "bench");
  for (int w = 0; w < workers; w++) job.workers[w] = (Worker){.beam = beam_new(&model, 1), .arena = arena_new()};
  run(&job, pool, seconds, out);
  for (int w = 0; w < workers; w++) {
    beam_free(job.workers[w].beam);
    arena_free(job.workers[w].arena);
  }
  mem_free(job.workers);
  mem_free(job.order);
  batch_free(&job.plan);
}
