/* Updates of a model: independent of threads, accumulation, a task learnt, and training that has diverged. */
#include "train/learner.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "scratch.h"

enum { N_PAIRS = 60, MOST_SETS = 16 };

/* A translator, a corpus whose targets are its sources, and a learner. */
typedef struct Class {
  Translator *translator;
  Corpus *corpus;
  Pool *pool;
  Learner *learner;
  BatchPlan plan;
} Class;

/* Sentences of 1 to longest letters a .. e. */
static void write_corpus(Str *out, int longest) {
  for (int i = 0; i < N_PAIRS; i++) {
    uint64_t key = rng_key(4, RNG_TEST, (uint64_t)i, 0);
    int n = longest < 0 ? -longest : 1 + (int)rng_below(key, 0, (uint64_t)longest);
    for (int k = 0; k < n; k++) {
      str_addc(out, k == 0 ? '\n' : ' ');
      str_addc(out, (char)('a' + rng_below(key, (uint64_t)k + 1, 5)));
    }
  }
  str_addc(out, '\n');
}

/* longest < 0: all sentences have -longest letters. */
static Corpus *read_corpus(const Translator *t, int longest) {
  Scratch scratch;
  Str text = {0};
  Err err = {0};
  scratch_open(&scratch);
  write_corpus(&text, longest);
  const char *path = scratch_text(&scratch, "text", text.at + 1);
  const PairFiles files = {.source = path, .target = path};
  const CorpusOptions options = {.source = t->source_tokenizer, .target = t->target_tokenizer};
  Corpus *corpus = corpus_load(&files, &options, t->source_vocab, t->target_vocab, &err);
  ck_assert_msg(corpus != NULL, "%s", err.text);
  ck_assert_int_eq(corpus_size(corpus), N_PAIRS);
  str_free(&text);
  scratch_close(&scratch);
  return corpus;
}

static Translator *new_translator(const char *const *sets, int n_sets) {
  static const char vocab[] = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"a\",\"b\",\"c\",\"d\",\"e\"]";
  const char *all[MOST_SETS] = {"model.embedding=8", "model.encoder.hidden=8", "model.decoder.hidden=16",
                                "train.optimizer.lr=0.02"};
  for (int i = 0; i < n_sets; i++) all[4 + i] = sets[i];
  Err err = {0};
  Config config;
  ck_assert_msg(config_load(&config, NULL, all, 4 + n_sets, NULL, &err), "%s", err.text);
  Vocab *source = vocab_from_json(vocab, strlen(vocab), "vocab", &err);
  Translator *t =
      translator_new(&config, tokenizer_new(TOKENIZER_word, false, NULL), source,
                     tokenizer_new(TOKENIZER_word, false, NULL), vocab_from_json(vocab, strlen(vocab), "vocab", &err));
  param_start(&t->model->params, (uint64_t)config.train.seed);
  return t;
}

static void class_open(Class *c, int threads, int batch_size, int longest, const char *const *sets, int n_sets) {
  *c = (Class){.translator = new_translator(sets, n_sets)};
  c->corpus = read_corpus(c->translator, longest);
  c->pool = pool_new(threads);
  c->learner = learner_new(c->translator, c->corpus, c->pool);
  const BatchOptions options = {.batch_size = batch_size};
  batch_plan_sequential(&c->plan, corpus_lengths(c->corpus), N_PAIRS, &options);
}

static void class_close(Class *c) {
  batch_free(&c->plan);
  learner_free(c->learner);
  pool_free(c->pool);
  corpus_free(c->corpus);
  translator_free(c->translator);
}

static LearnerResult update(Class *c, int first, int n, long t) {
  LearnerResult result;
  Err err = {0};
  bool ok = learner_update(c->learner, &c->plan, first, n, t, c->translator->config.train.optimizer.lr, &result, &err);
  ck_assert_msg(ok, "%s", err.text);
  return result;
}

