/* config_check.c - which values of a config fit together. Every message names the keys with their values and a way
 * out. */
#include <string.h>

#include "conf/config.h"
#include "nn/attention.h"
#include "nn/cell.h"
#include "nn/encoder.h"
#include "nn/positions.h"

typedef struct Checker {
  const char *name;
  ErrKind kind;
  Err *err;
  bool ok;
} Checker;

#define COMPLAIN(check, format, ...) \
  ((check)->ok = err_add((check)->err, (check)->kind, "%s: " format, (check)->name, __VA_ARGS__))

static const char *const cell_names[] = {
#define CELL(name) [CELL_##name] = #name,
#include "nn/cells.def"
#undef CELL
    [CELL_cgru] = "cgru",
};

static const char *yes(bool value) { return value ? "true" : "false"; }

/* What the size of an encoder state follows from. */
static void tell_state(Str *out, const ModelConfig *m) {
  if (m->encoder.type == ENCODER_rnn)
    str_addf(out, "model.encoder.hidden %d with model.encoder.bidirectional %s", m->encoder.hidden,
             yes(m->encoder.bidirectional));
  else str_addf(out, "model.embedding %d", m->embedding);
}

/* What is compared with an encoder state. */
static const char *query_key(const ModelConfig *m) {
  return m->decoder.type == DECODER_rnn ? "model.decoder.hidden" : "model.embedding";
}

/* A choice that needs Q = D. */
static void check_equal_sizes(Checker *check, const ModelConfig *m, const char *key, const char *word,
                              const char *instead) {
  int state = model_config_state(m), query = model_config_query(m);
  if (query == state) return;
  Str why = {0};
  tell_state(&why, m);
  COMPLAIN(check,
           "%s \"%s\" needs a decoder as large as an encoder state, but %s is %d and %s gives states of %d: set %s to "
           "%d, or %s to \"%s\"",
           key, word, query_key(m), query, str_text(&why), state, query_key(m), state, key, instead);
  str_free(&why);
}

/* dot, scaled_dot, gaussian: query and encoder state are compared directly. */
static void check_score(Checker *check, const ModelConfig *m) {
  const ScoreDef *score = attention_score(m->attention.score);
  if (score->equal_sizes && m->attention.pattern == PATTERN_none)
    check_equal_sizes(check, m, "model.attention.score", score->name, "general");
}

static const char *const pattern_names[] = {
    [PATTERN_none] = "none", [PATTERN_qkv] = "qkv", [PATTERN_qvv] = "qvv", [PATTERN_vvv] = "vvv"};

static void check_pattern(Checker *check, const ModelConfig *m) {
  const AttentionConfig *a = &m->attention;
  const char *pattern = pattern_names[a->pattern];
  if (a->pattern == PATTERN_none && a->heads > 1)
    COMPLAIN(check,
             "model.attention.heads is %d, but with model.attention.pattern \"none\" there are no projections that "
             "could fall into heads: set model.attention.pattern to \"qkv\", or model.attention.heads to 1",
             a->heads);
  if (a->pattern == PATTERN_none && m->decoder.type == DECODER_transformer)
    COMPLAIN(check,
             "model.attention.pattern is \"%s\", but the layers of model.decoder.type \"transformer\" project what "
             "they read: set model.attention.pattern to \"qkv\", or model.decoder.type to \"rnn\"",
             pattern);
  if (a->pattern == PATTERN_none) return;
  if (a->pattern == PATTERN_vvv) check_equal_sizes(check, m, "model.attention.pattern", pattern, "qvv");
  if (a->score == SCORE_location)
    COMPLAIN(
        check,
        "model.attention.score \"location\" knows places, not the keys that model.attention.pattern \"%s\" makes: "
        "set model.attention.score to \"scaled_dot\", or model.attention.heads to 1 and model.attention.pattern to "
        "\"none\"",
        pattern);
  if (m->layer_norm && attention_score(a->score)->projects)
    COMPLAIN(check,
             "model.layer_norm is true, which normalises what model.attention.score \"%s\" itself projects, but with "
             "model.attention.pattern \"%s\" it projects nothing: set model.attention.score to \"scaled_dot\", or "
             "model.layer_norm to false",
             attention_score(a->score)->name, pattern);
  if (a->coverage != COVERAGE_none)
    COMPLAIN(check,
             "model.attention.coverage counts the weights of one attention, but model.attention.pattern is \"%s\" and "
             "model.attention.heads is %d: set model.attention.coverage to \"none\", or model.attention.pattern to "
             "\"none\" with model.attention.heads 1",
             pattern, a->heads);
}

