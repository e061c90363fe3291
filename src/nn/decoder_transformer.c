/* decoder_transformer.c - the Transformer's decoder (Vaswani et al. 2017, section 3.1): each row attends to the target
 * so far and to the encoder's states. In a search the keys and values of the target so far are kept (cache.h), those of
 * the source are computed once a sentence. */
#include <math.h>

#include "nn/decoder.h"
#include "nn/embedding.h"
#include "nn/positions.h"
#include "nn/transformer.h"

typedef struct TransformerDecoder {
  const ModelConfig *config;
  int embedding;
  Positions positions;
  Stack stack;
} TransformerDecoder;

static PositionSpec position_spec(const ModelConfig *c) {
  return (PositionSpec){.name = "decoder",
                        .stack = "decoder",
                        .kind = c->positions,
                        .size = c->embedding,
                        .layers = c->decoder.layers,
                        .heads = c->heads,
                        .max_positions = c->max_positions,
                        .max_distance = c->max_distance,
                        .relative_values = c->relative_values,
                        .flow_steps = c->flow_steps};
}

static void declare(void *decoder, ParamSet *set, const ModelConfig *config, int embedding) {
  TransformerDecoder *d = decoder;
  const PositionSpec positions = position_spec(config);
  d->config = config;
  d->embedding = embedding;
  positions_declare(&d->positions, set, &positions);
  transformer_declare_decoder(&d->stack, set, config);
}

/* sqrt(d) Emb[y] + P, with dropout (section 3.4). */
static const Tensor *embed(const TransformerDecoder *d, Tape *tape, const int32_t *ids, const Rows *rows,
                           const PositionLayer *positions, const NoiseRun *noise) {
  int size = d->config->embedding;
  Tensor *raw = tape_tensor(tape, rows->n, size), *x = tape_tensor(tape, rows->n, size);
  embedding_rows(tape, d->embedding, ids, raw);
  noise_words(noise, NOISE_TARGET_WORDS, raw);
  op_place(tape, raw, (real)sqrt(size), positions_first(positions), rows->step, x);
  return noise_apply(noise, NOISE_TARGET, 0, 0, x, x);
}

/* Keys and values of the encoder's states, one a layer. */
static const AttentionKeys **find_keys(const TransformerDecoder *d, Tape *tape, const Encoded *encoded) {
  const AttentionKeys **keys = tape_alloc(tape, (size_t)d->stack.n, sizeof *keys);
  for (int l = 0; l < d->stack.n; l++)
    keys[l] = attention_keys(&d->stack.layers[l].cross, tape, encoded->states, encoded->keys);
  return keys;
}

static Looks looks_of(const TransformerDecoder *d, Tape *tape, const LayerWeights *weights, bool cross) {
  const Layer *first = &d->stack.layers[0];
  const Tensor **layers = tape_alloc(tape, (size_t)d->stack.n, sizeof(Tensor *));
  for (int l = 0; l < d->stack.n; l++) layers[l] = cross ? weights[l].cross : weights[l].self;
  return (Looks){d->stack.n, cross ? first->cross.spec.heads : first->self.spec.heads, layers};
}

static void give(const TransformerDecoder *d, Tape *tape, const Tensor *x, const LayerWeights *weights,
                 DecoderOut *out) {
  const ModelConfig *c = d->config;
  const LayerWeights *aligned = &weights[model_config_alignment_layer(c)];
  const AttentionSpec *spec = &d->stack.layers[0].cross.spec;
  const Tensor *mean = attention_alignment(spec, tape, aligned->cross, c->attention.alignment.heads);
  *out = (DecoderOut){
      .readout = x,
      .weights = mean,
      .centre = aligned->centre,
      .looks = {[HEADS_CROSS] = looks_of(d, tape, weights, true), [HEADS_DECODER] = looks_of(d, tape, weights, false)}};
}

/* Gives what the layers looked at. */
static const LayerWeights *run_layers(const TransformerDecoder *d, const LayerRun *run, const StackInput *in,
                                      DecoderOut *out) {
  LayerWeights *weights = tape_alloc(run->tape, (size_t)d->stack.n, sizeof *weights);
  give(d, run->tape, stack_run(&d->stack, run, in, weights), weights, out);
  return weights;
}

/* Whether the looks of its layers at the source carry anything. */
static bool carries(const TransformerDecoder *d) { return carry_any(&d->stack.layers[0].cross.spec); }

/* What rows of sentences sentence [n] carry into the first step, a layer each; NULL: nothing. */
static Carried *start_carried(const TransformerDecoder *d, Tape *tape, const Encoded *encoded, const int *sentence,
                              int n) {
  if (!carries(d)) return NULL;
  Carried *carried = tape_alloc(tape, (size_t)d->stack.n, sizeof *carried);
  for (int l = 0; l < d->stack.n; l++)
    carried[l] = carry_start(&d->stack.layers[l].cross, tape, &encoded->places, sentence, n);
  return carried;
}

/* The row before each in its own target, which stands whole; -1: none. */
static const int *find_previous(Tape *tape, const Rows *rows) {
  int *previous = tape_alloc(tape, (size_t)rows->n, sizeof *previous);
  for (int r = 0; r < rows->n; r++) previous[r] = rows->step[r] > 0 ? r - 1 : -1;
  return previous;
}

