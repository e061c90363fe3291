#include "conf/shape.h"

#include <string.h>

#include "conf/hard_check.h"
#include "nn/attention.h"
#include "nn/cell.h"
#include "nn/decoder.h"
#include "nn/encoder.h"
#include "nn/positions.h"

static const char *const cell_names[] = {
#define CELL(name) [CELL_##name] = #name,
#include "nn/cells.def"
#undef CELL
    [CELL_cgru] = "cgru",
};

static const char *yes(bool value) { return value ? "true" : "false"; }

static const char *const pattern_names[] = {
    [PATTERN_none] = "none", [PATTERN_qkv] = "qkv", [PATTERN_qvv] = "qvv", [PATTERN_vvv] = "vvv"};

const char *shape_pattern(PatternKind kind) { return pattern_names[kind]; }

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

/* dot, scaled_dot, kernels: query and encoder state are compared directly. */
static void check_score(Checker *check, const ModelConfig *m) {
  const ScoreDef *score = attention_score(m->attention.score);
  if (score->unlearned && m->attention.width == 0)
    COMPLAIN(check,
             "model.attention.score \"%s\" has no gradient that model.attention.width could be learned by, and it is "
             "not given: set model.attention.width to say %g, or model.attention.score to \"epanechnikov\"",
             score->name, 0.1);
  if (score->equal_sizes && m->attention.pattern == PATTERN_none)
    check_equal_sizes(check, m, "model.attention.score", score->name, "general");
}

/* The bell of local_p is half as wide as the window. */
static void check_window(Checker *check, const AttentionConfig *a) {
  if (a->scope == SCOPE_local_p && a->window == 0)
    COMPLAIN(check,
             "model.attention.window is 0, the one position alone, but model.attention.scope \"local_p\" weighs a "
             "neighbourhood: set model.attention.window to 1 or more, or model.attention.scope to \"%s\"",
             attention_scope(SCOPE_local_m)->name);
}

/* aoa needs matches of queries with all positions as they are. */
static void check_whole(Checker *check, const ModelConfig *m) {
  const ScoreDef *score = attention_score(m->attention.score);
  if (!score->whole) return;
  if (m->attention.scope != SCOPE_global)
    COMPLAIN(check,
             "model.attention.score \"%s\" compares whole sources, but model.attention.scope is \"%s\": set "
             "model.attention.scope to \"global\", or model.attention.score to \"dot\"",
             score->name, attention_scope(m->attention.scope)->name);
  if (m->attention.pattern != PATTERN_none)
    COMPLAIN(check,
             "model.attention.score \"%s\" compares states as they are, but model.attention.pattern \"%s\" projects "
             "them: set model.attention.score to \"scaled_dot\"%s",
             score->name, shape_pattern(m->attention.pattern),
             m->decoder.type == DECODER_transformer ? "" : ", or model.attention.pattern to \"none\"");
}

/* One look of a query, which gives every word of a document some weight. */
static void check_reader(Checker *check, const Config *c) {
  const ModelConfig *m = &c->model;
  const AttentionConfig *a = &m->attention;
  const ScoreDef *score = attention_score(a->score);
  if (m->decoder.type != DECODER_reader) return;
  if (!c->vocab.shared)
    COMPLAIN(check,
             "model.decoder.type \"reader\" answers with a word of the source, but vocab.shared is %s: set it to "
             "true",
             yes(c->vocab.shared));
  if (tokenizer_def(c->vocab.source.tokenizer)->learned)
    COMPLAIN(check,
             "vocab.source.tokenizer is \"%s\", whose pieces are no answers, but model.decoder.type \"reader\" answers "
             "with one token of the source: set vocab.source.tokenizer and vocab.target.tokenizer to \"word\"",
             tokenizer_def(c->vocab.source.tokenizer)->name);
  if (a->pattern != PATTERN_none && !score->whole)
    COMPLAIN(check,
             "model.attention.pattern is \"%s\", but model.decoder.type \"reader\" compares states as they are: leave "
             "model.attention.pattern and model.attention.heads out",
             shape_pattern(a->pattern));
  if (a->scope != SCOPE_global && !score->whole)
    COMPLAIN(check,
             "model.attention.scope is \"%s\", but model.decoder.type \"reader\" looks at whole documents: set "
             "model.attention.scope to \"global\"",
             attention_scope(a->scope)->name);
  if (a->focus != FOCUS_soft)
    COMPLAIN(check,
             "model.attention.focus is \"%s\", but model.decoder.type \"reader\" looks once and softly: set "
             "model.attention.focus to \"soft\"",
             attention_focus(a->focus)->name);
  if (a->coverage != COVERAGE_none && score->projects)
    COMPLAIN(check,
             "model.attention.coverage is \"%s\", but model.decoder.type \"reader\" looks once: set "
             "model.attention.coverage to \"none\"",
             a->coverage == COVERAGE_count ? "count" : "fertility");
  if (score->compact)
    COMPLAIN(check,
             "model.attention.score \"%s\" gives words out of its reach no weight, and what model.decoder.type "
             "\"reader\" gives no weight it cannot learn: set model.attention.score to \"gaussian\" or \"aoa\"",
             score->name);
}

