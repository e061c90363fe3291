/* scope_window.c - self-attention inside a window: positions at most `window` from the row's own, cut at the ends of
 * its sentence. */
#include "nn/attention.h"

static void look_at(AttentionRun *run, Look *look, const Tensor *q) {
  (void)q;
  int window = run->attention->spec.window;
  for (int r = 0; r < look->n; r++) {
    int length = run->places->length[look->sentence[r]], own = look->step[r];
    look->low[r] = own > window ? own - window : 0;
    look->high[r] = own + window < length ? own + window + 1 : length;
  }
}

const ScopeDef scope_window = {"window", "softmax over |i - t| <= window", NULL, NULL, look_at, REACH_WINDOW};
