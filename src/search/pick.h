/* pick.h - which tokens a search takes next: the best of many rows of log-probabilities, in a fixed order, or a draw
 * from one row.
 *
 * `<pad>` and `<s>` are never taken; `</s>` and `<unk>` where the rules allow. What is not a number counts as LOWEST.
 * A PickList lies on an arena and belongs to one thread. */
#ifndef SEARCH_PICK_H
#define SEARCH_PICK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/real.h"

typedef struct PickRules {
  bool end, unknown; /* may be taken */
  bool impossible;   /* what has probability 0 may be taken, at LOWEST */
} PickRules;

/* A token and the hypothesis it goes on from. */
typedef struct Pick {
  double logprob; /* of the whole hypothesis */
  int32_t token;
  int parent;
} Pick;

/* The best picks so far; cap of them at most. */
typedef struct PickList {
  Pick *at;
  int n, cap;
} PickList;

PickList pick_new(Arena *arena, int cap);
/* Offers the tokens of a row [n_vocab] of log-probabilities that goes on from parent, whose own log P is base. The list
 * keeps the greatest sums; ties: the lower token, then the lower parent. */
void pick_row(PickList *list, const real *row, int n_vocab, double base, int parent, PickRules rules);
/* Puts the list in order, the best first. No pick_row after it, but after n = 0. */
void pick_sort(PickList *list);

/* Draws a token with probability proportional to p^(1/temperature), among the top_k likeliest (0: all). u in [0, 1)
 * decides. Scratch comes from the arena. */
int32_t pick_draw(Arena *arena, const real *row, int n_vocab, double temperature, int top_k, double u, PickRules rules);

#endif