/* What the projections of heads leave no place for. */
static void check_projected(Checker *check, const ModelConfig *m) {
  const AttentionConfig *a = &m->attention;
  const char *pattern = shape_pattern(a->pattern);
  const char *unprojected = m->decoder.type == DECODER_transformer
                                ? "model.decoder.type to \"rnn\""
                                : "model.attention.pattern to \"none\" with model.attention.heads 1";
  if (a->score == SCORE_location)
    COMPLAIN(check,
             "model.attention.score \"location\" knows places, not the keys that model.attention.pattern \"%s\" makes: "
             "set model.attention.score to \"scaled_dot\", or %s",
             pattern, unprojected);
  if (m->layer_norm && attention_score(a->score)->projects)
    COMPLAIN(check,
             "model.layer_norm is true, which normalises what model.attention.score \"%s\" itself projects, but with "
             "model.attention.pattern \"%s\" it projects nothing: set model.attention.score to \"scaled_dot\", or "
             "model.layer_norm to false",
             attention_score(a->score)->name, pattern);
  if (a->coverage != COVERAGE_none)
    COMPLAIN(check,
             "model.attention.coverage counts the weights of one attention, but model.attention.pattern is \"%s\" and "
             "model.attention.heads is %d: set model.attention.coverage to \"none\", or %s and model.attention.score "
             "\"additive\"",
             pattern, a->heads, unprojected);
  if (a->conv.filters > 0)
    COMPLAIN(
        check,
        "model.attention.conv.filters is %d, whose finds join what one attention projects, but "
        "model.attention.pattern is \"%s\" and model.attention.heads is %d: set model.attention.conv.filters to 0, or "
        "%s and model.attention.score \"additive\"",
        a->conv.filters, pattern, a->heads, unprojected);
}

static void check_pattern(Checker *check, const ModelConfig *m) {
  const AttentionConfig *a = &m->attention;
  const char *pattern = shape_pattern(a->pattern);
  if (a->pattern == PATTERN_none && m->decoder.type == DECODER_transformer)
    COMPLAIN(check,
             "model.attention.pattern is \"%s\", but the layers of model.decoder.type \"transformer\" project what "
             "they read: set model.attention.pattern to \"qkv\", or model.decoder.type to \"rnn\" (of a dump, --set "
             "model.decoder.type=transformer changes what was computed for a recurrent decoder too)",
             pattern);
  else if (a->pattern == PATTERN_none && a->heads > 1)
    COMPLAIN(check,
             "model.attention.heads is %d, but with model.attention.pattern \"none\" there are no projections that "
             "could fall into heads: set model.attention.pattern to \"qkv\", or model.attention.heads to 1",
             a->heads);
  if (a->pattern == PATTERN_none) return;
  if (a->pattern == PATTERN_vvv) check_equal_sizes(check, m, "model.attention.pattern", pattern, "qvv");
  check_projected(check, m);
}

/* What embeddings are to fall into, in self-attention and in the look at the source. */
typedef struct Parts {
  const char *key; /* of the number of parts */
  int heads;
  bool turned; /* rotary positions turn pairs of numbers in each part */
} Parts;

enum { MOST_PARTS = 4, MOST_EMBEDDING = 65536 };

