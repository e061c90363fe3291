#include "nn/attention.h"

#define SCORE(name) extern const ScoreDef score_##name;
#include "nn/scores.def"
#undef SCORE
#define SCOPE(name) extern const ScopeDef scope_##name;
#include "nn/scopes.def"
#undef SCOPE

static const ScoreDef *const scores[] = {
#define SCORE(name) &score_##name,
#include "nn/scores.def"
#undef SCORE
};

static const ScopeDef *const scopes[] = {
#define SCOPE(name) &scope_##name,
#include "nn/scopes.def"
#undef SCOPE
};

const ScoreDef *attention_score(ScoreKind kind) { return scores[kind]; }
const ScopeDef *attention_scope(ScopeKind kind) { return scopes[kind]; }

void attention_declare(Attention *a, ParamSet *set, const ModelConfig *config) {
  a->config = config->attention;
  a->dims = (AttentionDims){config->decoder.hidden, model_config_state(config), config->attention.size,
                            config->attention.max_positions};
  scores[a->config.score]->declare(set, &a->dims, a->score);
  if (config->layer_norm && scores[a->config.score]->projects) {
    a->norm_query = norm_declare(set, "attention.norm_query", a->dims.size, START_ZERO, 1);
    a->norm_key = norm_declare(set, "attention.norm_key", a->dims.size, START_ZERO, 1);
  }
  if (scopes[a->config.scope]->declare != NULL) scopes[a->config.scope]->declare(set, &a->dims, a->scope);
  a->coverage = a->fertility = -1;
  if (a->config.coverage != COVERAGE_none)
    a->coverage = param_vector(set, "attention.coverage.weight", a->dims.size, START_VECTOR, 1);
  if (a->config.coverage == COVERAGE_fertility)
    a->fertility = param_vector(set, "attention.fertility.weight", a->dims.state, START_VECTOR, 1);
}

AttentionKeys *attention_keys(const Attention *a, Tape *tape, const Memory *memory) {
  AttentionRun run = {.tape = tape, .attention = a, .memory = memory};
  AttentionKeys *keys = tape_alloc(tape, 1, sizeof *keys);
  *keys = (AttentionKeys){.projected = scores[a->config.score]->keys(&run)};
  if (a->fertility >= 0) keys->fertility = op_linear(tape, memory->h, tape_param(tape, a->fertility), NULL);
  return keys;
}

AttentionRun *attention_open(const Attention *a, Tape *tape, const Memory *memory, const AttentionKeys *keys,
                             int capacity) {
  AttentionRun *run = tape_alloc(tape, 1, sizeof *run);
  *run = (AttentionRun){
      .tape = tape, .attention = a, .memory = memory, .keys = keys->projected, .fertility = keys->fertility};
  if (scores[a->config.score]->open != NULL) scores[a->config.score]->open(run, capacity);
  if (scopes[a->config.scope]->open != NULL) scopes[a->config.scope]->open(run, capacity);
  return run;
}

void attention_read(AttentionRun *run, AttentionLook *at) {
  const AttentionConfig *c = &run->attention->config;
  Tape *tape = run->tape;
  int n = at->query.rows;
  Look *look = tape_alloc(tape, 1, sizeof *look);
  *look = (Look){.n = n, .sentence = at->sentence, .step = at->step, .covered = at->covered};
  look->low = tape_alloc(tape, (size_t)n, sizeof(int));
  look->high = tape_alloc(tape, (size_t)n, sizeof(int));
  scopes[c->scope]->look(run, look, &at->query);
  for (int r = 0; at->centre.x != NULL && r < n; r++) tensor_row(&at->centre, r)[0] = tensor_row(look->centre, r)[0];
  Tensor *e = scores[c->score]->score(run, look, &at->query);
  op_attend(tape, run->memory, look, e, (real)c->window / 2, &at->weights, &at->context);
  if (at->covered_after.x != NULL) op_cover(tape, run->memory, look, &at->weights, run->fertility, &at->covered_after);
  run->used += n;
}

Tensor *attention_coverage(const AttentionRun *run) {
  return run->attention->coverage < 0 ? NULL : tape_param(run->tape, run->attention->coverage);
}

Tensor *attention_norm(const AttentionRun *run, const Norm *norm, Tensor *x) {
  if (!norm->on) return x;
  Tensor *y = tape_tensor(run->tape, x->rows, x->cols);
  norm_apply(norm, run->tape, x, y);
  return y;
}

Tensor attention_slab(const AttentionRun *run, const Tensor *slab, int n) { return tensor_rows(slab, run->used, n); }
