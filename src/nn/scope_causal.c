/* scope_causal.c - Vaswani et al. 2017, section 3.2.3, of a decoder's self-attention: the row's own position and those
 * before it. */
#include "nn/attention.h"

static void look_at(AttentionRun *run, Look *look, const Tensor *q) {
  (void)run;
  (void)q;
  for (int r = 0; r < look->n; r++) {
    look->low[r] = 0;
    look->high[r] = look->step[r] + 1;
  }
}

const ScopeDef scope_causal = {"causal", "softmax over i <= t", NULL, NULL, look_at, REACH_PAST};
