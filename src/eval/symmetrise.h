/* symmetrise.h - one word alignment of a sentence pair from two, made in both directions (Och and Ney 2003; Koehn, Och
 * and Marcu 2003). As in Moses' symal:
 *
 *   intersection          links that both have
 *   union                 links that one of them has
 *   grow                  the intersection; then, again and again, links of the union that stand beside a link
 *                         taken, on a side, and have a word that no link has yet
 *   grow-diag             the same on a side or a corner
 *   grow-diag-final       then links of which a word has none: first those of forward, then those of reverse
 *   grow-diag-final-and   grow-diag, then links of which neither word has one, in the same order
 *
 * Links are gone through by target, then source position.
 *
 * A Symmetrise belongs to its caller and to one thread; zero-initialised it is ready, symmetrise_free ends it. */
#ifndef EVAL_SYMMETRISE_H
#define EVAL_SYMMETRISE_H

#include "eval/pharaoh.h"

typedef enum SymmetriseMethod {
  SYMMETRISE_INTERSECTION,
  SYMMETRISE_UNION,
  SYMMETRISE_GROW,
  SYMMETRISE_GROW_DIAG,
  SYMMETRISE_GROW_DIAG_FINAL,
  SYMMETRISE_GROW_DIAG_FINAL_AND,
  N_SYMMETRISE
} SymmetriseMethod;

/* Their names, in this order, and NULL. */
extern const char *const symmetrise_names[];

typedef struct Symmetrise {
  struct SymmetriseLink *both; /* [n] by target, then source */
  int n, cap;
  int *sources; /* [n_sources] the source positions that have links, sorted */
  int n_sources;
  bool *source_covered, *target_covered; /* [n_sources], [n_targets] */
} Symmetrise;

/* Replaces out by the links, sorted and all sure. forward: source-target; reverse: target-source, as an aligner of that
 * direction gives them. */
void symmetrise(Symmetrise *room, SymmetriseMethod method, const PharaohLinks *forward, const PharaohLinks *reverse,
                PharaohLinks *out);
void symmetrise_free(Symmetrise *room);

#endif