static void check_same_bytes(Class *a, Class *b) {
  const ParamSet *set = &a->translator->model->params;
  size_t n = set->size * sizeof(real);
  ck_assert_mem_eq(set->values, b->translator->model->params.values, n);
  for (int m = 0; m < learner_optim(a->learner)->def->n_moments; m++)
    ck_assert_mem_eq(learner_optim(a->learner)->moments[m], learner_optim(b->learner)->moments[m], n);
}

static const char *const harder[] = {"model.dropout=0.3",
                                     "train.label_smoothing=0.1",
                                     "train.accumulate=2",
                                     "train.optimizer.weight_decay=0.01",
                                     "model.encoder.cell=lstm",
                                     "model.dropout_recurrent=0.2",
                                     "model.dropout_context=0.2",
                                     "model.word_dropout.source=0.1",
                                     "model.word_dropout.target=0.1"};
enum { N_HARDER = sizeof harder / sizeof *harder };

/* 60 pairs in batches of 7: the last batch has 4, shards are uneven. */
START_TEST(any_number_of_threads_gives_the_same_bytes) {
  Class one, many;
  class_open(&one, 1, 7, 6, harder, N_HARDER);
  class_open(&many, _i, 7, 6, harder, N_HARDER);
  learner_warm_up(many.learner, &many.plan);
  for (int k = 0; k < 4; k++) {
    LearnerResult a = update(&one, 2 * k, 2, k + 1), b = update(&many, 2 * k, 2, k + 1);
    ck_assert(memcmp(&a.losses, &b.losses, sizeof a.losses) == 0 && a.norm == b.norm && a.tokens == b.tokens);
    check_same_bytes(&one, &many);
  }
  int64_t tokens[2];
  double a = learner_validate(one.learner, one.pool, one.corpus, &one.plan, &tokens[0]);
  double b = learner_validate(many.learner, many.pool, many.corpus, &many.plan, &tokens[1]);
  ck_assert(a == b && tokens[0] == tokens[1]);
  class_close(&one);
  class_close(&many);
}
END_TEST

/* More shards than pairs: some are empty. */
START_TEST(batches_smaller_than_the_shards) {
  Class one, many;
  class_open(&one, 1, 3, 6, NULL, 0);
  class_open(&many, 3, 3, 6, NULL, 0);
  for (int k = 0; k < 4; k++) {
    LearnerResult a = update(&one, k, 1, k + 1), b = update(&many, k, 1, k + 1);
    ck_assert(memcmp(&a.losses, &b.losses, sizeof a.losses) == 0 && a.norm == b.norm);
  }
  check_same_bytes(&one, &many);
  class_close(&one);
  class_close(&many);
}
END_TEST

/* Of batches of 7 and 4 pairs: waves that end in the middle of a node of the tree, and shards without a pair. */
START_TEST(any_number_of_threads_and_shards_gives_the_same_bytes) {
  static const char *const shards[] = {"train.shards=1", "train.shards=2", "train.shards=3",
                                       "train.shards=4", "train.shards=5", "train.shards=6",
                                       "train.shards=7", "train.shards=8", "train.shards=64"};
  for (int accumulate = 1; accumulate <= 3; accumulate += 2) {
    const char *const sets[] = {shards[_i], "model.dropout=0.3",
                                accumulate == 1 ? "train.accumulate=1" : "train.accumulate=3"};
    Class one, many;
    class_open(&one, 1, 7, 6, sets, 3);
    for (int threads = 2; threads <= 4; threads++) {
      class_open(&many, threads, 7, 6, sets, 3);
      for (int k = 0; k < 3; k++) {
        LearnerResult b = update(&many, accumulate * k, accumulate, k + 1);
        if (threads > 2) continue;
        LearnerResult a = update(&one, accumulate * k, accumulate, k + 1);
        ck_assert(memcmp(&a.losses, &b.losses, sizeof a.losses) == 0 && a.norm == b.norm);
      }
      check_same_bytes(&one, &many);
      class_close(&many);
    }
    class_close(&one);
  }
}
END_TEST

/* The gradient of shards lo .. hi-1 of a batch of all pairs, as the definition of the tree reads; *loss receives
 * theirs. */
