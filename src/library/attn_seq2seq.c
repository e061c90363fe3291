#define _POSIX_C_SOURCE 200809L /* uselocale */
#include "library/attn_seq2seq.h"

#include <locale.h>
#include <string.h>

#include "base/mem.h"
#include "base/monitor.h"
#include "num/blas.h"
#include "num/kernels.h"
#include "search/search_options.h"
#include "search/session.h"

struct AttnSeq2Seq {
  Monitor *monitor; /* of all below */
  Ensemble ensemble;
  Pool *pool;
  Session *session;
  bool lost; /* memory ran out: nobody knows in what state the session is */
};

struct AttnSeq2SeqOptions {
  SearchOptions search;
};

typedef struct Output {
  const char *text;
  const char *json; /* NULL: nobody asked */
  double score, logprob;
  const char *const *source, *const *target; /* [n_source], [n_target]; NULL: nobody asked */
  const float *weights;                      /* [n_target, n_source] */
  int n_source, n_target;
} Output;

typedef struct Text {
  int n;
  Output *outputs; /* [n] */
} Text;

struct AttnSeq2SeqOutputs {
  Arena *arena; /* all of it */
  int n;
  Text *texts; /* [n] */
};

const char *attn_seq2seq_version(void) { return VERSION; }

static bool fail(AttnSeq2SeqError *error, int status, const char *text) {
  if (error == NULL) return false;
  error->status = status;
  size_t n = strlen(text) < sizeof error->text ? strlen(text) : sizeof error->text - 1;
  memcpy(error->text, text, n);
  error->text[n] = '\0';
  return false;
}

static bool tell(AttnSeq2SeqError *error, const Err *err) {
  return fail(error, err->kind == ERR_USAGE ? ATTN_SEQ2SEQ_USAGE : ATTN_SEQ2SEQ_FILE, err->text);
}

typedef bool Work(void *ctx, Err *err);

/* Runs work where memory that runs out is an error like others. Nothing of the caller's frame is written to on the way,
 * so that all of it is as it was after a jump. */
static bool run_trapped(Work *work, void *ctx, AttnSeq2SeqError *error) {
  MemTrap trap;
  Err err = {0};
  MemTrap *const outer = mem_trap(&trap);
  if (setjmp(trap.back) == 0) {
    bool ok = work(ctx, &err);
    (void)mem_trap(outer);
    return ok || tell(error, &err);
  }
  (void)mem_trap(outer);
  return fail(error, ATTN_SEQ2SEQ_MEMORY, trap.text);
}

/* Runs work in the locale in which files are read and numbers printed, whatever the process has. */
static bool run(Work *work, void *ctx, AttnSeq2SeqError *error) {
  AttnSeq2SeqError own = {0};
  AttnSeq2SeqError *told = error == NULL ? &own : error;
  (void)fail(told, ATTN_SEQ2SEQ_OK, "");
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (c == (locale_t)0) return fail(told, ATTN_SEQ2SEQ_MEMORY, "out of memory for a locale");
  locale_t before = uselocale(c);
  bool ok = run_trapped(work, ctx, told);
  (void)uselocale(before);
  freelocale(c);
  return ok;
}

/* Likewise with a model that is not lost, alone. */
static bool run_alone(AttnSeq2Seq *model, Work *work, void *ctx, AttnSeq2SeqError *error) {
  AttnSeq2SeqError own = {0};
  AttnSeq2SeqError *told = error == NULL ? &own : error;
  monitor_enter(model->monitor);
  bool ok = !model->lost;
  if (ok) ok = run(work, ctx, told);
  else (void)fail(told, ATTN_SEQ2SEQ_MEMORY, "memory ran out in an earlier call with this model: close it");
  model->lost = model->lost || (!ok && told->status == ATTN_SEQ2SEQ_MEMORY);
  monitor_leave(model->monitor);
  return ok;
}

/* ---- Models. */

typedef struct Opening {
  const char *const *paths;
  int n, threads;
  AttnSeq2Seq *model;
} Opening;

static bool open_model(void *ctx, Err *err) {
  Opening *o = ctx;
  if (o->n < 1 || o->threads < 0)
    return err_set(err, ERR_USAGE, "%d models, %d threads: at least one model, and 0 threads or more", o->n,
                   o->threads);
  Ensemble ensemble;
  blas_init();
  if (!kernels_choose(NULL, err) || !ensemble_load(&ensemble, o->paths, o->n, err)) return false;
  int threads = o->threads > 0 ? o->threads : pool_cores();
  if (!ensemble_links(&ensemble, NULL, err) || !blas_reserve(threads, err)) {
    ensemble_free(&ensemble);
    return false;
  }
  AttnSeq2Seq *model = mem_zero(1, sizeof *model, "model");
  *model = (AttnSeq2Seq){.monitor = monitor_new(), .ensemble = ensemble, .pool = pool_new(threads)};
  model->session = session_new(&model->ensemble, model->pool);
  o->model = model;
  return true;
}

