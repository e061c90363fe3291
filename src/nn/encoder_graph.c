/* encoder_graph.c - graph attention over the tokens (Velickovic et al. 2018, "Graph Attention Networks", eq. 1-5):
 * a token looks at itself, at the tokens at most `window` away and at those that it is linked to (Ids.links). A layer
 * gives ELU(sum_j a_ij v_j + b), heads beside each other, with the residual sum and normalisation of a Transformer's
 * parts, and no feed-forward network.
 *
 * gat: a_ij = softmax_j LeakyReLU(a_dst . u_i + a_src . u_j), u = W h, v = u. gatv2 (Brody et al. 2022, eq. 7):
 * a . LeakyReLU(W_r h_i + W_l h_j), v = W_l h: which j weighs most may differ from i to i. Tensors are named as those
 * of torch_geometric.nn.GATConv and GATv2Conv. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "nn/encoder.h"
#include "nn/norm.h"
#include "num/edges.h"

/* gat has u and the two vectors, gatv2 l, r, their biases and one vector. */
typedef struct GraphLayer {
  int seen, looks; /* parts: lin or lin_l; lin_r */
  int seen_bias, looks_bias;
  int att, att_dst; /* parameters: att_src or att; att_dst */
  int bias;
  Norm norm;
} GraphLayer;

typedef struct GraphEncoder {
  GraphConfig config;
  int n;
  GraphLayer layers[MAX_LAYERS];
  Norm norm; /* after the last layer, where layers normalise what they read */
} GraphEncoder;

/* The name of a tensor of a layer; in scratch. */
static const char *name_of(Str *scratch, int layer, const char *what) {
  str_clear(scratch);
  str_addf(scratch, "encoder.graph.%d.%s", layer, what);
  return str_text(scratch);
}

static GraphLayer declare_layer(ParamSet *set, const GraphConfig *c, int l, int size) {
  GraphLayer g = {.looks = -1, .seen_bias = -1, .looks_bias = -1, .att_dst = -1};
  bool two = c->kind == GRAPH_gatv2;
  int d = size / c->heads;
  Str name = {0};
  g.seen = param_weight(set, name_of(&name, l, two ? "lin_l.weight" : "lin.weight"), size, size, START_GLOROT, 1);
  if (two) {
    g.seen_bias = param_vector(set, name_of(&name, l, "lin_l.bias"), size, START_ZERO, 1);
    g.looks = param_weight(set, name_of(&name, l, "lin_r.weight"), size, size, START_GLOROT, 1);
    g.looks_bias = param_vector(set, name_of(&name, l, "lin_r.bias"), size, START_ZERO, 1);
  }
  g.att = param_kernels(set, name_of(&name, l, two ? "att" : "att_src"), 1, c->heads, d, START_VECTOR);
  if (!two) g.att_dst = param_kernels(set, name_of(&name, l, "att_dst"), 1, c->heads, d, START_VECTOR);
  g.bias = param_vector(set, name_of(&name, l, "bias"), size, START_ZERO, 1);
  if (c->norm != NORM_none) g.norm = norm_declare(set, name_of(&name, l, "norm"), size, START_ZERO, 1);
  str_free(&name);
  return g;
}

static void declare(void *encoder, ParamSet *set, const ModelConfig *config) {
  GraphEncoder *e = encoder;
  e->config = config->encoder.graph;
  e->n = config->encoder.layers;
  for (int l = 0; l < e->n; l++) e->layers[l] = declare_layer(set, &e->config, l, config->embedding);
  if (e->config.norm == NORM_pre) e->norm = norm_declare(set, "encoder.graph.norm", config->embedding, START_ZERO, 1);
}

/* ---- Who looks at whom. */

/* seen [S,S] of one sentence. */
static void mark_links(const GraphConfig *c, const Ids *source, int n, bool *seen) {
  for (int k = 0; k < source->links.n; k++) {
    TokenLink link = source->links.at[k];
    if (link.from >= source->n || link.to >= source->n) continue; /* the line was cut */
    seen[link.from * n + link.to] = true;
    if (!c->directed) seen[link.to * n + link.from] = true;
  }
}

static void mark_window(const GraphConfig *c, int n, bool *seen) {
  for (int i = 0; i < n; i++)
    for (int j = i > c->window ? i - c->window : 0; j < n && j - i <= c->window; j++) seen[i * n + j] = true;
}

