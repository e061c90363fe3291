#include "search/node.h"

#include <math.h>
#include <string.h>

int node_count(const Node *last) {
  int n = 0;
  for (const Node *node = last; node != NULL; node = node->before) n++;
  return n;
}

double node_coverage(const Node *last, int n_source, Arena *scratch) {
  ArenaMark mark = arena_mark(scratch);
  double *seen = arena_zero(scratch, (size_t)n_source, sizeof *seen), sum = 0;
  for (const Node *node = last; node != NULL; node = node->before)
    for (int i = 0; i < n_source; i++) seen[i] += (double)node->weights[i];
  for (int i = 0; i < n_source; i++) sum += log(fmin(fmax(seen[i], 1e-9), 1));
  arena_rewind(scratch, mark);
  return sum;
}

/* What the heads of a kind looked at in each step of a hypothesis. */
static HeadWeights spell_heads(const NodePlan *plan, HeadKind kind, const Node *last, const Hypothesis *h, Arena *out) {
  const Looks *looks = &plan->looks[kind];
  int n = looks->n_layers * looks->n_heads;
  if (n == 0) return (HeadWeights){0};
  size_t columns = (size_t)head_weights_columns(kind, h->n_target, h->n_source), cells = (size_t)h->n_target * columns;
  float *at = arena_zero(out, (size_t)n * cells, sizeof *at);
  HeadName *names = arena_alloc(out, (size_t)n, sizeof *names);
  head_weights_name(names, looks->n_layers, looks->n_heads);
  int t = h->n_target;
  for (const Node *node = last; node != NULL; node = node->before) {
    size_t row = (size_t)model_config_aligned(plan->config, --t, h->n_target);
    size_t kept = kind == HEADS_DECODER ? (size_t)t + 1 : (size_t)plan->longest;
    for (size_t k = 0; k < (size_t)n; k++)
      memcpy(at + k * cells + row * columns, node->heads[kind] + k * kept,
             (kept < columns ? kept : columns) * sizeof *at);
  }
  return (HeadWeights){n, names, at};
}

static void spell_weights(const NodePlan *plan, const Node *last, Hypothesis *h, Arena *out) {
  size_t cols = (size_t)h->n_source;
  float *weights = arena_alloc(out, (size_t)h->n_target * cols, sizeof *weights);
  double *centre = plan->centre ? arena_alloc(out, (size_t)h->n_target, sizeof *centre) : NULL;
  double *steps = plan->steps ? arena_alloc(out, (size_t)h->n_target, sizeof *steps) : NULL;
  int *chosen = plan->chosen ? arena_alloc(out, (size_t)h->n_target, sizeof *chosen) : NULL, t = h->n_target;
  for (const Node *node = last; node != NULL; node = node->before) {
    int row = model_config_aligned(plan->config, --t, h->n_target);
    if (chosen != NULL) chosen[row] = node->chosen;
    if (steps != NULL) steps[t] = (double)node->steps;
    memcpy(weights + (size_t)row * cols, node->weights, cols * sizeof *weights);
    if (centre != NULL) centre[row] = node->centre;
  }
  h->weights = weights;
  h->centre = centre;
  h->chosen = chosen;
  h->steps.target = steps;
}

Hypothesis node_spell(const NodePlan *plan, const Node *last, int n_source, Arena *out) {
  int n = node_count(last), t = n;
  int32_t *tokens = arena_alloc(out, (size_t)n, sizeof *tokens);
  double *logprob = arena_alloc(out, (size_t)n, sizeof *logprob);
  for (const Node *node = last; node != NULL; node = node->before) {
    tokens[--t] = node->token;
    logprob[t] = (double)node->logprob;
  }
  Hypothesis h = {.n_target = n, .n_source = n_source, .tokens = tokens, .token_logprob = logprob};
  if (plan->weights) spell_weights(plan, last, &h, out);
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++) h.heads.of[k] = spell_heads(plan, k, last, &h, out);
  return h;
}
