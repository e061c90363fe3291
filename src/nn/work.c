#include "nn/work.h"

#include "nn/attention.h"
#include "nn/cell.h"

/* W_ih and W_hh of one token in one direction. */
static double of_cell(CellKind cell, int in, int hidden) {
  return (double)cell_def(cell)->gates * hidden * ((double)in + hidden);
}

static double of_encoder(const ModelConfig *c) {
  double work = 0;
  int state = model_config_state(c), directions = c->encoder.bidirectional ? 2 : 1;
  for (int l = 0; l < c->encoder.layers; l++)
    work += directions * of_cell(c->encoder.cell, l == 0 ? c->embedding : state, c->encoder.hidden);
  return work;
}

static int context_size(const ModelConfig *c) {
  const AttentionSpec spec = attention_spec(c);
  return attention_width(&spec);
}

static double of_decoder(const ModelConfig *c) {
  int state = context_size(c), q = c->decoder.hidden;
  LookTime look = model_config_look(c);
  int fed = look == LOOK_BEFORE ? state : model_config_feeds(c) ? q : 0;
  double work = 0;
  for (int l = 0; l < c->decoder.layers; l++) work += of_cell(c->decoder.cell, l == 0 ? c->embedding + fed : q, q);
  if (look == LOOK_BETWEEN) work += of_cell(c->decoder.cell, state, q);
  double combine = (double)q * (state + q + (model_config_deep(c) ? c->embedding : 0));
  return work + combine + (double)c->target_vocab * q;
}

/* Projections of queries and states. */
static void add_attention(const ModelConfig *c, ModelWork *work) {
  const AttentionConfig *a = &c->attention;
  double q = c->decoder.hidden, d = model_config_state(c), size = a->size;
  if (a->pattern != PATTERN_none) {
    work->source += size * d * (a->pattern == PATTERN_qkv ? 2 : 1);
    work->target += size * (q + size);
  } else if (a->score == SCORE_general) {
    work->source += q * d;
  } else if (attention_score(a->score)->projects) {
    work->source += size * d;
    work->target += size * q;
  }
  if (a->scope == SCOPE_local_p) work->target += size * q;
}

ModelWork work_count(const ModelConfig *c) {
  ModelWork work = {of_encoder(c), of_decoder(c)};
  add_attention(c, &work);
  return work;
}

double work_train_flops(const ModelWork *work, double source_tokens_per_target_token) {
  return 6 * (work->target + work->source * source_tokens_per_target_token);
}
