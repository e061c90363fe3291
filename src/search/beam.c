#include "search/beam.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "nn/cache.h"
#include "search/limits.h"
#include "search/node.h"
#include "search/pick.h"

struct Beam {
  const Model *const *models;
  int n_models;
  Tape *tapes;  /* [n_models], all on steps */
  Arena *steps; /* what is encoded, and above it the step being made */
  Arena *kept;  /* the hypotheses of a batch */
};

/* A hypothesis that may go on. */
typedef struct Live {
  const Node *last; /* NULL: still empty */
  double logprob;
  int row;  /* of the step at hand */
  int draw; /* its number, when sampling */
} Live;

/* A hypothesis with its `</s>`. */
typedef struct Ended {
  const Node *last;
  double logprob, score;
  bool cut;
} Ended;

/* A sentence being searched. */
typedef struct Sentence {
  int index;    /* its place in the batch */
  int n_source; /* S, with `</s>` of a text */
  int limit;    /* most target tokens, without `</s>` */
  uint64_t number;
  int n_live, n_ended;
  Live *live, *next; /* [width] of the step at hand and of the one after */
  Ended *ended;      /* [width] the best that ended, best first; of equal ones the earlier */
} Sentence;

typedef struct Search {
  Beam *beam;
  const BeamOptions *options;
  int width;    /* K, or the number of draws */
  int n_active; /* sentences not done */
  int *active;  /* [n] */
  Sentence *sentences;
  NarrowTokens given; /* the columns of logprob; all of V without a shortlist */
  PickList picks;     /* of columns */
  /* The step at hand. */
  int t, n_rows;
  int32_t *tokens; /* [rows] read by this step */
  int *sentence;   /* [rows] */
  int *parents;    /* [rows] row of the step before */
  Tensor logprob;  /* [some,the widest] of rows from first on */
  int first;
  NodePlan nodes;
  float *weights;              /* [rows,longest]; NULL: not kept */
  float *heads[N_HEAD_KINDS];  /* what Node.heads is, row by row; NULL: not kept */
  size_t of_row[N_HEAD_KINDS]; /* how many numbers each row has */
  PonderedSide pondered;       /* of a single model's decoder, whose weights are kept */
  const Tensor *centre;        /* [rows,1] of a single model with local_p, whose weights are kept; else NULL */
  const int *chosen;           /* [rows] likewise, of hard attention */
  ModelSearch **searches;      /* a model each */
} Search;

Beam *beam_new(const Model *const *models, int n_models) {
  CHECK(n_models > 0, "beam_new: %d models", n_models);
  Beam *beam = mem_zero(1, sizeof *beam, "search");
  *beam = (Beam){.models = models, .n_models = n_models, .steps = arena_new(), .kept = arena_new()};
  beam->tapes = mem_zero((size_t)n_models, sizeof *beam->tapes, "search");
  for (int m = 0; m < n_models; m++) beam->tapes[m] = (Tape){.arena = beam->steps, .params = &models[m]->params};
  return beam;
}

void beam_free(Beam *beam) {
  if (beam == NULL) return;
  arena_free(beam->steps);
  arena_free(beam->kept);
  mem_free(beam->tapes);
  mem_free(beam);
}

int beam_limit(const BeamOptions *o, int n) {
  if (o->max_length > 0) return o->max_length - 1;
  return limits_tokens(o->max_length_ratio, n);
}

int beam_width(const BeamOptions *o) { return o->sample ? o->n_best : o->beam_size; }

/* The coverage penalty reads the weights too. */
static bool keeps_weights(const BeamOptions *o) {
  return o->weights || o->heads.of[HEADS_CROSS] > 0 || o->coverage_penalty > 0;
}

static const char *kept_with(bool weights, bool cached) {
  if (weights) return cached ? " with their alignments, keys and values" : " with their alignments";
  return cached ? " with their keys and values" : "";
}

