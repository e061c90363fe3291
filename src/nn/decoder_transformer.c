/* decoder_transformer.c - the Transformer's decoder (Vaswani et al. 2017, section 3.1): each row attends to the target
 * so far and to the encoder's states. In a search the keys and values of the target so far are kept (cache.h), those of
 * the source are computed once a sentence. */
#include <math.h>

#include "nn/decoder.h"
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
  op_embed(tape, tape_param(tape, d->embedding), ids, raw);
  noise_words(noise, NOISE_TARGET_WORDS, raw);
  op_place(tape, raw, (real)sqrt(size), positions_first(positions), rows->step, x);
  return noise_apply(noise, NOISE_TARGET, 0, 0, x, NULL);
}

/* Keys and values of the encoder's states, one a layer. */
static const AttentionKeys **find_keys(const TransformerDecoder *d, Tape *tape, const Encoded *encoded) {
  const AttentionKeys **keys = tape_alloc(tape, (size_t)d->stack.n, sizeof *keys);
  for (int l = 0; l < d->stack.n; l++) keys[l] = attention_keys(&d->stack.layers[l].cross, tape, encoded->states);
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

static void run_layers(const TransformerDecoder *d, const LayerRun *run, const StackInput *in, DecoderOut *out) {
  LayerWeights *weights = tape_alloc(run->tape, (size_t)d->stack.n, sizeof *weights);
  give(d, run->tape, stack_run(&d->stack, run, in, weights), weights, out);
}

static void teach(const void *decoder, Tape *tape, const Encoded *encoded, const Targets *targets,
                  const NoiseRun *noise, DecoderOut *out) {
  const TransformerDecoder *d = decoder;
  const Side *side = targets->side;
  const PositionLayer *positions = positions_open(&d->positions, tape, side->places.longest);
  const StackInput in = {embed(d, tape, targets->in, &side->rows, positions, noise), positions,
                         find_keys(d, tape, encoded)};
  const LayerRun run = {.tape = tape,
                        .noise = noise,
                        .rows = side->rows,
                        .owner = side->rows.sentence,
                        .places = &side->places,
                        .memory = &encoded->places};
  run_layers(d, &run, &in, out);
}

/* What a search keeps. */
typedef struct Kept {
  Arena *arena;
  const AttentionKeys **keys;
  Cache cache;
  int placed; /* steps whose positions are known */
  const PositionLayer *positions;
  int *owner; /* [rows] 0, 1, 2 ... */
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
}

static void step(const void *decoder, Tape *tape, const Encoded *encoded, void *state, const StepRows *at,
                 DecoderOut *out) {
  const TransformerDecoder *d = decoder;
  Kept *kept = state;
  if (at->rows.step[0] >= kept->placed) place_steps(d, tape, kept, 2 * kept->placed);
  const StackInput in = {embed(d, tape, at->tokens, &at->rows, kept->positions, NULL), kept->positions, kept->keys};
  LayerRun run = {
      .tape = tape, .rows = at->rows, .owner = kept->owner, .cache = &kept->cache, .memory = &encoded->places};
  run.cached = cache_append(&kept->cache, at->rows.n);
  const Places places = cache_places(&kept->cache);
  run.places = &places;
  run_layers(d, &run, &in, out);
}

static void select_rows(const void *decoder, void *state, const int *parents, int n) {
  (void)decoder;
  Kept *kept = state;
  cache_select(&kept->cache, parents, n);
}

const DecoderDef decoder_transformer = {
    "transformer", false, sizeof(TransformerDecoder), sizeof(Kept), declare, teach, start, step, select_rows};
