/* edited.h - copies of model files and training states with something changed, for tests of their readers. */
#ifndef TESTS_EDITED_H
#define TESTS_EDITED_H

#include "num/safetensors.h"

typedef struct Edit {
  const char *key; /* of the metadata that is replaced by text, or left out when text is NULL; NULL: none */
  const char *text;
  const char *set[5][2]; /* config keys "model.embedding" and new JSON values; those left are NULL */
  const char *drop;      /* a tensor left out, or NULL */
  const char *flatten;   /* a matrix stored as one row, or NULL */
  const char *retype;    /* a tensor stored as I32 or I64 of the same bytes, or NULL */
  const char *add;       /* a tensor added, or NULL */
} Edit;

/* Writes the file at `from`, edited, to `to`. */
void edited_write(const char *from, const char *to, const Edit *edit);

#endif