static real *tree_of_shards(const Class *c, int n_shards, int lo, int hi, double *loss) {
  const ParamSet *set = &c->translator->model->params;
  int n = 0, row[N_PAIRS];
  if (hi - lo > 1) {
    int half = 1;
    while (2 * half < hi - lo) half *= 2;
    double right_loss;
    real *left = tree_of_shards(c, n_shards, lo, lo + half, loss);
    real *right = tree_of_shards(c, n_shards, lo + half, hi, &right_loss);
    for (size_t i = 0; i < set->size; i++) left[i] += right[i];
    *loss += right_loss;
    mem_free(right);
    return left;
  }
  IdPair pairs[N_PAIRS];
  for (int j = lo; j < N_PAIRS; j += n_shards, n++) {
    row[n] = j;
    pairs[n] = corpus_pair(c->corpus, batch_pairs(&c->plan, 0, &(int){0})[j]);
  }
  Tape tape = {.arena = arena_new(), .params = set, .grads = param_block(set, "gradients"), .recording = true};
  double tokens = (double)(corpus_stats(c->corpus)->n_target + N_PAIRS);
  const Noise noise = noise_of(&c->translator->model->config, 1, 0, row);
  *loss = model_loss(c->translator->model, &tape, pairs, n, &noise, (XentOptions){0, 1 / tokens}).loss;
  tape_backward(&tape);
  arena_free(tape.arena);
  return tape.grads;
}

START_TEST(update_is_that_of_the_tree_of_shards) {
  static const int n_shards[] = {4, 5, 7, 64};
  static const char *const shards[] = {"train.shards=4", "train.shards=5", "train.shards=7", "train.shards=64"};
  const char *const sets[] = {shards[_i], "train.optimizer.type=sgd", "train.optimizer.clip_norm=0",
                              "train.optimizer.lr=1", "train.seed=1"};
  Class c;
  class_open(&c, 3, N_PAIRS, 6, sets, 5);
  ParamSet *set = &c.translator->model->params;
  param_pack(set, NULL, PACK_BOTH);
  double loss;
  real *want = tree_of_shards(&c, n_shards[_i], 0, n_shards[_i] < N_PAIRS ? n_shards[_i] : N_PAIRS, &loss);
  for (size_t i = 0; i < set->size; i++) want[i] = set->values[i] - want[i];
  ck_assert(update(&c, 0, 1, 1).losses.of[LOSS_likelihood] == loss);
  for (size_t i = 0; i < set->size; i++) ck_assert(set->values[i] == want[i]);
  mem_free(want);
  class_close(&c);
}
END_TEST

START_TEST(copying_is_learnt) {
  static const char *const sets[] = {"model.dropout=0.1"};
  Class c;
  class_open(&c, 2, 15, 4, sets, 1);
  int64_t tokens;
  double before = learner_validate(c.learner, c.pool, c.corpus, &c.plan, &tokens) / (double)tokens;
  for (int t = 0; t < 160; t++) (void)update(&c, t % c.plan.n_batches, 1, t + 1);
  double after = learner_validate(c.learner, c.pool, c.corpus, &c.plan, &tokens) / (double)tokens;
  ck_assert_double_eq_tol(before, log(9), 0.3); /* 9 tokens, nothing known */
  ck_assert_msg(after < 0.1 * before, "loss %g, before %g", after, before);
  class_close(&c);
}
END_TEST

