/* model_config.h - the sizes and choices that make a model; the keys under `model` of a config, with the same names. */
#ifndef NN_MODEL_CONFIG_H
#define NN_MODEL_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ad/activation.h"
#include "num/head_weights.h"

enum { MAX_LAYERS = 16 }; /* of a side */

typedef enum CellKind {
#define CELL(name) CELL_##name,
#include "nn/cells.def"
#undef CELL
  N_CELLS,
  CELL_cgru = N_CELLS /* of a decoder only: layer 0 is two GRUs with the look at the source between them */
} CellKind;

typedef enum ScoreKind {
#define SCORE(name) SCORE_##name,
#include "nn/scores.def"
#undef SCORE
  N_SCORES
} ScoreKind;

typedef enum ScopeKind {
#define SCOPE(name) SCOPE_##name,
#include "nn/scopes.def"
#undef SCOPE
  N_SCOPES,
  /* Of self-attention only: the rows so far, and those at most `window` away. */
  SCOPE_causal = N_SCOPES,
  SCOPE_window
} ScopeKind;

typedef enum FocusKind {
#define FOCUS(name) FOCUS_##name,
#include "nn/focuses.def"
#undef FOCUS
  N_FOCUSES
} FocusKind;

typedef enum EncoderKind {
#define ENCODER(name) ENCODER_##name,
#include "nn/encoders.def"
#undef ENCODER
  N_ENCODERS
} EncoderKind;

typedef enum DecoderKind {
#define DECODER(name) DECODER_##name,
#include "nn/decoders.def"
#undef DECODER
  N_DECODERS
} DecoderKind;

typedef enum PositionKind {
#define POSITION(name) POSITION_##name,
#include "nn/positions.def"
#undef POSITION
  N_POSITIONS
} PositionKind;

typedef enum FlowKind { FLOW_luong, FLOW_bahdanau } FlowKind;
/* What queries, keys and values of an attention with heads are: each by a matrix of its own; keys and values by one;
 * all three by one. None: queries and states as they are, and one head. */
typedef enum PatternKind { PATTERN_none, PATTERN_qkv, PATTERN_qvv, PATTERN_vvv } PatternKind;
/* When the decoder looks at the source: after it has moved, before, or in the middle of a cgru. */
typedef enum LookTime { LOOK_AFTER, LOOK_BEFORE, LOOK_BETWEEN } LookTime;
typedef enum InitKind { INIT_zero, INIT_last, INIT_mean, INIT_copy } InitKind;
typedef enum TieKind { TIE_none, TIE_target, TIE_all } TieKind;

/* Where a Transformer layer normalises: before its parts, after the sum with what they give, or not at all, and then
 * without that sum. */
typedef enum NormPlace { NORM_pre, NORM_post, NORM_none } NormPlace;

/* Self-attention layers on top of an encoder. */
typedef struct SelfAttentionConfig {
  int layers, heads;
  int window; /* positions to each side; 0: all */
  int feed_forward;
  NormPlace norm;
  PatternKind pattern;
} SelfAttentionConfig;

/* Adaptive computation time (Graves 2016). */
typedef struct ActConfig {
  int max_steps; /* M; 0: off */
  double epsilon;
  double penalty; /* tau */
  double bias;    /* where the halting unit's bias starts */
} ActConfig;
/* Convolutions over the source. */
typedef struct ConvConfig {
  int width; /* odd */
  int channels;
} ConvConfig;

/* Graph attention: GATv2 (Brody et al. 2022) or GAT (Velickovic et al. 2018). */
typedef enum GraphKind { GRAPH_gatv2, GRAPH_gat } GraphKind;
typedef struct GraphConfig {
  GraphKind kind;
  int heads;
  int window;    /* positions to each side that a token looks at, linked or not */
  bool directed; /* the first token of a link looks at the second, and not the second at the first */
  NormPlace norm;
} GraphConfig;

typedef struct EncoderConfig {
  CellKind cell;
  int hidden; /* H, per direction */
  int layers;
  bool bidirectional, residual;
  EncoderKind type;
  bool universal; /* of a Transformer: one layer for all depths */
  int window;     /* of a Transformer: positions to each side; 0: all */
  SelfAttentionConfig self_attention;
  ActConfig act;
  int patch;    /* of images: pixels to a side of the squares they are cut into; 0: none */
  int features; /* of matrices: columns; 0: none */
  int max_side; /* of images: patches along a side */
  ConvConfig conv;
  GraphConfig graph;
} EncoderConfig;

typedef struct DecoderConfig {
  CellKind cell;
  int hidden; /* Q */
  int layers;
  bool residual;
  InitKind init;
  bool deep_output;
  DecoderKind type;
  ActConfig act;
} DecoderConfig;

