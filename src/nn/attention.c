#include "nn/attention.h"

#include <math.h>

#include "base/err.h"
#include "base/str.h"
#include "nn/projection.h"

#define SCORE(name) extern const ScoreDef score_##name;
#include "nn/scores.def"
#undef SCORE
#define SCOPE(name) extern const ScopeDef scope_##name;
#include "nn/scopes.def"
SCOPE(causal)
SCOPE(window)
#undef SCOPE
#define FOCUS(name) extern const FocusDef focus_##name;
#include "nn/focuses.def"
#undef FOCUS

static const ScoreDef *const scores[] = {
#define SCORE(name) &score_##name,
#include "nn/scores.def"
#undef SCORE
};

static const ScopeDef *const scopes[] = {
#define SCOPE(name) [SCOPE_##name] = &scope_##name,
#include "nn/scopes.def"
    SCOPE(causal) SCOPE(window)
#undef SCOPE
};

static const FocusDef *const focuses[] = {
#define FOCUS(name) &focus_##name,
#include "nn/focuses.def"
#undef FOCUS
};

const ScoreDef *attention_score(ScoreKind kind) { return scores[kind]; }
const ScopeDef *attention_scope(ScopeKind kind) { return scopes[kind]; }
const FocusDef *attention_focus(FocusKind kind) { return focuses[kind]; }

static const ScoreDef *score_of(const Attention *a) { return scores[a->spec.score]; }

int attention_vector(ParamSet *set, const AttentionSpec *spec, const char *what, int size, ParamStart start,
                     int gates) {
  Str name = {0};
  str_addf(&name, "%s.%s", spec->name, what);
  int index = param_vector(set, str_text(&name), size, start, gates);
  str_free(&name);
  return index;
}

int attention_matrix(ParamSet *set, const AttentionSpec *spec, const char *what, int rows, int cols) {
  Str name = {0};
  str_addf(&name, "%s.%s", spec->name, what);
  int index = param_matrix(set, str_text(&name), rows, cols, START_GLOROT, 1);
  str_free(&name);
  return index;
}

int attention_weight(ParamSet *set, const AttentionSpec *spec, const char *what, int rows, int cols) {
  return param_part(set, attention_matrix(set, spec, what, rows, cols), 0, cols);
}

int attention_of_states(ParamSet *set, const AttentionSpec *spec, int part) {
  return spec->self ? part : param_side_of(set, part, SIDE_SOURCE);
}

static Norm declare_norm(ParamSet *set, const AttentionSpec *spec, const char *what) {
  Str name = {0};
  str_addf(&name, "%s.%s", spec->name, what);
  Norm norm = norm_declare(set, str_text(&name), spec->size, START_ZERO, 1);
  str_free(&name);
  return norm;
}

AttentionSpec attention_spec(const ModelConfig *c) {
  const AttentionConfig *a = &c->attention;
  return (AttentionSpec){.name = a->pattern == PATTERN_none ? "attention" : "attention.heads",
                         .query = model_config_query(c),
                         .state = model_config_state(c),
                         .size = a->size,
                         .heads = a->pattern == PATTERN_none ? 1 : a->heads,
                         .pattern = a->pattern,
                         .score = a->score,
                         .scope = a->scope,
                         .focus = a->focus,
                         .ntm = a->ntm,
                         .hard = &a->hard,
                         .conv = a->conv,
                         .window = a->window,
                         .max_positions = a->max_positions,
                         .width = a->width,
                         .coverage = a->coverage,
                         .norm = c->layer_norm};
}

int attention_width(const AttentionSpec *spec) { return spec->pattern == PATTERN_none ? spec->state : spec->size; }

/* What q . k, or what else compares them, and a . v take. A window around p_t counts as one around t. */
static void count_look(ParamSet *set, const AttentionSpec *s) {
  bool sized = s->pattern != PATTERN_none || scores[s->score]->projects;
  ScopeReach reach = scopes[s->scope]->reach;
  int far = reach == REACH_WINDOW ? s->window : PARAM_ALL;
  param_look(set, (ParamLook){.at = s->self ? set->side : SIDE_SOURCE,
                              .columns = (sized ? s->size : s->query) + attention_width(s),
                              .before = far,
                              .behind = reach == REACH_PAST ? 0 : far});
}

void attention_declare(Attention *a, ParamSet *set, const AttentionSpec *spec) {
  CHECK(spec->pattern != PATTERN_none || spec->heads == 1, "%s: %d heads without a pattern", spec->name, spec->heads);
  *a = (Attention){.spec = *spec};
  a->spec.name = NULL;
  count_look(set, spec);
  if (spec->pattern != PATTERN_none) a->in = projection_declare(set, spec);
  score_of(a)->declare(set, spec, a->score);
  if (spec->norm && spec->pattern == PATTERN_none && score_of(a)->projects) {
    a->norm_query = declare_norm(set, spec, "norm_query");
    a->norm_key = declare_norm(set, spec, "norm_key");
  }
  if (scopes[spec->scope]->declare != NULL) scopes[spec->scope]->declare(set, spec, a->scope);
  carry_declare(a, set, spec);
  if (focuses[spec->focus]->declare != NULL) focuses[spec->focus]->declare(set, spec, a->focus);
}