/* Two batches of 10 in one update are one of 20; the loss is a mean over all their tokens. */
START_TEST(accumulated_batches_are_one_large_batch) {
  static const char *const sets[] = {"model.dropout=0", "train.accumulate=2", "train.optimizer.type=sgd",
                                     "train.label_smoothing=0.1"};
  Class small, large;
  class_open(&small, 2, 10, 6, sets, 4);
  class_open(&large, 2, 20, 6, sets, 4);
  ck_assert_int_eq(small.plan.n_batches, 2 * large.plan.n_batches);
  for (int b = 0; b < small.plan.n_batches; b++) {
    int n, n_whole;
    const int *half = batch_pairs(&small.plan, b, &n), *whole = batch_pairs(&large.plan, b / 2, &n_whole);
    ck_assert(n == 10 && n_whole == 20);
    ck_assert_mem_eq(half, whole + b % 2 * 10, 10 * sizeof *half);
  }
  for (int k = 0; k < 3; k++) {
    LearnerResult a = update(&small, 2 * k, 2, k + 1), b = update(&large, k, 1, k + 1);
    ck_assert(a.tokens == b.tokens);
    ck_assert_double_eq_tol(a.losses.of[LOSS_likelihood], b.losses.of[LOSS_likelihood], 1e-3);
    ck_assert_double_eq_tol(a.norm, b.norm, 1e-5);
  }
  const ParamSet *set = &small.translator->model->params;
  for (size_t i = 0; i < set->size; i++)
    ck_assert_double_eq_tol((double)set->values[i], (double)large.translator->model->params.values[i], 1e-5);
  class_close(&small);
  class_close(&large);
}
END_TEST

/* First words linked with first words, last with last: the last link of "0-0 n-n" is that of a line of n + 1. */
static Guide *read_guide(const Translator *t, int longest) {
  Scratch scratch;
  Str text = {0}, links = {0};
  Err err = {0};
  scratch_open(&scratch);
  write_corpus(&text, longest);
  int n = 0;
  for (const char *at = text.at + 1; *at != '\0'; at++) {
    if (*at == '\n') str_addf(&links, "0-0 %d-%d\n", n, n);
    n = *at == '\n' ? 0 : n + (*at == ' ');
  }
  const char *path = scratch_text(&scratch, "text", text.at + 1);
  Guide *guide = guide_open(scratch_text(&scratch, "links", str_text(&links)), t->source_tokenizer, t->target_tokenizer,
                            NULL, &err);
  const PairFiles files = {.source = path, .target = path};
  const CorpusOptions options = {
      .source = t->source_tokenizer, .target = t->target_tokenizer, .told = guide_take, .ctx = guide};
  Corpus *corpus = corpus_load(&files, &options, t->source_vocab, t->target_vocab, &err);
  ck_assert_msg(corpus != NULL && guide_end(guide, corpus_stats(corpus), t->source_vocab, t->target_vocab, &err), "%s",
                err.text);
  corpus_free(corpus);
  str_free(&text);
  str_free(&links);
  scratch_close(&scratch);
  return guide;
}

/* Norm of the gradient of (loss + weight * guided loss) / tokens of all pairs, found pair by pair; *guided receives the
 * guided loss. */
static double guided_norm(const Class *c, const Guide *guide, const GuidedConfig *config, double *guided) {
  const ParamSet *set = &c->translator->model->params;
  Tape tape = {.arena = arena_new(), .params = set, .grads = param_block(set, "gradients"), .recording = true};
  double tokens = (double)(corpus_stats(c->corpus)->n_target + N_PAIRS), squares = 0;
  *guided = 0;
  for (int i = 0; i < N_PAIRS; i++) {
    Losses one;
    IdPair pair = corpus_pair(c->corpus, i);
    tape_reset(&tape);
    const Linked *links = guide_links(guide, i, &pair, tape.arena);
    const LossAim aim = {
        {{[LOSS_likelihood] = 1 / tokens, [LOSS_guided] = config->weight / tokens}}, 0, &links, config->loss};
    (void)model_losses(c->translator->model, &tape, &pair, 1, NULL, &aim, &one);
    tape_backward(&tape);
    *guided += one.of[LOSS_guided];
  }
  for (size_t i = 0; i < set->size; i++) squares += (double)tape.grads[i] * (double)tape.grads[i];
  mem_free(tape.grads);
  arena_free(tape.arena);
  return sqrt(squares);
}

