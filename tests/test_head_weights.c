/* What each head looked at, on its way from a step to a file. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/entry.h"
#include "search/score.h"
#include "tiny.h"

enum { HEADS = 2 };

/* A recurrent decoder whose attention has two heads, or one without projections. */
static Model *recurrent(PatternKind pattern, FlowKind flow, AlignsKind aligns) {
  bool many = pattern != PATTERN_none;
  ModelConfig c = {.embedding = 5,
                   .encoder = {.cell = CELL_gru, .hidden = 4, .layers = 1, .bidirectional = true},
                   .decoder = {.cell = CELL_gru, .hidden = 8, .layers = 1, .init = INIT_last},
                   .attention = {.flow = flow,
                                 .score = many ? SCORE_scaled_dot : SCORE_general,
                                 .size = 8,
                                 .heads = many ? HEADS : 1,
                                 .pattern = pattern,
                                 .aligns = aligns,
                                 .input_feeding = true},
                   .source_vocab = TINY_VOCAB,
                   .target_vocab = TINY_VOCAB};
  Model *model = model_new(&c);
  param_start(&model->params, 11);
  for (size_t i = 0; i < model->params.size; i++) model->params.values[i] *= 4;
  return model;
}

enum { LAYERS = 3 };

/* A Transformer's, the alignment the mean of the heads of its second layer. */
static Model *transformer_of(AlignsKind aligns) {
  ModelConfig c = {
      .embedding = 8,
      .heads = 2,
      .feed_forward = 8,
      .final_norm = true,
      .positions = POSITION_sinusoidal,
      .encoder = {.type = ENCODER_transformer, .layers = 1},
      .decoder = {.type = DECODER_transformer, .layers = LAYERS},
      .attention = {.score = SCORE_scaled_dot, .size = 8, .heads = HEADS, .pattern = PATTERN_qkv, .aligns = aligns},
      .source_vocab = TINY_VOCAB,
      .target_vocab = TINY_VOCAB};
  Model *model = model_new(&c);
  param_start(&model->params, 12);
  return model;
}

enum { RECURRENT = 4, DEEP = RECURRENT + 2, KINDS = DEEP + TINY_KINDS - TINY_RECURRENT };

static const struct {
  PatternKind pattern;
  FlowKind flow;
  AlignsKind aligns;
} kinds[RECURRENT] = {
    {PATTERN_qkv, FLOW_luong, ALIGNS_written},
    {PATTERN_qkv, FLOW_bahdanau, ALIGNS_read},
    {PATTERN_vvv, FLOW_luong, ALIGNS_read},
    {PATTERN_none, FLOW_luong, ALIGNS_written},
};

/* Those, deep Transformers, then the models with Transformers, self-attention and heads of tiny.h. */
static Model *model_of(int kind) {
  if (kind >= DEEP) return tiny_model(TINY_RECURRENT + kind - DEEP, 5);
  if (kind >= RECURRENT) return transformer_of(kind == RECURRENT ? ALIGNS_written : ALIGNS_read);
  return recurrent(kinds[kind].pattern, kinds[kind].flow, kinds[kind].aligns);
}

static const int32_t words[][4] = {{4, 5, 6, 4}, {6, 5}, {5, 4, 4}};
static const Ids sources[] = {{words[0], 4}, {words[1], 2}, {words[2], 3}};
enum { N = 3 };

static const float *of(const Hypothesis *h, int layer, int head) {
  size_t cells = (size_t)h->n_target * (size_t)h->n_source;
  const HeadWeights *cross = &h->heads.of[HEADS_CROSS];
  for (int k = 0; k < cross->n; k++)
    if (cross->names[k].layer == layer + 1 && cross->names[k].head == head + 1)
      return head_weights_of(cross, cells, (size_t)k);
  ck_abort_msg("no head %d of layer %d", head, layer);
  return NULL;
}

/* Rows of n weights are shares of one; local_p takes from them. */
static void expect_shares(const float *weights, size_t rows, int n, bool less) {
  for (size_t r = 0; r < rows; r++) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)weights[r * (size_t)n + (size_t)i];
    if (less) ck_assert(sum > 0 && sum < 1 + 1e-5);
    else ck_assert_double_eq_tol(sum, 1, 1e-5);
  }
}

