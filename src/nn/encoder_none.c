/* encoder_none.c - no layers: the states are the embedded tokens themselves, for self-attention on top of them or for a
 * decoder to look at. */
#include "nn/encoder.h"

static void declare(void *encoder, ParamSet *set, const ModelConfig *config) {
  (void)encoder;
  (void)set;
  (void)config;
}

static const Tensor *run(const void *encoder, Tape *tape, const EncoderInput *in, Encoded *out) {
  (void)encoder;
  (void)tape;
  (void)out;
  return in->x;
}

const EncoderDef encoder_none = {"none", false, true, false, 1, declare, run};