/* A size that is to fall into equal parts. */
static void check_parts(Checker *check, const char *heads_key, int heads, const char *size_key, int size) {
  if (size % heads == 0) return;
  int fewer = heads;
  while (size % fewer != 0) fewer--;
  COMPLAIN(check, "%s is %d, but %s is %d, which does not fall into so many equal parts: set %s to %d, or %s to %d",
           heads_key, heads, size_key, size, heads_key, fewer, size_key, (size / heads + 1) * heads);
}

static void check_heads(Checker *check, const ModelConfig *m) {
  const SelfAttentionConfig *s = &m->encoder.self_attention;
  if (model_config_transforms(m)) check_parts(check, "model.heads", m->heads, "model.embedding", m->embedding);
  if (m->attention.pattern != PATTERN_none)
    check_parts(check, "model.attention.heads", m->attention.heads, "model.attention.size", m->attention.size);
  if (s->layers > 0)
    check_parts(check, "model.encoder.self_attention.heads", s->heads,
                m->encoder.type == ENCODER_rnn ? "model.encoder.hidden in all directions" : "model.embedding",
                model_config_state(m));
  if (m->attention.alignment.heads > m->attention.heads)
    COMPLAIN(check,
             "model.attention.alignment.heads is %d, but model.attention.heads is %d: name at most as many, or leave "
             "model.attention.alignment.heads out",
             m->attention.alignment.heads, m->attention.heads);
}

static void check_decoder_layers(Checker *check, const ModelConfig *m) {
  if (m->decoder.type != DECODER_transformer) return;
  if (m->attention.size != m->embedding)
    COMPLAIN(check,
             "model.attention.size is %d and model.embedding is %d, but the layers of model.decoder.type "
             "\"transformer\" add what attention gives to what they read: leave model.attention.size out",
             m->attention.size, m->embedding);
  if (m->attention.alignment.layer > m->decoder.layers)
    COMPLAIN(
        check,
        "model.attention.alignment.layer is %d, but model.decoder.layers is %d: name a layer from 1 to %d, or leave "
        "model.attention.alignment.layer out",
        m->attention.alignment.layer, m->decoder.layers, m->decoder.layers);
}

static void check_self_attention(Checker *check, const ModelConfig *m) {
  const SelfAttentionConfig *s = &m->encoder.self_attention;
  if (s->layers > 0 && s->pattern == PATTERN_none)
    COMPLAIN(check,
             "model.encoder.self_attention.pattern is \"%s\", but self-attention layers project what they read: set "
             "it to \"qkv\", or model.encoder.self_attention.layers to 0",
             pattern_names[s->pattern]);
}

/* Rotary positions turn pairs of numbers of each head. */
static void check_turned(Checker *check, const ModelConfig *m, const char *key, int heads) {
  if (m->embedding % heads != 0 || m->embedding / heads % 2 == 0) return;
  COMPLAIN(check,
           "model.positions \"rotary\" turns pairs of numbers, but model.embedding %d in %s %d gives heads of %d: set "
           "model.embedding to %d, or model.positions to \"sinusoidal\"",
           m->embedding, key, heads, m->embedding / heads, m->embedding + heads);
}

