/* What each head looked at, on its way from a step to a file. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "search/entry.h"
#include "search/score.h"
#include "tiny.h"

enum { HEADS = 2 };

/* A decoder whose attention has two heads, or one without projections. */
static Model *model_of(PatternKind pattern, FlowKind flow, AlignsKind aligns) {
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

static const struct {
  PatternKind pattern;
  FlowKind flow;
  AlignsKind aligns;
  bool transformer;
} kinds[] = {
    {PATTERN_qkv, FLOW_luong, ALIGNS_written, false}, {PATTERN_qkv, FLOW_bahdanau, ALIGNS_read, false},
    {PATTERN_vvv, FLOW_luong, ALIGNS_read, false},    {PATTERN_none, FLOW_luong, ALIGNS_written, false},
    {.aligns = ALIGNS_written, .transformer = true},  {.aligns = ALIGNS_read, .transformer = true},
};

static const int32_t words[][4] = {{4, 5, 6, 4}, {6, 5}, {5, 4, 4}};
static const Ids sources[] = {{words[0], 4}, {words[1], 2}, {words[2], 3}};
enum { N = 3 };

static const float *of(const Hypothesis *h, int layer, int head) {
  return head_weights_of(&h->heads, (size_t)h->n_target * (size_t)h->n_source, layer, head);
}

/* The alignment is the mean of the heads of its layer; rows of every head are shares of one. */
static void expect_mean(const Hypothesis *h, const ModelConfig *c) {
  int n_heads = h->heads.n_heads, aligned = c->decoder.type == DECODER_transformer ? 1 : 0;
  ck_assert_int_eq(h->heads.n_layers, c->decoder.type == DECODER_transformer ? LAYERS : 1);
  ck_assert_int_eq(h->heads.n_layers * n_heads, model_config_heads(c));
  for (int k = 0; k < h->heads.n_layers * n_heads; k++)
    for (int t = 0; t < h->n_target; t++) {
      double sum = 0;
      for (int i = 0; i < h->n_source; i++) sum += (double)of(h, k / n_heads, k % n_heads)[t * h->n_source + i];
      ck_assert_double_eq_tol(sum, 1, 1e-5);
    }
  for (int i = 0; i < h->n_target * h->n_source; i++) {
    double sum = 0;
    for (int k = 0; k < n_heads; k++) sum += (double)of(h, aligned, k)[i];
    ck_assert_double_eq_tol(sum / n_heads, (double)h->weights[i], 1e-6);
  }
}

/* A search gives what scoring its outputs gives, head by head; heads differ. */
START_TEST(searched_as_scored) {
  Model *model = kinds[_i].transformer ? transformer_of(kinds[_i].aligns)
                                       : model_of(kinds[_i].pattern, kinds[_i].flow, kinds[_i].aligns);
  const Model *models[] = {model};
  int n_heads = model_config_heads(&model->config);
  ck_assert_int_eq(n_heads, kinds[_i].transformer ? LAYERS * HEADS : kinds[_i].pattern == PATTERN_none ? 1 : HEADS);
  Pool *pool = pool_new(2);
  Arena *arena = arena_new();
  Beam *beam = beam_new(models, 1);
  Score *score = score_new(models, 1, pool);
  score_heads(score);
  BeamOptions options = {.beam_size = 3,
                         .n_best = 3,
                         .length_penalty = 1,
                         .max_length_ratio = 1,
                         .temperature = 1,
                         .weights = true,
                         .heads = n_heads};
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
      expect_mean(h, &model->config);
      expect_mean(&scored[b], &model->config);
      for (size_t i = 0; i < (size_t)n_heads * cells; i++)
        ck_assert_double_eq_tol((double)h->heads.at[i], (double)scored[b].heads.at[i], TINY_WITHIN);
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

START_TEST(nobody_asked) {
  Model *model = model_of(PATTERN_qkv, FLOW_luong, ALIGNS_written);
  const Model *models[] = {model};
  Pool *pool = pool_new(1);
  Arena *arena = arena_new();
  Beam *beam = beam_new(models, 1);
  Score *score = score_new(models, 1, pool);
  BeamOptions options = {.beam_size = 1, .n_best = 1, .max_length_ratio = 1, .temperature = 1, .weights = true};
  BeamResult result;
  Hypothesis scored;
  beam_search(beam, sources, (const uint64_t[]){0}, 1, &options, arena, &result);
  ck_assert_uint_eq(head_weights_count(&result.best->heads), 0);
  score_pairs(score, &(IdPair){sources[0], sources[1]}, 1, 1, &scored);
  ck_assert_uint_eq(head_weights_count(&scored.heads), 0);
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
  ck_assert(beam_fits(&options, 1000, &err));
  options.heads = 16;
  ck_assert(!beam_fits(&options, 1000, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "1.3 GB with their alignments"));
}
END_TEST

START_TEST(an_entry_has_them) {
  static const float weights[] = {0.5F, 0.5F, 0.25F, 0.75F}, heads[] = {1, 0, 0, 1, 0, 1, 0.5F, 0.5F};
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
                  .heads = {2, 1, heads}};
  Str text = {0};
  entry_set(&entry, t, 0, 0, &source, 1, NULL, &h);
  alignment_jsonl(&text, &entry.alignment, false);
  ck_assert_ptr_nonnull(strstr(str_text(&text), "\"alignment\":[[0.5,0.5],[0.25,0.75]]"));
  ck_assert_ptr_nonnull(strstr(str_text(&text),
                               ",\"attention\":[{\"layer\":1,\"head\":1,\"weights\":[[1,0],[0,1]]},"
                               "{\"layer\":2,\"head\":1,\"weights\":[[0,1],[0.5,0.5]]}]}\n"));
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
  tcase_add_loop_test(t, searched_as_scored, 0, sizeof kinds / sizeof *kinds);
  tcase_add_test(t, nobody_asked);
  tcase_add_test(t, they_are_bounded);
  tcase_add_test(t, an_entry_has_them);
  suite_add_tcase(s, t);
  return s;
}