/* The alignment is the mean of the heads of its layer. */
static void expect_mean(const Model *model, const Hypothesis *h) {
  const ModelConfig *c = &model->config;
  const HeadWeights *cross = &h->heads.of[HEADS_CROSS];
  int layers = c->decoder.type == DECODER_transformer ? c->decoder.layers : 1;
  int n_heads = model_config_heads(c).of[HEADS_CROSS] / layers;
  int layer = layers > 1 ? model_config_alignment_layer(c) : 0;
  ck_assert_int_eq(cross->n, layers * n_heads);
  expect_shares(cross->at, (size_t)(cross->n * h->n_target), h->n_source, c->attention.scope == SCOPE_local_p);
  for (int i = 0; i < h->n_target * h->n_source; i++) {
    double sum = 0;
    for (int k = 0; k < n_heads; k++) sum += (double)of(h, layer, k)[i];
    ck_assert_double_eq_tol(sum / n_heads, (double)h->weights[i], 1e-6);
  }
}

/* What the encoder's own layers look at, then of those on top, which look no further than their window. */
static void expect_encoder(const Model *model, const Hypothesis *h) {
  const ModelConfig *c = &model->config;
  const HeadWeights *seen = &h->heads.of[HEADS_ENCODER];
  const SelfAttentionConfig *on_top = &c->encoder.self_attention;
  bool graph = c->encoder.type == ENCODER_graph, attends = graph || c->encoder.type == ENCODER_transformer;
  int own = attends ? c->encoder.layers * (graph ? c->encoder.graph.heads : c->heads) : 0, n = h->n_source;
  if (model_config_universal_act(c)) return; /* as many steps as a sentence takes: test_ponder */
  ck_assert_int_eq(seen->n, own + on_top->layers * on_top->heads);
  if (seen->n == 0) return;
  expect_shares(seen->at, (size_t)(seen->n * n), n, false);
  for (int k = 0; k < seen->n; k++) {
    int near = graph ? c->encoder.graph.window : c->encoder.window > 0 ? c->encoder.window : n;
    int above = on_top->window > 0 ? on_top->window : n;
    const float *at = head_weights_of(seen, (size_t)(n * n), (size_t)k);
    ck_assert_int_eq(seen->names[k].layer, 1 + k / HEADS);
    ck_assert_int_eq(seen->names[k].head, 1 + k % HEADS);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++)
        if (abs(i - j) > (k < own ? near : above)) ck_assert_double_eq((double)at[i * n + j], 0);
        else ck_assert_double_gt((double)at[i * n + j], 0);
  }
}

/* The decoder's own sees what was read by then and no more: a step sees itself. Rows as those of the alignment. */
static void expect_decoder(const Model *model, const Hypothesis *h) {
  const ModelConfig *c = &model->config;
  const HeadWeights *seen = &h->heads.of[HEADS_DECODER];
  int n = h->n_target;
  ck_assert_int_eq(seen->n, c->decoder.type == DECODER_transformer ? c->decoder.layers * HEADS : 0);
  if (seen->n == 0) return;
  expect_shares(seen->at, (size_t)(seen->n * n), n, false);
  for (int k = 0; k < seen->n; k++)
    for (int i = 0; i < n; i++) {
      int step = c->attention.aligns == ALIGNS_read ? (i + 1) % n : i;
      const float *row = head_weights_of(seen, (size_t)(n * n), (size_t)k) + i * n;
      for (int j = 0; j < n; j++) ck_assert((row[j] > 0) == (j <= step));
    }
}

static void expect_heads(const Model *model, const Hypothesis *h) {
  expect_mean(model, h);
  expect_encoder(model, h);
  expect_decoder(model, h);
}

