/* encoder_conv.c - convolutions over the source (Gehring et al. 2017, "Convolutional Sequence to Sequence Learning",
 * section 3.2): each layer x <- sqrt(1/2) (x + v(W [x_{i-k/2}; ...; x_{i+k/2}] + b)), v a gated linear unit, between a
 * product from E to the layers' channels and one back. A decoder compares with what comes out and, where no pattern
 * projects it, takes its contexts of sqrt(1/2) times the sum of that and the embedded token (section 3.3). Outside a
 * sentence there are zeros. Weights are not normalised as there. */
#include <math.h>
#include <stdio.h>

#include "base/str.h"
#include "nn/encoder.h"

typedef struct Product {
  int weight, bias; /* part and parameter */
} Product;

typedef struct ConvEncoder {
  int n, width;
  Product enter, leave; /* E to channels and back */
  Product layers[MAX_LAYERS];
} ConvEncoder;

/* Weights are of START_GATED over `width` positions, or with width 0 a matrix. */
static Product declare_product(ParamSet *set, const char *name, int out, int in, int width) {
  Product p;
  Str full = {0};
  str_addf(&full, "encoder.conv.%s.weight", name);
  int w = width > 0 ? param_kernels(set, str_text(&full), out, in, width, START_GATED)
                    : param_matrix(set, str_text(&full), out, in, START_GLOROT, 1);
  p.weight = param_part(set, w, 0, width > 0 ? in * width : in);
  str_clear(&full);
  str_addf(&full, "encoder.conv.%s.bias", name);
  p.bias = param_vector(set, str_text(&full), out, START_ZERO, 1);
  str_free(&full);
  return p;
}

static void declare(void *encoder, ParamSet *set, const ModelConfig *config) {
  ConvEncoder *e = encoder;
  int channels = config->encoder.conv.channels;
  e->n = config->encoder.layers;
  e->width = config->encoder.conv.width;
  e->enter = declare_product(set, "fc1", channels, config->embedding, 0);
  for (int l = 0; l < e->n; l++) {
    char name[16];
    (void)snprintf(name, sizeof name, "%d", l);
    e->layers[l] = declare_product(set, name, 2 * channels, channels, e->width);
  }
  e->leave = declare_product(set, "fc2", config->embedding, channels, 0);
}

static Tensor *apply(Tape *tape, const Product *p, const Tensor *x) {
  return op_linear(tape, x, tape_part(tape, p->weight), tape_param(tape, p->bias));
}

static const Tensor *run_layer(const ConvEncoder *e, Tape *tape, const EncoderInput *in, int l, const Tensor *x) {
  const Tensor *dropped = noise_apply(in->noise, NOISE_ENCODER, l, 0, x, NULL);
  Tensor *z = apply(tape, &e->layers[l], op_unfold(tape, &in->side->places, dropped, e->width));
  Tensor *y = tape_tensor(tape, x->rows, x->cols);
  op_glu(tape, z, x, y);
  return y;
}

static const Tensor *run(const void *encoder, Tape *tape, const EncoderInput *in, Encoded *out) {
  const ConvEncoder *e = encoder;
  const Tensor *x = apply(tape, &e->enter, in->x);
  for (int l = 0; l < e->n; l++) x = run_layer(e, tape, in, l, x);
  out->keys = apply(tape, &e->leave, x);
  Tensor *sum = tape_tensor(tape, in->x->rows, in->x->cols), *states = tape_tensor(tape, in->x->rows, in->x->cols);
  op_add(tape, out->keys, in->x, sum);
  op_place(tape, sum, (real)sqrt(0.5), NULL, NULL, states);
  return states;
}

const EncoderDef encoder_conv = {"conv", false, true, false, sizeof(ConvEncoder), declare, run};