AttnSeq2Seq *attn_seq2seq_open(const char *const *paths, int n, int threads, AttnSeq2SeqError *error) {
  Opening opening = {.paths = paths, .n = n, .threads = threads};
  return run(open_model, &opening, error) ? opening.model : NULL;
}

void attn_seq2seq_close(AttnSeq2Seq *model) {
  if (model == NULL) return;
  if (!model->lost) session_free(model->session);
  pool_free(model->pool);
  ensemble_free(&model->ensemble);
  monitor_free(model->monitor);
  mem_free(model);
}

/* ---- Options. */

typedef struct Setting {
  const AttnSeq2Seq *model;
  AttnSeq2SeqOptions *options;
  const char *name;
  double value;
} Setting;

static SearchOptions usual(const AttnSeq2Seq *model) {
  return search_options_usual(&model->ensemble.members[0]->config.translate);
}

static bool new_options(void *ctx, Err *err) {
  Setting *s = ctx;
  (void)err;
  s->options = mem_zero(1, sizeof *s->options, "options");
  s->options->search = usual(s->model);
  return true;
}

AttnSeq2SeqOptions *attn_seq2seq_options(const AttnSeq2Seq *model, AttnSeq2SeqError *error) {
  Setting setting = {.model = model};
  return run(new_options, &setting, error) ? setting.options : NULL;
}

static bool set_option(void *ctx, Err *err) {
  const Setting *s = ctx;
  return search_options_set(&s->options->search, s->name, s->value, err);
}

int attn_seq2seq_set(AttnSeq2SeqOptions *options, const char *name, double value, AttnSeq2SeqError *error) {
  return run(set_option, &(Setting){.options = options, .name = name, .value = value}, error);
}

void attn_seq2seq_options_free(AttnSeq2SeqOptions *options) { mem_free(options); }

/* ---- Texts. */

typedef struct Job {
  AttnSeq2Seq *model;
  const char *const *sources, *const *targets; /* [n]; no targets: to translate */
  int n;
  SearchOptions options;
  AttnSeq2SeqOutputs *outputs;
  Str source, target, json; /* of a text */
} Job;

static const char *keep_text(Arena *arena, const char *text) {
  size_t n = strlen(text) + 1;
  return memcpy(arena_alloc(arena, n, 1), text, n);
}

static const char *const *keep_tokens(Arena *arena, const char *const *tokens, int n) {
  const char **kept = arena_alloc(arena, (size_t)n + 1, sizeof *kept);
  for (int i = 0; i < n; i++) kept[i] = keep_text(arena, tokens[i]);
  return kept;
}

static void keep_attention(Job *job, Output *out, const Alignment *a) {
  Arena *arena = job->outputs->arena;
  size_t n = (size_t)a->n_target * (size_t)a->n_source;
  float *weights = arena_alloc(arena, n + 1, sizeof *weights);
  if (n > 0) memcpy(weights, a->weights, n * sizeof *weights);
  *out = (Output){.source = keep_tokens(arena, a->source, a->n_source),
                  .target = keep_tokens(arena, a->target, a->n_target),
                  .weights = weights,
                  .n_source = a->n_source,
                  .n_target = a->n_target};
  str_clear(&job->json);
  alignment_jsonl(&job->json, a, a->rank > 0);
  job->json.at[job->json.n - 1] = '\0'; /* no line end */
  out->json = keep_text(arena, str_text(&job->json));
}

static void keep_outputs(Job *job, int first) {
  Session *session = job->model->session;
  Arena *arena = job->outputs->arena;
  bool ranked = job->targets == NULL && job->options.translate.beam.n_best > 1;
  for (int i = 0; i < session_count(session); i++) {
    const BeamResult result = session_result(session, i);
    Text *text = &job->outputs->texts[first + i];
    text->n = result.n == 0 ? 1 : result.n;
    text->outputs = arena_zero(arena, (size_t)text->n, sizeof *text->outputs);
    for (int k = 0; k < text->n; k++) {
      Output *out = &text->outputs[k];
      const Alignment *a = &session_entry(session, i, k, first + i, ranked)->alignment;
      if (job->options.attention != SEARCH_NO_ATTENTION) keep_attention(job, out, a);
      out->text = keep_text(arena, a->text);
      out->score = a->score;
      out->logprob = result.n == 0 ? 0 : result.best[k].logprob;
    }
  }
}

