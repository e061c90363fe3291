/* Training from start to end: what fails on the way costs nothing, what has diverged is not saved. */
#include "train/train.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "num/safetensors.h"
#include "scratch.h"
#include "train/average.h"

static Scratch scratch;

static void open_scratch(void) { scratch_open(&scratch); }
static void close_scratch(void) { scratch_close(&scratch); }

enum { MOST_UPDATES = 32 };

/* What an observer remembers. */
typedef struct Seen {
  bool average_written, finished_before;
  int n_checkpoints, n_updates;
  double losses[MOST_UPDATES]; /* of updates */
  double valid_loss;           /* the best */
  atomic_int interrupted;
} Seen;

static void see(void *ctx, const TrainEvent *e) {
  Seen *seen = ctx;
  if (e->kind == TRAIN_NOTE && strstr(e->text, "written as the model") != NULL) seen->average_written = true;
  if (e->kind == TRAIN_END && strcmp(e->text, "already finished") == 0) seen->finished_before = true;
  seen->n_checkpoints += e->kind == TRAIN_CHECKPOINT;
  if (e->kind == TRAIN_VALID && e->better) seen->valid_loss = e->loss;
  if (e->kind == TRAIN_UPDATE && seen->n_updates < MOST_UPDATES) seen->losses[seen->n_updates++] = e->loss;
}

enum { MOST_SETS = 24 };

static void interrupt(void *ctx, const TrainEvent *e) {
  Seen *seen = ctx;
  see(ctx, e);
  if (e->kind == TRAIN_UPDATE) seen->interrupted = 1;
}

/* Trains X.safetensors on a few pairs. */
static TrainEnd train_seen(bool resume, const char *const *sets, int n_sets, void (*event)(void *, const TrainEvent *),
                           Seen *seen, Err *err) {
  static const char text[] = "a b\nb c a\nc\na a\nb\nc b\nb a\na c c\n";
  const char *all[MOST_SETS] = {"model.embedding=4", "model.encoder.hidden=3", "model.decoder.hidden=5",
                                "train.batch_size=2", "train.threads=1"};
  static const char *const keys[] = {"data.train.source", "data.train.target", "data.valid.source", "data.valid.target",
                                     "train.model"};
  enum { N_KEYS = sizeof keys / sizeof *keys };
  Str paths[N_KEYS] = {0};
  int n = 5;
  for (int k = 0; k < N_KEYS; k++) {
    bool model = k == N_KEYS - 1;
    str_addf(&paths[k], "%s=%s", keys[k],
             model ? scratch_path(&scratch, "X.safetensors") : scratch_text(&scratch, "text", text));
    all[n++] = str_text(&paths[k]);
  }
  for (int k = 0; k < n_sets; k++) all[n++] = sets[k];
  Config config;
  Err bad = {0};
  ck_assert_msg(config_load(&config, NULL, all, n, NULL, &bad), "%s", bad.text);
  *seen = (Seen){0};
  const TrainOptions options = {.resume = resume,
                                .overwrite = true,
                                .observer = {.event = event, .ctx = seen},
                                .interrupted = &seen->interrupted};
  TrainEnd end = train_run(&config, &options, err);
  for (int k = 0; k < N_KEYS; k++) str_free(&paths[k]);
  return end;
}

static TrainEnd train(bool resume, const char *const *sets, int n_sets, Seen *seen, Err *err) {
  return train_seen(resume, sets, n_sets, see, seen, err);
}

static Str bytes_of(const char *name) {
  Str s = {0};
  Err err = {0};
  ck_assert_msg(io_read_all(&s, scratch_path(&scratch, name), (size_t)1 << 24, &err), "%s", err.text);
  return s;
}

/* The mean of the two checkpoints is better than both. */
static const char *const averaged[] = {"train.epochs=2", "train.average=2", "train.optimizer.lr=0.3",
                                       "train.schedule.type=constant"};
enum { N_AVERAGED = sizeof averaged / sizeof *averaged };

