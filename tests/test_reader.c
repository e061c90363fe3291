/* Attention over attention: the paper's numbers by hand, and readers of documents as models: what they may answer, what
 * stands for a document or a query that is not there, steps and batches. */
#include <check.h>
#include <math.h>

#include "ad/gradcheck.h"
#include "nn/attention.h"
#include "nn/model.h"
#include "tiny.h"

static const double WITHIN = REAL_IS_DOUBLE ? 1e-6 : 2e-6;

/* Weights of the document of three states (2,0), (0,1), (1,1) by queries of (1,0) and (0,1): M = ((2,0),(0,1),(1,1)).
 */
static void read_three(const int *query, int n_query, double s[3]) {
  static const double rows[5][2] = {{2, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 1}};
  const Passage passage = {0, 3, 3, n_query};
  Arena *arena = arena_new();
  Tape tape = {.arena = arena};
  Tensor *states = tape_tensor(&tape, 5, 2), *a = tape_tensor(&tape, 1, 4);
  for (int r = 0; r < 3 + n_query; r++)
    for (int c = 0; c < 2; c++) tensor_row(states, r)[c] = (real)rows[r < 3 ? r : 3 + query[r - 3]][c];
  op_read(&tape, states, &passage, a);
  for (int i = 0; i < 3; i++) s[i] = (double)a->x[i];
  ck_assert(a->x[3] == 0);
  arena_free(arena);
}

static void near3(const double got[3], double a, double b, double c) {
  const double want[] = {a, b, c};
  for (int i = 0; i < 3; i++) ck_assert_double_eq_tol(got[i], want[i], 6e-5);
  ck_assert_double_eq_tol(got[0] + got[1] + got[2], 1, WITHIN);
}

START_TEST(by_hand) {
  static const int both[] = {0, 1}, turned[] = {1, 0};
  double s[3];
  read_three(both, 2, s);
  near3(s, .4358, .2396, .3247);
  read_three(turned, 2, s);
  near3(s, .4358, .2396, .3247);
  read_three(both, 1, s); /* one word looks as it would by itself */
  near3(s, .6652, .0900, .2447);
}
END_TEST

enum { SEPARATOR = 6 };

static ModelConfig config_of(ScoreKind score, EncoderKind encoder) {
  return (ModelConfig){.embedding = 6,
                       .heads = 2,
                       .feed_forward = 5,
                       .norm = NORM_pre,
                       .final_norm = true,
                       .positions = POSITION_sinusoidal,
                       .encoder = {.type = encoder,
                                   .cell = CELL_gru,
                                   .hidden = 3,
                                   .layers = 1,
                                   .bidirectional = true,
                                   .conv = {3, 4},
                                   .graph = {.kind = GRAPH_gatv2, .heads = 2, .window = 1, .norm = NORM_pre}},
                       .decoder = {.type = DECODER_reader},
                       .attention = {.score = score, .scope = SCOPE_global, .size = 4, .max_positions = 20},
                       .separator = SEPARATOR,
                       .source_vocab = TINY_VOCAB,
                       .target_vocab = TINY_VOCAB};
}

static const ScoreKind scores[] = {SCORE_aoa, SCORE_dot, SCORE_general, SCORE_additive, SCORE_gaussian};
enum { N_SCORES_READ = 5, N_READERS = N_SCORES_READ * N_ENCODERS };

static Model *reader(int kind) {
  const ModelConfig c = config_of(scores[kind % N_SCORES_READ], (EncoderKind)(kind / N_SCORES_READ));
  Model *model = model_new(&c);
  param_start(&model->params, 4);
  for (int p = 0; p < model->params.n_params; p++) {
    Tensor t = param_tensor(&model->params, p, NULL);
    for (int i = 0; i < t.rows * t.cols; i++) t.x[i] *= kind < N_SCORES_READ ? 3 : 1;
  }
  param_changed(&model->params);
  return model;
}

static const int32_t words[] = {4, 5, 4, SEPARATOR, 5, 3}, answers[] = {4, 5, 3};