static void teach(const void *decoder, Tape *tape, const Encoded *encoded, const Targets *targets,
                  const NoiseRun *noise, DecoderOut *out) {
  const TransformerDecoder *d = decoder;
  const Side *side = targets->side;
  const PositionLayer *positions = positions_open(&d->positions, tape, side->places.longest);
  const StackInput in = {embed(d, tape, targets->in, &side->rows, positions, noise), positions,
                         find_keys(d, tape, encoded),
                         start_carried(d, tape, encoded, side->rows.sentence, side->rows.n)};
  const LayerRun run = {.tape = tape,
                        .noise = noise,
                        .rows = side->rows,
                        .owner = side->rows.sentence,
                        .places = &side->places,
                        .memory = &encoded->places,
                        .previous = carries(d) ? find_previous(tape, &side->rows) : NULL};
  (void)run_layers(d, &run, &in, out);
}

/* What a search keeps. */
typedef struct Kept {
  Arena *arena;
  const AttentionKeys **keys;
  Cache cache;
  int placed; /* steps whose positions are known */
  const PositionLayer *positions;
  int *owner; /* [rows] 0, 1, 2 ... */
  /* Of each layer, where its looks carry anything; else NULL. `after` stands on the arena of the step. */
  CarryRoom *room;
  Carried *now, *after;
} Kept;

/* Positions of at least n steps: those of more begin like those of fewer. */
static void place_steps(const TransformerDecoder *d, Tape *tape, Kept *kept, int n) {
  const PositionSpec *spec = &d->positions.spec;
  Tape lasting = *tape;
  lasting.arena = kept->arena;
  if (positions_def(spec->kind)->limited && n > spec->max_positions) n = spec->max_positions;
  kept->positions = positions_open(&d->positions, &lasting, n);
  kept->placed = n;
}

static void select_carried(const TransformerDecoder *d, Kept *kept, const int *parents, int n) {
  if (kept->room == NULL) return;
  for (int l = 0; l < d->stack.n; l++) {
    carry_select(&kept->room[l], &kept->after[l], parents, n);
    kept->now[l] = kept->room[l].now;
  }
}

static void start_rooms(const TransformerDecoder *d, Tape *tape, Kept *kept, const Encoded *encoded, int rows) {
  kept->room = NULL;
  kept->after = start_carried(d, tape, encoded, kept->owner, encoded->places.n_sent);
  if (kept->after == NULL) return;
  kept->room = tape_alloc(tape, (size_t)d->stack.n, sizeof *kept->room);
  kept->now = tape_alloc(tape, (size_t)d->stack.n, sizeof *kept->now);
  for (int l = 0; l < d->stack.n; l++) kept->room[l] = (CarryRoom){.arena = kept->arena, .rows = rows};
  select_carried(d, kept, kept->owner, encoded->places.n_sent);
}

static void start(const void *decoder, Tape *tape, Arena *arena, const Encoded *encoded, const SearchRoom *room,
                  void *state) {
  const TransformerDecoder *d = decoder;
  Kept *kept = state;
  int steps = cache_first(encoded->places.longest), rows = room->rows;
  const CacheSize size = {d->stack.n, d->config->embedding, rows, steps, room->steps};
  kept->arena = arena;
  kept->keys = find_keys(d, tape, encoded);
  kept->cache = cache_new(arena, &size);
  kept->owner = arena_alloc(arena, (size_t)rows, sizeof *kept->owner);
  for (int r = 0; r < rows; r++) kept->owner[r] = r;
  place_steps(d, tape, kept, steps);
  start_rooms(d, tape, kept, encoded, rows);
}

static void step(const void *decoder, Tape *tape, const Encoded *encoded, void *state, const StepRows *at,
                 DecoderOut *out) {
  const TransformerDecoder *d = decoder;
  Kept *kept = state;
  if (at->rows.step[0] >= kept->placed) place_steps(d, tape, kept, 2 * kept->placed);
  const StackInput in = {embed(d, tape, at->tokens, &at->rows, kept->positions, NULL), kept->positions, kept->keys,
                         kept->room == NULL ? NULL : kept->now};
  LayerRun run = {
      .tape = tape, .rows = at->rows, .owner = kept->owner, .cache = &kept->cache, .memory = &encoded->places};
  run.cached = cache_append(&kept->cache, at->rows.n);
  const Places places = cache_places(&kept->cache);
  run.places = &places;
  const LayerWeights *weights = run_layers(d, &run, &in, out);
  for (int l = 0; kept->room != NULL && l < d->stack.n; l++) kept->after[l] = weights[l].after;
}

static void select_rows(const void *decoder, void *state, const int *parents, int n) {
  Kept *kept = state;
  cache_select(&kept->cache, parents, n);
  select_carried(decoder, kept, parents, n);
}

const DecoderDef decoder_transformer = {.name = "transformer",
                                        .size = sizeof(TransformerDecoder),
                                        .state_size = sizeof(Kept),
                                        .declare = declare,
                                        .teach = teach,
                                        .start = start,
                                        .step = step,
                                        .select = select_rows};
