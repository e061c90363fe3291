#include "search/translate.h"

#include <string.h>

#include "base/mem.h"
#include "base/ranks.h"
#include "search/fit.h"
#include "search/spread.h"
#include "text/batch.h"
#include "text/graph_line.h"

enum {
  READ_AHEAD = 20,    /* batches */
  MOST_ROWS = 4096,   /* hypotheses in a batch */
  MOST_ROOM = 1 << 28 /* numbers that those of a batch may come to keep */
};

struct Translate {
  Pool *pool;
  const Model *const *models; /* [n_models] */
  int n_models;
  Beam **beams;   /* [workers] */
  Arena **arenas; /* [workers] batches and their results */
  BatchPlan plan;
  bool spread; /* over the ranks */
  Str found;   /* then, by this one */
  int cap;
  PairLength *lengths; /* [cap] of the sentences that have tokens */
  int *given;          /* [cap] their places in sources */
  /* The call at hand. */
  const Ids *sources;
  uint64_t first;
  const BeamOptions *options;
  BeamResult *results;
};

Translate *translate_new(const Model *const *models, int n_models, Pool *pool) {
  Translate *t = mem_zero(1, sizeof *t, "translating");
  size_t workers = (size_t)pool_size(pool);
  *t = (Translate){.pool = pool, .models = models, .n_models = n_models};
  t->beams = mem_zero(workers, sizeof(Beam *), "translating");
  t->arenas = mem_zero(workers, sizeof(Arena *), "translating");
  for (size_t w = 0; w < workers; w++) {
    t->beams[w] = beam_new(models, n_models);
    t->arenas[w] = arena_new();
  }
  return t;
}

void translate_free(Translate *t) {
  if (t == NULL) return;
  for (int w = 0; w < pool_size(t->pool); w++) {
    beam_free(t->beams[w]);
    arena_free(t->arenas[w]);
  }
  mem_free(t->beams);
  mem_free(t->arenas);
  batch_free(&t->plan);
  str_free(&t->found);
  mem_free(t->lengths);
  mem_free(t->given);
  mem_free(t);
}

void translate_spread(Translate *t) { t->spread = ranks_count() > 1; }

static void translate_batch(void *ctx, int task, int worker) {
  Translate *t = ctx;
  int n;
  const int *index = batch_pairs(&t->plan, t->spread ? spread_batch(task) : task, &n);
  Arena *arena = t->arenas[worker];
  Ids *sources = arena_alloc(arena, (size_t)n, sizeof *sources);
  uint64_t *numbers = arena_alloc(arena, (size_t)n, sizeof *numbers);
  BeamResult *results = arena_alloc(arena, (size_t)n, sizeof *results);
  for (int j = 0; j < n; j++) {
    int i = t->given[index[j]];
    sources[j] = t->sources[i];
    numbers[j] = t->first + (uint64_t)i;
  }
  beam_search(t->beams[worker], sources, numbers, n, t->options, arena, results);
  for (int j = 0; j < n; j++) t->results[t->given[index[j]]] = results[j];
}

/* What this rank has found goes to all others, and theirs comes here. */
static void share(Translate *t) {
  str_clear(&t->found);
  for (int k = 0; k < spread_count(t->plan.n_batches); k++) {
    int n;
    const int *index = batch_pairs(&t->plan, spread_batch(k), &n);
    for (int j = 0; j < n; j++) spread_add(&t->found, t->given[index[j]], &t->results[t->given[index[j]]]);
  }
  spread_results(&t->found, t->arenas[0], t->results);
}

static void make_room(Translate *t, int n) {
  if (n <= t->cap) return;
  t->cap = n;
  t->lengths = mem_grow(t->lengths, (size_t)n, sizeof *t->lengths, "translating");
  t->given = mem_grow(t->given, (size_t)n, sizeof *t->given, "translating");
}

/* What a sentence takes: of the models, and the weights of its hypotheses. */
static ModelRoom find_room(const Model *const *models, int n_models, const BeamOptions *o) {
  int width = beam_width(o);
  ModelRoom room = {.source = o->heads.of[HEADS_ENCODER],
                    .target = (int64_t)width * o->heads.of[HEADS_DECODER],
                    .across = (int64_t)width * (1 + o->heads.of[HEADS_CROSS])};
  for (int m = 0; m < n_models; m++)
    room = model_config_room_sum(room, model_config_search_room(&models[m]->config, width));
  return room;
}

/* So many sentences to a batch that its hypotheses are not more than MOST_ROWS. */
static BatchOptions batch_options(const Translate *t, const BeamOptions *o, int batch_size) {
  int width = beam_width(o), most = width < MOST_ROWS ? MOST_ROWS / width : 1;
  return (BatchOptions){.batch_size = batch_size < most ? batch_size : most,
                        .room = find_room(t->models, t->n_models, o),
                        .most_room = MOST_ROOM};
}

