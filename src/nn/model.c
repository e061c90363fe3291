#include "nn/model.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "nn/cloze.h"
#include "num/vec.h"

bool model_fits(int n_source, int n_target, Err *err) {
  const char *long_side = n_source >= n_target ? "source" : "target";
  int longest = n_source >= n_target ? n_source : n_target;
  if (longest > MODEL_MOST_TOKENS)
    return err_set(err, ERR_FILE, "%d %s tokens, over the most that a line may have, %d; shorten it or leave it out",
                   longest, long_side, MODEL_MOST_TOKENS);
  if (((int64_t)n_source + 1) * ((int64_t)n_target + 1) <= MODEL_MOST_WEIGHTS) return true;
  return err_set(
      err, ERR_FILE,
      "%d source and %d target tokens: the alignment of so long a pair is over the most, %d weights; shorten "
      "the pair or leave it out",
      n_source, n_target, MODEL_MOST_WEIGHTS);
}

bool model_has_room(const ModelRoom *room, int n_source, int n_target, Err *err) {
  double numbers = model_config_numbers(room, n_source, n_target);
  if (numbers <= MODEL_MOST_ROOM) return true;
  double gigabyte = (1 << 30) / sizeof(real);
  return err_set(err, ERR_FILE,
                 "%d source and up to %d target tokens: what looks at all of them takes %.1f GB, over the "
                 "most, %.0f GB; shorten the line or leave it out",
                 n_source, n_target, numbers / gigabyte, MODEL_MOST_ROOM / gigabyte);
}

static bool knows(const ModelLimit *limit, int n, const char *side, Err *err) {
  return n <= limit->tokens || err_set(err, ERR_FILE,
                                       "%d %s tokens; the model has positions for at most %d (%s); shorten the line or "
                                       "leave it out",
                                       n, side, limit->tokens, limit->key);
}

bool model_knows(const ModelLimits *longest, int n_source, int n_target, Err *err) {
  return knows(&longest->source, n_source, "source", err) && knows(&longest->target, n_target, "target", err);
}

/* Numbers of an output layer up to which packing it for each update pays: its blocks have many rows, for which a larger
 * one is as fast without, and its packs would take twice its memory (doc/SPEED.md). */
enum { AGAIN = 1 << 21 };

/* The words that the decoder reads, the decoder, and the layer that makes words of what it gives. */
static void declare_decoder(Model *m) {
  ParamSet *set = &m->params;
  const ModelConfig *c = &m->config;
  int size = model_config_readout(c);
  param_side(set, SIDE_TARGET);
  m->decoder = decoder_def(c->decoder.type);
  m->decoder_own = mem_zero(1, m->decoder->size, "decoder");
  m->embedding = m->output_w = m->output_b = -1;
  if (m->decoder->copies) {
    m->decoder->declare(m->decoder_own, set, c, -1);
    return;
  }
  m->embedding = param_table(set, "decoder.embedding.weight", c->target_vocab, c->embedding,
                             c->decoder.type == DECODER_rnn ? START_EMBEDDING : START_UNIT);
  m->decoder->declare(m->decoder_own, set, c, m->embedding);
  m->output_w = c->tie_embeddings == TIE_none
                    ? param_weight(set, "decoder.output.weight", c->target_vocab, size, START_GLOROT, 1)
                    : param_part(set, m->embedding, 0, size);
  if ((double)c->target_vocab * size <= AGAIN) (void)param_again(set, m->output_w);
  m->output_b = param_vector(set, "decoder.output.bias", c->target_vocab, START_ZERO, 1);
}

Model *model_declare(const ModelConfig *config) {
  Model *m = mem_zero(1, sizeof *m, "model");
  m->config = *config;
  bool shared = config->tie_embeddings == TIE_all;
  if (!shared) encoder_declare(&m->encoder, &m->params, &m->config, -1);
  declare_decoder(m);
  if (shared) encoder_declare(&m->encoder, &m->params, &m->config, m->embedding);
  return m;
}

Model *model_new(const ModelConfig *config) {
  Model *m = model_declare(config);
  param_seal(&m->params);
  return m;
}