/* The word whose alignment the weights of a step are: the one it writes, or the one it has read (Chen et al. 2020). */
typedef enum AlignsKind { ALIGNS_written, ALIGNS_read } AlignsKind;
/* How the attention knows what it has looked at before (Tu et al. 2016): not, by the sum of the weights that a position
 * had, or by that sum divided by the position's fertility. */
typedef enum CoverageKind { COVERAGE_none, COVERAGE_count, COVERAGE_fertility } CoverageKind;

/* Where a head of ntm stands before the first step: on the first position, or everywhere alike. */
typedef enum NtmStart { NTM_first, NTM_uniform } NtmStart;
typedef struct NtmConfig {
  int shift; /* positions that a step can move it, each way */
  bool wrap; /* the last position is beside the first */
  NtmStart start;
} NtmConfig;

/* Hard attention (Xu et al. 2015, section 4.1): how it is trained, and what a trained model looks at. */
typedef enum HardEstimator {
  ESTIMATOR_reinforce,
  ESTIMATOR_marginal,
  ESTIMATOR_gumbel,
  ESTIMATOR_straight_through
} HardEstimator;
typedef enum HardBaseline { BASELINE_moving, BASELINE_soft } HardBaseline;
typedef enum HardInference {
  INFERENCE_argmax,
  INFERENCE_expectation,
  INFERENCE_sample,
  INFERENCE_marginal
} HardInference;
typedef struct HardConfig {
  HardEstimator estimator;
  double reward, entropy; /* lambda_r and lambda_e of reinforce */
  double expectation;     /* part of the sentences that take the expectation instead */
  HardBaseline baseline;
  int top;            /* the heaviest positions, which alone may be looked at; 0: all */
  double temperature; /* tau of gumbel and straight_through */
  HardInference inference;
} HardConfig;

/* What a score knows of the weights of the step before. */
typedef struct WeightConvConfig {
  int filters; /* 0: nothing */
  int width;   /* taps of a filter, an odd number */
} WeightConvConfig;

typedef struct AttentionConfig {
  FlowKind flow;
  ScoreKind score;
  ScopeKind scope;
  int window; /* half the width of local scopes */
  int size;   /* A */
  bool input_feeding;
  int max_positions; /* rows of the location score */
  double width;      /* of scores that are kernels; 0: learned */
  AlignsKind aligns;
  CoverageKind coverage;
  FocusKind focus;
  NtmConfig ntm;
  HardConfig hard;
  bool gate; /* of a recurrent decoder: what it looked at is let in by a part */
  WeightConvConfig conv;
  int heads; /* parts that A falls into */
  PatternKind pattern;
  struct {
    int layer; /* of a Transformer decoder, from 1; 0: the last but one */
    int heads; /* the first so many; 0: all */
  } alignment;
} AttentionConfig;

typedef struct ModelConfig {
  int embedding; /* E */
  double dropout, dropout_embedding, dropout_output, dropout_context, dropout_recurrent;
  double dropout_attention, dropout_feed_forward;
  struct {
    double source, target;
  } word_dropout;
  int heads, feed_forward; /* of Transformer layers */
  ActivationKind activation;
  NormPlace norm;
  bool final_norm;
  PositionKind positions;
  int max_positions; /* learned: rows of the table */
  int max_distance;  /* relative: k */
  bool relative_values;
  int flow_steps; /* of flow's solver, a position */
  TieKind tie_embeddings;
  bool layer_norm;
  EncoderConfig encoder;
  DecoderConfig decoder;
  AttentionConfig attention;
  int separator; /* of a reader: id of the word between document and query, found like the sizes below; 0: none */
  int source_vocab, target_vocab; /* Vs, V: rows of the embeddings; not keys of a config but found from the text */
} ModelConfig;