static void check_positions(Checker *check, const ModelConfig *m) {
  const SelfAttentionConfig *on_top = &m->encoder.self_attention;
  bool alone = m->encoder.type == ENCODER_none && m->decoder.type == DECODER_rnn && on_top->layers == 0;
  const PositionDef *def = positions_def(m->positions);
  if (!model_config_placed(m)) return;
  if (alone && !def->tables && m->positions != POSITION_none)
    COMPLAIN(
        check,
        "model.positions \"%s\" is known to self-attention only, but model.encoder.self_attention.layers is 0: set "
        "that to 1, or model.positions to \"sinusoidal\"",
        def->name);
  if (m->positions == POSITION_rotary && model_config_transforms(m)) check_turned(check, m, "model.heads", m->heads);
  if (m->positions == POSITION_rotary && m->encoder.type == ENCODER_none && on_top->layers > 0)
    check_turned(check, m, "model.encoder.self_attention.heads", on_top->heads);
  if (m->positions == POSITION_flow && m->embedding % 2 != 0)
    COMPLAIN(
        check,
        "model.positions \"flow\" turns pairs of numbers, but model.embedding is %d: set model.embedding to %d, or "
        "model.positions to \"sinusoidal\"",
        m->embedding, m->embedding + 1);
}

/* Coverage is a term inside the tanh of these scores. */
static void check_coverage(Checker *check, const ModelConfig *m) {
  if (m->attention.coverage == COVERAGE_none || attention_score(m->attention.score)->projects) return;
  COMPLAIN(
      check,
      "model.attention.coverage \"%s\" needs model.attention.score \"additive\" or \"concat\", but it is \"%s\": set "
      "model.attention.score to one of the two, or model.attention.coverage to \"none\"",
      m->attention.coverage == COVERAGE_count ? "count" : "fertility", attention_score(m->attention.score)->name);
}

static void check_init(Checker *check, const ModelConfig *m) {
  int state = model_config_state(m);
  if (m->decoder.type != DECODER_rnn || (m->decoder.init != INIT_copy && m->decoder.init != INIT_last)) return;
  if (m->encoder.type != ENCODER_rnn)
    COMPLAIN(check,
             "model.decoder.init \"%s\" starts from the last states of a recurrent encoder, but model.encoder.type is "
             "\"%s\": set model.decoder.init to \"mean\" or \"zero\", or model.encoder.type to \"rnn\"",
             m->decoder.init == INIT_copy ? "copy" : "last", encoder_def(m->encoder.type)->name);
  if (m->decoder.init != INIT_copy || m->encoder.type != ENCODER_rnn) return;
  if (cell_def(m->encoder.cell) != cell_def(m->decoder.cell))
    COMPLAIN(check,
             "model.decoder.init \"copy\" needs the same cell on both sides, but model.encoder.cell is \"%s\" and "
             "model.decoder.cell is \"%s\": set model.encoder.cell to \"%s\", or model.decoder.init to \"last\"",
             cell_names[m->encoder.cell], cell_names[m->decoder.cell], cell_def(m->decoder.cell)->name);
  if (m->encoder.layers != m->decoder.layers)
    COMPLAIN(check,
             "model.decoder.init \"copy\" needs as many layers on both sides, but model.encoder.layers is %d and "
             "model.decoder.layers is %d: make them equal, or set model.decoder.init to \"last\"",
             m->encoder.layers, m->decoder.layers);
  if (state != m->decoder.hidden)
    COMPLAIN(check,
             "model.decoder.init \"copy\" needs a decoder as large as an encoder state, but model.decoder.hidden is %d "
             "and model.encoder.hidden %d with model.encoder.bidirectional %s gives states of %d: set "
             "model.decoder.hidden to %d, or model.decoder.init to \"last\"",
             m->decoder.hidden, m->encoder.hidden, yes(m->encoder.bidirectional), state, state);
}