START_TEST(the_mean_is_what_average_makes) {
  Seen seen;
  Err err = {0};
  ck_assert_msg(train(false, averaged, N_AVERAGED, &seen, &err) == TRAIN_FINISHED, "%s", err.text);
  ck_assert(seen.average_written);
  const char *const steps[] = {scratch_path(&scratch, "X.step-00000004.safetensors"),
                               scratch_path(&scratch, "X.step-00000008.safetensors")};
  ck_assert_msg(average_models(steps, 2, scratch_path(&scratch, "mean"), true, &err), "%s", err.text);
  Str model = bytes_of("X.safetensors"), mean = bytes_of("mean");
  ck_assert(model.n == mean.n && memcmp(model.at, mean.at, mean.n) == 0);
  str_free(&model);
  str_free(&mean);
}
END_TEST

/* The disk is full at the nth write, flush or rename of a training whose mean of checkpoints becomes the model. What is
 * left goes on to the same model. */
START_TEST(a_full_disk_costs_nothing) {
  enum { STRIDE = 11, DENSE = 215 }; /* every failure once the last files are being finished */
  const char *const files[] = {"X.safetensors", "X.state.safetensors"};
  Str want[2];
  Seen seen;
  Err err = {0};
  ck_assert_msg(train(false, averaged, N_AVERAGED, &seen, &err) == TRAIN_FINISHED, "%s", err.text);
  ck_assert(seen.average_written);
  for (int k = 0; k < 2; k++) want[k] = bytes_of(files[k]);
  bool failed = true;
  for (unsigned long n = 1; failed; n += n > DENSE ? 1 : STRIDE) {
    for (int k = 0; k < 2; k++) (void)unlink(scratch_path(&scratch, files[k]));
    io_fail_after(n);
    failed = train(false, averaged, N_AVERAGED, &seen, &err) == TRAIN_FAILED;
    io_fail_after(0);
    TrainEnd end = train(true, averaged, N_AVERAGED, &seen, &err);
    ck_assert_msg(end == TRAIN_FINISHED, "after failure %lu: %s", n, err.text);
    ck_assert_msg(failed || seen.finished_before, "failure %lu", n);
    for (int k = 0; k < 2; k++) {
      Str got = bytes_of(files[k]);
      ck_assert_msg(got.n == want[k].n && memcmp(got.at, want[k].at, got.n) == 0, "%s differs after failure %lu",
                    files[k], n);
      str_free(&got);
    }
  }
  for (int k = 0; k < 2; k++) str_free(&want[k]);
}
END_TEST

/* Gradients are finite, but what an update makes of the weights is not: a validation finds it, or an interrupt. */
START_TEST(diverged_weights_are_not_saved) {
  static const char *const sets[] = {"train.epochs=1", "train.optimizer.lr=1e10", "train.optimizer.weight_decay=1e300",
                                     "train.validate_every=1"};
  Seen seen;
  Err err = {0};
  ck_assert(train_seen(false, sets, _i == 0 ? 4 : 3, _i == 0 ? see : interrupt, &seen, &err) == TRAIN_FAILED);
  ck_assert(err.kind == ERR_FILE);
  ck_assert_msg(strstr(err.text, "update 1: the weight ") != NULL && strstr(err.text, "not finite") != NULL, "%s",
                err.text);
  ck_assert_int_eq(seen.n_checkpoints, 0);
  ck_assert(!io_exists(scratch_path(&scratch, "X.safetensors")));
  ck_assert(!io_exists(scratch_path(&scratch, "X.state.safetensors")));
}
END_TEST

static void check_equal(const SafeTensors *a, const SafeTensors *b, const char *prefix, bool equal) {
  for (int i = 0; i < safetensors_count(a); i++) {
    const SafeTensor *x = safetensors_at(a, i);
    Str name = {0};
    str_addf(&name, "%s%s", prefix, x->name);
    const SafeTensor *y = safetensors_find(b, str_text(&name));
    ck_assert_msg(y != NULL && y->n_bytes == x->n_bytes, "%s", str_text(&name));
    ck_assert_msg((memcmp(x->data, y->data, x->n_bytes) == 0) == equal, "%s", str_text(&name));
    str_free(&name);
  }
}