/* A search gives what scoring its outputs gives, head by head; heads differ. */
START_TEST(searched_as_scored) {
  Model *model = model_of(_i);
  const Model *models[] = {model};
  int n_heads = model_config_heads(&model->config).of[HEADS_CROSS];
  Pool *pool = pool_new(2);
  Arena *arena = arena_new();
  Beam *beam = beam_new(models, 1);
  Score *score = score_new(models, 1, pool);
  score_heads(score, true);
  BeamOptions options = {.beam_size = 3,
                         .n_best = 3,
                         .length_penalty = 1,
                         .max_length_ratio = 1,
                         .temperature = 1,
                         .weights = true,
                         .heads = model_config_heads(&model->config)};
  BeamResult results[N];
  Hypothesis scored[N];
  IdPair pairs[N];
  double apart = 0;
  beam_search(beam, sources, (const uint64_t[]){0, 1, 2}, N, &options, arena, results);
  for (int k = 0; k < 3; k++) {
    for (int b = 0; b < N; b++)
      pairs[b] = (IdPair){sources[b], {results[b].best[k].tokens, results[b].best[k].n_target - 1}};
    score_pairs(score, pairs, N, 2, scored);
    for (int b = 0; b < N; b++) {
      const Hypothesis *h = &results[b].best[k];
      size_t cells = (size_t)h->n_target * (size_t)h->n_source;
      expect_heads(model, h);
      expect_heads(model, &scored[b]);
      for (HeadKind kind = 0; kind < N_HEAD_KINDS; kind++) {
        const HeadWeights *a = &h->heads.of[kind], *other = &scored[b].heads.of[kind];
        size_t n = (size_t)a->n * head_weights_cells(kind, h->n_target, h->n_source);
        ck_assert_int_eq(a->n, other->n);
        for (size_t i = 0; i < n; i++) ck_assert_double_eq_tol((double)a->at[i], (double)other->at[i], TINY_WITHIN);
      }
      for (size_t i = 0; i < cells && n_heads > 1; i++)
        apart = fmax(apart, fabs((double)of(h, 0, 0)[i] - (double)of(h, 0, 1)[i]));
    }
  }
  ck_assert(n_heads == 1 || apart > 0.01);
  score_free(score);
  beam_free(beam);
  arena_free(arena);
  pool_free(pool);
  model_free(model);
}
END_TEST

/* Scores the pairs (sources[b], sources[b]) in one batch. */
static void score_all(const Model *model, Arena *arena, ModelScore *scores) {
  Tape tape = {.arena = arena, .params = &model->params};
  IdPair pairs[N];
  for (int b = 0; b < N; b++) pairs[b] = (IdPair){sources[b], sources[b]};
  model_score_heads(model, &tape, pairs, N, scores);
}

/* Layers and heads one by one, against the alignment that the config makes of them: one head, then the mean of two. */
START_TEST(every_layer_and_head) {
  Model *model = tiny_model(TINY_RECURRENT, 5);
  Arena *arena = arena_new();
  ModelScore all[N], some[N];
  score_all(model, arena, all);
  for (int layer = 1; layer <= 2; layer++)
    for (int n = 1; n <= HEADS; n++) {
      model->config.attention.alignment.layer = layer;
      model->config.attention.alignment.heads = n;
      score_all(model, arena, some);
      for (int b = 0; b < N; b++) {
        int cells = all[b].n_target * all[b].n_source;
        const float *at = head_weights_of(&all[b].heads.of[HEADS_CROSS], (size_t)cells, (size_t)((layer - 1) * HEADS));
        for (int i = 0; i < cells; i++) {
          double mean = n == 1 ? (double)at[i] : ((double)at[i] + (double)at[cells + i]) / 2;
          ck_assert_double_eq_tol((double)some[b].weights[i], mean, 1e-6);
        }
      }
    }
  arena_free(arena);
  model_free(model);
}
END_TEST

/* The lowest layer of a side that reads embeddings. */
typedef struct Lowest {
  const Model *model;
  const char *side, *attention; /* names of tensors begin so */
} Lowest;

static Tensor tensor_of(const Lowest *l, const char *before, const char *name) {
  const ParamSet *set = &l->model->params;
  Str full = {0};
  str_addf(&full, "%s.%s", before, name);
  int p = param_find(set, str_text(&full));
  str_free(&full);
  return p < 0 ? (Tensor){0} : param_tensor(set, p, NULL);
}

/* Entry `row` of W x + b, where x is sqrt(8) times the embedding of a token, and what its position has learned. */
static double projected(const Lowest *l, int32_t token, int at, int row) {
  Tensor e = tensor_of(l, l->side, "embedding.weight"), p = tensor_of(l, l->side, "positions.weight");
  Tensor w = tensor_of(l, l->attention, "in_proj_weight"), b = tensor_of(l, l->attention, "in_proj_bias");
  double sum = (double)b.x[row];
  for (int j = 0; j < 8; j++) {
    double x = sqrt(8) * (double)tensor_row(&e, token)[j] + (p.x == NULL ? 0 : (double)tensor_row(&p, at)[j]);
    sum += x * (double)tensor_row(&w, row)[j];
  }
  return sum;
}

