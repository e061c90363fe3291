/* scope_local_m.c - Luong et al. 2015, section 3.2, monotonic: positions within `window` of p_t = min(t, S - 1). */
#include "nn/attention.h"

static void look_at(AttentionRun *run, Look *look, const Tensor *q) {
  (void)q;
  int window = run->attention->spec.window;
  for (int r = 0; r < look->n; r++) {
    int length = run->places->length[look->sentence[r]];
    int centre = look->step[r] < length - 1 ? look->step[r] : length - 1;
    look->low[r] = centre > window ? centre - window : 0;
    look->high[r] = centre + window < length ? centre + window + 1 : length;
  }
}

const ScopeDef scope_local_m = {"local_m", "softmax over |i - t| <= window", NULL, NULL, look_at, REACH_WINDOW};
