/* encoder_transformer.c - the Transformer's encoder (Vaswani et al. 2017, section 3.1): every token attends to all of
 * its sentence. */
#include "nn/encoder.h"
#include "nn/transformer.h"

static void declare(void *encoder, ParamSet *set, const ModelConfig *config) {
  transformer_declare_encoder(encoder, set, config);
}

static const Tensor *run(const void *encoder, Tape *tape, const EncoderInput *in, Encoded *out) {
  const Stack *stack = encoder;
  const Rows *rows = &in->side->rows;
  const LayerRun run = {
      .tape = tape, .noise = in->noise, .rows = *rows, .owner = rows->sentence, .places = &in->side->places};
  const StackInput input = {.x = in->x, .positions = in->positions};
  out->n_attended = stack->n;
  return stack_run(stack, &run, &input, out->attended);
}

const EncoderDef encoder_transformer = {"transformer", false, true, true, sizeof(Stack), declare, run};