void model_free(Model *m) {
  if (m == NULL) return;
  encoder_free(&m->encoder);
  mem_free(m->decoder_own);
  param_free(&m->params);
  mem_free(m);
}

double model_train_flops(const Model *m, int n_source, int n_target) {
  return 6 * (param_work(&m->params, SIDE_TARGET) * n_target + param_work(&m->params, SIDE_SOURCE) * n_source +
              param_look_work(&m->params, n_source, n_target));
}

static Targets find_targets(Tape *tape, const IdPair *pairs, int n, bool packed) {
  int *length = tape_alloc(tape, (size_t)n, sizeof *length);
  for (int b = 0; b < n; b++) length[b] = pairs[b].target.n + 1;
  const Side *side = side_new(tape->arena, length, n, packed);
  int32_t *in = tape_alloc(tape, (size_t)side->rows.n, sizeof *in);
  int32_t *want = tape_alloc(tape, (size_t)side->rows.n, sizeof *want);
  for (int r = 0; r < side->rows.n; r++) {
    const Ids *y = &pairs[side->rows.sentence[r]].target;
    int t = side->rows.step[r];
    in[r] = t == 0 ? ID_BOS : y->at[t - 1];
    want[r] = t < y->n ? y->at[t] : ID_EOS;
  }
  return (Targets){side, in, want};
}

/* By what a look at each source that is drawn is drawn. */
static const uint64_t *find_chance(const Model *m, Tape *tape, const Ids *sources, int n) {
  const AttentionConfig *a = &m->config.attention;
  if (a->focus != FOCUS_hard || a->hard.inference != INFERENCE_sample) return NULL;
  uint64_t *chance = tape_alloc(tape, (size_t)n, sizeof *chance);
  for (int b = 0; b < n; b++) chance[b] = hard_source(&sources[b]);
  return chance;
}

static Encoded *encode(const Model *m, Tape *tape, const Ids *sources, int n, const Noise *noise) {
  if (m->decoder->cloze) return cloze_encode(&m->encoder, tape, sources, n, noise);
  Encoded *encoded = encoder_run(&m->encoder, tape, sources, n, noise);
  encoded->chance = find_chance(m, tape, sources, n);
  return encoded;
}

/* The decoder over whole targets. */
typedef struct Taught {
  Targets targets;
  const Encoded *encoded;
  const NoiseRun *noise;
  DecoderOut out;
  double *soft; /* [sentences] mean log-probability under soft attention; NULL: not measured */
} Taught;

/* Everything but what the decoder makes of it. */
static Taught prepare(const Model *m, Tape *tape, const IdPair *pairs, int n, const Noise *noise) {
  Taught taught = {.targets = find_targets(tape, pairs, n, m->decoder->packed)};
  Ids *sources = tape_alloc(tape, (size_t)n, sizeof *sources);
  for (int b = 0; b < n; b++) sources[b] = pairs[b].source;
  Encoded *encoded = encode(m, tape, sources, n, noise);
  taught.encoded = encoded;
  taught.noise = noise_open(noise, tape, &taught.targets.side->rows);
  return taught;
}

static void decode(const Model *m, Tape *tape, Taught *taught) {
  m->decoder->teach(m->decoder_own, tape, taught->encoded, &taught->targets, taught->noise, &taught->out);
}

static Taught teach(const Model *m, Tape *tape, const IdPair *pairs, int n, const Noise *noise) {
  Taught taught = prepare(m, tape, pairs, n, noise);
  decode(m, tape, &taught);
  return taught;
}

/* Where weights stand that words are copied by. */
static const Copied *copied(Tape *tape, const Encoded *encoded, const int *sentence) {
  Copied *from = tape_alloc(tape, 1, sizeof *from);
  *from = (Copied){&encoded->places, encoded->ids, sentence};
  return from;
}

/* Parts of a row have its dropout. */
static XentLoss project_parts(const Model *m, Tape *tape, const Taught *taught, XentOptions options, float *logprob) {
  const Mixture *mixture = taught->out.mixture;
  const NoiseRun *noise = noise_pick(taught->noise, 0, mixture->row, mixture->mixed.n);
  const Tensor *x = noise_apply(noise, NOISE_READOUT, 0, 0, mixture->readout, NULL);
  return op_mixture(tape, &mixture->mixed, x, tape_part(tape, m->output_w), tape_param(tape, m->output_b),
                    taught->targets.want, options, logprob);
}