/* Answers are as likely as their places together; then comes </s>, and all else is impossible. */
START_TEST(answers_are_words_of_the_document) {
  Model *model = reader(_i);
  Arena *arena = arena_new();
  double all = 0;
  for (int k = 0; k < 3; k++) {
    ModelScore s = tiny_score(model, arena, (Ids){words, 6}, (Ids){answers + k, 1});
    double sum = 0;
    for (int i = 0; i < 3; i++) sum += words[i] == answers[k] ? (double)s.weights[i] : 0;
    if (answers[k] == 3) ck_assert(s.logprob[0] == -INFINITY); /* of the query alone */
    else if (sum > 1e-30) ck_assert_double_eq_tol((double)s.logprob[0], log(sum), 1e-5);
    ck_assert(s.logprob[1] == 0);
    for (int i = 3; i < 7; i++) ck_assert(s.weights[i] == 0 && s.weights[7 + i] == (i == 6 ? 1 : 0));
    ck_assert_double_eq_tol((double)s.weights[0] + (double)s.weights[1] + (double)s.weights[2], 1, 1e-5);
    all += exp((double)s.logprob[0]);
  }
  ck_assert_double_eq_tol(all, 1, 1e-5);
  ModelScore two = tiny_score(model, arena, (Ids){words, 6}, (Ids){answers, 2});
  ck_assert(two.logprob[1] == -INFINITY && two.logprob[2] == 0);
  arena_free(arena);
  model_free(model);
}
END_TEST

/* A query is read by itself, and so is a document: words of one do not move the states of the other. With one word in
 * the document its weight is 1 whatever is asked. */
START_TEST(parts_are_read_apart) {
  static const int32_t one[] = {4, SEPARATOR, 5, 5, 4}, line[] = {4, 5, SEPARATOR, 5}, bare[] = {4, 5},
                       nothing[] = {SEPARATOR, 5}, unasked[] = {4, 5, SEPARATOR};
  Model *model = reader(_i);
  Arena *arena = arena_new();
  ck_assert_double_eq_tol((double)tiny_score(model, arena, (Ids){one, 5}, (Ids){answers, 1}).weights[0], 1, 1e-6);
  ModelScore asked = tiny_score(model, arena, (Ids){line, 4}, (Ids){answers, 1});
  ck_assert_double_eq_tol((double)asked.weights[0] + (double)asked.weights[1], 1, 1e-5);
  ModelScore whole = tiny_score(model, arena, (Ids){bare, 2}, (Ids){answers, 1});
  ck_assert_double_eq_tol((double)whole.weights[0] + (double)whole.weights[1], 1, 1e-5);
  ModelScore open = tiny_score(model, arena, (Ids){unasked, 3}, (Ids){answers, 1});
  ck_assert_double_eq_tol((double)open.weights[0] + (double)open.weights[1], 1, 1e-5);
  ModelScore none = tiny_score(model, arena, (Ids){nothing, 2}, (Ids){answers, 0});
  ck_assert(none.logprob[0] == 0 && none.weights[2] == 1);
  none = tiny_score(model, arena, (Ids){nothing, 0}, (Ids){answers, 0});
  ck_assert(none.logprob[0] == 0 && none.weights[0] == 1);
  arena_free(arena);
  model_free(model);
}
END_TEST

static const int32_t long_line[] = {5, 4, 4, 5, 3, SEPARATOR, 3, 4, 5, SEPARATOR, 4};

START_TEST(alone_as_in_a_batch_and_step_by_step) {
  const IdPair pairs[] = {{{words, 6}, {answers, 1}},
                          {{long_line, 11}, {answers + 1, 1}},
                          {{words, 2}, {answers + 1, 1}},
                          {{words + 3, 3}, {answers, 0}}};
  enum { N = 4 };
  Model *model = reader(_i);
  Arena *arena = arena_new(), *kept = arena_new();
  Tape tape = {.arena = arena, .params = &model->params};
  ModelScore batch[N];
  Ids sources[N];
  int sentence[N] = {0, 1, 2, 3};
  int32_t bos[N];
  model_score(model, &tape, pairs, N, batch);
  for (int b = 0; b < N; b++) {
    ModelScore alone = tiny_score(model, arena, pairs[b].source, pairs[b].target);
    for (int t = 0; t < alone.n_target; t++)
      ck_assert_double_eq_tol((double)alone.logprob[t], (double)batch[b].logprob[t], 1e-5);
    for (int i = 0; i < alone.n_target * alone.n_source; i++)
      ck_assert_double_eq_tol((double)alone.weights[i], (double)batch[b].weights[i], 1e-5);
    sources[b] = pairs[b].source;
    bos[b] = ID_BOS;
  }
  const ModelSearch *search = model_search(model, &tape, kept, sources, N, (SearchRoom){N, 2});
  for (int t = 0; t < 2; t++) {
    DecoderOut out;
    model_step(search, bos, sentence, t, N, &out);
    Tensor logprob = model_logprob(search, &out, 0, N, sentence);
    for (int b = 0; b < N && t < batch[b].n_target; b++) {
      int32_t want = t < pairs[b].target.n ? pairs[b].target.at[t] : ID_EOS;
      ck_assert_double_eq_tol((double)tensor_row(&logprob, b)[want], (double)batch[b].logprob[t], 1e-5);
    }
    model_select(search, sentence, N);
  }
  arena_free(arena);
  arena_free(kept);
  model_free(model);
}
END_TEST

