/* Keys that have no effect in a config: who is told, what is printed, what differs. */
#include <check.h>
#include <string.h>

#include "conf/config_keys.h"
#include "scratch.h"
#include "text/sentencepiece.h"
#include "train/agreed.h"

static void note(void *ctx, const char *text) { str_addf(ctx, "%s\n", text); }

/* Loads the file's text with one --set, or none, and compares all that is said. */
static void expect_said(const char *text, const char *set, const char *said) {
  Scratch s = {0};
  Err err = {0};
  Config c;
  Str notes = {0}, expected = {0};
  Warnings warnings = {.warn = note, .ctx = &notes};
  scratch_open(&s);
  const char *path = scratch_text(&s, "c.json", text);
  ck_assert_msg(config_load(&c, path, &set, set == NULL ? 0 : 1, &warnings, &err), "%s", err.text);
  const char *name = strncmp(said, "FILE", 4) == 0 ? path : "";
  str_addf(&expected, "%s%s", name, said + (name == path ? 4 : 0));
  ck_assert_str_eq(str_text(&notes), str_text(&expected));
  str_free(&notes);
  str_free(&expected);
  config_free(&c);
  scratch_close(&s);
}

#define ATTENTION(keys) "{\"model\":{\"attention\":{" keys "}}}"
#define LOCAL "it counts only when model.attention.scope is local_m or local_p\n"
#define LUONG \
  "it counts only when model.decoder.type is rnn, model.attention.flow is luong and model.decoder.cell is not cgru\n"

START_TEST(named_once_with_the_reason) {
  expect_said(ATTENTION("\"window\":3"), NULL, "FILE: model.attention.window has no effect: " LOCAL);
  expect_said(ATTENTION("\"window\":3"), "model.attention.window=4",
              "--set: model.attention.window has no effect: " LOCAL);
  expect_said(ATTENTION("\"window\":3"), "model.attention.scope=local_m", "");
  expect_said(ATTENTION("\"window\":3,\"scope\":\"local_m\""), "model.attention.scope=global",
              "FILE: model.attention.window has no effect: " LOCAL);
  expect_said("{\"train\":{\"optimizer\":{\"type\":\"sgd\",\"beta1\":0.5}}}", NULL,
              "FILE: train.optimizer.beta1 has no effect: it counts only when train.optimizer.type is adam\n");
}
END_TEST

/* A file may be a dump with every key; who types a key means it. */
START_TEST(a_default_is_told_of_a_set_alone) {
  expect_said(ATTENTION("\"window\":10,\"size\":512"), NULL, "");
  expect_said(ATTENTION("\"size\":512,\"score\":\"general\"},\"decoder\":{\"hidden\":100"), NULL,
              "FILE: model.attention.size has no effect: it counts only when model.attention.pattern is not none, "
              "model.attention.score is concat or additive, or model.attention.scope is local_p\n");
  expect_said("{}", "model.attention.window=10", "--set: model.attention.window has no effect: " LOCAL);
  expect_said("{}", "data.train.alignment=links", "");
}
END_TEST

/* The config of a text, or of a file's, with n values set. */
static Config set_all(const char *text, const char *const *sets, int n) {
  Scratch s = {0};
  Err err = {0};
  Config c;
  scratch_open(&s);
  ck_assert_msg(config_load(&c, scratch_text(&s, "c.json", text), sets, n, NULL, &err), "%s", err.text);
  scratch_close(&s);
  return c;
}

static void expect_equal(Config a, Config b) {
  Str diff = {0};
  ck_assert_msg(config_diff(&diff, &a, &b, NULL, 0) == 0, "%s", str_text(&diff));
  config_free(&a);
  config_free(&b);
}

/* A dump holds what follows from its kinds of encoder and decoder; a --set of other kinds gives what follows from
 * these. */
