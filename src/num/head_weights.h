/* head_weights.h - what heads looked at in one output: one value from the model to the file. T target and S source
 * tokens, each with `</s>`. */
#ifndef NUM_HEAD_WEIGHTS_H
#define NUM_HEAD_WEIGHTS_H

#include <stddef.h>

/* Who looks at what: a row of weights is who, a column what. The decoder's rows are those of the alignment; what it has
 * read is `<s>` and then the target, of which a step sees no more than it has read. */
typedef enum HeadKind {
  HEADS_CROSS,   /* [T,S] the decoder at the source */
  HEADS_ENCODER, /* [S,S] the source at itself */
  HEADS_DECODER, /* [T,T] the decoder at what it has read */
  N_HEAD_KINDS
} HeadKind;

/* How many heads of each kind there are, in all layers together. */
typedef struct HeadCounts {
  int of[N_HEAD_KINDS];
} HeadCounts;

/* Both from 1, layers from the lowest. */
typedef struct HeadName {
  int layer, head;
} HeadName;

/* Heads of one kind, the weights of one after another. A view. */
typedef struct HeadWeights {
  int n;
  const HeadName *names; /* [n] layer by layer */
  const float *at;       /* [n,rows,columns]; NULL: not asked for */
} HeadWeights;

typedef struct AllHeads {
  HeadWeights of[N_HEAD_KINDS];
} AllHeads;

/* How many rows and columns the weights of a kind have. */
static inline int head_weights_rows(HeadKind kind, int n_target, int n_source) {
  return kind == HEADS_ENCODER ? n_source : n_target;
}
static inline int head_weights_columns(HeadKind kind, int n_target, int n_source) {
  return kind == HEADS_DECODER ? n_target : n_source;
}
static inline size_t head_weights_cells(HeadKind kind, int n_target, int n_source) {
  return (size_t)head_weights_rows(kind, n_target, n_source) * (size_t)head_weights_columns(kind, n_target, n_source);
}

/* How many heads there are, 0 when nobody asked for them. */
static inline size_t head_weights_count(const HeadWeights *w) { return w->at == NULL ? 0 : (size_t)w->n; }
/* Those of head k, from 0, of so many cells each. */
static inline const float *head_weights_of(const HeadWeights *w, size_t cells, size_t k) { return w->at + k * cells; }
/* Names the heads of layers that have n_heads each; names [n_layers n_heads]. */
static inline void head_weights_name(HeadName *names, int n_layers, int n_heads) {
  for (int l = 0; l < n_layers; l++)
    for (int h = 0; h < n_heads; h++) *names++ = (HeadName){l + 1, h + 1};
}

#endif