/* exp(q . k / sqrt(4)) of what head h of two makes of the tokens at two places. */
static double compared(const Lowest *l, const int32_t *tokens, int from, int to, int h) {
  double dot = 0;
  for (int k = 4 * h; k < 4 * h + 4; k++)
    dot += projected(l, tokens[from], from, k) * projected(l, tokens[to], to, 8 + k);
  return exp(dot / 2);
}

/* Rows of n weights of two heads; a token sees as many before itself, and behind. */
static void expect_by_hand(const HeadWeights *seen, const Lowest *l, const int32_t *tokens, int n, int before,
                           int behind) {
  for (int h = 0; h < HEADS; h++) {
    const float *at = head_weights_of(seen, (size_t)(n * n), (size_t)h);
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int j = 0; j < n; j++) sum += i - j <= before && j - i <= behind ? compared(l, tokens, i, j, h) : 0;
      for (int j = 0; j < n; j++) {
        double want = i - j <= before && j - i <= behind ? compared(l, tokens, i, j, h) / sum : 0;
        ck_assert_double_eq_tol((double)at[i * n + j], want, 1e-5);
      }
    }
  }
}

/* Vaswani et al. 2017, equation 1, over embeddings alone, a token looking at itself and one to each side. */
START_TEST(self_attention_by_hand) {
  enum { S = 5 };
  static const int32_t tokens[S] = {4, 5, 6, 4, ID_EOS};
  Model *model = tiny_model(TINY_RECURRENT + 4, 5);
  const Lowest lowest = {model, "encoder", "encoder.self_attention.layers.0.self_attn"};
  Arena *arena = arena_new();
  ModelScore scores[N];
  score_all(model, arena, scores);
  ck_assert_int_eq(scores[0].heads.of[HEADS_ENCODER].n, HEADS);
  expect_by_hand(&scores[0].heads.of[HEADS_ENCODER], &lowest, tokens, S, 1, 1);
  arena_free(arena);
  model_free(model);
}
END_TEST

/* The same of what a decoder reads, no token looking at those behind it. */
START_TEST(the_decoders_own_by_hand) {
  enum { T = 5 };
  static const int32_t tokens[T] = {ID_BOS, 4, 5, 6, 4};
  Model *model = tiny_model(TINY_RECURRENT + 1, 5);
  const Lowest lowest = {model, "decoder", "decoder.layers.0.self_attn"};
  Arena *arena = arena_new();
  ModelScore scores[N];
  score_all(model, arena, scores);
  ck_assert_int_eq(scores[0].heads.of[HEADS_DECODER].n, 2 * HEADS);
  expect_by_hand(&scores[0].heads.of[HEADS_DECODER], &lowest, tokens, T, T, 0);
  arena_free(arena);
  model_free(model);
}
END_TEST

START_TEST(nobody_asked) {
  Model *model = model_of(_i);
  const Model *models[] = {model};
  Pool *pool = pool_new(1);
  Arena *arena = arena_new();
  Beam *beam = beam_new(models, 1);
  Score *score = score_new(models, 1, pool);
  BeamOptions options = {.beam_size = 1, .n_best = 1, .max_length_ratio = 1, .temperature = 1, .weights = true};
  BeamResult result;
  Hypothesis scored;
  beam_search(beam, sources, (const uint64_t[]){0}, 1, &options, arena, &result);
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++) ck_assert_uint_eq(head_weights_count(&result.best->heads.of[k]), 0);
  score_pairs(score, &(IdPair){sources[0], sources[1]}, 1, 1, &scored);
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++) ck_assert_uint_eq(head_weights_count(&scored.heads.of[k]), 0);
  score_free(score);
  beam_free(beam);
  arena_free(arena);
  pool_free(pool);
  model_free(model);
}
END_TEST

/* They count in the memory that a search may take: 10 hypotheses of 2,010 tokens are 20,100 nodes of 64 bytes and 17
 * rows of 1,001 floats, 1.37e9 bytes. */
START_TEST(they_are_bounded) {
  Err err = {0};
  BeamOptions options = {.beam_size = 10, .max_length_ratio = 2, .weights = true};
  ck_assert(beam_fits(&options, 0, 1000, &err));
  options.heads.of[HEADS_CROSS] = 16;
  ck_assert(!beam_fits(&options, 0, 1000, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "1.3 GB with their alignments"));
  /* Alone 84 MB; 300 heads of 1,001 times 1,001 floats are 1.2e9 bytes more. */
  options.heads = (HeadCounts){.of[HEADS_ENCODER] = 300};
  ck_assert(!beam_fits(&options, 0, 1000, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "1.2 GB with their alignments"));
  /* 15 heads in each of 10 hypotheses of 1 + 2 + ... + 2,011 numbers, 4 bytes each, are 1.2e9 bytes more. */
  options.heads = (HeadCounts){.of[HEADS_DECODER] = 15};
  ck_assert(!beam_fits(&options, 0, 1000, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "1.2 GB with their alignments"));
}
END_TEST