START_TEST(a_dump_of_another_kind) {
  static const char *const kinds[][2] = {{"model.encoder.type=transformer", "model.decoder.type=transformer"},
                                         {"model.encoder.type=rnn", "model.decoder.type=transformer"},
                                         {"model.encoder.type=transformer", "model.decoder.type=rnn"},
                                         {"model.encoder.type=rnn", "model.decoder.type=rnn"}};
  for (int from = 0; from < 4; from++)
    for (int to = 0; to < 4; to++) {
      Config c = set_all("{}", kinds[from], 2);
      Json *json = config_to_json(&c, false);
      Str dump = {0};
      json_print(&dump, json, true);
      expect_equal(set_all(str_text(&dump), kinds[to], 2), set_all("{}", kinds[to], 2));
      str_free(&dump);
      json_free(json);
      config_free(&c);
    }
  /* What does not follow from them stays, and what somebody chose. */
  static const char *const sets[] = {"model.decoder.type=transformer", "model.attention.heads=2"};
  expect_equal(set_all("{\"model\":{\"attention\":{\"heads\":2,\"pattern\":\"qvv\"}}}", sets, 1),
               set_all("{\"model\":{\"attention\":{\"pattern\":\"qvv\"}}}", sets, 2));
  static const char *const smaller[] = {"model.decoder.hidden=64"};
  Config kept = set_all("{\"model\":{\"attention\":{\"score\":\"additive\",\"size\":512}}}", smaller, 1);
  ck_assert_int_eq(kept.model.attention.size, 512);
  config_free(&kept);
}
END_TEST