static XentLoss project(const Model *m, Tape *tape, const Taught *taught, XentOptions options, float *logprob) {
  if (m->decoder->copies) {
    const Copied *from = copied(tape, taught->encoded, taught->targets.side->rows.sentence);
    double loss = op_copy(tape, from, taught->out.weights, taught->targets.want, options.scale, logprob);
    return (XentLoss){loss, loss};
  }
  if (taught->out.mixture != NULL) return project_parts(m, tape, taught, options, logprob);
  const Tensor *x = taught->out.readout;
  if (noise_strikes(taught->noise, NOISE_READOUT))
    x = noise_apply(taught->noise, NOISE_READOUT, 0, 0, x, tape_in_place(tape, x->rows, x->cols));
  return op_xent(tape, x, tape_part(tape, m->output_w), tape_param(tape, m->output_b), taught->targets.want, options,
                 logprob);
}

/* The row of the alignment that the weights of row r are. */
static int aligned(const Model *m, const Side *side, int r) {
  return model_config_aligned(&m->config, side->rows.step[r], side->places.length[side->rows.sentence[r]]);
}

/* What a loss is found to be: as it is logged, and as it is differentiated, both before scale. */
typedef struct LossFound {
  double sum, differentiated;
} LossFound;

/* How likely each sentence is under soft attention, its dropout the same. */
static void measure_soft(const Model *m, Tape *tape, Taught *taught) {
  const Rows *rows = &taught->targets.side->rows;
  Taught other = *taught;
  NoiseRun soft = *taught->noise;
  soft.soft = true;
  other.noise = &soft;
  bool recording = tape->recording;
  tape->recording = false;
  float *logprob = tape_alloc(tape, (size_t)rows->n, sizeof *logprob);
  taught->soft = tape_alloc(tape, (size_t)taught->encoded->places.n_sent, sizeof *taught->soft);
  decode(m, tape, &other);
  (void)project(m, tape, &other, (XentOptions){0, 1}, logprob);
  hard_means(rows, taught->encoded->places.n_sent, logprob, taught->soft);
  tape->recording = recording;
}

/* What the likelihoods found are worth to looks that were drawn. */
static void reward(const Model *m, Tape *tape, const Taught *taught, const LossAim *aim, const float *logprob) {
  const Rows *rows = &taught->targets.side->rows;
  int n = taught->encoded->places.n_sent;
  double *mean = tape_alloc(tape, (size_t)n, sizeof *mean), *baseline = taught->soft;
  if (baseline == NULL) {
    baseline = tape_alloc(tape, (size_t)n, sizeof *baseline);
    for (int b = 0; b < n; b++) baseline[b] = aim->baseline;
  }
  hard_means(rows, n, logprob, mean);
  hard_reward(taught->out.hard, rows, mean, baseline,
              -aim->scale.of[LOSS_likelihood] * m->config.attention.hard.reward);
}

static LossFound loss_likelihood(const Model *m, Tape *tape, const Taught *taught, const LossAim *aim) {
  bool rewarded = taught->out.hard != NULL && taught->out.hard->rewarded;
  float *logprob = rewarded ? tape_alloc(tape, (size_t)taught->targets.side->rows.n, sizeof *logprob) : NULL;
  XentLoss loss = project(m, tape, taught, (XentOptions){aim->smoothing, aim->scale.of[LOSS_likelihood]}, logprob);
  if (rewarded) reward(m, tape, taught, aim, logprob);
  return (LossFound){loss.loss, loss.smoothed};
}

/* Of the weights of all rows. */
static LossFound loss_guided(const Model *m, Tape *tape, const Taught *taught, const LossAim *aim) {
  const Side *side = taught->targets.side;
  Linked *links = tape_alloc(tape, (size_t)side->rows.n, sizeof *links);
  for (int r = 0; r < side->rows.n; r++) links[r] = aim->links[side->rows.sentence[r]][aligned(m, side, r)];
  double sum = op_guide(tape, taught->out.weights, links, (GuideOptions){aim->guide, aim->scale.of[LOSS_guided]});
  return (LossFound){sum, sum};
}

