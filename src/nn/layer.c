#include "nn/layer.h"

#include <string.h>

#include "base/str.h"

/* The parts of a layer, in the order in which PyTorch numbers its norms. */
enum { SELF, CROSS, FEED, N_SUBLAYERS };

static int name_part(ParamSet *set, const LayerSpec *spec, const char *name, int rows, int cols) {
  Str full = {0};
  str_addf(&full, "%s.%s.weight", spec->name, name);
  int part = param_weight(set, str_text(&full), rows, cols, START_GLOROT, 1);
  str_free(&full);
  return part;
}

static int name_bias(ParamSet *set, const LayerSpec *spec, const char *name, int size) {
  Str full = {0};
  str_addf(&full, "%s.%s.bias", spec->name, name);
  int index = param_vector(set, str_text(&full), size, START_ZERO, 1);
  str_free(&full);
  return index;
}

static void declare_feed_forward(Layer *l, ParamSet *set, const LayerSpec *s) {
  l->w1 = name_part(set, s, "linear1", s->feed_forward, s->size);
  l->b1 = l->b2 = l->w3 = -1;
  if (s->activation != ACTIVATION_swiglu) l->b1 = name_bias(set, s, "linear1", s->feed_forward);
  l->w2 = name_part(set, s, "linear2", s->size, s->feed_forward);
  if (s->activation != ACTIVATION_swiglu) l->b2 = name_bias(set, s, "linear2", s->size);
  else l->w3 = name_part(set, s, "linear3", s->feed_forward, s->size);
}

static void declare_attention(Attention *a, ParamSet *set, const LayerSpec *s, const char *name, AttentionSpec spec) {
  Str full = {0};
  str_addf(&full, "%s.%s", s->name, name);
  spec.name = str_text(&full);
  attention_declare(a, set, &spec);
  str_free(&full);
}

static void declare_norms(Layer *l, ParamSet *set, const LayerSpec *s) {
  int number = 1;
  for (int part = 0; part < N_SUBLAYERS && s->norm != NORM_none; part++) {
    if ((part == CROSS && !l->crosses) || (part == FEED && s->feed_forward == 0)) continue;
    Str full = {0};
    str_addf(&full, "%s.norm%d", s->name, number++);
    l->norms[part] = norm_declare(set, str_text(&full), s->size, START_ZERO, 1);
    str_free(&full);
  }
}

void layer_declare(Layer *l, ParamSet *set, const LayerSpec *s) {
  *l = (Layer){.spec = *s, .crosses = s->cross != NULL};
  l->spec.name = NULL;
  l->spec.cross = NULL;
  declare_attention(&l->self, set, s, "self_attn", s->self);
  if (l->crosses) declare_attention(&l->cross, set, s, "multihead_attn", *s->cross);
  if (s->feed_forward > 0) declare_feed_forward(l, set, s);
  declare_norms(l, set, s);
}

/* Which mask is a part's own. */
static int mask_of(const Layer *l, int part) { return l->spec.number * N_SUBLAYERS + part; }

static const Tensor *drop(const Layer *l, const LayerRun *run, int part, const Tensor *x) {
  return noise_apply(run->noise, NOISE_SUBLAYER, mask_of(l, part), 0, x, NULL);
}

/* What a part reads of x. */
static const Tensor *enter(const Layer *l, const LayerRun *run, int part, const Tensor *x) {
  return l->spec.norm == NORM_pre ? norm_new(&l->norms[part], run->tape, x) : x;
}

/* x with what a part made of it. */
static const Tensor *leave(const Layer *l, const LayerRun *run, int part, const Tensor *x, const Tensor *y) {
  y = drop(l, run, part, y);
  if (l->spec.norm == NORM_none) return y;
  Tensor *sum = tape_tensor(run->tape, x->rows, x->cols);
  op_add(run->tape, x, y, sum);
  return l->spec.norm == NORM_post ? norm_new(&l->norms[part], run->tape, sum) : sum;
}

static const Tensor *feed_forward(const Layer *l, const LayerRun *run, const Tensor *x) {
  const LayerSpec *s = &l->spec;
  Tape *tape = run->tape;
  int f = s->feed_forward;
  Tensor *wide = tape_tensor(tape, x->rows, f * activation_width(s->activation)), first = tensor_cols(wide, 0, f);
  op_linear_to(op_linear_open(tape, tape_part(tape, l->w1), l->b1 < 0 ? NULL : tape_param(tape, l->b1)), x, &first);
  if (l->w3 >= 0) {
    Tensor gate = tensor_cols(wide, f, f);
    op_linear_to(op_linear_open(tape, tape_part(tape, l->w3), NULL), x, &gate);
  }
  const Tensor *active = op_activation(tape, s->activation, wide);
  active = noise_apply(run->noise, NOISE_ACTIVATION, s->number, 0, active, NULL);
  return op_linear(tape, active, tape_part(tape, l->w2), l->b2 < 0 ? NULL : tape_param(tape, l->b2));
}