static bool add_text(Job *job, int i, Err *err) {
  Session *session = job->model->session;
  session_text(&job->source, job->sources[i], strlen(job->sources[i]));
  if (job->targets == NULL)
    return session_add(session, str_text(&job->source), job->source.n, &job->options.translate, err) ||
           err_prefix(err, "text %d: ", i);
  session_text(&job->target, job->targets[i], strlen(job->targets[i]));
  Pair pair = {str_text(&job->source), str_text(&job->target), job->source.n, job->target.n};
  bool of_target;
  return session_add_pair(session, &pair, &of_target, err) ||
         err_prefix(err, "text %d, %s: ", i, of_target ? "target" : "source");
}

static bool work_on(Job *job, int first, Err *err) {
  Session *session = job->model->session;
  const TranslateOptions *o = &job->options.translate;
  ScoreOptions scoring = {.batch_size = o->batch_size, .heads = job->options.attention == SEARCH_HEADS};
  bool ok = job->targets == NULL ? session_translate(session, (uint64_t)first, o, err)
                                 : session_score(session, &scoring, err);
  if (ok) keep_outputs(job, first);
  return ok;
}

/* As much at a time as commands read ahead. */
static bool work_on_all(Job *job, Err *err) {
  enum { BATCHES = 20 };
  int64_t most = (int64_t)BATCHES * job->options.translate.batch_size;
  if (!search_options_end(&job->options, &job->model->ensemble, err)) return false;
  bool ok = true;
  for (int first = 0; ok && first < job->n; first += session_count(job->model->session)) {
    session_clear(job->model->session);
    int64_t end = job->n - first < most ? job->n : first + most;
    for (int i = first; ok && i < end; i++) ok = add_text(job, i, err);
    ok = ok && work_on(job, first, err);
  }
  session_clear(job->model->session);
  return ok;
}

static bool do_job(void *ctx, Err *err) {
  Job *job = ctx;
  if (job->n < 0) return err_set(err, ERR_USAGE, "%d texts", job->n);
  job->outputs = mem_zero(1, sizeof *job->outputs, "outputs");
  *job->outputs = (AttnSeq2SeqOutputs){.arena = arena_new(), .n = job->n};
  job->outputs->texts = arena_zero(job->outputs->arena, (size_t)job->n + 1, sizeof(Text));
  bool ok = work_on_all(job, err);
  str_free(&job->source);
  str_free(&job->target);
  str_free(&job->json);
  if (!ok) attn_seq2seq_outputs_free(job->outputs);
  return ok;
}

AttnSeq2SeqOutputs *attn_seq2seq_translate(AttnSeq2Seq *model, const char *const *lines, int n,
                                           const AttnSeq2SeqOptions *options, AttnSeq2SeqError *error) {
  return attn_seq2seq_score(model, lines, NULL, n, options, error);
}

AttnSeq2SeqOutputs *attn_seq2seq_score(AttnSeq2Seq *model, const char *const *sources, const char *const *targets,
                                       int n, const AttnSeq2SeqOptions *options, AttnSeq2SeqError *error) {
  Job job = {.model = model, .sources = sources, .targets = targets, .n = n};
  job.options = options == NULL ? usual(model) : options->search;
  return run_alone(model, do_job, &job, error) ? job.outputs : NULL;
}

/* ---- What came of them. */

int attn_seq2seq_count(const AttnSeq2SeqOutputs *o, int i) { return i >= 0 && i < o->n ? o->texts[i].n : 0; }

static const Output *at(const AttnSeq2SeqOutputs *o, int i, int rank) {
  static const Output none;
  return rank >= 0 && rank < attn_seq2seq_count(o, i) ? &o->texts[i].outputs[rank] : &none;
}

const char *attn_seq2seq_text(const AttnSeq2SeqOutputs *o, int i, int rank) { return at(o, i, rank)->text; }

double attn_seq2seq_rank_score(const AttnSeq2SeqOutputs *o, int i, int rank) { return at(o, i, rank)->score; }

double attn_seq2seq_logprob(const AttnSeq2SeqOutputs *o, int i, int rank) { return at(o, i, rank)->logprob; }

const char *const *attn_seq2seq_source(const AttnSeq2SeqOutputs *o, int i, int rank, int *n) {
  *n = at(o, i, rank)->n_source;
  return at(o, i, rank)->source;
}

const char *const *attn_seq2seq_target(const AttnSeq2SeqOutputs *o, int i, int rank, int *n) {
  *n = at(o, i, rank)->n_target;
  return at(o, i, rank)->target;
}

const float *attn_seq2seq_alignment(const AttnSeq2SeqOutputs *o, int i, int rank, int *n_target, int *n_source) {
  *n_target = at(o, i, rank)->n_target;
  *n_source = at(o, i, rank)->n_source;
  return at(o, i, rank)->weights;
}

const char *attn_seq2seq_json(const AttnSeq2SeqOutputs *o, int i, int rank) { return at(o, i, rank)->json; }

void attn_seq2seq_outputs_free(AttnSeq2SeqOutputs *outputs) {
  if (outputs == NULL) return;
  arena_free(outputs->arena);
  mem_free(outputs);
}