/* Every key that has a condition, where it holds and where it does not. */
static const struct {
  const char *key, *idle, *counts;
} conditions[] = {
    {"data.train.alignment=links", "train.guided_alignment.weight=0", "train.guided_alignment.weight=1"},
    {"vocab.source.tokenizer=char", NULL, "model.encoder.type=none"},
    {"vocab.source.file=v", NULL, "model.encoder.type=none"},
    {"vocab.source.lowercase=true", NULL, "model.encoder.type=none"},
    {"vocab.source.sampling=0", NULL, "model.encoder.type=none"},
    {"model.encoder.patch=4", "model.encoder.type=none", "data.source_form=features"},
    {"model.encoder.features=4", "model.encoder.type=none", "data.source_form=features"},
    {"model.encoder.max_side=4", "model.encoder.type=none", NULL},
    {"train.guided_alignment.loss=mse", "train.guided_alignment.weight=0", "data.train.alignment=links"},
    {"vocab.source.size=50", "vocab.source.file=v", "vocab.source.tokenizer=char"},
    {"vocab.target.size=50", "vocab.target.file=v", "vocab.target.tokenizer=char"},
    {"vocab.source.min_count=2", "vocab.source.file=v", "vocab.source.tokenizer=char"},
    {"vocab.target.min_count=2", "vocab.target.file=v", "vocab.target.tokenizer=char"},
    {"vocab.source.model_type=unigram", "vocab.source.tokenizer=word", "vocab.source.tokenizer=sentencepiece"},
    {"vocab.target.model_type=unigram", "vocab.target.tokenizer=char", "vocab.target.tokenizer=sentencepiece"},
    {"model.encoder.residual=true", "model.encoder.layers=1", "model.encoder.layers=2"},
    {"model.decoder.residual=true", "model.decoder.layers=1", "model.decoder.layers=2"},
    {"model.decoder.deep_output=true", "model.attention.flow=bahdanau", "model.attention.flow=luong"},
    {"model.decoder.deep_output=false", "model.decoder.cell=cgru", "model.decoder.cell=lstm"},
    {"model.attention.flow=bahdanau", "model.decoder.cell=cgru", "model.decoder.cell=tanh"},
    {"model.attention.window=3", "model.attention.scope=global", "model.attention.scope=local_p"},
    {"model.attention.size=9", "model.attention.scope=local_m", "model.attention.scope=local_p"},
    {"model.attention.size=9", "model.attention.score=gaussian", "model.attention.score=concat"},
    {"model.attention.size=9", "model.attention.score=location", "model.attention.score=additive"},
    {"model.attention.input_feeding=false", "model.attention.flow=bahdanau", "model.attention.flow=luong"},
    {"data.embeddings.target=v", "model.decoder.type=reader", "model.decoder.type=rnn"},
    {"data.query_separator=?", "model.decoder.type=rnn", "model.decoder.type=reader"},
    {"model.dropout_output=0.4", "model.decoder.type=reader", "model.decoder.type=transformer"},
    {"model.word_dropout.target=0.4", "model.decoder.type=reader", "model.decoder.type=transformer"},
    {"model.tie_embeddings=target", "model.decoder.type=reader", "model.decoder.type=transformer"},
    {"model.decoder.layers=2", "model.decoder.type=reader", "model.decoder.type=transformer"},
    {"model.attention.aligns=read", "model.decoder.type=reader", "model.decoder.type=transformer"},
    {"train.label_smoothing=0.1", "model.decoder.type=reader", "model.decoder.type=transformer"},
    {"model.attention.width=0.5", "model.attention.score=average", "model.attention.score=gaussian"},
    {"model.attention.max_positions=200", "model.attention.score=dot", "model.attention.score=location"},
    {"model.heads=8", "model.encoder.type=none", "model.encoder.type=transformer"},
    {"model.feed_forward=99", "model.encoder.type=none", "model.decoder.type=transformer"},
    {"model.activation=gelu", "model.encoder.type=rnn", "model.encoder.self_attention.layers=1"},
    {"model.norm=post", "model.encoder.type=rnn", "model.encoder.self_attention.layers=1"},
    {"model.final_norm=true", "model.encoder.self_attention.layers=1", "model.encoder.type=transformer"},
    {"model.positions=none", "model.encoder.type=rnn", "model.encoder.type=none"},
    {"model.max_positions=200", "model.encoder.type=none", NULL},
    {"model.max_distance=9", "model.decoder.type=transformer", NULL},
    {"model.relative_values=true", "model.decoder.type=transformer", NULL},
    {"model.flow_steps=9", "model.decoder.type=transformer", NULL},
    {"model.dropout_attention=0.1", "model.attention.heads=4", "model.encoder.self_attention.layers=1"},
    {"model.dropout_feed_forward=0.1", "model.encoder.type=none", "model.decoder.type=transformer"},
    {"model.dropout_recurrent=0", NULL, "model.encoder.type=transformer"},
    {"model.layer_norm=true", NULL, "model.decoder.type=transformer"},
    {"model.encoder.cell=lstm", "model.encoder.type=none", "model.decoder.type=transformer"},
    {"model.encoder.hidden=99", "model.encoder.type=none", "model.decoder.type=transformer"},
    {"model.encoder.window=8", "model.encoder.type=none", "model.encoder.type=transformer"},
    {"model.encoder.layers=2", "model.encoder.type=none", "model.encoder.type=transformer"},
    {"model.encoder.bidirectional=false", "model.encoder.type=none", "model.decoder.type=transformer"},
    {"data.train.graph=links", "model.encoder.type=none", NULL},
    {"data.valid.graph=links", "model.encoder.type=none", NULL},
    {"data.valid.fold=2", "model.encoder.type=none", "data.valid.split=5"},
    {"model.encoder.graph.kind=gat", "model.encoder.type=none", "model.encoder.type=graph"},
    {"model.encoder.graph.heads=2", "model.encoder.type=conv", "model.encoder.type=graph"},
    {"model.encoder.graph.window=0", "model.encoder.type=none", "model.encoder.type=graph"},
    {"model.encoder.graph.directed=true", "model.encoder.type=none", "model.encoder.type=graph"},
    {"model.encoder.graph.norm=none", "model.encoder.type=transformer", "model.encoder.type=graph"},
    {"model.encoder.conv.width=5", "model.encoder.type=none", "model.encoder.type=conv"},
    {"model.encoder.conv.channels=5", "model.encoder.type=transformer", "model.encoder.type=conv"},
    {"model.encoder.self_attention.heads=8", "model.encoder.type=transformer", "model.encoder.self_attention.layers=1"},
    {"model.encoder.self_attention.window=8", "model.encoder.type=none", "model.encoder.self_attention.layers=1"},
    {"model.encoder.self_attention.norm=none", "model.encoder.type=none", "model.encoder.self_attention.layers=1"},
    {"model.encoder.self_attention.feed_forward=0", "model.encoder.type=none", "model.encoder.self_attention.layers=1"},
    {"model.encoder.self_attention.pattern=vvv", "model.encoder.type=none", "model.encoder.self_attention.layers=1"},
    {"model.encoder.window=8", "model.encoder.type=none", "model.encoder.type=transformer"},
    {"model.encoder.layers=2", "model.encoder.type=none", "model.encoder.universal=false"},
    {"model.encoder.act.epsilon=0.1", "model.decoder.act.max_steps=3", "model.encoder.act.max_steps=3"},
    {"model.encoder.act.penalty=0", "model.encoder.act.max_steps=0", "model.encoder.act.max_steps=1"},
    {"model.encoder.act.bias=-3", "model.encoder.act.max_steps=0", "model.encoder.act.max_steps=1"},
    {"model.decoder.act.epsilon=0.1", "model.encoder.act.max_steps=3", "model.decoder.act.max_steps=3"},
    {"model.decoder.act.penalty=0", "model.decoder.act.max_steps=0", "model.decoder.act.max_steps=1"},
    {"model.decoder.act.bias=-3", "model.decoder.act.max_steps=0", "model.decoder.act.max_steps=1"},
    {"model.decoder.cell=lstm", "model.decoder.type=transformer", "model.encoder.type=none"},
    {"model.decoder.hidden=300", "model.decoder.type=transformer", "model.encoder.type=none"},
    {"model.decoder.init=zero", "model.decoder.type=transformer", "model.encoder.type=none"},
    {"model.attention.flow=bahdanau", "model.decoder.type=transformer", "model.encoder.type=none"},
    {"model.attention.alignment.layer=1", "model.attention.heads=4", "model.decoder.type=transformer"},
    {"model.attention.alignment.heads=2", "model.attention.heads=1", "model.attention.heads=4"},
    {"model.attention.size=512", "model.attention.pattern=none", "model.attention.pattern=qvv"},
    {"model.attention.conv.width=3", "model.attention.score=concat", NULL},
    {"model.attention.ntm.shift=2", "model.attention.focus=soft", "model.attention.focus=ntm"},
    {"model.attention.ntm.wrap=true", "model.attention.focus=soft", "model.attention.focus=ntm"},
    {"model.attention.ntm.start=uniform", "model.attention.focus=soft", "model.attention.focus=ntm"},
    {"model.attention.hard.estimator=gumbel", "model.attention.focus=soft", "model.attention.focus=hard"},
    {"model.attention.hard.reward=1", "model.attention.focus=ntm", "model.attention.focus=hard"},
    {"model.attention.hard.entropy=1", "model.attention.focus=soft", "model.attention.focus=hard"},
    {"model.attention.hard.expectation=1", "model.attention.focus=soft", "model.attention.focus=hard"},
    {"model.attention.hard.baseline=soft", "model.attention.focus=soft", "model.attention.focus=hard"},
    {"model.attention.hard.top=2", "model.attention.focus=soft", "model.attention.focus=hard"},
    {"model.attention.hard.temperature=2", "model.attention.focus=hard", NULL},
    {"model.attention.hard.inference=sample", "model.attention.focus=soft", "model.attention.focus=hard"},
    {"train.optimizer.beta1=0.5", "train.optimizer.type=sgd", "train.optimizer.type=adam"},
    {"train.optimizer.beta2=0.5", "train.optimizer.type=sgd", "train.optimizer.type=adam"},
    {"train.optimizer.epsilon=0.1", "train.optimizer.type=sgd", "train.optimizer.type=adam"},
    {"train.schedule.factor=0.9", "train.schedule.type=constant", "train.schedule.type=luong"},
    {"train.schedule.min_lr=0", "train.schedule.type=constant", "train.schedule.type=plateau"},
    {"train.schedule.patience=3", "train.schedule.type=luong", "train.schedule.type=plateau"},
    {"train.schedule.start_epoch=3", "train.schedule.type=plateau", "train.schedule.type=luong"},
};

