/* Checkpoints: what is saved comes back, what has changed is named, and a full disk leaves whole files. */
#include "train/checkpoint.h"

#include <check.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "edited.h"
#include "scratch.h"
#include "small.h"

enum { MOST_SETS = 8, N_OWN = 3 };

static Scratch scratch;

static void open_scratch(void) { scratch_open(&scratch); }
static void close_scratch(void) { scratch_close(&scratch); }

/* A training that stands somewhere: X.safetensors in the scratch folder. */
typedef struct Training {
  Translator *translator;
  Optim *optim;
  TrainState state;
  Json *corpora;
  Str model; /* the setting */
} Training;

static void training_open(Training *t, uint64_t seed, const char *const *sets, int n_sets) {
  const char *all[MOST_SETS];
  *t = (Training){.corpora = json_new_object()};
  str_addf(&t->model, "train.model=%s/X.safetensors", scratch.folder.at);
  all[0] = str_text(&t->model);
  all[1] = "data.train.source=data/a.txt";
  all[2] = "data.train.target=data/b.txt";
  for (int i = 0; i < n_sets; i++) all[i + N_OWN] = sets[i];
  t->translator = small_translator(seed, all, n_sets + N_OWN);
  t->optim = optim_new(&t->translator->model->params, &t->translator->config.train.optimizer);
  json_set(t->corpora, "data/a.txt", json_new_string("0123"));
  json_set(t->corpora, "data/b.txt", json_new_string("4567"));
}

static void training_close(Training *t) {
  optim_free(t->optim);
  translator_free(t->translator);
  json_free(t->corpora);
  str_free(&t->model);
}

static bool save(Training *t, bool model, bool step, long drop, Err *err) {
  const Checkpoint c = {t->translator, t->optim, &t->state, t->corpora, false};
  const real *values = t->translator->model->params.values;
  return checkpoint_save(&c, model ? values : NULL, step ? values : NULL, drop, err);
}

static void save_ok(Training *t, bool model, bool step, long drop) {
  Err err = {0};
  ck_assert_msg(save(t, model, step, drop, &err), "%s", err.text);
}

static Str moved; /* what the last load has said */

static bool load(Training *t, Err *err) {
  str_clear(&moved);
  return checkpoint_load(t->translator, t->optim, &t->state, t->corpora, &moved, err);
}

/* Numbers that a short decimal would not keep. */
static void walk(Training *t) {
  t->state = (TrainState){.step = 123456789,
                          .epoch = 7,
                          .batch = 31,
                          .waiting = 2,
                          .has_best = true,
                          .best = 1.0 / 3,
                          .schedule = {0.1 * 0.7, 1},
                          .losses = {{1e5 / 7, 1e4 / 3}},
                          .tokens = (int64_t)1 << 40};
  const ParamSet *set = &t->translator->model->params;
  for (int m = 0; m < t->optim->def->n_moments; m++)
    for (int p = 0; p < set->n_params; p++) {
      Tensor moment = param_tensor(set, p, t->optim->moments[m]);
      for (int i = 0; i < moment.rows * moment.cols; i++) moment.g[i] = (real)(m + 1) / (real)(3 + i);
    }
  json_append(t->translator->history, json_new_number(0.3));
}

static void check_paths(const char *model, const char *state, const char *step) {
  char *a = checkpoint_state_path(model), *b = checkpoint_step_path(model, 1234);
  ck_assert_str_eq(a, state);
  ck_assert_str_eq(b, step);
  mem_free(a);
  mem_free(b);
}

START_TEST(paths) {
  check_paths("models/X.safetensors", "models/X.state.safetensors", "models/X.step-00001234.safetensors");
  check_paths("X", "X.state.safetensors", "X.step-00001234.safetensors");
  check_paths("X.safetensors.old", "X.safetensors.old.state.safetensors",
              "X.safetensors.old.step-00001234.safetensors");
  char *large = checkpoint_step_path("X", 1234567890123);
  ck_assert_str_eq(large, "X.step-1234567890123.safetensors");
  mem_free(large);
}
END_TEST

static const char *const optimizers[] = {"train.optimizer.type=adam", "train.optimizer.type=sgd"};

