/* variants.h - the variants of a comparison: every combination of the values that some keys of a config take.
 *
 * A Variants belongs to its maker and owns its texts; const once made. */
#ifndef RUN_VARIANTS_H
#define RUN_VARIANTS_H

#include "base/err.h"

/* A key and the values it takes. */
typedef struct VariantKey {
  char *path;        /* "model.attention.score" */
  const char *label; /* its last part, or all of it where two keys end alike; in path */
  char **values;     /* [n] as they were typed */
  int n;
} VariantKey;

typedef struct Variant {
  char *name;  /* "score=dot,scope=global"; also that of its folder */
  char **sets; /* [n_keys] KEY=VALUE */
  int *value;  /* [n_keys] which of the key's values */
} Variant;

typedef struct Variants {
  VariantKey *keys;
  int n_keys;
  Variant *at; /* the last key's values change fastest */
  int n;
} Variants;

/* Reads n_texts >= 1 texts KEY=V1,V2,... Commas inside quotes do not separate. Usage errors: another form, a key or a
 * value twice, more combinations than anybody would train. */
bool variants_make(Variants *variants, const char *const *texts, int n_texts, Err *err);
void variants_free(Variants *variants);

#endif