static void check_tying(Checker *check, const Config *c) {
  const ModelConfig *m = &c->model;
  const char *tie = m->tie_embeddings == TIE_all ? "all" : "target";
  if (m->tie_embeddings == TIE_none) return;
  if (m->embedding != model_config_readout(m))
    COMPLAIN(check,
             "model.tie_embeddings \"%s\" needs model.embedding = model.decoder.hidden, but they are %d and %d: set "
             "model.embedding to %d, or model.tie_embeddings to \"none\"",
             tie, m->embedding, m->decoder.hidden, m->decoder.hidden);
  if (m->tie_embeddings == TIE_all && !c->vocab.shared)
    COMPLAIN(check,
             "model.tie_embeddings \"%s\" needs one vocabulary for both sides, but vocab.shared is false: set "
             "vocab.shared to true, or model.tie_embeddings to \"target\"",
             tie);
}

static bool same_text(const char *a, const char *b) { return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0; }

static void check_limit(Checker *check, const Config *c, const ModelLimit *longest, const char *side) {
  if (c->data.max_length <= longest->tokens) return;
  COMPLAIN(check,
           "%s needs a position for each %stoken and </s>, but data.max_length is %d and %s is %d: set "
           "data.max_length to %d, or leave %s out",
           longest->part, side, c->data.max_length, longest->key, longest->tokens + 1, longest->tokens, longest->key);
}

static void check_longest(Checker *check, const Config *c) {
  ModelLimits longest = model_config_longest(&c->model);
  bool same = same_text(longest.source.key, longest.target.key);
  check_limit(check, c, &longest.source, same ? "" : "source ");
  if (!same) check_limit(check, c, &longest.target, "target ");
}

static void check_shared(Checker *check, const VocabConfig *v) {
  if (!v->shared) return;
  if (v->source.tokenizer != v->target.tokenizer)
    COMPLAIN(check, "vocab.shared is true, but %s: use one tokenizer, or set vocab.shared to false",
             "vocab.source.tokenizer and vocab.target.tokenizer differ");
  if (v->source.size != v->target.size)
    COMPLAIN(check,
             "vocab.shared is true, but vocab.source.size is %d and vocab.target.size is %d: make them equal, or set "
             "vocab.shared to false",
             v->source.size, v->target.size);
  if (v->source.min_count != v->target.min_count)
    COMPLAIN(check,
             "vocab.shared is true, but vocab.source.min_count is %d and vocab.target.min_count is %d: make them "
             "equal, or set vocab.shared to false",
             v->source.min_count, v->target.min_count);
  if (v->source.lowercase != v->target.lowercase)
    COMPLAIN(
        check,
        "vocab.shared is true, but vocab.source.lowercase is %s and vocab.target.lowercase is %s: make them equal, "
        "or set vocab.shared to false",
        yes(v->source.lowercase), yes(v->target.lowercase));
  if (v->source.model_type != v->target.model_type)
    COMPLAIN(check, "vocab.shared is true, but %s: make them equal, or set vocab.shared to false",
             "vocab.source.model_type and vocab.target.model_type differ");
  if (!same_text(v->source.file, v->target.file))
    COMPLAIN(
        check,
        "vocab.shared is true, but vocab.source.file is \"%s\" and vocab.target.file is \"%s\": give both the same "
        "file, or set vocab.shared to false",
        v->source.file == NULL ? "" : v->source.file, v->target.file == NULL ? "" : v->target.file);
}

static void check_sampling(Checker *check, const VocabSideConfig *v, const char *side) {
  if (v->sampling > 0 && v->tokenizer != TOKENIZER_sentencepiece)
    COMPLAIN(
        check,
        "vocab.%s.sampling is %g, but only vocab.%s.tokenizer \"sentencepiece\" has other ways to split a text: set "
        "that, or leave vocab.%s.sampling out",
        side, v->sampling, side, side);
  else if (v->sampling >= 1 && v->model_type == SENTENCEPIECE_bpe && v->file == NULL)
    COMPLAIN(
        check,
        "vocab.%s.sampling is %g, but of vocab.%s.model_type \"bpe\" it is the part of the merges left out: set it "
        "below 1, say 0.1",
        side, v->sampling, side);
}