START_TEST(all_comes_back) {
  Training a, b;
  training_open(&a, 1, &optimizers[_i], 1);
  training_open(&b, 2, &optimizers[_i], 1);
  walk(&a);
  save_ok(&a, false, false, 0);
  Err err = {0};
  ck_assert_msg(load(&b, &err), "%s", err.text);
  const ParamSet *x = &a.translator->model->params, *y = &b.translator->model->params;
  ck_assert_mem_eq(x->values, y->values, x->size * sizeof(real));
  for (int m = 0; m < a.optim->def->n_moments; m++)
    ck_assert_mem_eq(a.optim->moments[m], b.optim->moments[m], x->size * sizeof(real));
  const TrainState *s = &a.state, *r = &b.state;
  ck_assert(s->step == r->step && s->epoch == r->epoch && s->batch == r->batch && s->waiting == r->waiting);
  ck_assert(r->has_best && s->best == r->best && memcmp(&s->losses, &r->losses, sizeof s->losses) == 0 &&
            s->tokens == r->tokens);
  ck_assert(s->schedule.scale == r->schedule.scale && s->schedule.stalled == r->schedule.stalled);
  ck_assert_int_eq(json_count(b.translator->history), 1);
  ck_assert_double_eq(json_number(json_first(b.translator->history)), 0.3);
  ck_assert(!io_exists(scratch_path(&scratch, "X.safetensors")));
  training_close(&a);
  training_close(&b);
}
END_TEST

START_TEST(no_best_yet) {
  Training a, b;
  training_open(&a, 1, NULL, 0);
  training_open(&b, 1, NULL, 0);
  a.state = (TrainState){.epoch = 1, .schedule = {1, 0}};
  b.state = (TrainState){.has_best = true, .best = 3};
  save_ok(&a, false, false, 0);
  Err err = {0};
  ck_assert_msg(load(&b, &err), "%s", err.text);
  ck_assert(!b.state.has_best && b.state.step == 0 && b.state.epoch == 1);
  training_close(&a);
  training_close(&b);
}
END_TEST

static Str bytes_of(const char *name) {
  Str s = {0};
  Err err = {0};
  ck_assert_msg(io_read_all(&s, scratch_path(&scratch, name), (size_t)1 << 24, &err), "%s", err.text);
  return s;
}

static bool same(const Str *a, const Str *b) { return a->n == b->n && memcmp(a->at, b->at, a->n) == 0; }

/* Step files are models; one that is dropped goes. */
START_TEST(model_and_step_files) {
  Training t;
  training_open(&t, 1, NULL, 0);
  walk(&t);
  t.state.step = 20;
  save_ok(&t, true, true, 0);
  Str model = bytes_of("X.safetensors"), step = bytes_of("X.step-00000020.safetensors");
  ck_assert(same(&model, &step));
  t.state.step = 30;
  save_ok(&t, false, true, 20);
  ck_assert(!io_exists(scratch_path(&scratch, "X.step-00000020.safetensors")));
  ck_assert(io_exists(scratch_path(&scratch, "X.step-00000030.safetensors")));
  Err err = {0};
  Translator *back = translator_load(scratch_path(&scratch, "X.step-00000030.safetensors"), &err);
  ck_assert_msg(back != NULL, "%s", err.text);
  translator_free(back);
  str_free(&model);
  str_free(&step);
  training_close(&t);
}
END_TEST

START_TEST(these_keys_may_change) {
  static const char *const sets[] = {"train.epochs=99", "train.updates=7", "train.early_stop=1", "train.threads=3"};
  Training a, b;
  training_open(&a, 1, NULL, 0);
  training_open(&b, 1, sets, 4);
  walk(&a);
  save_ok(&a, false, false, 0);
  Err err = {0};
  ck_assert_msg(load(&b, &err), "%s", err.text);
  ck_assert_int_eq(b.translator->config.train.epochs, 99);
  training_close(&a);
  training_close(&b);
}
END_TEST