/* F: numbers of a source position, where it is none of a text; else 0. */
static inline int model_config_features(const ModelConfig *c) {
  return c->encoder.patch > 0 ? c->encoder.patch * c->encoder.patch : c->encoder.features;
}
/* D: size of one encoder state. */
static inline int model_config_state(const ModelConfig *c) {
  if (c->encoder.type != ENCODER_rnn) return c->embedding;
  return c->encoder.bidirectional ? 2 * c->encoder.hidden : c->encoder.hidden;
}
/* Q: size of what looks at the source. */
static inline int model_config_query(const ModelConfig *c) {
  if (c->decoder.type == DECODER_reader) return model_config_state(c);
  return c->decoder.type == DECODER_rnn ? c->decoder.hidden : c->embedding;
}
/* O: size of what the output layer reads. */
static inline int model_config_readout(const ModelConfig *c) { return model_config_query(c); }
/* Whether there are Transformer layers of any kind. */
static inline bool model_config_attends(const ModelConfig *c) {
  return c->encoder.type == ENCODER_transformer || c->decoder.type == DECODER_transformer ||
         c->encoder.self_attention.layers > 0;
}
/* Whether a side is a Transformer's. */
static inline bool model_config_transforms(const ModelConfig *c) {
  return c->encoder.type == ENCODER_transformer || c->decoder.type == DECODER_transformer;
}
/* Whether a side knows positions: one that is not recurrent. */
static inline bool model_config_placed(const ModelConfig *c) {
  return c->encoder.type != ENCODER_rnn || c->decoder.type == DECODER_transformer;
}
static inline bool model_config_recurs(const ModelConfig *c) {
  return c->encoder.type == ENCODER_rnn || c->decoder.type == DECODER_rnn;
}
/* Whether a side ponders. */
static inline bool model_config_ponders(const ModelConfig *c) {
  return c->encoder.act.max_steps > 0 || c->decoder.act.max_steps > 0;
}
/* The decoder's layer, from 0, whose weights are the alignment. */
static inline int model_config_alignment_layer(const ModelConfig *c) {
  int layer = c->attention.alignment.layer, n = c->decoder.layers;
  if (layer > 0) return layer - 1;
  return n > 1 ? n - 2 : 0;
}
/* A cgru looks between its two GRUs whatever the flow. */
static inline LookTime model_config_look(const ModelConfig *c) {
  if (c->decoder.cell == CELL_cgru) return LOOK_BETWEEN;
  return c->attention.flow == FLOW_bahdanau ? LOOK_BEFORE : LOOK_AFTER;
}
/* Whether a reward teaches hard attention where to look. */
static inline bool model_config_reinforces(const ModelConfig *c) {
  return c->attention.focus == FOCUS_hard && c->attention.hard.estimator == ESTIMATOR_reinforce;
}
/* Whether that is measured against a mean that moves from update to update. */
static inline bool model_config_moves(const ModelConfig *c) {
  return model_config_reinforces(c) && c->attention.hard.baseline == BASELINE_moving;
}
/* Whether words are ever the mean of what each position gives alone. */
static inline bool model_config_mixes(const ModelConfig *c) {
  return c->attention.focus == FOCUS_hard &&
         (c->attention.hard.estimator == ESTIMATOR_marginal || c->attention.hard.inference == INFERENCE_marginal);
}
/* Whether h~ goes into the next step. */
static inline bool model_config_feeds(const ModelConfig *c) {
  return model_config_look(c) == LOOK_AFTER && c->attention.input_feeding;
}
/* Whether the readout reads the embedding of the input token besides context and state. */
static inline bool model_config_deep(const ModelConfig *c) {
  return c->decoder.deep_output || model_config_look(c) != LOOK_AFTER;
}

/* Whether the encoder's one layer runs until rows have halted, so that its layers are not counted. */
static inline bool model_config_universal_act(const ModelConfig *c) {
  return c->encoder.type == ENCODER_transformer && c->encoder.universal && c->encoder.act.max_steps > 0;
}
/* Layers that a row of the encoder goes through at most. */
static inline int model_config_encoder_depth(const ModelConfig *c) {
  return model_config_universal_act(c) ? c->encoder.act.max_steps : c->encoder.layers;
}
/* At most so many look: those of a universal encoder's steps that a sentence takes. */
static inline HeadCounts model_config_heads(const ModelConfig *c) {
  int cross = c->attention.pattern == PATTERN_none ? 1 : c->attention.heads;
  int layers = c->decoder.type == DECODER_transformer ? c->decoder.layers : 0;
  int own = c->encoder.type == ENCODER_transformer ? model_config_encoder_depth(c) * c->heads
            : c->encoder.type == ENCODER_graph     ? c->encoder.layers * c->encoder.graph.heads
                                                   : 0;
  HeadCounts heads = {{0}};
  heads.of[HEADS_CROSS] = layers > 0 ? layers * cross : cross;
  heads.of[HEADS_ENCODER] = own + c->encoder.self_attention.layers * c->encoder.self_attention.heads;
  heads.of[HEADS_DECODER] = layers * c->heads;
  return heads;
}

