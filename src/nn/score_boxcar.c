/* score_boxcar.c - Nadaraya-Watson regression with the kernel 1 of u = w |q - h_i| <= 1: a mean of what is in
 * reach. */
#include "nn/kernel_score.h"

static Tensor *compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  return kernel_score_compare(run, look, q, keys, KERNEL_boxcar);
}

const ScoreDef score_boxcar = {.name = "boxcar",
                               .equal_sizes = true,
                               .formula = "0 if w |q - h| <= 1, else -inf",
                               .declare = kernel_score_reach,
                               .compare = compare,
                               .kernel = true,
                               .compact = true,
                               .unlearned = true};