BeamOptions translate_greedy(const TranslateConfig *c) {
  return (BeamOptions){.beam_size = 1,
                       .n_best = 1,
                       .length_penalty = c->length_penalty,
                       .max_length_ratio = c->max_length_ratio,
                       .temperature = 1};
}

void translate_ids(Translate *t, const Ids *sources, int n, uint64_t first, const BeamOptions *options, int batch_size,
                   BeamResult *results) {
  for (int w = 0; w < pool_size(t->pool); w++) arena_reset(t->arenas[w]);
  make_room(t, n);
  int n_given = 0;
  for (int i = 0; i < n; i++) {
    results[i] = (BeamResult){0};
    if (sources[i].n == 0) continue;
    t->lengths[n_given] = (PairLength){(uint32_t)sources[i].n, (uint32_t)beam_limit(options, sources[i].n)};
    t->given[n_given++] = i;
  }
  if (n_given == 0) return;
  t->sources = sources;
  t->first = first;
  t->options = options;
  t->results = results;
  BatchOptions batches = batch_options(t, options, batch_size);
  batch_plan_sequential(&t->plan, t->lengths, n_given, &batches);
  pool_run(t->pool, t->spread ? spread_count(t->plan.n_batches) : t->plan.n_batches, translate_batch, t);
  if (t->spread) share(t);
}

/* Lines read ahead. */
typedef struct Ahead {
  const Ensemble *ensemble;
  Lines *lines;
  Warnings *warnings;
  const TranslateOptions *options;
  int first; /* id of the first line */
  int n, cap;
  Fit fit;
  Tokenized *text;     /* [cap] */
  Ids *sources;        /* [cap] */
  BeamResult *results; /* [cap] */
  Str shared;          /* with other ranks: the lines */
} Ahead;

static void ahead_grow(Ahead *a) {
  if (a->n < a->cap) return;
  int cap = a->cap == 0 ? 64 : 2 * a->cap;
  a->text = mem_grow(a->text, (size_t)cap, sizeof *a->text, "lines");
  a->sources = mem_grow(a->sources, (size_t)cap, sizeof *a->sources, "lines");
  a->results = mem_grow(a->results, (size_t)cap, sizeof *a->results, "lines");
  memset(a->text + a->cap, 0, (size_t)(cap - a->cap) * sizeof *a->text);
  a->cap = cap;
}

static void ahead_free(Ahead *a) {
  for (int i = 0; i < a->cap; i++) tokenized_free(&a->text[i]);
  mem_free(a->text);
  mem_free(a->sources);
  mem_free(a->results);
  str_free(&a->shared);
  fit_free(&a->fit);
}

static bool is_blank(const char *line, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (strchr(" \t\n\v\f\r", line[i]) == NULL) return false;
  return true;
}

static bool fits(const Ahead *a, int n, Err *err) {
  const BeamOptions *o = &a->options->beam;
  ModelRoom room = find_room(a->ensemble->models, a->ensemble->n, o);
  int64_t kept = room.step / beam_width(o);
  room.across = room.target = room.step = 0; /* beam_fits asks for them */
  return beam_fits(o, kept, n, err) && model_has_room(&room, n, beam_limit(o, n), err);
}

/* A reader has nothing to look for in a line without a query, and says some word of it; of one without a document it
 * says nothing. */
static void warn_of_half(const Ahead *a, const Ids *ids) {
  const Config *c = &a->ensemble->members[0]->config;
  int at = 0;
  if (c->model.decoder.type != DECODER_reader || ids->n == 0) return;
  while (at < ids->n && ids->at[at] != c->model.separator) at++;
  if (at > 0 && at + 1 < ids->n) return;
  warnings_add(a->warnings, WARNING_QUERY,
               "%s:%ld: no %s: a reader wants a document, %s and a query (data.query_separator)", lines_path(a->lines),
               lines_number(a->lines), at == 0 ? "document" : "query", c->data.query_separator);
}

