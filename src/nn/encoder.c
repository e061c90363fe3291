#include "nn/encoder.h"

#include <math.h>

#include "base/mem.h"
#include "nn/embedding.h"
#include "nn/transformer.h"

#define ENCODER(name) extern const EncoderDef encoder_##name;
#include "nn/encoders.def"
#undef ENCODER

static const EncoderDef *const encoders[] = {
#define ENCODER(name) &encoder_##name,
#include "nn/encoders.def"
#undef ENCODER
};

const EncoderDef *encoder_def(EncoderKind kind) { return encoders[kind]; }

/* Its stack of self-attention layers that know positions: the kind's own, or where it has none those on top. */
static PositionSpec position_spec(const ModelConfig *c) {
  bool own = encoder_def(c->encoder.type)->attends;
  return (PositionSpec){
      .name = "encoder",
      .stack = own ? "encoder" : "encoder.self_attention",
      .kind = c->positions,
      .size = c->embedding,
      .layers = own ? (c->encoder.universal ? 1 : c->encoder.layers) : c->encoder.self_attention.layers,
      .heads = own ? c->heads : c->encoder.self_attention.heads,
      .max_positions = c->max_positions,
      .max_distance = c->max_distance,
      .relative_values = c->relative_values,
      .flow_steps = c->flow_steps};
}

void encoder_declare(Encoder *e, ParamSet *set, const ModelConfig *config, int embedding) {
  e->config = config;
  e->def = encoder_def(config->encoder.type);
  e->own = mem_zero(1, e->def->size, "encoder");
  e->embedding = embedding;
  param_side(set, SIDE_SOURCE);
  if (model_config_features(config) > 0) patches_declare(&e->patches, set, config);
  else if (embedding < 0)
    e->embedding = param_table(set, "encoder.embedding.weight", config->source_vocab, config->embedding,
                               e->def->placed ? START_UNIT : START_EMBEDDING);
  const PositionSpec positions = position_spec(config);
  if (e->def->placed) positions_declare(&e->positions, set, &positions);
  e->def->declare(e->own, set, config);
  if (config->encoder.self_attention.layers > 0) transformer_declare_on_top(&e->on_top, set, config);
}

void encoder_free(Encoder *e) { mem_free(e->own); }

/* The ids of all rows, </s> closing each sentence. */
static const int32_t *find_ids(Tape *tape, const Rows *rows, const Ids *sources) {
  int32_t *ids = tape_alloc(tape, (size_t)rows->n, sizeof *ids);
  for (int r = 0; r < rows->n; r++) {
    const Ids *s = &sources[rows->sentence[r]];
    ids[r] = rows->step[r] < s->n ? s->at[rows->step[r]] : ID_EOS;
  }
  return ids;
}

static Tensor *embed_words(const Encoder *e, Tape *tape, const Rows *rows, const Ids *sources) {
  Tensor *x = tape_tensor(tape, rows->n, e->config->embedding);
  embedding_rows(tape, e->embedding, find_ids(tape, rows, sources), x);
  return x;
}

static const Tensor *embed(const Encoder *e, Tape *tape, const Rows *rows, const Ids *sources, EncoderInput *in) {
  int size = e->config->embedding;
  bool words = model_config_features(e->config) == 0;
  Tensor *x = words ? embed_words(e, tape, rows, sources) : patches_run(&e->patches, tape, rows, sources);
  noise_words(in->noise, NOISE_SOURCE_WORDS, x);
  if (e->def->placed) {
    Tensor *placed = tape_tensor(tape, rows->n, size);
    in->positions = positions_open(&e->positions, tape, in->side->places.longest);
    op_place(tape, x, words ? (real)sqrt(size) : 1, positions_first(in->positions), rows->step, placed);
    x = placed;
  }
  return noise_apply(in->noise, NOISE_SOURCE, 0, 0, x, x);
}

/* The self-attention on top of states, and dropout of what the decoder will look at. */
static const Tensor *finish(const Encoder *e, Tape *tape, const EncoderInput *in, const Noise *noise, const Tensor *h,
                            Encoded *out) {
  const Rows *rows = &in->side->sorted;
  const NoiseRun *sorted = in->side->packed == NULL ? in->noise : noise_open(noise, tape, rows);
  if (e->on_top.n > 0) {
    const LayerRun run = {
        .tape = tape, .noise = sorted, .rows = *rows, .owner = rows->sentence, .places = &in->side->places};
    const StackInput input = {.x = h, .positions = e->def->attends ? NULL : in->positions};
    h = stack_run(&e->on_top, &run, &input, out->attended + out->n_attended);
    out->n_attended += e->on_top.n;
    out->keys = NULL;
  }
  if (out->keys != NULL) out->keys = noise_apply(sorted, NOISE_CONTEXT, 1, 0, out->keys, NULL);
  return noise_apply(sorted, NOISE_CONTEXT, 0, 0, h, NULL);
}