static void expect_use(const char *key, const char *condition, bool counts) {
  Err err = {0};
  Config c;
  Str notes = {0};
  Warnings warnings = {.warn = note, .ctx = &notes};
  const char *const sets[] = {condition, key, "vocab.shared=true"};
  int n_sets = condition != NULL && strstr(condition, "reader") != NULL ? 3 : 2; /* which needs that */
  ck_assert_msg(config_load(&c, NULL, sets, n_sets, &warnings, &err), "%s", err.text);
  size_t n = strcspn(key, "=");
  const char *said = strstr(str_text(&notes), "--set: ");
  ck_assert_msg((said == NULL) == counts, "%s with %s: %s", key, condition, str_text(&notes));
  ck_assert(said == NULL || strncmp(said + strlen("--set: "), key, n) == 0);
  str_free(&notes);
  config_free(&c);
}

START_TEST(every_condition) {
  if (conditions[_i].idle != NULL) expect_use(conditions[_i].key, conditions[_i].idle, false);
  if (conditions[_i].counts == NULL) return; /* the condition is of two keys: see positions_of_a_kind */
  bool other = strstr(conditions[_i].counts, "sentencepiece") == NULL;
  if (other || sentencepiece_missing() == NULL) expect_use(conditions[_i].key, conditions[_i].counts, true);
}
END_TEST