/* Rows stand sentence by sentence. */
static const Edges *find_edges(const GraphConfig *c, Tape *tape, const EncoderInput *in) {
  const Places *p = &in->side->places;
  size_t square = (size_t)p->longest * (size_t)p->longest, most = 0;
  for (int b = 0; b < p->n_sent; b++) most += (size_t)p->length[b] * (size_t)p->length[b];
  bool *seen = tape_alloc(tape, square, sizeof *seen);
  int *start = tape_alloc(tape, (size_t)in->side->rows.n + 1, sizeof *start), *at = tape_alloc(tape, most, sizeof *at);
  int row = 0, k = 0;
  for (int b = 0; b < p->n_sent; b++) {
    int n = p->length[b];
    memset(seen, 0, (size_t)n * (size_t)n * sizeof *seen);
    mark_window(c, n, seen);
    mark_links(c, &in->sources[b], n, seen);
    for (int i = 0; i < n; i++) {
      start[row++] = k;
      for (int j = 0; j < n; j++)
        if (seen[i * n + j]) at[k++] = places_row(p, b, j);
    }
  }
  start[row] = k;
  Edges *edges = tape_alloc(tape, 1, sizeof *edges);
  *edges = (Edges){row, start, at};
  return edges;
}

/* ---- Layers. */

static Tensor *product(Tape *tape, const Tensor *x, int part, int bias) {
  return op_linear(tape, x, tape_part(tape, part), bias < 0 ? NULL : tape_param(tape, bias));
}

/* The weights of edges a [E,heads] as self-attention gives them, [N, heads longest]. */
static const Tensor *spread(Tape *tape, const Places *p, const Edges *edges, const Tensor *a) {
  Tensor *all = tape_zeros(tape, edges->n, a->cols * p->longest);
  for (int b = 0; b < p->n_sent; b++)
    for (int i = 0; i < p->length[b]; i++) {
      int r = places_row(p, b, i);
      for (int k = edges->start[r]; k < edges->start[r + 1]; k++)
        for (int h = 0; h < a->cols; h++)
          tensor_row(all, r)[h * p->longest + edges->at[k] - p->start[b]] = tensor_row(a, k)[h];
    }
  return all;
}

/* ELU(sum_j a_ij v_j + b); a is written. */
static const Tensor *look(const GraphEncoder *e, Tape *tape, const Edges *edges, const GraphLayer *g, const Tensor *x,
                          Tensor *a) {
  int heads = e->config.heads;
  Tensor *seen = product(tape, x, g->seen, g->seen_bias), *y = tape_tensor(tape, x->rows, x->cols), *scores;
  if (e->config.kind == GRAPH_gatv2)
    scores =
        op_edge_gatv2(tape, edges, product(tape, x, g->looks, g->looks_bias), seen, tape_param(tape, g->att), heads);
  else scores = op_edge_gat(tape, edges, seen, tape_param(tape, g->att_dst), tape_param(tape, g->att), heads);
  op_edge_gather(tape, edges, scores, seen, a, y);
  op_elu(tape, y, tape_param(tape, g->bias));
  return y;
}

static const Tensor *run_layer(const GraphEncoder *e, Tape *tape, const EncoderInput *in, const Edges *edges, int l,
                               const Tensor *x, Encoded *out) {
  const GraphLayer *g = &e->layers[l];
  NormPlace place = e->config.norm;
  Tensor *a = tape_tensor(tape, edges->start[edges->n], e->config.heads);
  const Tensor *y = look(e, tape, edges, g, place == NORM_pre ? norm_new(&g->norm, tape, x) : x, a);
  if (!tape->recording) out->attended[out->n_attended++].self = spread(tape, &in->side->places, edges, a);
  y = noise_apply(in->noise, NOISE_ENCODER, l, 0, y, NULL);
  if (place == NORM_none) return y;
  Tensor *sum = tape_tensor(tape, x->rows, x->cols);
  op_add(tape, x, y, sum);
  return place == NORM_post ? norm_new(&g->norm, tape, sum) : sum;
}

static const Tensor *run(const void *encoder, Tape *tape, const EncoderInput *in, Encoded *out) {
  const GraphEncoder *e = encoder;
  const Edges *edges = find_edges(&e->config, tape, in);
  const Tensor *x = in->x;
  for (int l = 0; l < e->n; l++) x = run_layer(e, tape, in, edges, l, x, out);
  return e->norm.on ? norm_new(&e->norm, tape, x) : x;
}

const EncoderDef encoder_graph = {"graph", false, true, false, sizeof(GraphEncoder), declare, run};
