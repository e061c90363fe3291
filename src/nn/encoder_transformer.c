/* encoder_transformer.c - the Transformer's encoder (Vaswani et al. 2017, section 3.1): every token attends to all of
 * its sentence; or one layer of it, again and again (universal.h). */
#include "nn/encoder.h"
#include "nn/transformer.h"
#include "nn/universal.h"

typedef struct TransformerEncoder {
  Stack stack;
  bool again;
  Universal universal;
} TransformerEncoder;

static void declare(void *encoder, ParamSet *set, const ModelConfig *config) {
  TransformerEncoder *e = encoder;
  transformer_declare_encoder(&e->stack, set, config);
  e->again = config->encoder.universal;
  if (e->again) universal_declare(&e->universal, set, config);
}

static const Tensor *run(const void *encoder, Tape *tape, const EncoderInput *in, Encoded *out) {
  const TransformerEncoder *e = encoder;
  const Rows *rows = &in->side->rows;
  const LayerRun run = {
      .tape = tape, .noise = in->noise, .rows = *rows, .owner = rows->sentence, .places = &in->side->places};
  if (e->again) return universal_run(&e->universal, &e->stack, &run, in, out);
  const StackInput input = {.x = in->x, .positions = in->positions};
  out->n_attended = e->stack.n;
  return stack_run(&e->stack, &run, &input, out->attended);
}

const EncoderDef encoder_transformer = {"transformer", false, true, true, sizeof(TransformerEncoder), declare, run};
