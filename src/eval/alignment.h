/* alignment.h - what one output attended to, and the texts that say so: CSV matrix, tidy CSV, JSON Lines, Pharaoh
 * links.
 *
 * Pure functions. Weights and log-probabilities are printed with %.9g, which gives a float back unchanged; JSON has no
 * infinities, so a log-probability that is not finite is null there. */
#ifndef EVAL_ALIGNMENT_H
#define EVAL_ALIGNMENT_H

#include <stdbool.h>

#include "base/str.h"
#include "eval/pharaoh.h"
#include "num/head_weights.h"
#include "num/ponder_steps.h"
#include "num/regions.h"
#include "text/words.h"

/* One output (an entry of an n-best list, when rank > 0). All views, owned by whoever fills it in. An empty input line
 * is a source of `</s>` alone and n_target = 0: a CSV matrix of its header only, no tidy rows, no links. */
typedef struct Alignment {
  int id;   /* of the input line, from 0 */
  int rank; /* in the n-best list, from 1; 0: not of a list */
  const char *const *source;
  int n_source; /* with `</s>`, but of regions, which have none; >= 1 */
  const char *const *target;
  int n_target;                                /* with `</s>` */
  const char *text;                            /* the output line */
  double score;                                /* as the n-best list ranks, or log P */
  const double *token_logprob;                 /* [n_target], natural logarithm */
  const float *weights;                        /* [n_target, n_source] */
  AllHeads heads;                              /* what each head looked at, where somebody asked for it */
  const double *position;                      /* [n_target] of local_p: p_t, the middle of a row's window; or NULL */
  const int *chosen;                           /* [n_target] the one source position looked at; or NULL */
  int window;                                  /* with it: positions within window of p_t are looked at */
  PonderSteps steps;                           /* taken for each token */
  bool source_cut, target_cut;                 /* only a part of the line was read; the output ended at its limit */
  const bool *source_unknown, *target_unknown; /* [n_source], [n_target] tokens that the model does not know, or NULL */
  const Regions *regions;                      /* what the source tokens are the names of, or NULL */
  const Words *source_words, *target_words;    /* of the texts that the tokens are pieces of, or NULL */
} Alignment;

/* Whether the model knows the token; where nothing tells, only what is spelled `<unk>` is unknown. */
bool alignment_source_unknown(const Alignment *a, int s);
bool alignment_target_unknown(const Alignment *a, int t);

/* Appends the positions of such tokens of a side: [0,2]. */
void alignment_add_unknown(Str *out, const Alignment *a, bool target);

/* Appends a header of an empty cell and the source tokens, then a row a target token: the token, its weights. */
void alignment_matrix(Str *out, const Alignment *a);
/* Appends the header of the tidy form; ranked adds the column `rank`. */
void alignment_tidy_header(Str *out, bool ranked);
/* Appends a row a weight, target by target; sentences count from 1, positions from 0. */
void alignment_tidy(Str *out, const Alignment *a, bool ranked);
/* The keys of JSON objects under which the heads of each kind stand. */
extern const char *const alignment_head_keys[N_HEAD_KINDS];
/* Appends one line, a JSON object; of an image with the key "image" (pixels.h); ranked adds the key "rank", p_t the
 * keys "position" and "window", what was chosen "chosen", steps the keys "source_ponder" and "target_ponder", heads
 * those of their kinds. */
void alignment_jsonl(Str *out, const Alignment *a, bool ranked);
/* Replaces links: each target word but the closing `</s>` to the source position chosen, or the one of most weight, the
 * lower on a tie; none where that is the source's `</s>`, or where no position has weight. All sure. */
void alignment_links(PharaohLinks *links, const Alignment *a);
/* Appends those links as one line. */
void alignment_pharaoh(Str *out, const Alignment *a);

#endif