/* Of the alignment: how far each source position is from having had weights of 1 in all (Xu et al. 2015, eq. 14). */
static LossFound loss_spread(const Model *m, Tape *tape, const Taught *taught, const LossAim *aim) {
  (void)m;
  double sum = op_spread(tape, &taught->encoded->places, taught->targets.side->rows.sentence, taught->out.weights,
                         aim->scale.of[LOSS_spread]);
  return (LossFound){sum, sum};
}

/* Adds what the layers of a side cost, each row N + R, times penalty in what is differentiated. */
static void add_costs(Tape *tape, const PonderedSide *side, double penalty, double scale, LossFound *found) {
  for (int l = 0; l < side->n; l++) {
    double sum = op_ponder_cost(tape, side->layers[l].cost, scale * penalty);
    found->sum += sum;
    found->differentiated += penalty * sum;
  }
}

/* Graves 2016, eq. 12 and 13, on both sides. */
static LossFound loss_ponder(const Model *m, Tape *tape, const Taught *taught, const LossAim *aim) {
  LossFound found = {0, 0};
  double scale = aim->scale.of[LOSS_ponder];
  add_costs(tape, &taught->encoded->pondered, m->config.encoder.act.penalty, scale, &found);
  add_costs(tape, &taught->out.pondered, m->config.decoder.act.penalty, scale, &found);
  return found;
}

/* Of the weights, which hard attention draws from. */
static LossFound loss_entropy(const Model *m, Tape *tape, const Taught *taught, const LossAim *aim) {
  (void)m;
  double sum = op_entropy(tape, taught->out.weights, aim->scale.of[LOSS_entropy]);
  return (LossFound){sum, sum};
}

static LossFound (*const loss_runs[])(const Model *, Tape *, const Taught *, const LossAim *) = {
#define LOSS(name, sum, mean, weight) loss_##name,
#include "nn/losses.def"
#undef LOSS
};

double model_losses(const Model *m, Tape *tape, const IdPair *pairs, int n, const Noise *noise, const LossAim *aim,
                    Losses *sums) {
  Taught taught = prepare(m, tape, pairs, n, noise);
  bool soft = model_config_reinforces(&m->config) && m->config.attention.hard.baseline == BASELINE_soft;
  if (soft && noise_draws(taught.noise)) measure_soft(m, tape, &taught);
  decode(m, tape, &taught);
  double whole = 0;
  *sums = (Losses){{0}};
  for (int k = N_LOSSES - 1; k >= 0; k--) {
    if (aim->scale.of[k] == 0) continue;
    LossFound found = loss_runs[k](m, tape, &taught, aim);
    sums->of[k] = found.sum;
    whole += aim->scale.of[k] * found.differentiated;
  }
  return whole;
}

XentLoss model_loss(const Model *m, Tape *tape, const IdPair *pairs, int n, const Noise *noise, XentOptions options) {
  Taught taught = teach(m, tape, pairs, n, noise);
  return project(m, tape, &taught, options, NULL);
}

/* Room for what one pair is found to have. */
typedef struct Found {
  float *logprob, *weights;
  float *heads[N_HEAD_KINDS]; /* of the decoder's looks; NULL: nobody asked, or there are none */
  double *centre, *steps;
  int *chosen;
} Found;

/* Room for the heads of a kind of looks, [heads,T,n] of a pair of n columns. */
static float *open_heads(Tape *tape, const Looks *looks, size_t cells, HeadWeights *heads) {
  int n = looks->n_layers * looks->n_heads;
  if (n == 0) return NULL;
  HeadName *names = tape_alloc(tape, (size_t)n, sizeof *names);
  float *at = arena_zero(tape->arena, (size_t)n * cells, sizeof *at);
  head_weights_name(names, looks->n_layers, looks->n_heads);
  *heads = (HeadWeights){n, names, at};
  return at;
}