Encoded *encoder_run(const Encoder *e, Tape *tape, const Ids *sources, int n, const Noise *noise) {
  int *length = tape_alloc(tape, (size_t)n, sizeof *length);
  for (int b = 0; b < n; b++) length[b] = ids_rows(&sources[b]);
  const Side *side = side_new(tape->arena, length, n, e->def->packed);
  EncoderInput in = {.side = side, .sources = sources, .noise = noise_open(noise, tape, &side->rows)};
  Encoded *out = arena_zero(tape->arena, 1, sizeof *out);
  in.x = embed(e, tape, &side->rows, sources, &in);
  out->side = side;
  out->places = side->places;
  out->states = finish(e, tape, &in, noise, e->def->run(e->own, tape, &in, out), out);
  return out;
}

/* The first of a sentence's parts, which stand one after another. */
static int first_part(const Encoded *e, int sentence) { return e->first == NULL ? sentence : e->first[sentence]; }

const double *encoder_steps(const Encoded *e, int sentence, Arena *arena) {
  if (e->pondered.n == 0) return NULL;
  const Side *side = e->side;
  int n = e->places.length[sentence];
  double *steps = arena_alloc(arena, (size_t)n, sizeof *steps);
  for (int part = first_part(e, sentence), at = 0; at < n; part++)
    for (int i = 0; i < side->places.length[part]; i++)
      steps[at++] = pondered_steps(
          &e->pondered, side->packed != NULL ? packed_row(side->packed, part, i) : places_row(&side->places, part, i));
  return steps;
}

/* Heads of a layer. */
static int heads_of(const Encoded *e, int layer) { return e->attended[layer].self->cols / e->side->places.longest; }

/* Steps that a row of a universal layer takes; of others all there are. */
static int depth_of(const Encoded *e, int row) {
  return e->n_steps > 0 && e->pondered.n > 0 ? e->pondered.layers[0].steps[row] : e->n_steps;
}

/* The most steps of a sentence's tokens. */
static int deepest(const Encoded *e, int sentence) {
  int most = 0;
  for (int part = first_part(e, sentence), at = 0; at < e->places.length[sentence]; part++)
    for (int i = 0; i < e->side->places.length[part]; i++, at++) {
      int depth = depth_of(e, places_row(&e->side->places, part, i));
      if (depth > most) most = depth;
    }
  return most;
}

/* Weights of head h of a layer in a part of n positions, to rows that are ld apart; a row that has halted looks at
 * nothing. */
static void copy_part(const Encoded *e, int part, int layer, int h, float *to, size_t ld) {
  const Places *places = &e->side->places;
  int n = places->length[part];
  for (int i = 0; i < n; i++) {
    const real *row = tensor_row(e->attended[layer].self, places_row(places, part, i));
    bool looks = layer >= e->n_steps || layer < depth_of(e, places_row(places, part, i));
    for (int j = 0; j < n && looks; j++) to[(size_t)i * ld + (size_t)j] = (float)row[h * places->longest + j];
  }
}

/* to [heads,S,S] of one layer, which is 0; a part does not see another. */
static void copy_looks(const Encoded *e, int sentence, int layer, float *to) {
  size_t n = (size_t)e->places.length[sentence];
  for (int h = 0; h < heads_of(e, layer); h++, to += n * n) {
    int part = first_part(e, sentence);
    for (size_t at = 0; at < n; at += (size_t)e->side->places.length[part++])
      copy_part(e, part, layer, h, to + at * n + at, n);
  }
}

HeadWeights encoder_looks(const Encoded *e, int sentence, Arena *arena) {
  HeadWeights looks = {0};
  size_t n = (size_t)e->places.length[sentence];
  int absent = e->n_steps - deepest(e, sentence), n_layers = e->n_attended - absent;
  for (int l = 0; l < n_layers; l++) looks.n += heads_of(e, l < e->n_steps - absent ? l : l + absent);
  if (looks.n == 0) return looks;
  HeadName *name = arena_alloc(arena, (size_t)looks.n, sizeof *name);
  float *at = arena_zero(arena, (size_t)looks.n * n * n, sizeof *at);
  looks.names = name;
  looks.at = at;
  for (int l = 0; l < n_layers; l++) {
    int layer = l < e->n_steps - absent ? l : l + absent;
    copy_looks(e, sentence, layer, at);
    for (int h = 0; h < heads_of(e, layer); h++) *name++ = (HeadName){l + 1, h + 1};
    at += (size_t)heads_of(e, layer) * n * n;
  }
  return looks;
}