static void write_rows(const Tensor *to, const Tensor *from) {
  for (int r = 0; r < from->rows; r++)
    memcpy(tensor_row(to, r), tensor_row(from, r), (size_t)from->cols * sizeof(real));
}

/* The keys and values that the rows look at: their own, or in a step those of the cache with their own appended. */
static AttentionKeys find_keys(const LayerRun *run, int index, const AttentionSelf *p) {
  Tape *tape = run->tape;
  if (run->cache == NULL) return (AttentionKeys){tape_keep(tape, p->k), tape_keep(tape, p->v), {NULL}};
  const Cache *c = run->cache;
  Tensor keys = cache_keys(c, index, run->cached, p->k.rows), values = cache_values(c, index, run->cached, p->v.rows);
  write_rows(&keys, &p->k);
  write_rows(&values, &p->v);
  return (AttentionKeys){
      tape_keep(tape, cache_keys(c, index, 0, c->used)), tape_keep(tape, cache_values(c, index, 0, c->used)), {NULL}};
}

/* A look of all rows; gives the context. */
static const Tensor *look(const Attention *a, const LayerRun *run, const Places *places, const AttentionKeys *keys,
                          AttentionLook *at) {
  Tape *tape = run->tape;
  int n = at->query.rows;
  Tensor *context = tape_tensor(tape, n, attention_width(&a->spec));
  at->weights = *tape_tensor(tape, n, a->spec.heads * places->longest);
  at->context = *context;
  at->step = run->rows.step;
  at->noise = run->noise;
  attention_read(attention_open(a, tape, places, keys, n), at);
  return context;
}

static const Tensor *attend_self(const Layer *l, const LayerRun *run, const LayerInput *in, const Tensor *x,
                                 LayerWeights *weights) {
  Tape *tape = run->tape;
  const PositionLayer *position = in->position;
  if (position != NULL && position->table.x != NULL && in->index > 0) {
    Tensor *placed = tape_tensor(tape, x->rows, x->cols);
    op_place(tape, x, 1, &position->table, run->rows.step, placed);
    x = placed;
  }
  AttentionSelf p = attention_self(&l->self, tape, x);
  if (position != NULL) positions_turn(position, tape, run->rows.step, &p.q, &p.k, &p.v);
  AttentionKeys *keys = tape_alloc(tape, 1, sizeof *keys);
  *keys = find_keys(run, in->index, &p);
  AttentionLook at = {
      .sentence = run->owner, .query = p.q, .projected = true, .mask = mask_of(l, SELF), .among = position};
  const Tensor *context = look(&l->self, run, run->places, keys, &at);
  weights->self = tape_keep(tape, at.weights);
  return context;
}

static const Tensor *attend_source(const Layer *l, const LayerRun *run, const LayerInput *in, const Tensor *x,
                                   LayerWeights *weights) {
  AttentionLook at = {.sentence = run->rows.sentence,
                      .query = *x,
                      .mask = mask_of(l, CROSS),
                      .before = in->before,
                      .previous = run->previous};
  if (l->cross.spec.scope == SCOPE_local_p) {
    weights->centre = tape_tensor(run->tape, x->rows, 1);
    at.centre = *weights->centre;
  }
  const Tensor *context = look(&l->cross, run, run->memory, in->keys, &at);
  weights->cross = tape_keep(run->tape, at.weights);
  weights->after = at.after;
  return context;
}

const Tensor *layer_run(const Layer *l, const LayerRun *run, const LayerInput *in, LayerWeights *weights) {
  *weights = (LayerWeights){0};
  const Tensor *x = in->x;
  x = leave(l, run, SELF, x, attend_self(l, run, in, enter(l, run, SELF, x), weights));
  if (l->crosses) x = leave(l, run, CROSS, x, attend_source(l, run, in, enter(l, run, CROSS, x), weights));
  if (l->spec.feed_forward > 0) x = leave(l, run, FEED, x, feed_forward(l, run, enter(l, run, FEED, x)));
  return x;
}