static bool ahead_add(Ahead *a, const char *line, size_t n, Err *err) {
  ahead_grow(a);
  const Translator *t = a->ensemble->members[0];
  Tokenized *text = &a->text[a->n];
  int max = a->options->max_length, can = a->ensemble->longest.source.tokens;
  size_t blank = is_blank(line, graph_line_text(line, n)) ? graph_line_text(line, n) : 0;
  if (!tokenized_read(text, t->source_tokenizer, t->source_vocab, line + blank, n - blank, err))
    return err_prefix(err, "%s:%ld: ", lines_path(a->lines), lines_number(a->lines));
  if (text->tokens.n > max || text->tokens.n > can)
    warnings_add(a->warnings, WARNING_CUT, "%s:%ld: %d tokens, cut to the first %d (%s%s)", lines_path(a->lines),
                 lines_number(a->lines), text->tokens.n, max < can ? max : can,
                 max < can ? "--max-length changes that" : "the model has no positions for more: ",
                 max < can ? "" : a->ensemble->longest.source.key);
  Ids ids = tokenized_ids(text, max < can ? max : can);
  warn_of_half(a, &ids);
  if (ids.n > 0 && !fits(a, ids.n, err))
    return err_prefix(err, "%s:%ld: ", lines_path(a->lines), lines_number(a->lines));
  a->sources[a->n++] = ids;
  fit_add(&a->fit, text, ids.n);
  return true;
}

/* Adds the next lines; 1, 0 at the end, -1 on error, as lines_next. */
static int ahead_take(Ahead *a, Err *err) {
  const char *line;
  size_t n;
  int got = 1;
  int64_t most = (int64_t)READ_AHEAD * a->options->batch_size;
  str_clear(&a->shared);
  do {
    got = lines_next(a->lines, &line, &n, err);
    if (got == 1 && ranks_count() > 1) spread_add_line(&a->shared, line, n);
    if (got == 1 && !ahead_add(a, line, n, err)) got = -1;
  } while (got == 1 && a->n < most && lines_ready(a->lines));
  return got;
}

/* Replaces the lines by the next ones, which rank 0 reads, on all ranks; returns as ahead_take. */
static int ahead_read(Ahead *a, Err *err) {
  size_t at = 0, n;
  const char *line;
  a->first += a->n;
  a->n = 0;
  int got = ranks_me() == 0 ? ahead_take(a, err) : 1;
  if (ranks_count() == 1) return got;
  spread_text(&a->shared, &got);
  while (ranks_me() > 0 && spread_next_line(&a->shared, &at, &line, &n))
    if (!ahead_add(a, line, n, err)) return -1;
  return got;
}

/* An output that the length alone has ended says less than the source. */
static void ahead_warn_of_cut(const Ahead *a, int i) {
  const BeamResult *result = &a->results[i];
  if (result->n == 0 || !result->best[0].cut) return;
  const ModelLimit *longest = &a->ensemble->longest.target;
  int n = result->best[0].n_target - 1;
  if (n == longest->tokens)
    warnings_add(a->warnings, WARNING_OUTPUT,
                 "%s:%ld: the translation was cut at %d tokens, the most that the model has positions for (%s)",
                 lines_path(a->lines), (long)a->first + i + 1, n, longest->key);
  else
    warnings_add(
        a->warnings, WARNING_OUTPUT,
        "%s:%ld: the translation was cut at %d tokens, the most for %d of source (--max-length-ratio changes that)",
        lines_path(a->lines), (long)a->first + i + 1, n, a->sources[i].n);
}

static bool ahead_give(const Ahead *a, const TranslateSink *sink, Err *err) {
  for (int i = 0; i < a->n; i++) {
    TranslatedLine line = {a->first + i, str_text(&a->text[i].line), &a->text[i].tokens, a->sources[i].n,
                           &a->results[i]};
    ahead_warn_of_cut(a, i);
    if (!sink->line(sink->ctx, &line, err)) return false;
  }
  return sink->flush(sink->ctx, err);
}

bool translate_lines(const Ensemble *ensemble, Pool *pool, Lines *lines, Warnings *warnings,
                     const TranslateOptions *options, const TranslateSink *sink, Err *err) {
  ensemble_pack(ensemble, pool);
  Translate *t = translate_new(ensemble->models, ensemble->n, pool);
  translate_spread(t);
  Ahead a = {.ensemble = ensemble, .lines = lines, .warnings = warnings, .options = options};
  a.fit = fit_new(ensemble->members[0], false);
  int got = 1;
  bool ok = true;
  while (ok && got == 1) {
    got = ahead_read(&a, err);
    if (err->kind != ERR_NONE && ranks_me() > 0) break;
    translate_ids(t, a.sources, a.n, (uint64_t)a.first, &options->beam, options->batch_size, a.results);
    ok = ensemble_unchanged(ensemble, err) && (ranks_me() > 0 || ahead_give(&a, sink, err));
    ok = ranks_max(!ok) == 0; /* the output of rank 0 may have been closed */
  }
  ok = ok && got == 0;
  if (ok) fit_warn(&a.fit, lines_path(lines), warnings);
  ahead_free(&a);
  translate_free(t);
  return ok;
}
