#include "eval/alignment_heads.h"

#include "base/mem.h"
#include "eval/alignment_details.h"

static void forget(AlignmentHeads *heads) {
  mem_free(heads->names);
  mem_free(heads->at);
  *heads = (AlignmentHeads){0};
}

/* A row a token that looks, n numbers in each. */
static bool is_sized(const Json *head, int n_rows, int n) {
  const Json *rows = json_type(head) == JSON_OBJECT ? json_get(head, "weights") : NULL;
  if (rows == NULL || json_type(rows) != JSON_ARRAY || json_count(rows) != n_rows) return false;
  for (const Json *row = json_first(rows); row != NULL; row = json_next(row))
    if (json_type(row) != JSON_ARRAY || json_count(row) != n) return false;
  return true;
}

static bool read_name(HeadName *name, const Json *head) {
  long layer, number;
  if (!alignment_details_integer(&layer, head, "layer", 1, 0) ||
      !alignment_details_integer(&number, head, "head", 1, 0))
    return false;
  *name = (HeadName){(int)layer, (int)number};
  return true;
}

/* Of a head that is sized, to [n_rows,n]. */
static bool read_head(HeadName *name, float *to, const Json *head, int n) {
  const Json *rows = json_get(head, "weights");
  for (const Json *row = json_first(rows); row != NULL; row = json_next(row), to += n)
    if (!alignment_details_weights(to, row, n)) return false;
  return read_name(name, head);
}

/* Heads whose weights are [n_rows,n]. */
static bool read_heads(AlignmentHeads *heads, const Json *array, int n_rows, int n) {
  size_t cells = (size_t)n_rows * (size_t)n;
  forget(heads);
  if (array == NULL) return true;
  if (json_type(array) != JSON_ARRAY) return false;
  for (const Json *head = json_first(array); head != NULL; head = json_next(head))
    if (!is_sized(head, n_rows, n)) return false;
  heads->names = mem_alloc((size_t)json_count(array) + 1, sizeof *heads->names, "alignment");
  heads->at = mem_alloc((size_t)json_count(array) * cells + 1, sizeof *heads->at, "alignment");
  for (const Json *head = json_first(array); head != NULL; head = json_next(head), heads->n++)
    if (!read_head(&heads->names[heads->n], heads->at + (size_t)heads->n * cells, head, n)) return false;
  return true;
}

/* What a row and a column of each kind is. */
static const char *const row_names[N_HEAD_KINDS] = {"target", "source", "target"};
static const char *const column_names[N_HEAD_KINDS] = {"source", "source", "target"};

bool alignment_heads_read(AlignmentFile *file, const Json *object, const char *place, Err *err) {
  int n = file->source.n, m = file->target.n;
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++)
    if (!read_heads(&file->heads[k], json_get(object, alignment_head_keys[k]), head_weights_rows(k, m, n),
                    head_weights_columns(k, m, n)))
      return err_set(
          err, ERR_FILE,
          "%s: \"%s\" is to be an array of heads: layer and head from 1, weights a row a %s token of a weight "
          "from 0 to 1 a %s token",
          place, alignment_head_keys[k], row_names[k], column_names[k]);
  return true;
}

AllHeads alignment_heads_view(const AlignmentFile *file) {
  AllHeads all;
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++)
    all.of[k] = (HeadWeights){file->heads[k].n, file->heads[k].names, file->heads[k].at};
  return all;
}

void alignment_heads_free(AlignmentFile *file) {
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++) forget(&file->heads[k]);
}
