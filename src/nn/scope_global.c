/* scope_global.c - Luong et al. 2015, section 3.1: all positions. */
#include "nn/attention.h"

static void look_at(AttentionRun *run, Look *look, const Tensor *q) {
  (void)q;
  for (int r = 0; r < look->n; r++) {
    look->low[r] = 0;
    look->high[r] = run->places->length[look->sentence[r]];
  }
}

const ScopeDef scope_global = {"global", "softmax over all positions", NULL, NULL, look_at, REACH_ALL};