bool beam_fits(const BeamOptions *o, int64_t kept, int n, Err *err) {
  int limit = beam_limit(o, n);
  if (n > MODEL_MOST_TOKENS)
    return err_set(
        err, ERR_FILE,
        "%d source tokens, over the most, %d; shorten the line or cut it by translate.max_length (--max-length)", n,
        MODEL_MOST_TOKENS);
  if (limit > MODEL_MOST_TOKENS)
    return err_set(
        err, ERR_FILE,
        "translate.max_length_ratio %g allows a line of %d tokens more target tokens than the most, %d; lower "
        "it (--max-length-ratio) or shorten the line",
        o->max_length_ratio, n, MODEL_MOST_TOKENS);
  double row = (n + 1.0) * sizeof(float), rows = (keeps_weights(o) ? 1 : 0) + o->heads.of[HEADS_CROSS];
  double own = o->heads.of[HEADS_DECODER] * (limit + 2.0) / 2 * sizeof(float);
  double cached = cache_room(cache_first(n + 1), limit + 1) * (double)kept * sizeof(real);
  double tokens = limit + 1.0, bytes = beam_width(o) * (tokens * (NODE_BYTES + rows * row + own) + cached) +
                                       o->heads.of[HEADS_ENCODER] * (n + 1.0) * row;
  if (bytes <= BEAM_MOST_BYTES) return true;
  return err_set(
      err, ERR_FILE,
      "a line of %d tokens may have %d hypotheses of %d target tokens, which takes %.1f GB%s, over the most, "
      "%d GB; lower --beam-size or --max-length-ratio (of the config: translate), or shorten the line",
      n, beam_width(o), limit, bytes / BEAM_MOST_BYTES, kept_with(keeps_weights(o), kept > 0), BEAM_MOST_BYTES >> 30);
}

/* Most target tokens, without `</s>`, that every model can write. */
static int find_limit(const Search *s, int n_tokens) {
  int limit = beam_limit(s->options, n_tokens);
  for (int m = 0; m < s->beam->n_models; m++) {
    int most = model_config_longest(&s->beam->models[m]->config).target.tokens;
    if (most < limit) limit = most;
  }
  return limit;
}

static void open_sentence(const Search *s, int index, const Ids *source, uint64_t number) {
  Sentence *x = &s->sentences[index];
  size_t width = (size_t)s->width;
  Arena *arena = s->beam->kept;
  *x = (Sentence){.index = index, .n_source = ids_rows(source), .limit = find_limit(s, source->n), .number = number};
  x->live = arena_alloc(arena, width, sizeof *x->live);
  x->next = arena_alloc(arena, width, sizeof *x->next);
  x->ended = arena_alloc(arena, width, sizeof *x->ended);
  x->n_live = s->options->sample ? s->width : 1; /* every draw starts for itself */
  for (int i = 0; i < x->n_live; i++) x->live[i] = (Live){.row = index, .draw = i};
}

static NarrowTokens all_tokens(Arena *arena, int n_vocab, int n) {
  return (NarrowTokens){n_vocab, arena_zero(arena, (size_t)n, sizeof(Ids))};
}

/* Of the longest output, with its `</s>`. */
static int most_steps(const Search *s, int n) {
  int most = 0;
  for (int b = 0; b < n; b++)
    if (s->sentences[b].limit >= most) most = s->sentences[b].limit + 1;
  return most;
}

static void open_models(Search *s, const Ids *sources, int n) {
  Beam *beam = s->beam;
  size_t n_models = (size_t)beam->n_models;
  s->searches = arena_alloc(beam->kept, n_models, sizeof(ModelSearch *));
  const SearchRoom room = {n * s->width, most_steps(s, n)};
  const Shortlist *shortlist = s->options->shortlist;
  s->given = shortlist != NULL ? shortlist_tokens(shortlist, beam->kept, sources, n)
                               : all_tokens(beam->kept, beam->models[0]->config.target_vocab, n);
  for (int m = 0; m < beam->n_models; m++) {
    s->searches[m] = model_search(beam->models[m], &beam->tapes[m], beam->kept, sources, n, room);
    if (shortlist != NULL) model_narrow(s->searches[m], &s->given, s->width);
  }
  s->nodes = (NodePlan){.config = &beam->models[0]->config,
                        .longest = s->searches[0]->encoded->places.longest,
                        .weights = s->options->weights};
}

static void open_search(Search *s, const Ids *sources, const uint64_t *numbers, int n) {
  Arena *arena = s->beam->kept;
  size_t rows = (size_t)n * (size_t)s->width;
  s->active = arena_alloc(arena, (size_t)n, sizeof *s->active);
  s->sentences = arena_alloc(arena, (size_t)n, sizeof *s->sentences);
  s->tokens = arena_alloc(arena, rows, sizeof *s->tokens);
  s->sentence = arena_alloc(arena, rows, sizeof *s->sentence);
  s->parents = arena_alloc(arena, rows, sizeof *s->parents);
  s->picks = pick_new(arena, s->width);
  s->n_active = s->n_rows = n;
  for (int b = 0; b < n; b++) {
    s->active[b] = s->sentence[b] = b;
    s->tokens[b] = ID_BOS;
    open_sentence(s, b, &sources[b], numbers[b]);
  }
  open_models(s, sources, n);
}

