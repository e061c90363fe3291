#include "nn/transformer.h"

/* Where the numbers of each stack's layers begin, which tell masks of dropout apart. */
enum { FIRST_ENCODER = 0, FIRST_ON_TOP = MAX_LAYERS, FIRST_DECODER = 2 * MAX_LAYERS };

static AttentionSpec self_attention(const ModelConfig *c, ScopeKind scope) {
  return (AttentionSpec){.query = c->embedding,
                         .state = c->embedding,
                         .size = c->embedding,
                         .heads = c->heads,
                         .pattern = PATTERN_qkv,
                         .score = SCORE_scaled_dot,
                         .scope = scope,
                         .self = true};
}

static LayerSpec layer_of(const ModelConfig *c, int first, ScopeKind scope) {
  return (LayerSpec){.number = first,
                     .size = c->embedding,
                     .feed_forward = c->feed_forward,
                     .activation = c->activation,
                     .norm = c->norm,
                     .self = self_attention(c, scope)};
}

void transformer_declare_encoder(Stack *stack, ParamSet *set, const ModelConfig *c) {
  StackSpec spec = {.name = "encoder",
                    .layers = c->encoder.universal ? 1 : c->encoder.layers,
                    .final_norm = c->final_norm,
                    .layer = layer_of(c, FIRST_ENCODER, c->encoder.window > 0 ? SCOPE_window : SCOPE_global)};
  spec.layer.self.window = c->encoder.window;
  stack_declare(stack, set, &spec);
}

void transformer_declare_decoder(Stack *stack, ParamSet *set, const ModelConfig *c) {
  const AttentionSpec cross = attention_spec(c);
  StackSpec spec = {.name = "decoder",
                    .layers = c->decoder.layers,
                    .final_norm = c->final_norm,
                    .layer = layer_of(c, FIRST_DECODER, SCOPE_causal)};
  spec.layer.cross = &cross;
  stack_declare(stack, set, &spec);
}

void transformer_declare_on_top(Stack *stack, ParamSet *set, const ModelConfig *c) {
  const SelfAttentionConfig *s = &c->encoder.self_attention;
  int size = model_config_state(c);
  const StackSpec spec = {
      .name = "encoder.self_attention",
      .layers = s->layers,
      .final_norm = s->norm == NORM_pre,
      .layer = {.number = FIRST_ON_TOP,
                .size = size,
                .feed_forward = s->feed_forward,
                .activation = c->activation,
                .norm = s->norm,
                .self = {.query = size,
                         .state = size,
                         .size = size,
                         .heads = s->heads,
                         .pattern = s->pattern,
                         .score = SCORE_scaled_dot,
                         .scope = s->window > 0 ? SCOPE_window : SCOPE_global,
                         .window = s->window,
                         .self = true}},
  };
  stack_declare(stack, set, &spec);
}