static void check_side(Checker *check, const VocabSideConfig *v, const char *side) {
  check_sampling(check, v, side);
  if (v->tokenizer != TOKENIZER_sentencepiece) return;
  if (sentencepiece_missing() != NULL)
    COMPLAIN(check,
             "vocab.%s.tokenizer is \"sentencepiece\", but %s, or set vocab.%s.tokenizer to \"word\" or \"char\"", side,
             sentencepiece_missing(), side);
  if (v->min_count != 1)
    COMPLAIN(
        check,
        "vocab.%s.min_count is %d, but the pieces of vocab.%s.tokenizer \"sentencepiece\" are not counted: leave it "
        "out",
        side, v->min_count, side);
}

static void check_corpus(Checker *check, const CorpusConfig *c, const char *which) {
  const char *side = c->source != NULL ? "source" : "target";
  const char *path = c->source != NULL ? c->source : c->target;
  if (c->tsv != NULL && path != NULL)
    COMPLAIN(check,
             "data.%s.tsv is \"%s\" and data.%s.%s is \"%s\", but only one of the two forms can be read: leave "
             "one of them out",
             which, c->tsv, which, side, path);
}

static void check_split(Checker *check, const CorpusConfig *c) {
  const char *key = c->tsv != NULL ? "tsv" : c->source != NULL ? "source" : "target";
  const char *path = c->tsv != NULL ? c->tsv : c->source != NULL ? c->source : c->target;
  if (c->split > 0 && path != NULL)
    COMPLAIN(
        check,
        "data.valid.split is %d and data.valid.%s is \"%s\", but either pairs of the training text or a text of its "
        "own serve for validation: leave one of them out",
        c->split, key, path);
}

static void check_start(Checker *check, const Config *c) {
  const char *from = c->train.start_from, *vectors = c->data.embeddings.source;
  if (from != NULL && strcmp(from, c->train.model) == 0)
    COMPLAIN(check,
             "train.start_from and train.model are both \"%s\", but the model to start from must stay: write the new "
             "one elsewhere",
             from);
  if (vectors != NULL && c->model.tie_embeddings == TIE_all)
    COMPLAIN(check,
             "data.embeddings.source is \"%s\", but with model.tie_embeddings \"all\" both sides have the target's "
             "embedding: give data.embeddings.target alone",
             vectors);
  if (vectors == NULL) vectors = c->data.embeddings.target;
  if (from != NULL && vectors != NULL)
    COMPLAIN(check,
             "train.start_from is \"%s\", whose embeddings would be overwritten by the vectors in \"%s\": leave one "
             "of them out",
             from, vectors);
}

static void check_train(Checker *check, const TrainConfig *t) {
  if (t->batch_size > 0 && t->batch_tokens > 0)
    COMPLAIN(check,
             "train.batch_size is %d and train.batch_tokens is %d, but a batch is measured in one way: leave one of "
             "them out",
             t->batch_size, t->batch_tokens);
  if (t->average > t->keep)
    COMPLAIN(check,
             "train.average is %d, but train.keep is %d and only checkpoints that are kept can be averaged: set "
             "train.keep to %d, or leave it out",
             t->average, t->keep, t->average);
  if (t->schedule.type == SCHEDULE_inverse_sqrt && t->schedule.warmup == 0)
    COMPLAIN(check,
             "train.schedule.type \"inverse_sqrt\" scales with train.schedule.warmup, which is %d: set "
             "train.schedule.warmup to say 4000, or train.schedule.type to \"constant\"",
             t->schedule.warmup);
}

static void check_min_lr(Checker *check, const TrainConfig *t) {
  if (t->schedule.min_lr > t->optimizer.lr)
    COMPLAIN(check,
             "train.schedule.min_lr is %g and train.optimizer.lr is %g, but a rate that falls cannot fall to a greater "
             "one: lower train.schedule.min_lr, or leave it out",
             t->schedule.min_lr, t->optimizer.lr);
}