static int embedding_parts(const ModelConfig *m, Parts *parts) {
  const SelfAttentionConfig *s = &m->encoder.self_attention;
  bool rotary = m->positions == POSITION_rotary;
  int n = 0;
  if (model_config_transforms(m)) parts[n++] = (Parts){"model.heads", m->heads, rotary};
  if (m->encoder.type == ENCODER_graph)
    parts[n++] = (Parts){"model.encoder.graph.heads", m->encoder.graph.heads, false};
  if (s->layers > 0 && m->encoder.type != ENCODER_rnn)
    parts[n++] =
        (Parts){"model.encoder.self_attention.heads", s->heads, rotary && !encoder_def(m->encoder.type)->attends};
  if (m->decoder.type == DECODER_transformer) parts[n++] = (Parts){"model.attention.heads", m->attention.heads, false};
  return n;
}

/* Whether a number is the first one again, which it is by default. */
static bool follows(const Parts *parts, int i) { return i > 0 && parts[i].heads == parts[0].heads; }

/* The least size of embeddings, from what it is, that all of this can do with; 0: none. */
static int fitting_embedding(const ModelConfig *m) {
  Parts parts[MOST_PARTS];
  int n = embedding_parts(m, parts);
  bool even = model_config_placed(m) && m->positions == POSITION_flow;
  for (int size = m->embedding; size <= MOST_EMBEDDING; size++) {
    bool ok = !even || size % 2 == 0;
    for (int i = 0; i < n; i++)
      ok = ok && size % parts[i].heads == 0 && (!parts[i].turned || size / parts[i].heads % 2 == 0);
    if (ok) return size;
  }
  return 0;
}

/* size: what is to fall into equal parts, in words; ways: how it could be made larger; NULL: in none. */
static void complain_of_parts(Checker *check, const char *key, int heads, const char *what, int size,
                              const char *larger_key, int larger) {
  int fewer = heads;
  Str way = {0};
  while (size % fewer != 0) fewer--;
  if (larger > 0) str_addf(&way, ", or %s to %d", larger_key, larger);
  COMPLAIN(check, "%s is %d, but %s %d, which does not fall into so many equal parts: set %s to %d%s", key, heads, what,
           size, key, fewer, str_text(&way));
  str_free(&way);
}

static int round_up(int n, int to) { return (n + to - 1) / to * to; }

/* Where embeddings, states and queries fall into heads. */
static void check_equal_parts(Checker *check, const ModelConfig *m) {
  const SelfAttentionConfig *s = &m->encoder.self_attention;
  Parts parts[MOST_PARTS];
  int n = embedding_parts(m, parts), hidden = m->encoder.hidden;
  for (int i = 0; i < n; i++) {
    if (m->embedding % parts[i].heads != 0 && !follows(parts, i))
      complain_of_parts(check, parts[i].key, parts[i].heads, "model.embedding is", m->embedding, "model.embedding",
                        fitting_embedding(m));
  }
  if (m->decoder.type == DECODER_rnn && m->attention.pattern != PATTERN_none &&
      m->attention.size % m->attention.heads != 0)
    complain_of_parts(check, "model.attention.heads", m->attention.heads, "model.attention.size is", m->attention.size,
                      "model.attention.size", round_up(m->attention.size, m->attention.heads));
  if (s->layers == 0 || m->encoder.type != ENCODER_rnn || model_config_state(m) % s->heads == 0) return;
  Str what = {0};
  tell_state(&what, m);
  str_adds(&what, " gives a state size of");
  while (hidden * (m->encoder.bidirectional ? 2 : 1) % s->heads != 0) hidden++;
  complain_of_parts(check, "model.encoder.self_attention.heads", s->heads, str_text(&what), model_config_state(m),
                    "model.encoder.hidden", hidden);
  str_free(&what);
}

static void check_alignment(Checker *check, const ModelConfig *m) {
  int heads = m->attention.alignment.heads, layer = m->attention.alignment.layer;
  if (heads > m->attention.heads)
    COMPLAIN(check,
             "model.attention.alignment.heads is %d, but model.attention.heads is %d: name at most as many, or leave "
             "model.attention.alignment.heads out",
             heads, m->attention.heads);
  if (m->decoder.type == DECODER_transformer && layer > m->decoder.layers)
    COMPLAIN(
        check,
        "model.attention.alignment.layer is %d, but model.decoder.layers is %d: name a layer from 1 to %d, or leave "
        "model.attention.alignment.layer out",
        layer, m->decoder.layers, m->decoder.layers);
}

static void check_decoder_layers(Checker *check, const ModelConfig *m) {
  if (m->decoder.type == DECODER_transformer && m->attention.size != m->embedding)
    COMPLAIN(check,
             "model.attention.size is %d and model.embedding is %d, but the layers of model.decoder.type "
             "\"transformer\" add what attention gives to what they read: leave model.attention.size out",
             m->attention.size, m->embedding);
}

