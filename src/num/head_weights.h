/* head_weights.h - what heads looked at in one output: one value from the model to the file. */
#ifndef NUM_HEAD_WEIGHTS_H
#define NUM_HEAD_WEIGHTS_H

#include <stddef.h>

/* Both from 1, layers from the lowest. */
typedef struct HeadName {
  int layer, head;
} HeadName;

/* Each head's weights [R,S] stand one after another: R is T of a decoder's look at the source, S of an encoder's
 * self-attention; T target and S source tokens, each with `</s>`. A view. */
typedef struct HeadWeights {
  int n;
  const HeadName *names; /* [n] layer by layer */
  const float *at;       /* [n,R,S]; NULL: not asked for */
} HeadWeights;

/* How many heads there are, 0 when nobody asked for them. */
static inline size_t head_weights_count(const HeadWeights *w) { return w->at == NULL ? 0 : (size_t)w->n; }
/* [R,S] of head k, from 0; cells = R S. */
static inline const float *head_weights_of(const HeadWeights *w, size_t cells, size_t k) { return w->at + k * cells; }
/* Names the heads of layers that have n_heads each; names [n_layers n_heads]. */
static inline void head_weights_name(HeadName *names, int n_layers, int n_heads) {
  for (int l = 0; l < n_layers; l++)
    for (int h = 0; h < n_heads; h++) *names++ = (HeadName){l + 1, h + 1};
}

#endif