static void check_guide(Checker *check, const Config *c) {
  if (c->train.guided_alignment.weight > 0 && c->data.train.alignment == NULL)
    COMPLAIN(check,
             "train.guided_alignment.weight is %g, but no links are named that attention could follow: give "
             "data.train.alignment, or leave train.guided_alignment.weight out",
             c->train.guided_alignment.weight);
}

bool config_check_model(const Config *config, const char *name, ErrKind kind, Err *err) {
  Checker check = {name, kind, err, true};
  check_corpus(&check, &config->data.train, "train");
  check_corpus(&check, &config->data.valid, "valid");
  check_split(&check, &config->data.valid);
  check_side(&check, &config->vocab.source, "source");
  check_side(&check, &config->vocab.target, "target");
  check_shared(&check, &config->vocab);
  check_score(&check, &config->model);
  check_coverage(&check, &config->model);
  check_init(&check, &config->model);
  check_pattern(&check, &config->model);
  check_heads(&check, &config->model);
  check_decoder_layers(&check, &config->model);
  check_self_attention(&check, &config->model);
  check_positions(&check, &config->model);
  check_tying(&check, config);
  check_longest(&check, config);
  check_start(&check, config);
  check_train(&check, &config->train);
  check_min_lr(&check, &config->train);
  check_guide(&check, config);
  return check.ok;
}

static void need_corpus(Checker *check, const CorpusConfig *c, const char *which) {
  if (c->tsv != NULL || c->split > 0 || (c->source != NULL && c->target != NULL)) return;
  if (c->source == NULL && c->target == NULL)
    COMPLAIN(check, "data.%s: no text is named: give data.%s.source and data.%s.target, or data.%s.tsv%s", which, which,
             which, which, strcmp(which, "valid") == 0 ? ", or with data.valid.split a part of the training text" : "");
  else
    COMPLAIN(check, "data.%s.%s is missing beside data.%s.%s \"%s\"", which, c->source == NULL ? "source" : "target",
             which, c->source == NULL ? "target" : "source", c->source == NULL ? c->target : c->source);
}

/* Numbers that are computed with in single precision must not become 0 or 1 there. */
static void check_precision(Checker *check, const OptimizerConfig *o) {
  if ((float)o->lr == 0.0F)
    COMPLAIN(check, "train.optimizer.lr is %g, which is 0 in single precision: set it to say 0.001", o->lr);
  if (o->clip_norm > 0 && (float)o->clip_norm == 0.0F)
    COMPLAIN(check, "train.optimizer.clip_norm is %g, which is 0 in single precision: set it to say 1, or 0 for off",
             o->clip_norm);
  if (o->type != OPTIMIZER_adam) return;
  if ((float)o->beta1 == 1.0F)
    COMPLAIN(check, "train.optimizer.beta1 is %.17g, which is 1 in single precision: set it to say 0.9", o->beta1);
  if ((float)o->beta2 == 1.0F)
    COMPLAIN(check, "train.optimizer.beta2 is %.17g, which is 1 in single precision: set it to say 0.999", o->beta2);
  /* Squares of gradients below 1e-19 are 0 in single precision, and epsilon alone divides. */
  if (o->epsilon < 1e-16)
    COMPLAIN(check,
             "train.optimizer.epsilon is %g, too small to keep steps of vanishing gradients small: set it to 1e-16 or "
             "more, say 1e-8",
             o->epsilon);
}

bool config_check_train(const Config *config, const char *name, Err *err) {
  Checker check = {name, ERR_USAGE, err, true};
  need_corpus(&check, &config->data.train, "train");
  need_corpus(&check, &config->data.valid, "valid");
  check_precision(&check, &config->train.optimizer);
  if (strcmp(config->train.model, "-") == 0)
    COMPLAIN(&check, "train.model is %s: models, states and checkpoints are files beside one another; name a file",
             "-");
  return check.ok;
}
