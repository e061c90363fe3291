/* score_triangular.c - Nadaraya-Watson regression with the kernel 1 - u of u = w |q - h_i| < 1. */
#include "nn/kernel_score.h"

static Tensor *compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  return kernel_score_compare(run, look, q, keys, KERNEL_triangular);
}

const ScoreDef score_triangular = {.name = "triangular",
                                   .equal_sizes = true,
                                   .formula = "log(1 - w |q - h|), -inf from 1 on",
                                   .declare = kernel_score_reach,
                                   .compare = compare,
                                   .kernel = true,
                                   .compact = true};
