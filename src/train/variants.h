/* variants.h - the variants of a comparison: every combination of the values that some keys of a config take, each
 * trained once or with several seeds.
 *
 * A Variants belongs to its maker and owns its texts; const once made. */
#ifndef TRAIN_VARIANTS_H
#define TRAIN_VARIANTS_H

#include "base/err.h"

/* A key and the values it takes, or keys that take each value together. */
typedef struct VariantKey {
  char *text;        /* as it was typed: "model.attention.score", "vocab.source.size,vocab.target.size" */
  char **paths;      /* [n_paths] the keys in it */
  int n_paths;       /* >= 1 */
  const char *label; /* the last part that all paths have, or all of the text where two keys would be called alike */
  char **values;     /* [n] as they were typed */
  int n;
} VariantKey;

typedef struct Variant {
  char *name;  /* "score=dot,scope=global"; also that of its folder */
  char **sets; /* [n_sets] KEY=VALUE */
  int n_sets;
  int *value; /* [n_keys] which of the key's values */
} Variant;

typedef struct Variants {
  VariantKey *keys;
  int n_keys;
  int n_seeds; /* >= 1; above 1 the last key is train.seed, with as many values */
  int n_told;  /* keys that tell variants apart: all but that one */
  Variant *at; /* the last key's values change fastest: those with the same told values are neighbours */
  int n;
} Variants;

/* Reads texts KEY[,KEY...]=V1,V2,... Commas inside quotes do not separate. Every variant is trained with train.seed 1
 * to n_seeds, when that is above 1. Usage errors: another form, a key or a value twice, more trainings than anybody
 * would wait for. */
bool variants_make(Variants *variants, const char *const *texts, int n_texts, int n_seeds, Err *err);
void variants_free(Variants *variants);

#endif
