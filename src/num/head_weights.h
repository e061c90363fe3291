/* head_weights.h - what every head of every layer looked at in one output: one value from the model to the file. */
#ifndef NUM_HEAD_WEIGHTS_H
#define NUM_HEAD_WEIGHTS_H

#include <stddef.h>

/* T target and S source tokens, each with `</s>`. A view. */
typedef struct HeadWeights {
  int n_layers, n_heads; /* of a layer */
  const float *at;       /* [n_layers,n_heads,T,S]; NULL: not asked for */
} HeadWeights;

/* Heads of all layers, 0 when nobody asked for them. */
static inline size_t head_weights_count(const HeadWeights *w) {
  return w->at == NULL ? 0 : (size_t)w->n_layers * (size_t)w->n_heads;
}
/* [T,S] of a head, both counted from 0; cells = T S. */
static inline const float *head_weights_of(const HeadWeights *w, size_t cells, int layer, int head) {
  return w->at + ((size_t)layer * (size_t)w->n_heads + (size_t)head) * cells;
}

#endif