/* Keys and values of 6 layers of size 512 are 6,144 numbers a token, of 4 bytes; 10 hypotheses have room for 1,003 of
 * 2,011 tokens and then for all, 7.4e8 bytes. */
START_TEST(keys_and_values_are_bounded) {
  Err err = {0};
  BeamOptions options = {.beam_size = 10, .max_length_ratio = 2};
  ModelConfig c = {.embedding = 512, .decoder = {.type = DECODER_transformer, .layers = 6}};
  ck_assert_int_eq(model_config_kept(&c), 6144);
  int64_t kept = 6144 * (int64_t)sizeof(float) / (int64_t)sizeof(real);
  ck_assert(beam_fits(&options, kept, 1000, &err));
  ck_assert(!beam_fits(&options, 2 * kept, 1000, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "10 hypotheses of 2010 target tokens"));
  ck_assert_ptr_nonnull(strstr(err.text, "1.4 GB with their keys and values"));
  options.weights = true;
  ck_assert(!beam_fits(&options, 2 * kept, 1000, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "1.5 GB with their alignments, keys and values"));
}
END_TEST

START_TEST(an_entry_has_them) {
  static const float weights[] = {0.5F, 0.5F, 0.25F, 0.75F}, heads[] = {1, 0, 0, 1, 0, 1, 0.5F, 0.5F};
  static const float self[] = {0.125F, 0.875F, 0, 1}, own[] = {1, 0, 0.25F, 0.75F};
  static const double logprob[] = {-1, -1};
  static const int32_t ids[] = {4, ID_EOS};
  Translator *t = tiny_translator(1, "general", NULL);
  Tokens source = {0};
  Entry entry = {0};
  tokenizer_split(t->source_tokenizer, "a", 1, &source);
  Hypothesis h = {.n_target = 2,
                  .n_source = 2,
                  .tokens = ids,
                  .token_logprob = logprob,
                  .weights = weights,
                  .heads.of = {[HEADS_CROSS] = {2, (const HeadName[]){{1, 1}, {2, 1}}, heads},
                               [HEADS_ENCODER] = {1, (const HeadName[]){{3, 2}}, self},
                               [HEADS_DECODER] = {1, (const HeadName[]){{1, 4}}, own}}};
  Str text = {0};
  entry_set(&entry, t, 0, 0, &source, 1, NULL, &h);
  alignment_jsonl(&text, &entry.alignment, false);
  ck_assert_ptr_nonnull(strstr(str_text(&text), "\"alignment\":[[0.5,0.5],[0.25,0.75]]"));
  ck_assert_ptr_nonnull(strstr(str_text(&text),
                               ",\"attention\":[{\"layer\":1,\"head\":1,\"weights\":[[1,0],[0,1]]},"
                               "{\"layer\":2,\"head\":1,\"weights\":[[0,1],[0.5,0.5]]}],\"encoder_attention\":"
                               "[{\"layer\":3,\"head\":2,\"weights\":[[0.125,0.875],[0,1]]}],\"decoder_attention\":"
                               "[{\"layer\":1,\"head\":4,\"weights\":[[1,0],[0.25,0.75]]}]}\n"));
  str_free(&text);
  tokens_free(&source);
  entry_free(&entry);
  translator_free(t);
}
END_TEST

Suite *test_head_weights(void);
Suite *test_head_weights(void) {
  Suite *s = suite_create("head_weights");
  TCase *t = tcase_create("head_weights");
  tcase_add_loop_test(t, searched_as_scored, 0, KINDS);
  tcase_add_loop_test(t, nobody_asked, 0, KINDS);
  tcase_add_test(t, every_layer_and_head);
  tcase_add_test(t, self_attention_by_hand);
  tcase_add_test(t, the_decoders_own_by_hand);
  tcase_add_test(t, they_are_bounded);
  tcase_add_test(t, keys_and_values_are_bounded);
  tcase_add_test(t, an_entry_has_them);
  suite_add_tcase(s, t);
  return s;
}
