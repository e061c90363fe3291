#include "search/pick.h"

#include <math.h>

#include "base/err.h"
#include "num/ids.h"
#include "num/vec.h"

static const double LOWEST = -1e30;

enum { BLOCK = 64 }; /* tokens whose greatest log-probability is looked at before any one of them */

PickList pick_new(Arena *arena, int cap) {
  CHECK(cap > 0, "pick_new: room for %d", cap);
  return (PickList){arena_alloc(arena, (size_t)cap, sizeof(Pick)), 0, cap};
}

static bool better(const Pick *a, const Pick *b) {
  if (a->logprob > b->logprob || a->logprob < b->logprob) return a->logprob > b->logprob;
  return a->token != b->token ? a->token < b->token : a->parent < b->parent;
}

/* The list is a binary heap: no pick is better than those below it, so the worst is at[0]. */
static void sift_down(Pick *at, int n, int i) {
  Pick moving = at[i];
  for (int child = 2 * i + 1; child < n; i = child, child = 2 * i + 1) {
    if (child + 1 < n && better(&at[child], &at[child + 1])) child++;
    if (!better(&moving, &at[child])) break;
    at[i] = at[child];
    at[child] = moving;
  }
}

static void sift_up(Pick *at, int i) {
  Pick moving = at[i];
  for (; i > 0 && better(&at[(i - 1) / 2], &moving); i = (i - 1) / 2) {
    at[i] = at[(i - 1) / 2];
    at[(i - 1) / 2] = moving;
  }
}

static void offer(PickList *list, Pick pick) {
  if (!(pick.logprob > LOWEST)) pick.logprob = LOWEST;
  if (list->n < list->cap) {
    list->at[list->n] = pick;
    sift_up(list->at, list->n++);
  } else if (better(&pick, &list->at[0])) {
    list->at[0] = pick;
    sift_down(list->at, list->n, 0);
  }
}

static double sum(double base, real logprob) { return base + (double)logprob; }

static void offer_ruled(PickList *list, Pick pick, PickRules rules) {
  if (rules.impossible || pick.logprob != -(double)INFINITY) offer(list, pick);
}

void pick_row(PickList *list, const real *row, int n_vocab, double base, int parent, PickRules rules) {
  if (rules.end) offer_ruled(list, (Pick){sum(base, row[ID_EOS]), ID_EOS, parent}, rules);
  if (rules.unknown) offer_ruled(list, (Pick){sum(base, row[ID_UNK]), ID_UNK, parent}, rules);
  for (int from = N_SPECIAL; from < n_vocab; from += BLOCK) {
    int to = from + BLOCK < n_vocab ? from + BLOCK : n_vocab;
    if (list->n == list->cap && sum(base, vec_max(row + from, (size_t)(to - from))) < list->at[0].logprob) continue;
    for (int32_t token = from; token < to; token++)
      offer_ruled(list, (Pick){sum(base, row[token]), token, parent}, rules);
  }
}

void pick_sort(PickList *list) {
  for (int n = list->n - 1; n > 0; n--) {
    Pick worst = list->at[0];
    list->at[0] = list->at[n];
    list->at[n] = worst;
    sift_down(list->at, n, 0);
  }
}

/* All that may be taken, by rising token: an order that does not hang on the last digits of the row. */
static void take_all(PickList *list, const real *row, int n_vocab, PickRules rules) {
  for (int32_t token = ID_EOS; token < n_vocab; token++) {
    bool allowed = token == ID_EOS ? rules.end : token != ID_UNK || rules.unknown;
    if (allowed) list->at[list->n++] = (Pick){fmax((double)row[token], LOWEST), token, 0};
  }
}

int32_t pick_draw(Arena *arena, const real *row, int n_vocab, double temperature, int top_k, double u,
                  PickRules rules) {
  bool all = top_k == 0 || top_k >= n_vocab;
  PickList list = pick_new(arena, all ? n_vocab : top_k);
  if (all) take_all(&list, row, n_vocab, rules);
  else pick_row(&list, row, n_vocab, 0, 0, rules);
  if (!all) pick_sort(&list);
  CHECK(list.n > 0, "pick_draw: nothing to draw from in %d tokens", n_vocab);
  double best = LOWEST, total = 0;
  for (int i = 0; i < list.n; i++) best = fmax(best, list.at[i].logprob);
  double *weight = arena_alloc(arena, (size_t)list.n, sizeof *weight);
  for (int i = 0; i < list.n; i++) total += weight[i] = exp((list.at[i].logprob - best) / temperature);
  int i = 0;
  for (double left = u * total - weight[0]; left >= 0 && i + 1 < list.n; left -= weight[i]) i++;
  return list.at[i].token;
}
