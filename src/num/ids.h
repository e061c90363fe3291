/* ids.h - token ids, and links between tokens: what text/ hands to the model. */
#ifndef NUM_IDS_H
#define NUM_IDS_H

#include <stddef.h>
#include <stdint.h>

#include "num/regions.h"

enum { ID_PAD = 0, ID_BOS = 1, ID_EOS = 2, ID_UNK = 3, N_SPECIAL = 4 };

/* Token `from` is linked to token `to` of its sentence; positions from 0. */
typedef struct TokenLink {
  int from, to;
} TokenLink;

/* The tokens of one sentence, without <s> and </s>; a view, owned by the corpus or batch it was taken from. */
typedef struct Ids {
  const int32_t *at;
  int n;
  const Regions *regions; /* what stands at these positions instead of words, its first n; NULL: words do */
  struct {
    const TokenLink *at;
    int n;
  } links; /* between them, of a graph; mostly none */
} Ids;

/* Positions that the model has for them: </s> closes a text, and nothing closes regions. */
static inline int ids_rows(const Ids *ids) { return ids->n + (ids->regions == NULL); }

typedef struct IdPair {
  Ids source, target;
} IdPair;

/* The source positions that a target token is linked to; a view. */
typedef struct Linked {
  const int *at;
  int n;
} Linked;

#endif
