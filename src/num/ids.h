/* ids.h - token ids, and links between tokens: what text/ hands to the model. */
#ifndef NUM_IDS_H
#define NUM_IDS_H

#include <stdint.h>

enum { ID_PAD = 0, ID_BOS = 1, ID_EOS = 2, ID_UNK = 3, N_SPECIAL = 4 };

/* The tokens of one sentence, without <s> and </s>; a view, owned by the corpus or batch it was taken from. */
typedef struct Ids {
  const int32_t *at;
  int n;
} Ids;

typedef struct IdPair {
  Ids source, target;
} IdPair;

/* The source positions that a target token is linked to; a view. */
typedef struct Linked {
  const int *at;
  int n;
} Linked;

#endif