/* What is validated and kept is the average of the weights, in the state as in the model and its step file. */
START_TEST(the_average_is_the_model) {
  static const char *const sets[] = {"train.epochs=1", "train.ema=0.9", "train.keep=2"};
  Seen seen;
  Err err = {0};
  ck_assert_msg(train(false, sets, 3, &seen, &err) == TRAIN_FINISHED, "%s", err.text);
  SafeTensors *model = safetensors_open(scratch_path(&scratch, "X.safetensors"), &err);
  SafeTensors *step = safetensors_open(scratch_path(&scratch, "X.step-00000004.safetensors"), &err);
  SafeTensors *state = safetensors_open(scratch_path(&scratch, "X.state.safetensors"), &err);
  ck_assert_msg(model != NULL && step != NULL && state != NULL, "%s", err.text);
  check_equal(model, state, "ema.", true);
  check_equal(model, state, "weight.", false);
  check_equal(model, step, "", true);
  safetensors_close(model);
  safetensors_close(step);
  safetensors_close(state);
}
END_TEST

/* Averaging watches: the weights that are trained are those of a training without it, and what is validated is the
 * average, which is what the model's file holds. */
START_TEST(the_average_changes_no_training) {
  static const char *const sets[] = {"train.epochs=2", "train.schedule.type=constant", "train.optimizer.lr=0.1",
                                     "train.validate_every=1", "train.ema=0.9"};
  Seen seen, tuned;
  Err err = {0};
  ck_assert_msg(train(false, sets, 5, &seen, &err) == TRAIN_FINISHED, "%s", err.text);
  Str with = bytes_of("X.state.safetensors"), model = bytes_of("X.safetensors");
  (void)scratch_bytes(&scratch, "with", with.at, with.n);
  Str from = {0};
  str_addf(&from, "train.start_from=%s", scratch_bytes(&scratch, "from", model.at, model.n));
  ck_assert_msg(train(false, sets, 4, &tuned, &err) == TRAIN_FINISHED, "%s", err.text);
  SafeTensors *ema = safetensors_open(scratch_path(&scratch, "with"), &err);
  SafeTensors *plain = safetensors_open(scratch_path(&scratch, "X.state.safetensors"), &err);
  ck_assert_msg(ema != NULL && plain != NULL, "%s", err.text);
  for (int i = 0; i < safetensors_count(plain); i++) {
    const SafeTensor *a = safetensors_at(plain, i), *b = safetensors_find(ema, a->name);
    if (strncmp(a->name, "weight.", 7) != 0) continue;
    ck_assert_msg(b != NULL && a->n_bytes == b->n_bytes && memcmp(a->data, b->data, a->n_bytes) == 0, "%s", a->name);
  }
  safetensors_close(ema);
  safetensors_close(plain);
  const char *const still[] = {"train.epochs=1", "train.optimizer.lr=1e-30", str_text(&from)};
  ck_assert_msg(train(false, still, 3, &tuned, &err) == TRAIN_FINISHED, "%s", err.text);
  ck_assert_double_eq_tol(tuned.valid_loss, seen.valid_loss, 1e-6);
  str_free(&with);
  str_free(&model);
  str_free(&from);
}
END_TEST

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Nothing moves and nothing is dropped, so a loss is that of its pair: every epoch has the same, in an order of its
 * own.
 */
START_TEST(every_epoch_has_its_own_order) {
  enum { N = 8 };
  static const char *const sets[] = {"train.epochs=2", "train.batch_size=1", "train.optimizer.lr=1e-30",
                                     "model.dropout=0", "train.schedule.type=constant"};
  Seen seen;
  Err err = {0};
  ck_assert_msg(train(false, sets, 5, &seen, &err) == TRAIN_FINISHED, "%s", err.text);
  ck_assert_int_eq(seen.n_updates, 2 * N);
  double *first = seen.losses, *second = seen.losses + N;
  ck_assert_mem_ne(first, second, N * sizeof *first);
  qsort(first, N, sizeof *first, by_value);
  qsort(second, N, sizeof *second, by_value);
  for (int i = 0; i < N; i++) ck_assert_double_eq_tol(first[i], second[i], 1e-6);
}
END_TEST

