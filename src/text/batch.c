#include "text/batch.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"

enum { POOL = 100 }; /* batches */

/* A pair while it is being sorted. */
typedef struct Item {
  PairLength length;
  int position; /* in the shuffle */
  int index;
} Item;

struct BatchScratch {
  int cap;
  Item *items; /* [cap] in shuffled order, then sorted pool by pool */
  int *cuts;   /* [cap + 1] first item of each batch, before the batches are shuffled */
  int *order;  /* [cap] of the pairs, then of the batches */
};

static uint32_t longer(uint32_t a, uint32_t b) { return a > b ? a : b; }

static void prepare(BatchPlan *plan, int n) {
  if (plan->scratch == NULL) plan->scratch = mem_zero(1, sizeof *plan->scratch, "batch plan");
  struct BatchScratch *s = plan->scratch;
  plan->n_pairs = n;
  plan->n_batches = 0;
  if (n < s->cap) return;
  s->cap = n + 1;
  size_t cap = (size_t)s->cap;
  s->items = mem_grow(s->items, cap, sizeof *s->items, "batch plan");
  s->cuts = mem_grow(s->cuts, cap, sizeof *s->cuts, "batch plan");
  s->order = mem_grow(s->order, cap, sizeof *s->order, "batch plan");
  plan->index = mem_grow(plan->index, cap, sizeof *plan->index, "batch plan");
  plan->start = mem_grow(plan->start, cap, sizeof *plan->start, "batch plan");
}

/* The numbers 0 .. n-1, shuffled when key is not NULL. */
static void fill_order(int *order, int n, const uint64_t *key) {
  for (int i = 0; i < n; i++) order[i] = i;
  if (key != NULL) rng_shuffle(*key, order, n);
}

static int by_falling_length(const void *left, const void *right) {
  const Item *a = left, *b = right;
  if (a->length.target != b->length.target) return a->length.target > b->length.target ? -1 : 1;
  if (a->length.source != b->length.source) return a->length.source > b->length.source ? -1 : 1;
  return (a->position > b->position) - (a->position < b->position);
}

/* Tokens that a pair counts for alone: those of its longer side, with </s>. */
static uint32_t weight(const Item *item) { return longer(item->length.source, item->length.target) + 1; }

/* End of the pool that starts at item `from`: about POOL batches. */
static int pool_end(const Item *items, int from, int n, const BatchOptions *options) {
  bool by_size = options->batch_size > 0;
  int64_t room = (int64_t)POOL * (by_size ? options->batch_size : options->batch_tokens);
  int end = from;
  for (; end < n && room > 0; end++) room -= by_size ? 1 : weight(&items[end]);
  return end;
}

/* End of the batch that starts at item `from`, at most `limit`. */
static int batch_end(const Item *items, int from, int limit, const BatchOptions *options) {
  int end = from + 1;
  uint32_t longest = weight(&items[from]);
  for (; end < limit; end++) {
    int64_t n = end - from + 1;
    longest = longer(longest, weight(&items[end]));
    if (options->batch_size > 0 ? n > options->batch_size : n * longest > options->batch_tokens) break;
  }
  return end;
}

/* Sorts items [from, end) and cuts them into batches. */
static void cut_pool(BatchPlan *plan, int from, int end, const BatchOptions *options) {
  struct BatchScratch *s = plan->scratch;
  qsort(s->items + from, (size_t)(end - from), sizeof *s->items, by_falling_length);
  while (from < end) {
    s->cuts[plan->n_batches++] = from;
    from = batch_end(s->items, from, end, options);
  }
  s->cuts[plan->n_batches] = end;
}

/* Copies batch b of the scratch behind the batches laid out before. Returns the cells of the padded batch. */
static int64_t lay_out(BatchPlan *plan, int place, int b) {
  const struct BatchScratch *s = plan->scratch;
  uint32_t source = 0, target = 0;
  int to = plan->start[place];
  for (int i = s->cuts[b]; i < s->cuts[b + 1]; i++) {
    plan->index[to++] = s->items[i].index;
    source = longer(source, s->items[i].length.source);
    target = longer(target, s->items[i].length.target);
  }
  plan->start[place + 1] = to;
  return (int64_t)(to - plan->start[place]) * ((int64_t)source + target + 2);
}

/* Puts the batches in the order of scratch->order and measures them. */
static void lay_out_all(BatchPlan *plan) {
  const struct BatchScratch *s = plan->scratch;
  int64_t cells = 0, most = 0, full = 0;
  plan->start[0] = 0;
  plan->largest = 0;
  for (int place = 0; place < plan->n_batches; place++) {
    int64_t here = lay_out(plan, place, s->order[place]);
    if (here > most) plan->largest = place;
    most = here > most ? here : most;
    cells += here;
  }
  for (int i = 0; i < plan->n_pairs; i++) full += (int64_t)s->items[i].length.source + s->items[i].length.target + 2;
  plan->padding = cells == 0 ? 0 : 1 - (double)full / (double)cells;
}

static void plan_all(BatchPlan *plan, const PairLength *lengths, int n, const BatchOptions *options, bool shuffled) {
  CHECK((options->batch_size > 0) != (options->batch_tokens > 0), "batch size %d, batch tokens %d", options->batch_size,
        options->batch_tokens);
  uint64_t pairs_key = rng_key(options->seed, RNG_SHUFFLE, options->epoch, 0);
  uint64_t batches_key = rng_key(options->seed, RNG_SHUFFLE, options->epoch, 1);
  prepare(plan, n);
  struct BatchScratch *s = plan->scratch;
  fill_order(s->order, n, shuffled ? &pairs_key : NULL);
  for (int i = 0; i < n; i++) s->items[i] = (Item){lengths[s->order[i]], i, s->order[i]};
  for (int from = 0; from < n;) {
    int end = shuffled ? pool_end(s->items, from, n, options) : n;
    cut_pool(plan, from, end, options);
    from = end;
  }
  fill_order(s->order, plan->n_batches, shuffled ? &batches_key : NULL);
  lay_out_all(plan);
}

void batch_plan(BatchPlan *plan, const PairLength *lengths, int n, const BatchOptions *options) {
  plan_all(plan, lengths, n, options, true);
}

void batch_plan_sequential(BatchPlan *plan, const PairLength *lengths, int n, const BatchOptions *options) {
  plan_all(plan, lengths, n, options, false);
}

void batch_free(BatchPlan *plan) {
  if (plan->scratch != NULL) {
    mem_free(plan->scratch->items);
    mem_free(plan->scratch->cuts);
    mem_free(plan->scratch->order);
  }
  mem_free(plan->scratch);
  mem_free(plan->index);
  mem_free(plan->start);
  *plan = (BatchPlan){0};
}