START_TEST(other_keys_may_not) {
  static const char *const sets[] = {"train.optimizer.lr=0.5", "model.dropout=0.4", "train.epochs=99"};
  Training a, b;
  training_open(&a, 1, NULL, 0);
  training_open(&b, 1, sets, 3);
  walk(&a);
  save_ok(&a, false, false, 0);
  Err err = {0};
  ck_assert(!load(&b, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_msg(strstr(err.text, "train.optimizer.lr: 0.001 became 0.5") != NULL, "%s", err.text);
  ck_assert_msg(strstr(err.text, "model.dropout: 0.2 became 0.4") != NULL, "%s", err.text);
  ck_assert_msg(strstr(err.text, "train.epochs") == NULL, "%s", err.text);
  training_close(&a);
  training_close(&b);
}
END_TEST

START_TEST(changed_corpora_are_named) {
  Training a, b;
  training_open(&a, 1, NULL, 0);
  training_open(&b, 1, NULL, 0);
  walk(&a);
  save_ok(&a, false, false, 0);
  json_set(b.corpora, "data/b.txt", json_new_string("89ab"));
  Err err = {0};
  ck_assert(!load(&b, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, "data/a.txt") == NULL && strstr(err.text, "data/b.txt: has changed") != NULL, "%s",
                err.text);
  json_set(b.corpora, "data/b.txt", json_new_string("4567"));
  json_set(b.corpora, "vocab.source", json_new_string("cdef"));
  ck_assert(!load(&b, &err));
  ck_assert_msg(strstr(err.text, "vocab.source: has changed") != NULL, "%s", err.text);
  training_close(&a);
  training_close(&b);
}
END_TEST

/* Texts that have gone elsewhere are the same when their sums are; and then the new names are told. */
START_TEST(files_may_stand_elsewhere) {
  static const char *const elsewhere[] = {"data.train.source=new/a.txt"}, *const more[] = {"data.train.tsv=new/a.txt"};
  Training a, b, c;
  training_open(&a, 1, NULL, 0);
  training_open(&b, 1, elsewhere, 1);
  training_open(&c, 1, more, 1);
  walk(&a);
  save_ok(&a, false, false, 0);
  Err err = {0};
  ck_assert(load(&a, &err) && moved.n == 0);
  json_set(b.corpora, "new/a.txt", json_new_string("0123"));
  ck_assert_msg(load(&b, &err), "%s", err.text);
  ck_assert_str_eq(str_text(&moved),
                   "the config names files otherwise than the training so far; they are the same:\n"
                   "data.train.source: \"data/a.txt\" became \"new/a.txt\"");
  json_set(b.corpora, "new/a.txt", json_new_string("4567"));
  ck_assert(!load(&b, &err));
  ck_assert_msg(strstr(err.text, "new/a.txt: has changed") != NULL, "%s", err.text);
  json_set(c.corpora, "new/a.txt", json_new_string("0123"));
  ck_assert(!load(&c, &err));
  ck_assert_msg(err.kind == ERR_USAGE && strstr(err.text, "data.train.tsv: nothing became") != NULL, "%s", err.text);
  training_close(&a);
  training_close(&b);
  training_close(&c);
  str_free(&moved);
}
END_TEST

static const struct {
  Edit edit;
  const char *says;
} damages[] = {
    {{.key = "format", .text = "attn-seq2seq 1"}, "not a training state of this version"},
    {{.key = "format", .text = "attn-seq2seq state 9"}, "not a training state of this version"},
    {{.key = "format"}, "not a training state of this version"},
    {{.key = "config"}, "`config`"},
    {{.key = "config", .text = "[]"}, "safetensors: config: "},
    {{.key = "corpora"}, "`corpora`"},
    {{.key = "corpora", .text = "{"}, "corpora"},
    {{.key = "state"}, "`state`"},
    {{.key = "state", .text = "{}"}, "`state` is damaged"},
    {{.key = "state", .text = "[1]"}, "`state` is damaged"},
    {{.key = "state",
      .text = "{\"step\":-1,\"epoch\":1,\"batch\":0,\"waiting\":0,\"scale\":1,\"stalled\":0,\"loss\":0,\"tokens\":0}"},
     "`state` is damaged"},
    {{.key = "state",
      .text =
          "{\"step\":1,\"epoch\":1e300,\"batch\":0,\"waiting\":0,\"scale\":1,\"stalled\":0,\"loss\":0,\"tokens\":0}"},
     "`state` is damaged"},
#define STATE(waiting, scale, stalled)                                                                       \
  {                                                                                                          \
    .key = "state", .text = "{\"step\":1,\"epoch\":1,\"batch\":0,\"waiting\":" #waiting ",\"scale\":" #scale \
                            ",\"stalled\":" #stalled ",\"loss\":0,\"tokens\":0}"                             \
  }
    {STATE(2147483647, 1, 0), "`state` is damaged"},
    {STATE(0, 1, 2147483647), "`state` is damaged"},
    {STATE(0, -1, 0), "`state` is damaged"},
    {STATE(0, 1e300, 0), "`state` is damaged"},
#undef STATE
    {{.key = "history"}, "`history`"},
    {{.key = "history", .text = "{\"a\":1}"}, "`history` is not an array"},
    {{.drop = "weight.decoder.output.bias"}, "tensor weight.decoder.output.bias is missing"},
    {{.drop = "adam.v.decoder.output.bias"}, "tensor adam.v.decoder.output.bias is missing"},
    {{.flatten = "adam.m.decoder.output.weight"}, "tensor adam.m.decoder.output.weight is not F32 of shape [6,5]"},
};
enum { N_DAMAGES = sizeof damages / sizeof *damages };

START_TEST(damaged_states_are_refused) {
  Training t;
  training_open(&t, 1, NULL, 0);
  walk(&t);
  save_ok(&t, false, false, 0);
  const char *path = scratch_path(&scratch, "X.state.safetensors");
  edited_write(path, path, &damages[_i].edit);
  Err err = {0};
  ck_assert_msg(!load(&t, &err), "damage %d: taken", _i);
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, damages[_i].says) != NULL && strstr(err.text, path) != NULL, "damage %d: %.2000s", _i,
                err.text);
  training_close(&t);
}
END_TEST