/* log(exp(a) + exp(b)) */
static real log_add(real a, real b) {
  double high = (double)(a > b ? a : b), low = (double)(a > b ? b : a);
  if (high == -(double)INFINITY) return a;
  return (real)(high + log1p(exp(low - high)));
}

/* Log-probabilities of rows first .. first + n - 1 of the step: of the mean of the members' probabilities, standing
 * where the first member's stood. */
static void find_logprob(Search *s, const DecoderOut *steps, int first, int n) {
  int n_models = s->beam->n_models;
  const int *sentence = s->sentence + first;
  s->first = first;
  s->logprob = model_logprob(s->searches[0], &steps[0], first, n, sentence);
  for (int m = 1; m < n_models; m++) {
    Tensor other = model_logprob(s->searches[m], &steps[m], first, n, sentence);
    for (int r = 0; r < n; r++)
      for (int v = 0; v < narrow_width(&s->given, sentence[r]); v++)
        tensor_row(&s->logprob, r)[v] = log_add(tensor_row(&s->logprob, r)[v], tensor_row(&other, r)[v]);
  }
  real log_n = (real)log(n_models);
  for (int r = 0; n_models > 1 && r < n; r++)
    for (int v = 0; v < narrow_width(&s->given, sentence[r]); v++) tensor_row(&s->logprob, r)[v] -= log_n;
}

/* Those of a row of the step. */
static const real *logprob_of(const Search *s, int row) { return tensor_row(&s->logprob, row - s->first); }

static void mean_weights(float *mean, const DecoderOut *steps, int n, int rows, int cols) {
  for (int r = 0; r < rows; r++) {
    for (int i = 0; i < cols; i++) {
      double sum = 0;
      for (int m = 0; m < n; m++) sum += (double)tensor_row(steps[m].weights, r)[i];
      mean[(size_t)r * (size_t)cols + (size_t)i] = (float)(sum / n);
    }
  }
}

/* What the heads of a single model looked at, row by row. */
static float *keep_heads(Search *s, HeadKind kind, const Looks *looks) {
  CHECK(s->beam->n_models == 1 && looks->n_layers * looks->n_heads == s->options->heads.of[kind],
        "%d heads of %d models", s->options->heads.of[kind], s->beam->n_models);
  size_t cols = (size_t)looks->layers[0]->cols;
  float *kept = arena_alloc(s->beam->kept, (size_t)(s->n_rows * looks->n_layers) * cols, sizeof *kept), *to = kept;
  for (int r = 0; r < s->n_rows; r++)
    for (int l = 0; l < looks->n_layers; l++) {
      const real *from = tensor_row(looks->layers[l], r);
      for (size_t i = 0; i < cols; i++) *to++ = (float)from[i];
    }
  s->nodes.looks[kind] = *looks;
  s->of_row[kind] = (size_t)looks->n_layers * cols;
  return kept;
}

/* Runs the models; steps [n_models] receives what they say. */
static void run_models(Search *s, DecoderOut *steps) {
  const Beam *beam = s->beam;
  for (int m = 0; m < beam->n_models; m++)
    model_step(s->searches[m], s->tokens, s->sentence, s->t, s->n_rows, &steps[m]);
  if (!keeps_weights(s->options)) return;
  s->weights = arena_alloc(beam->kept, (size_t)s->n_rows * (size_t)s->nodes.longest, sizeof *s->weights);
  mean_weights(s->weights, steps, beam->n_models, s->n_rows, s->nodes.longest);
  s->centre = beam->n_models == 1 ? steps[0].centre : NULL;
  s->nodes.centre = s->centre != NULL;
  s->chosen = beam->n_models == 1 ? hard_chosen(steps[0].hard) : NULL;
  s->nodes.chosen = s->chosen != NULL;
  s->pondered = beam->n_models == 1 ? steps[0].pondered : (PonderedSide){0};
  s->nodes.steps = s->pondered.n > 0;
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++)
    if (k != HEADS_ENCODER && s->options->heads.of[k] > 0) s->heads[k] = keep_heads(s, k, &steps[0].looks[k]);
}

static PickRules rules_now(const Search *s) {
  return (PickRules){.end = s->t >= s->options->min_length, .unknown = !s->options->no_unknown};
}