/* What stands in memory while pairs are worked on, in numbers: how much of it grows with which product of lengths. */
typedef struct ModelRoom {
  int64_t source, target; /* with (S + 1)^2 and (T + 1)^2: weights of a side that looks at itself */
  int64_t across;         /* with (S + 1) (T + 1): weights of the looks at the source */
  int64_t step;           /* with T + 1: what a search keeps of each token */
  int64_t carried;        /* with (S + 1) (T + 1): what hypotheses of a search carry of each position */
  int64_t history;        /* with (S + 1) (T + 1)^2: what each step keeps of all before */
  int64_t each;           /* with S + 1: what a step makes of each position alone */
} ModelRoom;
/* Whether a recurrent decoder's looks keep what all states so far have matched of the source. */
static inline bool model_config_remembers(const ModelConfig *c) {
  return c->decoder.type == DECODER_rnn && c->attention.score == SCORE_aoa;
}
/* Numbers that a look of hard attention makes of a position, where words are the mean of what each gives alone. */
static inline int64_t model_config_parts(const ModelConfig *c) {
  if (!model_config_mixes(c)) return 0;
  int64_t joined = model_config_state(c) + c->decoder.hidden + (model_config_deep(c) ? c->embedding : 0);
  return joined + 2 * (int64_t)model_config_readout(c);
}
/* Of pairs whose targets are given. */
static inline ModelRoom model_config_room(const ModelConfig *c) {
  const HeadCounts heads = model_config_heads(c);
  return (ModelRoom){.source = heads.of[HEADS_ENCODER],
                     .target = heads.of[HEADS_DECODER],
                     .across = heads.of[HEADS_CROSS] + model_config_parts(c),
                     .history = model_config_remembers(c)};
}
/* Numbers that a search keeps of each token of each hypothesis: keys and values of a Transformer decoder. */
static inline int64_t model_config_kept(const ModelConfig *c) {
  return c->decoder.type == DECODER_transformer ? (int64_t)c->decoder.layers * 2 * c->embedding : 0;
}
/* Of sentences that are searched for with `width` hypotheses: the encoder's weights, and what is kept. */
static inline ModelRoom model_config_search_room(const ModelConfig *c, int width) {
  return (ModelRoom){.source = model_config_room(c).source,
                     .step = width * model_config_kept(c),
                     .carried = model_config_remembers(c) ? 3 * (int64_t)width : 0,
                     .each = width * model_config_parts(c)};
}
static inline ModelRoom model_config_room_sum(ModelRoom a, ModelRoom b) {
  return (ModelRoom){a.source + b.source,   a.target + b.target,   a.across + b.across, a.step + b.step,
                     a.carried + b.carried, a.history + b.history, a.each + b.each};
}
/* For a pair of so many tokens a side, without `</s>`. */
static inline double model_config_numbers(const ModelRoom *r, int n_source, int n_target) {
  double s = n_source + 1.0, t = n_target + 1.0;
  return (double)r->source * s * s + (double)r->target * t * t + (double)r->across * s * t + (double)r->step * t +
         (double)r->carried * s * t + (double)r->history * s * t * t + (double)r->each * s;
}

/* Most tokens of a text, without `</s>`, that a model can read; INT_MAX: any number. */
typedef struct ModelLimit {
  int tokens;
  const char *key, *part; /* the key that says so, and the choice in a config that has a limit; NULL: none */
} ModelLimit;

typedef struct ModelLimits {
  ModelLimit source, target;
} ModelLimits;

static inline ModelLimit model_config_shorter(ModelLimit a, ModelLimit b) { return b.tokens < a.tokens ? b : a; }
/* How long the two sides of a pair may be. */
static inline ModelLimits model_config_longest(const ModelConfig *c) {
  const ModelLimit any = {INT_MAX, NULL, NULL},
                   learned = {c->max_positions - 1, "model.max_positions", "model.positions \"learned\""},
                   located = {c->attention.max_positions - 1, "model.attention.max_positions",
                              "model.attention.score \"location\""};
  bool learns = c->positions == POSITION_learned;
  ModelLimits longest = {any, any};
  if (c->attention.score == SCORE_location) longest.source = located;
  if (learns && c->encoder.type != ENCODER_rnn) longest.source = model_config_shorter(longest.source, learned);
  if (learns && c->decoder.type == DECODER_transformer) longest.target = learned;
  return longest;
}
/* Makes room for texts of n tokens. */
static inline void model_config_lengthen(ModelConfig *c, int n) {
  if (c->attention.max_positions <= n) c->attention.max_positions = n + 1;
  if (c->max_positions <= n) c->max_positions = n + 1;
}

/* The row of an alignment of n target tokens, </s> last, that the weights of step t are. Where a step aligns what it
 * has read, the first, which has read <s>, stands for </s>. */
static inline int model_config_aligned(const ModelConfig *c, int t, int n) {
  return c->attention.aligns == ALIGNS_read ? (t + n - 1) % n : t;
}

#endif
