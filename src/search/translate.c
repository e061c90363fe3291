#include "search/translate.h"

#include "base/mem.h"
#include "base/ranks.h"
#include "search/spread.h"
#include "text/batch.h"

enum {
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

bool translate_fits(const Model *const *models, int n_models, const BeamOptions *o, int n, Err *err) {
  ModelRoom room = find_room(models, n_models, o);
  int64_t kept = room.step / beam_width(o);
  room.across = room.target = room.step = 0; /* beam_fits asks for them */
  return beam_fits(o, kept, n, err) && model_has_room(&room, n, beam_limit(o, n), err);
}