/* What is dropped of a line depends on its row, not on the lines it is trained with. */
START_TEST(dropout_of_a_line_is_its_own) {
  const IdPair pairs[] = {
      {{words, 6}, {answers, 1}}, {{long_line, 11}, {answers + 1, 1}}, {{words, 2}, {answers + 1, 1}}};
  static const int row[] = {4, 1, 7}, other[] = {5, 2, 8};
  enum { N = 3 };
  Model *model = reader(_i);
  Tape tape = {.arena = arena_new(), .params = &model->params};
  const XentOptions plain = {0, 1};
  Noise noise = tiny_noise(0.25, 3, 9, row);
  double together = model_loss(model, &tape, pairs, N, &noise, plain).loss, apart = 0;
  for (int b = 0; b < N; b++) {
    noise.row = row + b;
    apart += model_loss(model, &tape, pairs + b, 1, &noise, plain).loss;
  }
  ck_assert_double_eq_tol(together, apart, 1e-4);
  noise.row = other;
  ck_assert_double_gt(fabs(model_loss(model, &tape, pairs, N, &noise, plain).loss - together), 1e-3);
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

/* In a decoder the first step has one state to look with, and looks as dot does. */
static Model *decoder_of(ScoreKind score) {
  ModelConfig c = tiny_config(0);
  c.attention.score = score;
  Model *model = model_new(&c);
  param_start(&model->params, 3);
  for (size_t i = 0; i < model->params.size; i++) model->params.values[i] *= 4;
  param_changed(&model->params);
  return model;
}

START_TEST(the_first_step_is_dot) {
  Model *over = decoder_of(SCORE_aoa), *dot = decoder_of(SCORE_dot);
  Arena *arena = arena_new();
  ModelScore a = tiny_score(over, arena, (Ids){words, 2}, (Ids){words, 2}),
             b = tiny_score(dot, arena, (Ids){words, 2}, (Ids){words, 2});
  double apart = 0;
  for (int i = 0; i < 3; i++) {
    ck_assert_double_eq_tol((double)a.weights[i], (double)b.weights[i], 1e-5);
    apart += fabs((double)a.weights[3 + i] - (double)b.weights[3 + i]);
  }
  ck_assert_double_gt(apart, 1e-3);
  arena_free(arena);
  model_free(over);
  model_free(dot);
}
END_TEST

#if REAL_IS_DOUBLE

static const IdPair asked[] = {
    {{words, 5}, {answers, 1}}, {{words + 1, 2}, {answers + 1, 1}}, {{words, 6}, {answers, 1}}};

static void loss_case(GradEnv *env, void *ctx) {
  static const int row[] = {4, 1, 7};
  const Noise noise = tiny_noise(0.25, 3, 9, row);
  const LossAim aim = {.scale = {{[LOSS_likelihood] = 0.5}}};
  Losses sums;
  gradcheck_add(env, model_losses(ctx, &env->tape, asked, 3, &noise, &aim, &sums));
}

/* Of documents with a word twice and without a query, dropout everywhere. */
START_TEST(gradients) {
  Model *model = reader(_i);
  GradEnv env;
  gradcheck_init(&env, &model->params);
  gradcheck_run(&env, "reader", loss_case, model);
  ck_assert_msg(env.n_failures == 0, "%s", str_text(&env.report));
  ck_assert_int_gt(env.n_checked, 0);
  gradcheck_free(&env);
  model_free(model);
}
END_TEST

#endif

Suite *test_reader(void);
Suite *test_reader(void) {
  Suite *s = suite_create("reader");
  TCase *t = tcase_create("reader");
  tcase_add_test(t, by_hand);
  tcase_add_loop_test(t, answers_are_words_of_the_document, 0, N_READERS);
  tcase_add_loop_test(t, parts_are_read_apart, 0, N_READERS);
  tcase_add_loop_test(t, alone_as_in_a_batch_and_step_by_step, 0, N_READERS);
  tcase_add_loop_test(t, dropout_of_a_line_is_its_own, 0, N_READERS);
  tcase_add_test(t, the_first_step_is_dot);
#if REAL_IS_DOUBLE
  tcase_add_loop_test(t, gradients, 0, N_READERS);
#endif
  suite_add_tcase(s, t);
  return s;
}