const AttentionKeys *attention_keys(const Attention *a, Tape *tape, const Tensor *states, const Tensor *compared) {
  AttentionKeys *keys = tape_alloc(tape, 1, sizeof *keys);
  if (compared == NULL) compared = states;
  *keys = (AttentionKeys){compared, states, {NULL}};
  if (a->spec.pattern != PATTERN_none) projection_keys(a, tape, states, keys);
  else if (score_of(a)->keys != NULL) keys->keys = score_of(a)->keys(a, tape, compared);
  carry_keys(a, tape, states, keys->carry);
  return keys;
}

AttentionSelf attention_self(const Attention *a, Tape *tape, const Tensor *x) { return projection_self(a, tape, x); }

AttentionRun *attention_open(const Attention *a, Tape *tape, const Places *places, const AttentionKeys *keys,
                             int capacity) {
  AttentionRun *run = tape_alloc(tape, 1, sizeof *run);
  *run = (AttentionRun){.tape = tape, .attention = a, .places = places, .keys = keys};
  if (a->spec.pattern != PATTERN_none) projection_open(run, capacity);
  else if (score_of(a)->open != NULL) score_of(a)->open(run, capacity);
  if (scopes[a->spec.scope]->open != NULL) scopes[a->spec.scope]->open(run, capacity);
  if (focuses[a->spec.focus]->open != NULL) focuses[a->spec.focus]->open(run, capacity);
  return run;
}

static Look *open_look(AttentionRun *run, const AttentionLook *at) {
  int n = at->query.rows;
  Look *look = tape_alloc(run->tape, 1, sizeof *look);
  *look = (Look){.n = n, .sentence = at->sentence, .step = at->step};
  look->low = tape_alloc(run->tape, (size_t)n, sizeof(int));
  look->high = tape_alloc(run->tape, (size_t)n, sizeof(int));
  scopes[run->attention->spec.scope]->look(run, look, &at->query);
  for (int r = 0; at->centre.x != NULL && r < n; r++) tensor_row(&at->centre, r)[0] = tensor_row(look->centre, r)[0];
  return look;
}

static const Tensor *project_queries(AttentionRun *run, const AttentionLook *at) {
  const Attention *a = run->attention;
  if (at->projected) return &at->query;
  if (a->spec.pattern != PATTERN_none) return projection_queries(run, &at->query);
  return score_of(a)->queries == NULL ? &at->query : score_of(a)->queries(run, &at->query);
}

/* The weights as the context has them, with dropout a head at a time: their masks do not depend on the batch's longest
 * sentence. */
static const Tensor *drop_weights(const AttentionRun *run, const AttentionLook *at) {
  if (at->used.x != NULL) return &at->used;
  if (!noise_strikes(at->noise, NOISE_WEIGHTS)) return &at->weights;
  int longest = run->places->longest;
  Tensor *dropped = tape_tensor(run->tape, at->weights.rows, at->weights.cols);
  for (int h = 0; h < run->attention->spec.heads; h++) {
    Tensor from = tensor_cols(&at->weights, h * longest, longest), to = tensor_cols(dropped, h * longest, longest);
    (void)noise_apply(at->noise, NOISE_WEIGHTS, at->mask | h << 8, 0, &from, &to);
  }
  return dropped;
}

/* What distances add to the scores, which are products of queries and keys. */
static void join_distances(const AttentionRun *run, const AttentionLook *at, const Look *look, const Tensor *q,
                           Tensor *e) {
  if (at->among == NULL || at->among->relative_key.x == NULL) return;
  const AttentionSpec *s = &run->attention->spec;
  CHECK(s->score == SCORE_scaled_dot || s->score == SCORE_dot || s->score == SCORE_general,
        "relative positions with the score %s", score_of(run->attention)->name);
  double scale = s->score == SCORE_scaled_dot ? 1 / sqrt((double)q->cols / s->heads) : 1;
  op_relative(run->tape, look, q, &at->among->relative_key, (real)scale, e);
}

void attention_read(AttentionRun *run, AttentionLook *at) {
  const AttentionSpec *s = &run->attention->spec;
  Tape *tape = run->tape;
  int n = at->query.rows;
  CHECK(at->before != NULL || !carry_any(s), "a look without what the step before has carried");
  Look *look = open_look(run, at);
  run->at = at;
  const Tensor *q = project_queries(run, at);
  Tensor *e = scores[s->score]->compare(run, look, q, run->keys->keys);
  join_distances(run, at, look, q, e);
  focuses[s->focus]->weigh(run, look, e, at);
  Tensor joined = run->out == NULL ? at->context : attention_slab(run, run->joined, n);
  const Tensor *dropped = drop_weights(run, at);
  op_context(tape, run->places, look, dropped, run->keys->values, s->heads, &joined);
  if (at->among != NULL && at->among->relative_value.x != NULL)
    op_relative_value(tape, look, dropped, &at->among->relative_value, &joined);
  if (run->out != NULL) op_linear_to(run->out, &joined, &at->context);
  at->after = carry_pass(run, look, e, at);
  run->used += n;
}

const Tensor *attention_alignment(const AttentionSpec *spec, Tape *tape, const Tensor *weights, int n) {
  if (spec->heads == 1) return weights;
  Tensor *mean = tape_tensor(tape, weights->rows, weights->cols / spec->heads);
  op_head_mean(tape, weights, spec->heads, n > 0 ? n : spec->heads, mean);
  return mean;
}

Tensor attention_slab(const AttentionRun *run, const Tensor *slab, int n) { return tensor_rows(slab, run->used, n); }