/* Positions that turn pairs of numbers: of each head, or of all. */
static void check_turned(Checker *check, const ModelConfig *m) {
  Parts parts[MOST_PARTS];
  int n = embedding_parts(m, parts), larger = fitting_embedding(m);
  Str way = {0};
  if (larger > 0) str_addf(&way, "set model.embedding to %d, or model.positions to \"sinusoidal\"", larger);
  else str_adds(&way, "set model.positions to \"sinusoidal\"");
  for (int i = 0; i < n; i++)
    if (!follows(parts, i) && parts[i].turned && m->embedding % parts[i].heads == 0 &&
        m->embedding / parts[i].heads % 2 != 0)
      COMPLAIN(
          check,
          "model.positions \"rotary\" turns pairs of numbers, but model.embedding %d in %s %d gives heads of %d: %s",
          m->embedding, parts[i].key, parts[i].heads, m->embedding / parts[i].heads, str_text(&way));
  if (m->positions == POSITION_flow && m->embedding % 2 != 0)
    COMPLAIN(check, "model.positions \"flow\" turns pairs of numbers, but model.embedding is %d: %s", m->embedding,
             str_text(&way));
  str_free(&way);
}

static void check_positions(Checker *check, const ModelConfig *m) {
  const PositionDef *def = positions_def(m->positions);
  if (!model_config_placed(m)) return;
  check_turned(check, m);
  bool bare =
      m->encoder.type != ENCODER_rnn && !encoder_def(m->encoder.type)->attends && m->encoder.self_attention.layers == 0;
  if (bare && !def->tables && m->positions != POSITION_none)
    COMPLAIN(check,
             "model.positions \"%s\" is known to self-attention only, but model.encoder.type is \"%s\" and "
             "model.encoder.self_attention.layers is 0: set that to 1, or model.positions to \"sinusoidal\"",
             def->name, encoder_def(m->encoder.type)->name);
}

/* A position sees as many others to its left as to its right. */
static void check_conv(Checker *check, const ModelConfig *m) {
  int width = m->encoder.conv.width;
  if (m->encoder.type == ENCODER_conv && width % 2 == 0)
    COMPLAIN(check,
             "model.encoder.conv.width is %d, but convolutions of model.encoder.type \"conv\" have a position in their "
             "middle: set model.encoder.conv.width to %d or %d",
             width, width - 1, width + 1);
}

/* What joins the sum inside the tanh of some scores: coverage or filters. */
static void check_joined(Checker *check, const AttentionConfig *a, const char *key, const char *value,
                         const char *without) {
  if (a->pattern != PATTERN_none || attention_score(a->score)->projects)
    return; /* with a pattern see check_projected */
  COMPLAIN(check,
           "%s %s needs model.attention.score \"additive\" or \"concat\", but it is \"%s\": set "
           "model.attention.score to one of the two, or %s to %s",
           key, value, attention_score(a->score)->name, key, without);
}

static void check_gate(Checker *check, const ModelConfig *m) {
  if (m->attention.gate && m->decoder.type != DECODER_rnn)
    COMPLAIN(check,
             "model.attention.gate is true, but only a recurrent decoder has the state that opens it, and "
             "model.decoder.type is \"%s\": set model.attention.gate to false, or model.decoder.type to \"rnn\"",
             decoder_def(m->decoder.type)->name);
}

static void check_coverage(Checker *check, const ModelConfig *m) {
  if (m->attention.coverage == COVERAGE_none) return;
  check_joined(check, &m->attention, "model.attention.coverage",
               m->attention.coverage == COVERAGE_count ? "\"count\"" : "\"fertility\"", "\"none\"");
}

static void check_filters(Checker *check, const ModelConfig *m) {
  const AttentionConfig *a = &m->attention;
  if (a->conv.filters == 0) return;
  Str n = {0};
  str_addf(&n, "%d", a->conv.filters);
  check_joined(check, a, "model.attention.conv.filters", str_text(&n), "0");
  str_free(&n);
  if (a->coverage != COVERAGE_none)
    COMPLAIN(
        check,
        "model.attention.conv.filters is %d and model.attention.coverage \"%s\", but only one of the two can join the "
        "score: set model.attention.conv.filters to 0, or model.attention.coverage to \"none\"",
        a->conv.filters, a->coverage == COVERAGE_count ? "count" : "fertility");
  if (a->conv.width % 2 == 0)
    COMPLAIN(check,
             "model.attention.conv.width is %d, but a filter reaches as far to the left as to the right: set "
             "model.attention.conv.width to %d or %d",
             a->conv.width, a->conv.width - 1, a->conv.width + 1);
}

