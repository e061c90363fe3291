/* The model against itself: decoding step by step gives what forced scoring gives, no sentence depends on its batch, a
 * tape that records computes what one that does not computes, and no step touches the heap after warm-up. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "tiny.h"

enum { N_PAIRS = 4 };

static const double NEAR = REAL_IS_DOUBLE ? 1e-6 : 1e-5; /* scores are floats in any build */

/* Ragged both ways; a source and a target of no words. */
static const int32_t words[] = {4, 6, 5, 4, 5, 6, 6};
static const IdPair pairs[N_PAIRS] = {{{words, 2}, {words + 1, 3}},
                                      {{words, 0}, {words + 3, 1}},
                                      {{words + 1, 5}, {words + 2, 0}},
                                      {{words + 2, 3}, {words, 5}}};

static Tape tape_of(const Model *model) { return (Tape){.arena = arena_new(), .params = &model->params}; }

static void check_scores(const ModelScore *a, const ModelScore *b) {
  ck_assert_int_eq(a->n_target, b->n_target);
  ck_assert_int_eq(a->n_source, b->n_source);
  for (int t = 0; t < a->n_target; t++) ck_assert_double_eq_tol((double)a->logprob[t], (double)b->logprob[t], NEAR);
  for (int i = 0; i < a->n_target * a->n_source; i++)
    ck_assert_double_eq_tol((double)a->weights[i], (double)b->weights[i], NEAR);
}