/* Row `row` of a tensor [n,4] of the model. */
static const float *row_of(const SafeTensors *model, const char *name, size_t row) {
  const SafeTensor *tensor = safetensors_find(model, name);
  ck_assert(tensor != NULL && tensor->rank == 2 && tensor->shape[1] == 4 && row < tensor->shape[0]);
  return (const float *)tensor->data + 4 * row;
}

/* Words a, b, c are rows 4, 5, 6. A rate of nearly 0 leaves the weights as they start. */
START_TEST(embeddings_start_from_vectors) {
  if (REAL_IS_DOUBLE) return; /* tensors are F64 there */
  Str source = {0}, target = {0};
  str_addf(&source, "data.embeddings.source=%s", scratch_text(&scratch, "s", "2 4\nb 1 2 3 4\nx 5 6 7 8\n"));
  str_addf(&target, "data.embeddings.target=%s", scratch_text(&scratch, "t", "c -1 .5 3 2e-1\na 5 6 7 8\n"));
  const char *const sets[] = {"train.epochs=1", "train.optimizer.lr=1e-30", str_text(&source), str_text(&target)};
  static const float b[] = {1, 2, 3, 4}, c[] = {-1, 0.5F, 3, 0.2F}, a[] = {5, 6, 7, 8};
  Seen seen;
  Err err = {0};
  ck_assert_msg(train(false, sets, 2, &seen, &err) == TRAIN_FINISHED, "%s", err.text);
  Str plain = bytes_of("X.safetensors");
  (void)scratch_bytes(&scratch, "plain", plain.at, plain.n);
  ck_assert_msg(train(false, sets, 4, &seen, &err) == TRAIN_FINISHED, "%s", err.text);
  SafeTensors *model = safetensors_open(scratch_path(&scratch, "X.safetensors"), &err);
  SafeTensors *old = safetensors_open(scratch_path(&scratch, "plain"), &err);
  ck_assert_msg(model != NULL && old != NULL, "%s", err.text);
  static const char from[] = "encoder.embedding.weight", to[] = "decoder.embedding.weight";
  ck_assert_mem_eq(row_of(model, from, 5), b, sizeof b);
  ck_assert_mem_eq(row_of(model, from, 4), row_of(old, from, 4), sizeof b);
  ck_assert_mem_eq(row_of(model, from, 6), row_of(old, from, 6), sizeof b);
  ck_assert_mem_eq(row_of(model, to, 4), a, sizeof a);
  ck_assert_mem_eq(row_of(model, to, 6), c, sizeof c);
  ck_assert_mem_eq(row_of(model, to, 5), row_of(old, to, 5), sizeof b);
  safetensors_close(model);
  safetensors_close(old);
  str_free(&plain);
  str_free(&source);
  str_free(&target);
}
END_TEST

Suite *test_train(void);
Suite *test_train(void) {
  Suite *s = suite_create("train");
  TCase *t = tcase_create("train");
  tcase_set_timeout(t, 120);
  tcase_add_checked_fixture(t, open_scratch, close_scratch);
  tcase_add_test(t, the_mean_is_what_average_makes);
  tcase_add_test(t, a_full_disk_costs_nothing);
  tcase_add_test(t, the_average_is_the_model);
  tcase_add_test(t, the_average_changes_no_training);
  tcase_add_test(t, every_epoch_has_its_own_order);
  tcase_add_test(t, embeddings_start_from_vectors);
  tcase_add_loop_test(t, diverged_weights_are_not_saved, 0, 2);
  suite_add_tcase(s, t);
  return s;
}