static Found open_score(const IdPair *pair, Tape *tape, const DecoderOut *out, bool heads, ModelScore *score) {
  int n_target = pair->target.n + 1, n_source = ids_rows(&pair->source);
  Found found = {
      .logprob = tape_alloc(tape, (size_t)n_target, sizeof(float)),
      .weights = tape_alloc(tape, (size_t)n_target * (size_t)n_source, sizeof(float)),
      .centre = out->centre != NULL ? tape_alloc(tape, (size_t)n_target, sizeof(double)) : NULL,
      .steps = out->pondered.n > 0 ? tape_alloc(tape, (size_t)n_target, sizeof(double)) : NULL,
      .chosen = hard_chosen(out->hard) != NULL ? tape_alloc(tape, (size_t)n_target, sizeof(int)) : NULL,
  };
  *score = (ModelScore){.n_target = n_target,
                        .n_source = n_source,
                        .logprob = found.logprob,
                        .weights = found.weights,
                        .centre = found.centre,
                        .chosen = found.chosen,
                        .steps = {NULL, found.steps}};
  for (HeadKind k = 0; heads && k < N_HEAD_KINDS; k++)
    found.heads[k] = open_heads(tape, &out->looks[k], head_weights_cells(k, n_target, n_source), &score->heads.of[k]);
  return found;
}

/* What the heads of a kind looked at in row r, on its way to row `at` of a pair's. */
static void find_heads(const Looks *looks, HeadKind kind, int r, const ModelScore *score, int at, float *heads) {
  size_t n = (size_t)head_weights_columns(kind, score->n_target, score->n_source);
  size_t cells = head_weights_cells(kind, score->n_target, score->n_source);
  for (int l = 0; l < looks->n_layers; l++)
    for (int h = 0; h < looks->n_heads; h++) {
      const Tensor *layer = looks->layers[l];
      const real *from = tensor_row(layer, r) + (size_t)h * (size_t)(layer->cols / looks->n_heads);
      float *to = heads + (size_t)(l * looks->n_heads + h) * cells + (size_t)at * n;
      for (size_t i = 0; i < n; i++) to[i] = (float)from[i];
    }
}

static void score(const Model *m, Tape *tape, const IdPair *pairs, int n, bool heads, ModelScore *scores) {
  CHECK(!tape->recording, "model_score on a recording tape");
  Taught taught = teach(m, tape, pairs, n, NULL);
  const DecoderOut *out = &taught.out;
  const Rows *rows = &taught.targets.side->rows;
  float *all = tape_alloc(tape, (size_t)rows->n, sizeof *all);
  (void)project(m, tape, &taught, (XentOptions){0, 1}, all);
  Found *found = tape_alloc(tape, (size_t)n, sizeof *found);
  for (int b = 0; b < n; b++) {
    found[b] = open_score(&pairs[b], tape, out, heads, &scores[b]);
    scores[b].steps.source = encoder_steps(taught.encoded, b, tape->arena);
    if (heads) scores[b].heads.of[HEADS_ENCODER] = encoder_looks(taught.encoded, b, tape->arena);
  }
  for (int r = 0; r < rows->n; r++) {
    int b = rows->sentence[r], n_source = scores[b].n_source, at = aligned(m, taught.targets.side, r);
    found[b].logprob[rows->step[r]] = all[r];
    float *to = found[b].weights + (size_t)at * (size_t)n_source;
    for (int i = 0; i < n_source; i++) to[i] = (float)tensor_row(out->weights, r)[i];
    for (HeadKind k = 0; k < N_HEAD_KINDS; k++)
      if (found[b].heads[k] != NULL) find_heads(&out->looks[k], k, r, &scores[b], at, found[b].heads[k]);
    if (found[b].chosen != NULL) found[b].chosen[at] = hard_chosen(out->hard)[r];
    if (out->centre != NULL) found[b].centre[at] = (double)tensor_row(out->centre, r)[0];
    if (out->pondered.n > 0) found[b].steps[rows->step[r]] = pondered_steps(&out->pondered, r);
  }
}

void model_score(const Model *m, Tape *tape, const IdPair *pairs, int n, ModelScore *scores) {
  score(m, tape, pairs, n, false, scores);
}

