/* beam.h - search: from source tokens to the best translations under one model or the mean of several (beam search;
 * greedy at beam size 1; sampling), with what each hypothesis attended to.
 *
 * All sentences of a batch and all their hypotheses are rows of one model step; sentences that are done leave the
 * batch. A Beam is the room of one worker: it belongs to one thread, and once warm takes nothing from the heap. The
 * models are shared and const. */
#ifndef SEARCH_BEAM_H
#define SEARCH_BEAM_H

#include "nn/model.h"
#include "search/shortlist.h"

typedef struct BeamOptions {
  int beam_size; /* K */
  int n_best;    /* hypotheses wanted, at most K; the number of draws when sampling */
  double length_penalty, coverage_penalty, max_length_ratio;
  int max_length; /* most target tokens, with `</s>`; 0: ceil(max_length_ratio n) + 10 and `</s>` */
  int min_length; /* target tokens before which `</s>` is not taken */
  bool no_unknown;
  bool sample; /* draws instead of searching, from p^(1/temperature) of the top_k likeliest tokens (0: of all) */
  double temperature;
  int top_k;
  uint64_t seed;
  bool weights;               /* also gives the alignments */
  HeadCounts heads;           /* of a single model: also gives what each looked at; 0: does not */
  int most_logprobs;          /* that stand at once, unless one sentence has more; 0: BEAM_MOST_LOGPROBS */
  const Shortlist *shortlist; /* gives only what it lists for a sentence; NULL: any token */
} BeamOptions;

/* What a search of one sentence may come to keep: nodes of hypotheses, weights where they are wanted, and what its
 * models keep of each token of each hypothesis. */
enum { BEAM_MOST_BYTES = 1 << 30, BEAM_MOST_LOGPROBS = 1 << 24 };
/* Whether options and a source of n tokens, without `</s>`, keep within that and MODEL_MOST_TOKENS on both sides; if
 * not, err (ERR_FILE) says what to lower. kept: model_config_kept of all models together. */
bool beam_fits(const BeamOptions *options, int64_t kept, int n, Err *err);
/* Hypotheses of a sentence that live at once. */
int beam_width(const BeamOptions *options);
/* Most target tokens, without `</s>`, for n source tokens, unless a model knows fewer. */
int beam_limit(const BeamOptions *options, int n);

/* T = n_target and S = n_source tokens, each with `</s>`. */
typedef struct Hypothesis {
  int n_target, n_source;
  const int32_t *tokens; /* [T], the last is ID_EOS */
  double logprob;        /* log P */
  /* log P / T^length_penalty + coverage_penalty sum_i log min(sum_t a_t(i), 1), over all S source positions (Wu et al.
   * 2016, eq. 14), logs floored at log 1e-9 */
  double score;
  const double *token_logprob; /* [T] */
  const float *weights;        /* [T,S], NULL when not asked for; in an ensemble the mean of the members' */
  const double *centre;        /* [T] p_t of local_p; NULL of another scope, an ensemble, or when not asked for */
  const int *chosen;           /* [T] likewise, the position that hard attention looked at */
  AllHeads heads;              /* what each head looked at, of a single model */
  PonderSteps steps;           /* likewise; NULL, too, when weights are not asked for */
  bool cut;                    /* closed at the greatest length, where another token was likelier than `</s>` */
} Hypothesis;

/* The n_best hypotheses of a sentence, the best first; fewer when the search found fewer. */
typedef struct BeamResult {
  int n;
  Hypothesis *best;
} BeamResult;

typedef struct Beam Beam;
/* Borrows the n_models >= 1 models, whose vocabularies are equal. */
Beam *beam_new(const Model *const *models, int n_models);
void beam_free(Beam *beam);
/* Translates a batch of n >= 1 sentences. numbers [n] tell sentences apart when sampling: a draw depends on seed,
 * number and step only. results [n] are filled; what they point to lies on the arena `out`. */
void beam_search(Beam *beam, const Ids *sources, const uint64_t *numbers, int n, const BeamOptions *options, Arena *out,
                 BeamResult *results);

#endif