/* The K best of the live hypotheses and all tokens. */
static void pick_best(Search *s, const Sentence *x) {
  int width = narrow_width(&s->given, x->index);
  PickRules rules = rules_now(s);
  for (int all = 0; all < 2 && s->picks.n == 0; all++) {
    rules.impossible = all == 1;
    for (int i = 0; i < x->n_live; i++)
      pick_row(&s->picks, logprob_of(s, x->live[i].row), width, x->live[i].logprob, i, rules);
  }
  pick_sort(&s->picks);
}

/* A token drawn for each live hypothesis. */
static void pick_draws(Search *s, const Sentence *x) {
  const BeamOptions *o = s->options;
  PickRules rules = rules_now(s);
  rules.impossible = true; /* and never drawn where there is anything else */
  for (int i = 0; i < x->n_live; i++) {
    const Live *live = &x->live[i];
    const real *row = logprob_of(s, live->row);
    double u = rng_uniform(rng_key(o->seed, RNG_SAMPLE, x->number, (uint64_t)live->draw), (uint64_t)s->t);
    int width = narrow_width(&s->given, x->index);
    int32_t column = pick_draw(s->beam->steps, row, width, o->temperature, o->top_k, u, rules);
    s->picks.at[s->picks.n++] = (Pick){live->logprob + (double)row[column], column, i};
  }
}

/* At the limit every live hypothesis is closed. */
static void pick_ends(Search *s, const Sentence *x) {
  for (int i = 0; i < x->n_live; i++) {
    double logprob = x->live[i].logprob + (double)logprob_of(s, x->live[i].row)[ID_EOS];
    s->picks.at[s->picks.n++] = (Pick){logprob, ID_EOS, i};
  }
}

static const Node *append(const Search *s, const Sentence *x, const Live *parent, int32_t column) {
  Node *node = arena_alloc(s->beam->kept, 1, sizeof *node);
  *node = (Node){.before = parent->last,
                 .token = narrow_token(&s->given, x->index, column),
                 .logprob = (float)logprob_of(s, parent->row)[column]};
  if (s->weights != NULL) node->weights = s->weights + (size_t)parent->row * (size_t)s->nodes.longest;
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++)
    if (s->heads[k] != NULL) node->heads[k] = s->heads[k] + (size_t)parent->row * s->of_row[k];
  if (s->centre != NULL) node->centre = (double)tensor_row(s->centre, parent->row)[0];
  if (s->chosen != NULL) node->chosen = s->chosen[parent->row];
  if (s->pondered.n > 0) node->steps = (float)pondered_steps(&s->pondered, parent->row);
  return node;
}

/* Of a hypothesis of n tokens, `</s>` counted. */
static double score(const Search *s, const Sentence *x, const Node *last, double logprob, int n) {
  const BeamOptions *o = s->options;
  double score = logprob / pow(n, o->length_penalty);
  if (o->coverage_penalty > 0) score += o->coverage_penalty * node_coverage(last, x->n_source, s->beam->kept);
  return score;
}

/* Among the best that ended there is a place for this one, or not. */
static void keep(Sentence *x, int width, Ended ended) {
  bool full = x->n_ended == width;
  if (full && !(ended.score > x->ended[width - 1].score)) return;
  int i = full ? width - 1 : x->n_ended++;
  for (; i > 0 && ended.score > x->ended[i - 1].score; i--) x->ended[i] = x->ended[i - 1];
  x->ended[i] = ended;
}

/* K hypotheses have ended, and no live one would be the best if it ended at once and for certain. K alone would not do:
 * beside a token that is nearly certain, `</s>` is among the K best too early. */
static bool is_done(const Search *s, const Sentence *x) {
  if (x->n_ended < s->width) return false;
  for (int i = 0; i < x->n_live; i++)
    if (score(s, x, x->live[i].last, x->live[i].logprob, s->t + 2) > x->ended[0].score) return false;
  return true;
}

/* Whether the end of the output is one of the length allowed only. */
static bool is_cut(const Search *s, const Sentence *x, const Live *parent) {
  if (s->t < x->limit) return false;
  const real *row = logprob_of(s, parent->row);
  int width = narrow_width(&s->given, x->index);
  for (int v = 0; v < width; v++)
    if (v != ID_PAD && v != ID_BOS && row[v] > row[ID_EOS]) return true;
  return false;
}

/* `</s>` ends a hypothesis, which leaves its place in this step empty; the others live on. */
static void take_picks(const Search *s, Sentence *x) {
  int n_next = 0;
  for (int i = 0; i < s->picks.n; i++) {
    const Pick *pick = &s->picks.at[i];
    const Live *parent = &x->live[pick->parent];
    const Node *last = append(s, x, parent, pick->token);
    if (pick->token == ID_EOS)
      keep(x, s->width, (Ended){last, pick->logprob, score(s, x, last, pick->logprob, s->t + 1), is_cut(s, x, parent)});
    else x->next[n_next++] = (Live){last, pick->logprob, parent->row, parent->draw};
  }
  Live *live = x->live;
  x->live = x->next;
  x->next = live;
  x->n_live = n_next;
  if (is_done(s, x)) x->n_live = 0;
}