START_TEST(no_state_file) {
  Training t;
  training_open(&t, 1, NULL, 0);
  Err err = {0};
  ck_assert(!load(&t, &err));
  ck_assert(err.kind == ERR_FILE && strstr(err.text, "X.state.safetensors") != NULL);
  training_close(&t);
}
END_TEST

/* The disk is full at the nth write, flush or rename. Each file is the old or the new one, the state is not new before
 * the model is, and no temporary file stays. */
START_TEST(a_full_disk_leaves_whole_files) {
  static const char *const names[] = {"X.safetensors", "X.state.safetensors"};
  Training a, b;
  training_open(&a, 1, NULL, 0);
  training_open(&b, 2, NULL, 0);
  walk(&a);
  walk(&b);
  b.state.step++;
  Str old[2], new[2];
  save_ok(&b, true, false, 0);
  for (int k = 0; k < 2; k++) new[k] = bytes_of(names[k]);
  save_ok(&a, true, false, 0);
  for (int k = 0; k < 2; k++) old[k] = bytes_of(names[k]);
  bool ok = false;
  int n_old = 0;
  for (unsigned long n = 1; !ok; n++) {
    ck_assert_uint_lt(n, 1000);
    Err err = {0};
    io_fail_after(n);
    ok = save(&b, true, true, 0, &err);
    io_fail_after(0);
    bool fresh[2];
    for (int k = 0; k < 2; k++) {
      Str now = bytes_of(names[k]);
      fresh[k] = same(&now, &new[k]);
      ck_assert_msg(fresh[k] || same(&now, &old[k]), "%s is neither old nor new after failure %lu", names[k], n);
      str_free(&now);
    }
    n_old += !fresh[0] && !fresh[1];
    if (fresh[0] && !ok) save_ok(&a, true, false, 0);
    ck_assert_msg(fresh[0] || !fresh[1], "the state is newer than the model after failure %lu", n);
    ck_assert(ok ? fresh[0] && fresh[1] : err.kind == ERR_FILE);
    ck_assert(!io_exists(scratch_path(&scratch, "X.safetensors.tmp")));
    ck_assert(!io_exists(scratch_path(&scratch, "X.state.safetensors.tmp")));
    ck_assert(!io_exists(scratch_path(&scratch, "X.step-123456790.safetensors.tmp")));
  }
  ck_assert_int_gt(n_old, 6); /* three files are written and fsynced before the first is renamed */
  for (int k = 0; k < 2; k++) {
    str_free(&old[k]);
    str_free(&new[k]);
  }
  training_close(&a);
  training_close(&b);
}
END_TEST

Suite *test_checkpoint(void);
Suite *test_checkpoint(void) {
  Suite *s = suite_create("checkpoint");
  TCase *t = tcase_create("checkpoint");
  tcase_set_timeout(t, 60);
  tcase_add_checked_fixture(t, open_scratch, close_scratch);
  tcase_add_test(t, paths);
  tcase_add_loop_test(t, all_comes_back, 0, 2);
  tcase_add_test(t, no_best_yet);
  tcase_add_test(t, model_and_step_files);
  tcase_add_test(t, these_keys_may_change);
  tcase_add_test(t, other_keys_may_not);
  tcase_add_test(t, changed_corpora_are_named);
  tcase_add_test(t, files_may_stand_elsewhere);
  tcase_add_loop_test(t, damaged_states_are_refused, 0, N_DAMAGES);
  tcase_add_test(t, no_state_file);
  tcase_add_test(t, a_full_disk_leaves_whole_files);
  suite_add_tcase(s, t);
  return s;
}
