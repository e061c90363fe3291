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
}

Tensor *attention_keys(const Attention *a, Tape *tape, const Memory *memory) {
  AttentionRun run = {.tape = tape, .attention = a, .memory = memory};
  return scores[a->config.score]->keys(&run);
}

AttentionRun *attention_open(const Attention *a, Tape *tape, const Memory *memory, Tensor *keys, int capacity) {
  AttentionRun *run = tape_alloc(tape, 1, sizeof *run);
  *run = (AttentionRun){.tape = tape, .attention = a, .memory = memory, .keys = keys};
  if (scores[a->config.score]->open != NULL) scores[a->config.score]->open(run, capacity);
  if (scopes[a->config.scope]->open != NULL) scopes[a->config.scope]->open(run, capacity);
  return run;
}

void attention_read(AttentionRun *run, const Tensor *q, const int *sentence, const int *step, Tensor *weights,
                    Tensor *context) {
  const AttentionConfig *c = &run->attention->config;
  Look *look = tape_alloc(run->tape, 1, sizeof *look);
  *look = (Look){.n = q->rows, .sentence = sentence, .step = step};
  look->low = tape_alloc(run->tape, (size_t)q->rows, sizeof(int));
  look->high = tape_alloc(run->tape, (size_t)q->rows, sizeof(int));
  scopes[c->scope]->look(run, look, q);
  Tensor *e = scores[c->score]->score(run, look, q);
  op_attend(run->tape, run->memory, look, e, (real)c->window / 2, weights, context);
  run->used += q->rows;
}

Tensor *attention_norm(const AttentionRun *run, const Norm *norm, Tensor *x) {
  if (!norm->on) return x;
  Tensor *y = tape_tensor(run->tape, x->rows, x->cols);
  norm_apply(norm, run->tape, x, y);
  return y;
}

Tensor attention_slab(const AttentionRun *run, const Tensor *slab, int n) { return tensor_rows(slab, run->used, n); }