/* Keys of one kind of positions count with it, on a side that has positions. */
START_TEST(positions_of_a_kind) {
  static const char *const keys[][2] = {{"model.max_positions=200", "model.positions=learned"},
                                        {"model.max_distance=9", "model.positions=relative"},
                                        {"model.relative_values=true", "model.positions=relative"},
                                        {"model.flow_steps=9", "model.positions=flow"}};
  for (int i = 0; i < 4; i++) {
    Err err = {0};
    Config c;
    Str notes = {0};
    Warnings warnings = {.warn = note, .ctx = &notes};
    const char *const sets[] = {keys[i][0], keys[i][1], "model.decoder.type=transformer"};
    ck_assert_msg(config_load(&c, NULL, sets, 3, &warnings, &err), "%s", err.text);
    ck_assert_str_eq(str_text(&notes), "");
    config_free(&c);
    str_free(&notes);
  }
}
END_TEST

START_TEST(patience_of_anything) {
  Err err = {0};
  Config c;
  Str notes = {0};
  Warnings warnings = {.warn = note, .ctx = &notes};
  const char *const sets[] = {"train.patience_updates=9", "train.schedule.type=constant", "train.early_stop=0"};
  for (int n = 1; n <= 2; n++) {
    ck_assert(config_load(&c, NULL, sets, n, &warnings, &err));
    config_free(&c);
  }
  ck_assert_str_eq(str_text(&notes), "");
  ck_assert(config_load(&c, NULL, sets, 3, &warnings, &err));
  config_free(&c);
  ck_assert_str_eq(str_text(&notes),
                   "--set: train.patience_updates has no effect: it counts only when "
                   "train.early_stop is above 0 or train.schedule.type is plateau\n");
  str_free(&notes);
}
END_TEST

/* No condition goes untested. */
START_TEST(all_are_listed) {
  const Config none = {0};
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    const ConfigKey *key = config_keys_at(i);
    bool listed = strcmp(key->path, "train.patience_updates") == 0;
    size_t n = strlen(key->path);
    for (size_t k = 0; k < sizeof conditions / sizeof *conditions && !listed; k++)
      listed = strncmp(conditions[k].key, key->path, n) == 0 && conditions[k].key[n] == '=';
    ck_assert_msg((config_keys_use(&none, key).when != NULL) == listed, "%s", key->path);
  }
}
END_TEST

static const Json *at(const Json *json, const char *path) {
  Str part = {0};
  for (const char *rest = path; json != NULL && *rest != '\0';) {
    size_t n = strcspn(rest, ".");
    str_clear(&part);
    str_add(&part, rest, n);
    json = json_get(json, str_text(&part));
    rest += n + (rest[n] == '.');
  }
  str_free(&part);
  return json;
}

/* What has no effect is not printed; files keep the keys that they had before there were conditions. */
START_TEST(printed_where_it_counts) {
  Err err = {0};
  const char *const sets[] = {"model.attention.window=3", "train.optimizer.type=sgd"};
  Config c;
  ck_assert(config_load(&c, NULL, sets, 2, NULL, &err));
  Json *shown = config_to_json(&c, false), *stored = config_to_json(&c, true);
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    const ConfigKey *key = config_keys_at(i);
    Json *value = config_keys_get(&c, key);
    KeyUse use = config_keys_use(&c, key);
    ck_assert_msg((at(shown, key->path) != NULL) == (value != NULL && use.counts), "%s", key->path);
    bool holds = value != NULL && (use.counts || use.stored) && !use.left_out; /* none of those is set here */
    if (strcmp(key->path, "train.threads") != 0)
      ck_assert_msg((at(stored, key->path) != NULL) == holds, "%s", key->path);
    ck_assert_msg(use.counts || use.stored || config_keys_is_default(&c, key), "%s", key->path);
    json_free(value);
  }
  ck_assert_ptr_null(at(shown, "model.attention.window"));
  ck_assert_ptr_null(at(shown, "train.optimizer.beta1"));
  ck_assert_double_eq(json_number(at(stored, "model.attention.window")), 3);
  ck_assert_double_eq(json_number(at(stored, "train.optimizer.beta1")), 0.9);
  json_free(shown);
  json_free(stored);
  config_free(&c);
}
END_TEST

