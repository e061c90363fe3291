/* node.h - what a search keeps of the tokens it has taken: each points back to the one before, so that hypotheses share
 * what they have in common; those handed on are spelled out. Everything lies on the search's arena. */
#ifndef SEARCH_NODE_H
#define SEARCH_NODE_H

#include "search/beam.h"

/* A token of one or more hypotheses. Of what its step looked at NULL is what nobody wants to know. */
typedef struct Node {
  const struct Node *before; /* NULL: the first */
  const float *weights;      /* [longest] the alignment */
  /* And each head: [heads,longest] at the source, [heads, t + 1] at what had been read by then, this being token t. */
  const float *heads[N_HEAD_KINDS];
  int32_t token;
  float logprob;
  float steps;   /* taken until this token */
  int chosen;    /* the position looked at */
  double centre; /* p_t */
} Node;
enum { NODE_BYTES = 64 }; /* that it takes on an arena */

/* What all nodes of a search hold. */
typedef struct NodePlan {
  const ModelConfig *config; /* of the model whose alignment it is */
  int longest;               /* S of the longest sentence */
  bool weights, centre, steps, chosen;
  Looks looks[N_HEAD_KINDS]; /* how many layers and heads of each kind; layers may be gone */
} NodePlan;

/* Tokens up to the last. */
int node_count(const Node *last);
/* sum_i log min(sum_t a_t(i), 1), logs floored at log 1e-9 (Wu et al. 2016, equation 14). */
double node_coverage(const Node *last, int n_source, Arena *scratch);
/* Tokens, log-probabilities, weights and heads of a hypothesis that has ended. */
Hypothesis node_spell(const NodePlan *plan, const Node *last, int n_source, Arena *out);

#endif
