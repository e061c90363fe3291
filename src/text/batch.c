#include "text/batch.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"

enum { POOL = 100 }; /* batches */

/* A pair while its pool is being sorted. */
typedef struct BatchItem {
  PairLength length;
  int position; /* in the pool */
  int index;
} BatchItem;

static uint32_t longer(uint32_t a, uint32_t b) { return a > b ? a : b; }

/* Room for n things of a size, or for more, so that growing is rare; *cap tells for how many. */
static void *grow(void *at, int *cap, int n, size_t size) {
  if (n <= *cap) return at;
  *cap = n < 64 ? 64 : n + n / 2;
  return mem_grow(at, (size_t)*cap, size, "batch plan");
}

/* The numbers 0 .. n-1, shuffled when key is not NULL. */
static void fill_order(int *order, int n, const uint64_t *key) {
  for (int i = 0; i < n; i++) order[i] = i;
  if (key != NULL) rng_shuffle(*key, order, n);
}

static int by_falling_length(const void *left, const void *right) {
  const BatchItem *a = left, *b = right;
  if (a->length.target != b->length.target) return a->length.target > b->length.target ? -1 : 1;
  if (a->length.source != b->length.source) return a->length.source > b->length.source ? -1 : 1;
  return (a->position > b->position) - (a->position < b->position);
}

/* Tokens that a pair counts for alone: those of its longer side, with </s>. */
static uint32_t weight(PairLength length) { return longer(length.source, length.target) + 1; }

/* End of the pool that starts at pair `from`: about POOL batches. */
static int pool_end(const BatchPlan *plan, const PairLength *lengths, int from, const BatchOptions *options) {
  bool by_size = options->batch_size > 0;
  int64_t room = (int64_t)POOL * (by_size ? options->batch_size : options->batch_tokens);
  int end = from;
  for (; end < plan->n_pairs && room > 0; end++) room -= by_size ? 1 : weight(lengths[plan->pairs[end]]);
  return end;
}

/* Whether a batch of n pairs with these longest sides is too large. */
static bool too_large(const BatchOptions *o, int64_t n, PairLength longest) {
  if (o->batch_size > 0 ? n > o->batch_size : n * weight(longest) > o->batch_tokens) return true;
  double room = (double)n * model_config_numbers(&o->room, (int)longest.source, (int)longest.target);
  return o->most_room > 0 && room > o->most_room;
}

/* End of the batch that starts at item `from`, at most `limit`. */
static int batch_end(const BatchItem *items, int from, int limit, const BatchOptions *options) {
  int end = from + 1;
  PairLength longest = items[from].length;
  for (; end < limit; end++) {
    longest.source = longer(longest.source, items[end].length.source);
    longest.target = longer(longest.target, items[end].length.target);
    if (too_large(options, end - from + 1, longest)) break;
  }
  return end;
}

static void add_batch(BatchPlan *plan, int first) {
  plan->cuts = grow(plan->cuts, &plan->cap_cuts, plan->n_batches + 2, sizeof *plan->cuts);
  plan->cuts[plan->n_batches++] = first;
}

/* Sorts the pairs [from, end) and cuts them into batches. */
static void cut_pool(BatchPlan *plan, const PairLength *lengths, int from, int end, const BatchOptions *options) {
  int n = end - from, *pairs = plan->pairs + from;
  BatchItem *items = plan->items = grow(plan->items, &plan->cap_items, n, sizeof *items);
  for (int i = 0; i < n; i++) items[i] = (BatchItem){lengths[pairs[i]], i, pairs[i]};
  qsort(items, (size_t)n, sizeof *items, by_falling_length);
  for (int i = 0; i < n; i++) pairs[i] = items[i].index;
  for (int at = 0; at < n; at = batch_end(items, at, n, options)) add_batch(plan, from + at);
}

/* Cells of a padded batch. */
static int64_t cells_of(const BatchPlan *plan, const PairLength *lengths, int batch) {
  uint32_t source = 0, target = 0;
  int n;
  const int *pairs = batch_pairs(plan, batch, &n);
  for (int i = 0; i < n; i++) {
    source = longer(source, lengths[pairs[i]].source);
    target = longer(target, lengths[pairs[i]].target);
  }
  return n * ((int64_t)source + target + 2);
}

static void measure(BatchPlan *plan, const PairLength *lengths) {
  int64_t cells = 0, most = 0, full = 0;
  plan->largest = 0;
  for (int b = 0; b < plan->n_batches; b++) {
    int64_t here = cells_of(plan, lengths, b);
    if (here > most) plan->largest = b;
    most = here > most ? here : most;
    cells += here;
  }
  for (int i = 0; i < plan->n_pairs; i++) full += (int64_t)lengths[i].source + lengths[i].target + 2;
  plan->padding = cells == 0 ? 0 : 1 - (double)full / (double)cells;
}

static void plan_all(BatchPlan *plan, const PairLength *lengths, int n, const BatchOptions *options, bool shuffled) {
  CHECK((options->batch_size > 0) != (options->batch_tokens > 0), "batch size %d, batch tokens %d", options->batch_size,
        options->batch_tokens);
  uint64_t pairs_key = rng_key(options->seed, RNG_SHUFFLE, options->epoch, 0);
  uint64_t batches_key = rng_key(options->seed, RNG_SHUFFLE, options->epoch, 1);
  plan->n_pairs = n;
  plan->n_batches = 0;
  if (n > plan->cap_pairs) {
    plan->cap_pairs = n;
    plan->pairs = mem_grow(plan->pairs, (size_t)n, sizeof *plan->pairs, "batch plan");
  }
  fill_order(plan->pairs, n, shuffled ? &pairs_key : NULL);
  for (int from = 0; from < n;) {
    int end = shuffled ? pool_end(plan, lengths, from, options) : n;
    cut_pool(plan, lengths, from, end, options);
    from = end;
  }
  if (n > 0) plan->cuts[plan->n_batches] = n;
  plan->order = grow(plan->order, &plan->cap_order, plan->n_batches, sizeof *plan->order);
  fill_order(plan->order, plan->n_batches, shuffled ? &batches_key : NULL);
  measure(plan, lengths);
}

const int *batch_pairs(const BatchPlan *plan, int batch, int *n) {
  CHECK(batch >= 0 && batch < plan->n_batches, "batch %d of %d", batch, plan->n_batches);
  int place = plan->order[batch];
  *n = plan->cuts[place + 1] - plan->cuts[place];
  return plan->pairs + plan->cuts[place];
}

void batch_plan(BatchPlan *plan, const PairLength *lengths, int n, const BatchOptions *options) {
  plan_all(plan, lengths, n, options, true);
}

void batch_plan_sequential(BatchPlan *plan, const PairLength *lengths, int n, const BatchOptions *options) {
  plan_all(plan, lengths, n, options, false);
}

void batch_free(BatchPlan *plan) {
  mem_free(plan->pairs);
  mem_free(plan->cuts);
  mem_free(plan->order);
  mem_free(plan->items);
  *plan = (BatchPlan){0};
}