START_TEST(guided_update_is_that_of_both_losses) {
  static const char *const sets[] = {"model.dropout=0", "data.train.alignment=links", "train.guided_alignment.weight=3",
                                     "train.guided_alignment.loss=mse"};
  Class c;
  class_open(&c, 2, N_PAIRS, 6, sets, 3 + _i);
  Guide *guide = read_guide(c.translator, 6);
  double guided, norm = guided_norm(&c, guide, &c.translator->config.train.guided_alignment, &guided);
  learner_guide(c.learner, guide);
  learner_warm_up(c.learner, &c.plan);
  LearnerResult got = update(&c, 0, 1, 1);
  ck_assert_double_eq_tol(got.losses.of[LOSS_guided], guided, 1e-3);
  ck_assert_double_eq_tol(got.norm, norm, 1e-4 * norm);
  class_close(&c);
  guide_free(guide);
}
END_TEST

/* From the log-probability of one of nine words by chance, 0.9 of itself and 0.1 of each update's mean; warming up does
 * not move it. */
START_TEST(baseline_moves) {
  static const char *const sets[] = {"model.attention.focus=hard", "model.attention.hard.baseline=soft"};
  Class c;
  class_open(&c, 2, N_PAIRS, 6, sets, 1);
  double want = -log(9);
  learner_warm_up(c.learner, &c.plan);
  for (long t = 1; t <= 3; t++) {
    ck_assert_double_eq_tol(*learner_baseline(c.learner), want, 1e-12);
    LearnerResult got = update(&c, 0, 1, t);
    want = 0.9 * want - 0.1 * got.losses.of[LOSS_likelihood] / (double)got.tokens;
  }
  class_close(&c);
  class_open(&c, 1, N_PAIRS, 6, sets, 2);
  ck_assert_ptr_null(learner_baseline(c.learner));
  class_close(&c);
  class_open(&c, 1, N_PAIRS, 6, NULL, 0);
  ck_assert_ptr_null(learner_baseline(c.learner));
  class_close(&c);
}
END_TEST

START_TEST(validation_is_the_loss_of_all_pairs) {
  Class c;
  class_open(&c, 2, 7, 6, NULL, 0);
  int64_t tokens, want_tokens = 0;
  double loss = learner_validate(c.learner, c.pool, c.corpus, &c.plan, &tokens), want = 0;
  Tape tape = {.arena = arena_new(), .params = &c.translator->model->params};
  for (int i = 0; i < N_PAIRS; i++) {
    IdPair pair = corpus_pair(c.corpus, i);
    want += model_loss(c.translator->model, &tape, &pair, 1, NULL, (XentOptions){0, 1}).loss;
    want_tokens += pair.target.n + 1;
  }
  ck_assert(tokens == want_tokens);
  ck_assert_double_eq_tol(loss, want, 1e-2);
  arena_free(tape.arena);
  class_close(&c);
}
END_TEST

/* What is computed after an update is computed with the new weights, also where they are packed. */
START_TEST(validation_sees_the_newest_weights) {
  Class c;
  class_open(&c, 2, 15, 6, NULL, 0);
  for (int k = 0; k < 3; k++) {
    int64_t tokens;
    (void)update(&c, k, 1, k + 1);
    double loss = learner_validate(c.learner, c.pool, c.corpus, &c.plan, &tokens), want = 0;
    Model *copy = model_new(&c.translator->model->config); /* never packed */
    memcpy(copy->params.values, c.translator->model->params.values, copy->params.size * sizeof(real));
    Tape tape = {.arena = arena_new(), .params = &copy->params};
    for (int i = 0; i < N_PAIRS; i++) {
      IdPair pair = corpus_pair(c.corpus, i);
      want += model_loss(copy, &tape, &pair, 1, NULL, (XentOptions){0, 1}).loss;
    }
    ck_assert_double_eq_tol(loss, want, 1e-2); /* an update changes it by more than 1 */
    arena_free(tape.arena);
    model_free(copy);
  }
  class_close(&c);
}
END_TEST

/* The loss of one update, which moves nothing, numbered t. */
static double loss_at(long t, int n_batches, const char *accumulate) {
  const char *const sets[] = {"model.dropout=0.5", "train.optimizer.lr=1e-30", accumulate};
  Class c;
  class_open(&c, 2, 20, 6, sets, 3);
  double loss = update(&c, 0, n_batches, t).losses.of[LOSS_likelihood];
  class_close(&c);
  return loss;
}