START_TEST(scores_do_not_depend_on_the_batch) {
  Model *model = tiny_model(_i, 3);
  Tape tape = tape_of(model);
  ModelScore together[N_PAIRS], alone, turned[N_PAIRS];
  IdPair backwards[N_PAIRS];
  for (int b = 0; b < N_PAIRS; b++) backwards[b] = pairs[N_PAIRS - 1 - b];
  model_score(model, &tape, pairs, N_PAIRS, together);
  model_score(model, &tape, backwards, N_PAIRS, turned);
  for (int b = 0; b < N_PAIRS; b++) {
    model_score(model, &tape, &pairs[b], 1, &alone);
    check_scores(&together[b], &alone);
    check_scores(&together[b], &turned[N_PAIRS - 1 - b]);
  }
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

START_TEST(probabilities_sum_to_one) {
  Model *model = tiny_model(_i, 4);
  Tape tape = tape_of(model);
  double sum = 0;
  for (int32_t v = 0; v < TINY_VOCAB; v++) {
    IdPair pair = {pairs[3].source, {&v, 1}};
    ModelScore score;
    model_score(model, &tape, &pair, 1, &score);
    sum += exp((double)score.logprob[0]);
  }
  ck_assert_double_eq_tol(sum, 1, 1e-5);
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

/* One decoding step of the sentences whose targets are at least t long, all rows in one batch; compares with scores. */
static void step_and_check(const ModelSearch *search, const ModelScore *scores, int t, int *alive, int *n_alive) {
  int rows[N_PAIRS], n = 0;
  int32_t in[N_PAIRS];
  for (int r = 0; r < *n_alive; r++) {
    const Ids *y = &pairs[alive[r]].target;
    if (y->n < t) continue;
    rows[n] = r;
    alive[n] = alive[r];
    in[n++] = t == 0 ? ID_BOS : y->at[t - 1];
  }
  *n_alive = n;
  if (n == 0) return;
  DecoderOut out;
  if (t > 0) model_select(search, rows, n);
  model_step(search, in, alive, t, n, &out);
  /* The last row by itself: rows may be asked for in any parts. */
  Tensor first = model_logprob(search, &out, 0, n - 1, alive),
         last = model_logprob(search, &out, n - 1, 1, alive + n - 1);
  for (int r = 0; r < n; r++) {
    const Ids *y = &pairs[alive[r]].target;
    const ModelScore *s = &scores[alive[r]];
    int32_t want = t < y->n ? y->at[t] : ID_EOS;
    const real *logprob = r < n - 1 ? tensor_row(&first, r) : tensor_row(&last, 0);
    ck_assert_double_eq_tol((double)logprob[want], (double)s->logprob[t], NEAR);
    for (int i = 0; i < s->n_source; i++)
      ck_assert_double_eq_tol((double)tensor_row(out.weights, r)[i], (double)s->weights[t * s->n_source + i], NEAR);
  }
}

START_TEST(steps_give_what_scoring_gives) {
  Model *model = tiny_model(_i, 5);
  Tape tape = tape_of(model);
  ModelScore scores[N_PAIRS];
  model_score(model, &tape, pairs, N_PAIRS, scores);
  Ids sources[N_PAIRS];
  int alive[N_PAIRS], n_alive = N_PAIRS;
  for (int b = 0; b < N_PAIRS; b++) sources[b] = pairs[b].source;
  for (int b = 0; b < N_PAIRS; b++) alive[b] = b;
  Arena *kept = arena_new();
  const ModelSearch *search = model_search(model, &tape, kept, sources, N_PAIRS, (SearchRoom){N_PAIRS, 8});
  for (int t = 0; n_alive > 0; t++) step_and_check(search, scores, t, alive, &n_alive);
  arena_free(kept);
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

enum { STEPS = 6, WIDE = 5 };

/* Row r of a step goes on from row from[r] of the step before and then reads word[r]. */
typedef struct Branch {
  int n, from[WIDE];
  int32_t word[WIDE];
} Branch;

/* Log-probabilities of all words after each of the prefixes, which are of one sentence. */
static void check_prefixes(const Model *model, const DecoderOut *out, const ModelSearch *search, Arena *arena,
                           int32_t prefix[][STEPS], int n, int t) {
  static const int first[WIDE] = {0};
  Tensor logprob = model_logprob(search, out, 0, n, first);
  for (int r = 0; r < n; r++) {
    ModelScore s = tiny_score(model, arena, pairs[2].source, (Ids){prefix[r], t});
    ck_assert_double_eq_tol((double)tensor_row(&logprob, r)[ID_EOS], (double)s.logprob[t], NEAR);
    for (int i = 0; i < s.n_source; i++)
      ck_assert_double_eq_tol((double)tensor_row(out->weights, r)[i], (double)s.weights[t * s.n_source + i], NEAR);
  }
}

/* Rows go on in any order, more than once or not at all, and each keeps all of its own past: recurrent states, what is
 * fed and what is covered. */
START_TEST(rows_keep_their_past) {
  static const Branch branches[STEPS - 1] = {{3, {0, 0, 0}, {4, 5, 6}},
                                             {5, {2, 0, 2, 1, 0}, {4, 4, 5, 6, 6}},
                                             {4, {4, 0, 0, 3}, {5, 6, 4, 4}},
                                             {2, {3, 1}, {6, 5}},
                                             {4, {1, 1, 0, 1}, {4, 6, 5, 5}}};
  Model *model = tiny_model(_i, 6);
  Tape tape = tape_of(model);
  Arena *kept = arena_new(), *scratch = arena_new();
  const ModelSearch *search = model_search(model, &tape, kept, &pairs[2].source, 1, (SearchRoom){WIDE, STEPS});
  int32_t prefix[WIDE][STEPS], before[WIDE][STEPS];
  static const int sentence[WIDE] = {0};
  for (int t = 0, n = 1; t < STEPS; t++) {
    ArenaMark mark = arena_mark(tape.arena);
    DecoderOut out;
    int32_t in[WIDE];
    for (int r = 0; r < n; r++) in[r] = t == 0 ? ID_BOS : prefix[r][t - 1];
    model_step(search, in, sentence, t, n, &out);
    check_prefixes(model, &out, search, scratch, prefix, n, t);
    if (t == STEPS - 1) break;
    memcpy(before, prefix, sizeof before);
    n = branches[t].n;
    for (int r = 0; r < n; r++) {
      memcpy(prefix[r], before[branches[t].from[r]], sizeof prefix[r]);
      prefix[r][t] = branches[t].word[r];
    }
    model_select(search, branches[t].from, n);
    arena_rewind(tape.arena, mark);
  }
  arena_free(kept);
  arena_free(scratch);
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

/* One training step on a tape. */
static XentLoss train_step(const Model *model, Tape *tape) {
  static const int row[N_PAIRS] = {3, 0, 1, 2};
  const Noise noise = tiny_noise(0.3, 11, 5, row);
  tape_reset(tape);
  XentLoss loss = model_loss(model, tape, pairs, N_PAIRS, &noise, (XentOptions){0.1, 0.25});
  if (tape->recording) tape_backward(tape);
  return loss;
}

/* Products of its blocks have many rows: a large one is left to OpenBLAS in training, and packed for a search. */
START_TEST(a_large_output_layer_is_not_packed_for_training) {
  ModelConfig config = tiny_config(0);
  config.target_vocab = (1 << 21) / model_config_readout(&config) + _i;
  Model *model = model_declare(&config);
  ck_assert_int_eq(model->params.parts[model->output_w].again, _i == 0);
  model_free(model);
}
END_TEST

START_TEST(recording_changes_no_loss) {
  Model *model = tiny_model(_i, 7);
  Tape quiet = tape_of(model), recording = tape_of(model);
  recording.recording = true;
  recording.grads = param_block(&model->params, "gradients");
  XentLoss a = train_step(model, &quiet), b = train_step(model, &recording);
  ck_assert(a.loss == b.loss && a.smoothed == b.smoothed);
  ck_assert(a.smoothed > 0 && a.smoothed != a.loss);
  mem_free(recording.grads);
  arena_free(quiet.arena);
  arena_free(recording.arena);
  model_free(model);
}
END_TEST

START_TEST(loss_is_the_sum_of_the_scores) {
  Model *model = tiny_model(_i, 8);
  Tape tape = tape_of(model);
  ModelScore scores[N_PAIRS];
  double sum = 0;
  model_score(model, &tape, pairs, N_PAIRS, scores);
  for (int b = 0; b < N_PAIRS; b++)
    for (int t = 0; t < scores[b].n_target; t++) sum -= (double)scores[b].logprob[t];
  double loss = model_loss(model, &tape, pairs, N_PAIRS, NULL, (XentOptions){0, 1}).loss;
  ck_assert_double_eq_tol(loss, sum, 1e-4);
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

/* The mask follows the sentence's row in the whole batch, not its place in the shard. */
START_TEST(dropout_does_not_depend_on_the_shard) {
  Model *model = tiny_model(_i, 9);
  Tape tape = tape_of(model);
  double whole = 0, parts = 0;
  int row[N_PAIRS] = {0, 1, 2, 3};
  Noise noise = tiny_noise(0.4, 1, 2, row);
  whole = model_loss(model, &tape, pairs, N_PAIRS, &noise, (XentOptions){0, 1}).loss;
  for (int b = N_PAIRS - 1; b >= 0; b--) {
    noise.row = &row[b];
    parts += model_loss(model, &tape, &pairs[b], 1, &noise, (XentOptions){0, 1}).loss;
  }
  ck_assert_double_eq_tol(parts, whole, 1e-4);
  noise.row = row;
  noise.update++;
  double other = model_loss(model, &tape, pairs, N_PAIRS, &noise, (XentOptions){0, 1}).loss;
  ck_assert_msg(fabs(other - whole) > 1e-3, "another update has the same masks");
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

/* Sets `cols` columns of every tensor whose name starts so to zero. */
static void wipe(ParamSet *set, const char *start, int cols) {
  int n = 0;
  for (int p = 0; p < set->n_params; p++) {
    if (strncmp(set->params[p].name, start, strlen(start)) != 0) continue;
    Tensor whole = param_tensor(set, p, NULL), t = tensor_cols(&whole, 0, cols > 0 ? cols : whole.cols);
    for (int r = 0; r < t.rows; r++) memset(tensor_row(&t, r), 0, (size_t)t.cols * sizeof(real));
    n++;
  }
  ck_assert_int_gt(n, 0);
}

/* A place at which (nearly) every number is dropped is one whose weights are zero. */
START_TEST(dropout_strikes_recurrent_layers_where_it_says) {
  static const struct {
    NoisePlace place;
    const char *weights;
    int cols; /* of the context in W_combine */
  } places[] = {
      {NOISE_SOURCE, "encoder.embedding.weight", 0},       {NOISE_SOURCE_WORDS, "encoder.embedding.weight", 0},
      {NOISE_TARGET, "decoder.embedding.weight", 0},       {NOISE_TARGET_WORDS, "decoder.embedding.weight", 0},
      {NOISE_READOUT, "decoder.output.weight", 0},         {NOISE_ENCODER_STATE, "encoder.rnn.weight_hh_l", 0},
      {NOISE_DECODER_STATE, "decoder.rnn.weight_hh_l", 0}, {NOISE_CONTEXT, "decoder.combine.weight", 8}};
  static const int row[N_PAIRS] = {0, 1, 2, 3};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    Model *model = tiny_model(_i, 11);
    Tape tape = tape_of(model);
    Noise noise = {.seed = 1, .update = 2, .row = row};
    noise.p[places[i].place] = 1 - 1e-12;
    double before = model_loss(model, &tape, pairs, N_PAIRS, NULL, (XentOptions){0, 1}).loss;
    double dropped = model_loss(model, &tape, pairs, N_PAIRS, &noise, (XentOptions){0, 1}).loss;
    wipe(&model->params, places[i].weights, places[i].cols);
    double wiped = model_loss(model, &tape, pairs, N_PAIRS, NULL, (XentOptions){0, 1}).loss;
    /* Of flow bahdanau and a cgru the context enters a cell as well. */
    if (places[i].place != NOISE_CONTEXT || model_config_look(&model->config) == LOOK_AFTER)
      ck_assert_double_eq_tol(dropped, wiped, 1e-4);
    ck_assert_msg(fabs(dropped - before) > 1e-3, "%s: nothing dropped", places[i].weights);
    arena_free(tape.arena);
    model_free(model);
  }
}
END_TEST

/* The same of a Transformer with norms before its parts: what is dropped adds nothing. */
START_TEST(dropout_strikes_transformer_layers_where_it_says) {
  static const char *const weights[] = {"out_proj", "linear2"};
  static const int row[N_PAIRS] = {0, 1, 2, 3};
  static const NoisePlace places[] = {NOISE_SUBLAYER, NOISE_WEIGHTS, NOISE_ACTIVATION};
  for (int i = 0; i < 3; i++) {
    Model *model = tiny_model(TINY_RECURRENT, 11);
    ParamSet *set = &model->params;
    Tape tape = tape_of(model);
    Noise noise = {.seed = 1, .update = 2, .row = row};
    noise.p[places[i]] = 1 - 1e-12;
    double before = model_loss(model, &tape, pairs, N_PAIRS, NULL, (XentOptions){0, 1}).loss;
    double dropped = model_loss(model, &tape, pairs, N_PAIRS, &noise, (XentOptions){0, 1}).loss;
    for (int p = 0; p < set->n_params; p++) {
      /* Biases of what follows stay, but for those of a whole part. */
      const char *name = set->params[p].name;
      bool attention = strstr(name, weights[0]) != NULL, feed = strstr(name, weights[1]) != NULL;
      bool bias = strstr(name, "bias") != NULL;
      bool gone =
          places[i] == NOISE_SUBLAYER ? attention || feed : (places[i] == NOISE_WEIGHTS ? attention : feed) && !bias;
      if (gone)
        memset(set->values + set->params[p].offset, 0,
               (size_t)set->params[p].rows * (size_t)set->params[p].cols * sizeof(real));
    }
    double wiped = model_loss(model, &tape, pairs, N_PAIRS, NULL, (XentOptions){0, 1}).loss;
    ck_assert_double_eq_tol(dropped, wiped, 1e-4);
    ck_assert_msg(fabs(dropped - before) > 1e-3, "place %d: nothing dropped", places[i]);
    arena_free(tape.arena);
    model_free(model);
  }
}
END_TEST

/* What a decoder gives does not depend on words that it has not read. */
START_TEST(no_row_sees_what_comes_after_it) {
  static const int32_t other[] = {4, 6, 6, 6, 5};
  enum { SAME = 2 };
  Model *model = tiny_model(_i, 12);
  Tape tape = tape_of(model);
  ModelScore a, b;
  const IdPair one = {pairs[3].source, pairs[3].target}, two = {pairs[3].source, {other, 5}};
  ck_assert_mem_eq(one.target.at, two.target.at, SAME * sizeof *other);
  model_score(model, &tape, &one, 1, &a);
  model_score(model, &tape, &two, 1, &b);
  for (int t = 0; t < SAME; t++) ck_assert_double_eq((double)a.logprob[t], (double)b.logprob[t]);
  for (int i = 0; i < SAME * a.n_source; i++) ck_assert_double_eq((double)a.weights[i], (double)b.weights[i]);
  ck_assert(a.logprob[4] != b.logprob[4]);
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

START_TEST(no_heap_call_after_warm_up) {
  Model *model = tiny_model(_i, 10);
  Tape tape = tape_of(model);
  tape.recording = true;
  tape.grads = param_block(&model->params, "gradients");
  for (int i = 0; i < 2; i++) (void)train_step(model, &tape);
  unsigned long before = mem_calls();
  for (int i = 0; i < 3; i++) (void)train_step(model, &tape);
  ck_assert_uint_eq(mem_calls(), before);
  mem_free(tape.grads);
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

static void check_room(ModelRoom room, int64_t source, int64_t target, int64_t across, int64_t step) {
  ck_assert_int_eq(room.source, source);
  ck_assert_int_eq(room.target, target);
  ck_assert_int_eq(room.across, across);
  ck_assert_int_eq(room.step, step);
}

/* Two heads in each of two layers, of eight numbers; one kind has a layer more on top of its encoder. */
START_TEST(room_is_weights_of_all_heads_and_what_a_search_keeps) {
  const ModelConfig recurrent = tiny_config(0), transformer = tiny_config(TINY_RECURRENT);
  const ModelConfig topped = tiny_config(TINY_RECURRENT + 7), mixed = tiny_config(TINY_RECURRENT + 3);
  check_room(model_config_room(&recurrent), 0, 0, 1, 0);
  check_room(model_config_search_room(&recurrent, 3), 0, 0, 0, 0);
  check_room(model_config_room(&transformer), 4, 4, 4, 0);
  check_room(model_config_search_room(&transformer, 3), 4, 0, 0, 3 * 2 * 2 * 8);
  check_room(model_config_room(&topped), 6, 4, 4, 0);
  check_room(model_config_room(&mixed), 4, 0, 1, 0);
  /* A part of a marginal: [c; s; e], its product and what is made of it. */
  const ModelConfig parts = tiny_config(TINY_HARD + 2), chosen = tiny_config(TINY_HARD);
  check_room(model_config_room(&parts), 0, 0, 1 + 8 + 8 + 5 + 2 * 8, 0);
  check_room(model_config_room(&chosen), 0, 0, 1, 0);
  ck_assert_int_eq(model_config_search_room(&parts, 3).each, 3 * (8 + 8 + 5 + 2 * 8));
  const ModelRoom room = {2, 3, 5, 7, 11, 13, 17};
  ck_assert_double_eq(model_config_numbers(&room, 1, 2), 2 * 4 + 3 * 9 + 5 * 6 + 7 * 3 + 11 * 6 + 13 * 2 * 9 + 17 * 2);
}
END_TEST

Suite *test_model(void);
Suite *test_model(void) {
  Suite *s = suite_create("model");
  TCase *t = tcase_create("model");
  tcase_add_loop_test(t, scores_do_not_depend_on_the_batch, 0, TINY_KINDS);
  tcase_add_loop_test(t, probabilities_sum_to_one, 0, TINY_KINDS);
  tcase_add_loop_test(t, steps_give_what_scoring_gives, 0, TINY_KINDS);
  tcase_add_loop_test(t, rows_keep_their_past, 0, TINY_KINDS);
  tcase_add_loop_test(t, a_large_output_layer_is_not_packed_for_training, 0, 2);
  tcase_add_loop_test(t, recording_changes_no_loss, 0, TINY_KINDS);
  tcase_add_loop_test(t, loss_is_the_sum_of_the_scores, 0, TINY_KINDS);
  tcase_add_loop_test(t, dropout_does_not_depend_on_the_shard, 0, TINY_KINDS);
  tcase_add_loop_test(t, dropout_strikes_recurrent_layers_where_it_says, 0, TINY_RECURRENT);
  tcase_add_test(t, dropout_strikes_transformer_layers_where_it_says);
  tcase_add_loop_test(t, no_row_sees_what_comes_after_it, 0, TINY_KINDS);
  tcase_add_loop_test(t, no_heap_call_after_warm_up, 0, TINY_KINDS);
  tcase_add_test(t, room_is_weights_of_all_heads_and_what_a_search_keeps);
  suite_add_tcase(s, t);
  return s;
}
