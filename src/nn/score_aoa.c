/* score_aoa.c - attention over attention (Cui et al. 2017, eq. 2 to 6). In a recurrent decoder, for which nobody has
 * written it down, the states so far are the queries: M_j(i) = s_j . h_i for j <= t, alpha_j = softmax over i of M_j,
 * beta_i = softmax over j of M_j(i), and step t looks at sum_j mean_i beta_i(j) alpha_j: at what its own and earlier
 * states match, each as far as the source matches it. e is the logarithm of that, so the softmax of e is it. The first
 * step is `dot`. A reader (decoder_reader.c) has the words of a question for queries. */
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionSpec *spec, int *params) {
  (void)set;
  (void)spec;
  (void)params;
}

static Tensor *compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  const Tensor *now = op_dot(run->tape, run->places, look, q, keys, 1, 1);
  const Tensor *matches = op_grow(run->tape, &run->at->before->of[CARRY_matches], now);
  run->at->after.of[CARRY_matches] = *matches;
  return op_over(run->tape, look, matches, run->places->longest);
}

const ScoreDef score_aoa = {.name = "aoa",
                            .equal_sizes = true,
                            .formula = "log sum_j mean(beta_j) alpha_j",
                            .declare = declare,
                            .compare = compare,
                            .whole = true};