static void advance(Search *s, Sentence *x) {
  s->picks.n = 0;
  if (s->t == x->limit) pick_ends(s, x);
  else if (s->options->sample) pick_draws(s, x);
  else pick_best(s, x);
  take_picks(s, x);
}

/* Gives every live hypothesis its row of the next step; sentences without any leave. */
static void assign_rows(Search *s) {
  int n_active = 0;
  s->n_rows = 0;
  for (int a = 0; a < s->n_active; a++) {
    int b = s->active[a];
    Sentence *x = &s->sentences[b];
    for (int i = 0; i < x->n_live; i++, s->n_rows++) {
      s->tokens[s->n_rows] = x->live[i].last->token;
      s->sentence[s->n_rows] = b;
      s->parents[s->n_rows] = x->live[i].row;
      x->live[i].row = s->n_rows;
    }
    if (x->n_live > 0) s->active[n_active++] = b;
  }
  s->n_active = n_active;
}

/* Advances sentences from active[*a] on, whose rows begin at *row: as many as there is room for, one at least. */
static void advance_some(Search *s, const DecoderOut *steps, int *a, int *row) {
  ArenaMark mark = arena_mark(s->beam->steps);
  int room = s->options->most_logprobs > 0 ? s->options->most_logprobs : BEAM_MOST_LOGPROBS;
  int end = *a, n = 0, most = room / s->beam->models[0]->config.target_vocab;
  for (; end < s->n_active; end++) {
    int more = s->t == 0 ? 1 : s->sentences[s->active[end]].n_live;
    if (n > 0 && n + more > most) break;
    n += more;
  }
  find_logprob(s, steps, *row, n);
  for (; *a < end; ++*a) advance(s, &s->sentences[s->active[*a]]);
  *row += n;
  arena_rewind(s->beam->steps, mark);
}

static void take_step(Search *s) {
  const Beam *beam = s->beam;
  ArenaMark mark = arena_mark(beam->steps);
  DecoderOut *steps = arena_alloc(beam->steps, (size_t)beam->n_models, sizeof *steps);
  run_models(s, steps);
  for (int a = 0, row = 0; a < s->n_active;) advance_some(s, steps, &a, &row);
  assign_rows(s);
  for (int m = 0; m < beam->n_models; m++) model_select(s->searches[m], s->parents, s->n_rows);
  arena_rewind(beam->steps, mark);
  s->t++;
}

static BeamResult result(const Search *s, const Sentence *x, Arena *out) {
  int n = x->n_ended < s->options->n_best ? x->n_ended : s->options->n_best;
  BeamResult result = {n, arena_alloc(out, (size_t)n, sizeof *result.best)};
  HeadWeights encoder = {0};
  if (s->options->heads.of[HEADS_ENCODER] > 0) encoder = encoder_looks(s->searches[0]->encoded, x->index, out);
  const double *steps = NULL;
  if (s->nodes.weights && s->beam->n_models == 1) steps = encoder_steps(s->searches[0]->encoded, x->index, out);
  for (int i = 0; i < n; i++) {
    const Ended *ended = &x->ended[i];
    Hypothesis *h = &result.best[i];
    *h = node_spell(&s->nodes, ended->last, x->n_source, out);
    h->logprob = ended->logprob;
    h->score = ended->score;
    h->cut = ended->cut;
    h->heads.of[HEADS_ENCODER] = encoder;
    h->steps.source = steps;
  }
  return result;
}

void beam_search(Beam *beam, const Ids *sources, const uint64_t *numbers, int n, const BeamOptions *options, Arena *out,
                 BeamResult *results) {
  CHECK(n > 0 && options->n_best > 0, "beam_search: %d sentences, %d best", n, options->n_best);
  arena_reset(beam->steps);
  arena_reset(beam->kept);
  Search s = {.beam = beam, .options = options, .width = beam_width(options)};
  CHECK(s.width >= options->n_best, "beam_search: %d best of %d", options->n_best, s.width);
  open_search(&s, sources, numbers, n);
  while (s.n_active > 0) take_step(&s);
  for (int b = 0; b < n; b++) results[b] = result(&s, &s.sentences[b], out);
}
