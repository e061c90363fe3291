#include "eval/alignment_look.h"

#include <string.h>

#include "base/mem.h"

static bool is_chosen(const HeadName *name, int layer, int head) {
  return name->layer == layer && (head == 0 || name->head == head);
}

/* The lowest layer and the highest, and the most heads of `layer`. */
typedef struct Range {
  int low, high, heads;
} Range;

static Range range_of(const HeadWeights *heads, int layer) {
  Range r = {heads->names[0].layer, heads->names[0].layer, 0};
  for (int k = 0; k < heads->n; k++) {
    const HeadName *name = &heads->names[k];
    if (name->layer < r.low) r.low = name->layer;
    if (name->layer > r.high) r.high = name->layer;
    if (name->layer == layer && name->head > r.heads) r.heads = name->head;
  }
  return r;
}

static bool complain_of_layer(const LookChoice *choice, const Range *r, Err *err) {
  if (choice->layer == 0)
    return err_set(err, ERR_FILE, "\"%s\" has layers %d to %d: say which with --layer",
                   alignment_head_keys[choice->kind], r->low, r->high);
  return err_set(err, ERR_FILE, "no layer %d in \"%s\", whose layers are %d to %d", choice->layer,
                 alignment_head_keys[choice->kind], r->low, r->high);
}

/* The layer meant; 0, with the reason, when there is none such, or no such head in it. */
static int find_layer(const HeadWeights *heads, const LookChoice *choice, Err *err) {
  if (head_weights_count(heads) == 0) {
    (void)err_set(err, ERR_FILE,
                  "no \"%s\": JSON Lines of --attention all hold it (translate and score; of a model that has such "
                  "layers)",
                  alignment_head_keys[choice->kind]);
    return 0;
  }
  Range r = range_of(heads, choice->layer);
  int layer = choice->layer == 0 && r.low == r.high ? r.low : choice->layer;
  r = range_of(heads, layer);
  if (r.heads == 0) (void)complain_of_layer(choice, &r, err);
  else if (choice->head > r.heads)
    (void)err_set(err, ERR_FILE, "no head %d in layer %d of \"%s\", which has %d", choice->head, layer,
                  alignment_head_keys[choice->kind], r.heads);
  return choice->head > r.heads || r.heads == 0 ? 0 : layer;
}

static void add_mean(AlignmentLook *look, const HeadWeights *heads, size_t cells, int layer, int head) {
  if (cells > look->cap) look->weights = mem_grow(look->weights, look->cap = 2 * cells, sizeof(float), "heatmap");
  int n = 0;
  for (int k = 0; k < heads->n; k++) n += is_chosen(&heads->names[k], layer, head);
  memset(look->weights, 0, cells * sizeof(float));
  for (int k = 0; k < heads->n; k++) {
    const float *from = head_weights_of(heads, cells, (size_t)k);
    for (size_t i = 0; i < cells && is_chosen(&heads->names[k], layer, head); i++)
      look->weights[i] += from[i] / (float)n;
  }
}

/* `<s>`, and the target without its `</s>`. */
static void set_read(AlignmentLook *look, const Alignment *a) {
  int n = a->n_target;
  if (n > look->cap_tokens) {
    look->cap_tokens = 2 * n;
    look->tokens = mem_grow(look->tokens, (size_t)look->cap_tokens, sizeof *look->tokens, "heatmap");
    look->unknown = mem_grow(look->unknown, (size_t)look->cap_tokens, sizeof *look->unknown, "heatmap");
  }
  for (int i = 0; i < n; i++) {
    look->tokens[i] = i == 0 ? "<s>" : a->target[i - 1];
    look->unknown[i] = i > 0 && alignment_target_unknown(a, i - 1);
  }
  look->alignment.source = look->tokens;
  look->alignment.n_source = n;
  look->alignment.source_unknown = look->unknown;
  look->alignment.source_words = NULL;
  look->alignment.source_cut = false;
}

static void set_source_twice(Alignment *look, const Alignment *a) {
  look->target = a->source;
  look->n_target = a->n_source;
  look->target_unknown = a->source_unknown;
  look->target_words = a->source_words;
  look->target_cut = a->source_cut;
  look->token_logprob = NULL;
}

bool alignment_look_set(AlignmentLook *look, const Alignment *a, const LookChoice *choice, Err *err) {
  const HeadWeights *heads = &a->heads.of[choice->kind];
  look->alignment = *a;
  if (a->n_target == 0) return true;
  int layer = find_layer(heads, choice, err);
  if (layer == 0) return false;
  add_mean(look, heads, head_weights_cells(choice->kind, a->n_target, a->n_source), layer, choice->head);
  look->alignment.weights = look->weights;
  look->alignment.position = NULL;
  look->alignment.chosen = NULL;
  memset(&look->alignment.heads, 0, sizeof look->alignment.heads);
  if (choice->kind == HEADS_ENCODER) set_source_twice(&look->alignment, a);
  if (choice->kind == HEADS_DECODER) set_read(look, a);
  return true;
}

void alignment_look_free(AlignmentLook *look) {
  mem_free(look->weights);
  mem_free(look->tokens);
  mem_free(look->unknown);
  *look = (AlignmentLook){0};
}
