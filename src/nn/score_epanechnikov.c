/* score_epanechnikov.c - Nadaraya-Watson regression with the kernel 1 - u^2 of u = w |q - h_i| < 1 (Epanechnikov 1969).
 */
#include "nn/kernel_score.h"

static Tensor *compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  return kernel_score_compare(run, look, q, keys, KERNEL_epanechnikov);
}

const ScoreDef score_epanechnikov = {.name = "epanechnikov",
                                     .equal_sizes = true,
                                     .formula = "log(1 - w^2 |q - h|^2), -inf from 1 on",
                                     .declare = kernel_score_reach,
                                     .compare = compare,
                                     .kernel = true,
                                     .compact = true};