/* Noise hangs on the number of the batch among all batches of the training: three batches one after another have the
 * noise of three that are accumulated. */
START_TEST(every_batch_has_its_own_noise) {
  static const char one[] = "train.accumulate=1";
  double first = loss_at(1, 1, one), second = loss_at(2, 1, one);
  ck_assert(first == loss_at(1, 1, one));
  ck_assert_double_gt(fabs(first - second), 1e-3);
  ck_assert_double_gt(fabs(loss_at(1, 3, "train.accumulate=3") - loss_at(2, 3, "train.accumulate=3")), 1e-3);
  static const char *const sets[] = {"model.dropout=0.5", "train.optimizer.lr=1e-30"};
  Class c;
  class_open(&c, 2, 20, 6, sets, 2);
  double sum = 0;
  for (int k = 0; k < 3; k++) sum += update(&c, k, 1, k + 1).losses.of[LOSS_likelihood];
  class_close(&c);
  ck_assert_double_eq_tol(loss_at(1, 3, "train.accumulate=3"), sum, 1e-2);
}
END_TEST

START_TEST(divergence_is_found_and_changes_nothing) {
  Class c;
  class_open(&c, 2, 10, 6, NULL, 0);
  (void)update(&c, 0, 1, 1);
  ParamSet *set = &c.translator->model->params;
  int p = param_find(set, "decoder.combine.weight");
  param_tensor(set, p, NULL).x[3] = (real)NAN;
  size_t n = set->size * sizeof(real);
  real *values = mem_alloc(set->size, sizeof(real), "copy"), *moment = mem_alloc(set->size, sizeof(real), "copy");
  memcpy(values, set->values, n);
  memcpy(moment, learner_optim(c.learner)->moments[0], n);
  LearnerResult result;
  Err err = {0};
  ck_assert(!learner_update(c.learner, &c.plan, 1, 1, 2, 0.1, &result, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, "update 2") != NULL && strstr(err.text, "not finite") != NULL, "%s", err.text);
  ck_assert_msg(strstr(err.text, "gradient of encoder.embedding.weight") != NULL, "%s", err.text);
  ck_assert_mem_eq(values, set->values, n);
  ck_assert_mem_eq(moment, learner_optim(c.learner)->moments[0], n);
  mem_free(values);
  mem_free(moment);
  class_close(&c);
}
END_TEST

/* Sentences of one length need the memory that the warm-up found, in any order of shards and threads. */
START_TEST(no_heap_call_after_warm_up) {
  Class c;
  class_open(&c, _i, 12, -5, harder, N_HARDER);
  learner_warm_up(c.learner, &c.plan);
  unsigned long before = mem_calls();
  for (int t = 0; t < 6; t++) (void)update(&c, t % 4, 2, t + 1);
  ck_assert_uint_eq(mem_calls(), before);
  class_close(&c);
}
END_TEST

Suite *test_learner(void);
Suite *test_learner(void) {
  Suite *s = suite_create("learner");
  TCase *t = tcase_create("learner");
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, any_number_of_threads_gives_the_same_bytes, 2, 6);
  tcase_add_loop_test(t, any_number_of_threads_and_shards_gives_the_same_bytes, 0, 9);
  tcase_add_loop_test(t, update_is_that_of_the_tree_of_shards, 0, 4);
  tcase_add_test(t, batches_smaller_than_the_shards);
  tcase_add_test(t, copying_is_learnt);
  tcase_add_test(t, accumulated_batches_are_one_large_batch);
  tcase_add_loop_test(t, guided_update_is_that_of_both_losses, 0, 2);
  tcase_add_test(t, baseline_moves);
  tcase_add_test(t, validation_is_the_loss_of_all_pairs);
  tcase_add_test(t, validation_sees_the_newest_weights);
  tcase_add_test(t, every_batch_has_its_own_noise);
  tcase_add_test(t, divergence_is_found_and_changes_nothing);
  tcase_add_loop_test(t, no_heap_call_after_warm_up, 1, 4);
  suite_add_tcase(s, t);
  return s;
}