void model_score_heads(const Model *m, Tape *tape, const IdPair *pairs, int n, ModelScore *scores) {
  score(m, tape, pairs, n, true, scores);
}

ModelSearch *model_search(const Model *m, Tape *tape, Arena *kept, const Ids *sources, int n, SearchRoom room) {
  CHECK(!tape->recording, "model_search on a recording tape");
  ModelSearch *search = tape_alloc(tape, 1, sizeof *search);
  Encoded *encoded = encode(m, tape, sources, n, NULL);
  *search = (ModelSearch){m, tape, encoded, arena_zero(tape->arena, 1, m->decoder->state_size), NULL};
  m->decoder->start(m->decoder_own, tape, kept, encoded, &room, search->state);
  return search;
}

void model_narrow(ModelSearch *search, const NarrowTokens *tokens, int rows) {
  const Model *m = search->model;
  Tape *tape = search->tape;
  search->narrow = narrow_open(tape, tape_part(tape, m->output_w), tape_param(tape, m->output_b), tokens,
                               search->encoded->places.n_sent, rows);
}

void model_step(const ModelSearch *search, const int32_t *tokens, const int *sentence, int t, int n, DecoderOut *out) {
  const Model *m = search->model;
  int *step = tape_alloc(search->tape, (size_t)n, sizeof *step);
  for (int r = 0; r < n; r++) step[r] = t;
  const StepRows rows = {{n, sentence, step}, tokens};
  m->decoder->step(m->decoder_own, search->tape, search->encoded, search->state, &rows, out);
}

void model_select(const ModelSearch *search, const int *parents, int n) {
  search->model->decoder->select(search->model->decoder_own, search->state, parents, n);
}

static Tensor *logits_of(const ModelSearch *search, const Tensor *readout, const int *sentence) {
  const Model *m = search->model;
  Tape *tape = search->tape;
  if (search->narrow != NULL) return narrow_logits(search->narrow, tape, readout, sentence);
  return op_linear(tape, readout, tape_part(tape, m->output_w), tape_param(tape, m->output_b));
}

/* Row by row, so that logits of many positions never stand together. */
static Tensor mixed_logprob(const ModelSearch *search, const Mixture *m, int first, int n, const int *sentence) {
  const Model *model = search->model;
  const Narrow *narrow = search->narrow;
  Tape *tape = search->tape;
  Tensor *all = tape_tensor(tape, n, narrow != NULL ? narrow->widest : model->config.target_vocab);
  for (int r = 0; r < n; r++) {
    ArenaMark mark = arena_mark(tape->arena);
    int at = m->mixed.first[first + r], parts = m->mixed.first[first + r + 1] - at;
    const Tensor readout = tensor_rows(m->readout, at, parts);
    int *same = tape_alloc(tape, (size_t)parts, sizeof *same);
    for (int k = 0; k < parts; k++) same[k] = sentence[r];
    const Tensor *logits = logits_of(search, &readout, same);
    int width = narrow != NULL ? narrow_width(&narrow->tokens, sentence[r]) : logits->cols;
    mixture_words(m, tape, first + r, logits, width, tensor_row(all, r));
    arena_rewind(tape->arena, mark);
  }
  return *all;
}

Tensor model_logprob(const ModelSearch *search, const DecoderOut *step, int first, int n, const int *sentence) {
  if (search->model->decoder->copies) {
    Tensor *all = tape_tensor(search->tape, n, search->model->config.target_vocab);
    const Tensor weights = tensor_rows(step->weights, first, n);
    op_copy_all(copied(search->tape, search->encoded, sentence), &weights, all);
    return *all;
  }
  if (step->mixture != NULL) return mixed_logprob(search, step->mixture, first, n, sentence);
  const Tensor readout = tensor_rows(step->readout, first, n);
  const Narrow *narrow = search->narrow;
  Tensor *logits = logits_of(search, &readout, sentence);
  for (int r = 0; r < logits->rows; r++) {
    size_t v = (size_t)(narrow != NULL ? narrow_width(&narrow->tokens, sentence[r]) : logits->cols);
    vec_log_softmax(tensor_row(logits, r), v);
  }
  return *logits;
}
