#include "nn/encoder.h"

#include "base/mem.h"

#define ENCODER(name) extern const EncoderDef encoder_##name;
#include "nn/encoders.def"
#undef ENCODER

static const EncoderDef *const encoders[] = {
#define ENCODER(name) &encoder_##name,
#include "nn/encoders.def"
#undef ENCODER
};

const EncoderDef *encoder_def(EncoderKind kind) { return encoders[kind]; }

void encoder_declare(Encoder *e, ParamSet *set, const ModelConfig *config, int embedding) {
  e->config = config;
  e->def = encoder_def(config->encoder.type);
  e->own = mem_zero(1, e->def->size, "encoder");
  e->embedding = embedding;
  param_side(set, SIDE_SOURCE);
  if (embedding < 0)
    e->embedding =
        param_matrix(set, "encoder.embedding.weight", config->source_vocab, config->embedding, START_EMBEDDING, 1);
  e->def->declare(e->own, set, config);
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

static const Tensor *embed(const Encoder *e, Tape *tape, const Rows *rows, const Ids *sources, const NoiseRun *noise) {
  Tensor *x = tape_tensor(tape, rows->n, e->config->embedding);
  op_embed(tape, tape_param(tape, e->embedding), find_ids(tape, rows, sources), x);
  noise_words(noise, NOISE_SOURCE_WORDS, x);
  return noise_apply(noise, NOISE_SOURCE, 0, 0, x, NULL);
}

Encoded *encoder_run(const Encoder *e, Tape *tape, const Ids *sources, int n, const Noise *noise) {
  int *length = tape_alloc(tape, (size_t)n, sizeof *length);
  for (int b = 0; b < n; b++) length[b] = sources[b].n + 1;
  const Side *side = side_new(tape->arena, length, n, e->def->packed);
  const NoiseRun *run = noise_open(noise, tape, &side->rows);
  Encoded *out = arena_zero(tape->arena, 1, sizeof *out);
  const Tensor *x = embed(e, tape, &side->rows, sources, run);
  out->places = side->places;
  out->states = e->def->run(e->own, tape, side, run, x, out);
  return out;
}