/* Adaptive computation time is of recurrent layers, and of a Transformer encoder of one layer for all depths. */
static void check_act(Checker *check, const ModelConfig *m) {
  if (m->encoder.universal && m->encoder.type != ENCODER_transformer)
    COMPLAIN(check,
             "model.encoder.universal is true, but model.encoder.type is \"%s\": set model.encoder.type to "
             "\"transformer\", or model.encoder.universal to false",
             encoder_def(m->encoder.type)->name);
  else if (m->encoder.act.max_steps > MAX_LAYERS && m->encoder.universal)
    COMPLAIN(check,
             "model.encoder.act.max_steps is %d, but with model.encoder.universal each step is a layer, of which there "
             "are at most %d: set model.encoder.act.max_steps to %d",
             m->encoder.act.max_steps, MAX_LAYERS, MAX_LAYERS);
  else if (m->encoder.act.max_steps > 0 && m->encoder.type != ENCODER_rnn && !m->encoder.universal)
    COMPLAIN(check,
             "model.encoder.act.max_steps is %d, but only recurrent layers and universal ones take several steps a "
             "token, and model.encoder.type is \"%s\": set model.encoder.type to \"rnn\", or to \"transformer\" with "
             "model.encoder.universal true, or model.encoder.act.max_steps to 0",
             m->encoder.act.max_steps, encoder_def(m->encoder.type)->name);
  if (m->decoder.act.max_steps > 0 && m->decoder.type != DECODER_rnn)
    COMPLAIN(check,
             "model.decoder.act.max_steps is %d, but only recurrent layers take several steps a token, and "
             "model.decoder.type is \"%s\": set model.decoder.type to \"rnn\", or model.decoder.act.max_steps to 0",
             m->decoder.act.max_steps, decoder_def(m->decoder.type)->name);
}

/* The head goes where it likes. */
static void check_focus(Checker *check, const ModelConfig *m) {
  const AttentionConfig *a = &m->attention;
  if (a->focus != FOCUS_ntm || a->scope == SCOPE_global) return;
  COMPLAIN(check,
           "model.attention.focus \"ntm\" moves over all of the source, but model.attention.scope is \"%s\": set "
           "model.attention.scope to \"global\", or model.attention.focus to \"soft\"",
           attention_scope(a->scope)->name);
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

static void check_limit(Checker *check, const Config *c, const ModelLimit *longest, const char *side) {
  if (c->data.max_length <= longest->tokens) return;
  Str way = {0};
  if (longest->tokens > 0) str_addf(&way, "set data.max_length to %d, or leave %s out", longest->tokens, longest->key);
  else str_addf(&way, "leave %s out, or set it to %d", longest->key, c->data.max_length + 1);
  COMPLAIN(check, "%s needs a position for each %stoken and </s>, but data.max_length is %d and %s is %d: %s",
           longest->part, side, c->data.max_length, longest->key, longest->tokens + 1, str_text(&way));
  str_free(&way);
}

static void check_longest(Checker *check, const Config *c) {
  ModelLimits longest = model_config_longest(&c->model);
  const char *source = longest.source.key, *target = longest.target.key;
  bool same = source != NULL && target != NULL && strcmp(source, target) == 0;
  check_limit(check, c, &longest.source, same ? "" : "source ");
  if (!same) check_limit(check, c, &longest.target, "target ");
}

void shape_check(Checker *check, const Config *c) {
  const ModelConfig *m = &c->model;
  check_score(check, m);
  check_whole(check, m);
  check_reader(check, c);
  check_window(check, &m->attention);
  check_coverage(check, m);
  check_filters(check, m);
  check_act(check, m);
  check_focus(check, m);
  hard_check(check, m);
  check_gate(check, m);
  check_init(check, m);
  check_pattern(check, m);
  check_equal_parts(check, m);
  check_alignment(check, m);
  check_decoder_layers(check, m);
  check_positions(check, m);
  check_conv(check, m);
  check_tying(check, c);
  check_longest(check, c);
}