/* A model's own config says nothing; what is set over it does. */
START_TEST(overrides_alone_are_told) {
  Err err = {0};
  const char *const first[] = {"model.attention.window=3"}, *const then[] = {"model.attention.flow=bahdanau",
                                                                             "model.attention.input_feeding=true"};
  Str notes = {0};
  Warnings warnings = {.warn = note, .ctx = &notes};
  Config c;
  ck_assert(config_load(&c, NULL, first, 1, NULL, &err));
  ck_assert(config_override(&c, NULL, 0, &warnings, &err));
  ck_assert_str_eq(str_text(&notes), "");
  ck_assert(config_override(&c, then, 2, &warnings, &err));
  ck_assert_str_eq(str_text(&notes), "--set: model.attention.input_feeding has no effect: " LUONG);
  ck_assert_int_eq(c.model.attention.window, 3);
  str_free(&notes);
  config_free(&c);
}
END_TEST

START_TEST(a_refused_config_says_only_why) {
  Err err = {0};
  const char *const sets[] = {"model.attention.window=3", "model.decoder.init=copy", "model.decoder.layers=2"};
  Str notes = {0};
  Warnings warnings = {.warn = note, .ctx = &notes};
  Config c;
  ck_assert(!config_load(&c, NULL, sets, 3, &warnings, &err));
  ck_assert_str_eq(str_text(&notes), "");
}
END_TEST

static int differences(const char *a, const char *b, const char *both) {
  Err err = {0};
  const char *const old[] = {both, a}, *const new[] = {both, b};
  Config x, y;
  Str text = {0};
  ck_assert(config_load(&x, NULL, old, 2, NULL, &err) && config_load(&y, NULL, new, 2, NULL, &err));
  int n = config_diff(&text, &x, &y, NULL, 0);
  str_free(&text);
  config_free(&x);
  config_free(&y);
  return n;
}

START_TEST(what_counts_in_neither_does_not_differ) {
  ck_assert_int_eq(differences("model.attention.window=3", "model.attention.window=4", "train.seed=2"), 0);
  ck_assert_int_eq(differences("model.attention.window=3", "model.attention.window=4", "model.attention.scope=local_m"),
                   1);
  ck_assert_int_eq(
      differences("model.attention.scope=local_m", "model.attention.scope=global", "model.attention.window=4"), 1);
}
END_TEST

START_TEST(agreed_warnings) {
  Str notes = {0};
  Warnings warnings = {.warn = note, .ctx = &notes};
  Agreed agreed = {0};
  const char *const lines[] = {"b", "a", "c", "a", "b"};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) agreed_add(&agreed, lines[i]);
  agreed_tell(&agreed, 2, &warnings);
  ck_assert_str_eq(str_text(&notes), "b\na\n");
  agreed_tell(&agreed, 2, NULL);
  agreed_free(&agreed);
  agreed_tell(&(Agreed){0}, 1, &warnings);
  ck_assert_str_eq(str_text(&notes), "b\na\n");
  str_free(&notes);
}
END_TEST

Suite *test_config_use(void);
Suite *test_config_use(void) {
  Suite *s = suite_create("config_use");
  TCase *t = tcase_create("config_use");
  tcase_add_test(t, named_once_with_the_reason);
  tcase_add_test(t, a_default_is_told_of_a_set_alone);
  tcase_add_test(t, a_dump_of_another_kind);
  tcase_add_loop_test(t, every_condition, 0, sizeof conditions / sizeof *conditions);
  tcase_add_test(t, patience_of_anything);
  tcase_add_test(t, positions_of_a_kind);
  tcase_add_test(t, all_are_listed);
  tcase_add_test(t, printed_where_it_counts);
  tcase_add_test(t, overrides_alone_are_told);
  tcase_add_test(t, a_refused_config_says_only_why);
  tcase_add_test(t, what_counts_in_neither_does_not_differ);
  tcase_add_test(t, agreed_warnings);
  suite_add_tcase(s, t);
  return s;
}
