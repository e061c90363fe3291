#include "conf/config.h"

#include <check.h>
#include <glob.h>
#include <string.h>

#include "base/pool.h"
#include "conf/config_keys.h"
#include "scratch.h"
#include "text/sentencepiece.h"
#include "text/toy.h"

static bool load_text(Config *config, const char *text, Err *err) {
  Json *json = json_parse(text, strlen(text), "c.json", ERR_USAGE, err);
  if (json == NULL) return false;
  bool ok = config_from_json(config, json, "c.json", ERR_USAGE, err);
  json_free(json);
  return ok;
}

/* A config that must be good. */
static Config loaded(const char *text) {
  Config config;
  Err err = {0};
  ck_assert_msg(load_text(&config, text, &err), "%s: %s", text, err.text);
  ck_assert_int_eq(err.kind, ERR_NONE);
  return config;
}

START_TEST(defaults) {
  Config c = loaded("{}");
  ck_assert_ptr_null(c.data.train.source);
  ck_assert_int_eq(c.data.max_length, 100);
  ck_assert_int_eq(c.vocab.source.tokenizer, TOKENIZER_word);
  ck_assert_int_eq(c.vocab.target.size, 0);
  ck_assert_int_eq(c.vocab.target.min_count, 1);
  ck_assert(!c.vocab.shared);
  ck_assert_int_eq(c.model.embedding, 256);
  ck_assert_double_eq(c.model.dropout, 0.2);
  ck_assert_int_eq(c.model.encoder.cell, CELL_gru);
  ck_assert_int_eq(c.model.encoder.hidden, 256);
  ck_assert(c.model.encoder.bidirectional);
  ck_assert_int_eq(c.model.decoder.hidden, 512);
  ck_assert_int_eq(c.model.decoder.init, INIT_last);
  ck_assert_int_eq(c.model.attention.score, SCORE_general);
  ck_assert(c.model.attention.input_feeding);
  ck_assert_str_eq(c.train.model, "models/model.safetensors");
  ck_assert_int_eq(c.train.epochs, 20);
  ck_assert_int_eq(c.train.batch_size, 64);
  ck_assert_int_eq(c.train.batch_tokens, 0);
  ck_assert_int_eq(c.train.shards, 4);
  ck_assert_int_eq(c.train.seed, 1);
  ck_assert_int_eq(c.train.early_stop, 5);
  ck_assert_int_eq(c.train.keep, 1);
  ck_assert_int_eq(c.train.log_every, 50);
  ck_assert_double_eq(c.train.optimizer.beta2, 0.999);
  ck_assert_double_eq(c.train.optimizer.epsilon, 1e-8);
  ck_assert_int_eq(c.train.schedule.type, SCHEDULE_plateau);
  ck_assert_int_eq(c.train.schedule.start_epoch, 8);
  ck_assert_int_eq(c.train.patience_updates, 150);
  ck_assert_double_eq(c.train.schedule.min_lr, 1e-6);
  ck_assert_int_eq(c.translate.beam_size, 5);
  ck_assert_double_eq(c.translate.max_length_ratio, 2);
  config_free(&c);
}
END_TEST

START_TEST(computed_defaults) {
  Config c = loaded("{}");
  ck_assert_int_eq(c.model.attention.size, 512);
  ck_assert_int_eq(c.model.attention.max_positions, 101);
  ck_assert_int_eq(c.translate.max_length, 100);
  ck_assert_int_eq(c.train.threads, pool_cores());
  ck_assert_double_eq(c.train.optimizer.lr, 0.001);
  ck_assert_int_eq(c.model.attention.pattern, PATTERN_none);
  config_free(&c);
  c = loaded("{\"model\":{\"attention\":{\"heads\":4}},\"data\":{\"train\":{\"alignment\":\"l\"}}}");
  ck_assert_int_eq(c.model.attention.pattern, PATTERN_qkv);
  ck_assert_int_eq(c.model.attention.score, SCORE_scaled_dot);
  ck_assert_int_eq(c.model.attention.alignment.heads, 1);
  config_free(&c);
  c = loaded(
      "{\"data\":{\"max_length\":30},\"model\":{\"decoder\":{\"hidden\":64}},"
      "\"train\":{\"optimizer\":{\"type\":\"sgd\"},\"batch_tokens\":4000,\"average\":3}}");
  ck_assert_int_eq(c.model.attention.size, 64);
  ck_assert_int_eq(c.model.attention.max_positions, 31);
  ck_assert_int_eq(c.translate.max_length, 30);
  ck_assert_double_eq(c.train.optimizer.lr, 1);
  ck_assert_int_eq(c.train.batch_size, 0);
  ck_assert_int_eq(c.train.batch_tokens, 4000);
  ck_assert_int_eq(c.train.keep, 3);
  config_free(&c);
}
END_TEST

/* A bad config, and two pieces that its message must hold. */
static const struct {
  const char *text, *key, *more;
} bad[] = {
    {"{\"modl\":{}}", "c.json: modl: unknown key", "\"model\"?"},
    {"{\"model\":{\"embeding\":3}}", "model.embeding: unknown key", "\"model.embedding\"?"},
    {"{\"model\":{\"attention\":{\"scor\":\"dot\"}}}", "model.attention.scor: unknown key",
     "\"model.attention.score\"?"},
    {"{\"attention\":{\"score\":\"dot\"}}", "attention: unknown key", "data, vocab, model, train, translate"},
    {"{\"beam_size\":3}", "beam_size: unknown key", "\"translate.beam_size\"?"},
    {"{\"train\":{\"lr\":3}}", "train.lr: unknown key", "\"train.optimizer.lr\"?"},
    {"{\"train\":{\"zzzzzzzzz\":3}}", "train.zzzzzzzzz: unknown key", "batch_size"},
    {"{\"vocab\":{\"size\":3}}", "vocab.size: unknown key", "\"vocab.source.size\" or \"vocab.target.size\"?"},
    {"{\"model\":{\"type\":\"transformer\"}}", "model.type: unknown key; did you mean \"model.encoder.type\" or ",
     " or \"model.decoder.type\"?"},
    {"{\"train\":{\"type\":\"adam\"}}", "\"train.optimizer.type\" or \"train.schedule.type\"?", ""},
    {"{\"train\":{\"hidden\":3}}", "did you mean \"model.encoder.hidden\"?", ""},
    {"{\"model\":3}", "c.json: model: 3", "an object"},
    {"[1]", "c.json: [1]", "an object"},
    {"{\"model\":{\"encoder\":null}}", "model.encoder: null", "an object"},
    {"{\"data\":{\"train\":{\"source\":3}}}", "data.train.source: 3", "a string"},
    {"{\"data\":{\"train\":{\"source\":\"\"}}}", "data.train.source: \"\"", "not empty"},
    {"{\"data\":{\"train\":{\"source\":\"a\\ud800\"}}}", "c.json", ""},
    {"{\"data\":{\"max_length\":0}}", "data.max_length: 0", "from 1"},
    {"{\"data\":{\"max_length\":2.5}}", "data.max_length: 2.5", "an integer"},
    {"{\"data\":{\"max_length\":\"9\"}}", "data.max_length: \"9\"", "an integer"},
    {"{\"data\":{\"max_length\":99999999999}}", "data.max_length: 99999999999", "to 1000000000"},
    {"{\"vocab\":{\"source\":{\"size\":4}}}", "vocab.source.size: 4",
     "0 (all; sentencepiece: 8000, or all there are) or an integer from 5"},
    {"{\"vocab\":{\"source\":{\"tokenizer\":\"words\"}}}", "vocab.source.tokenizer: \"words\"",
     "(did you mean \"word\"?)"},
    {"{\"vocab\":{\"target\":{\"min_count\":0}}}", "vocab.target.min_count: 0", "from 1"},
    {"{\"vocab\":{\"shared\":1}}", "vocab.shared: 1", "true or false"},
    {"{\"model\":{\"embedding\":65537}}", "model.embedding: 65537", "from 1 to 65536"},
    {"{\"model\":{\"embedding\":-1}}", "model.embedding: -1", "from 1 to 65536"},
    {"{\"model\":{\"embedding\":[1]}}", "model.embedding: [1]", "an integer"},
    {"{\"model\":{\"dropout\":1}}", "model.dropout: 1", "of at least 0 and below 1"},
    {"{\"model\":{\"dropout\":-0.1}}", "model.dropout: -0.1", "of at least 0 and below 1"},
    {"{\"model\":{\"dropout\":true}}", "model.dropout: true", "a number"},
    {"{\"model\":{\"tie_embeddings\":\"both\"}}", "model.tie_embeddings: \"both\"", "none, target, all"},
    {"{\"model\":{\"encoder\":{\"cell\":\"GRU\"}}}", "model.encoder.cell: \"GRU\"", "tanh, gru, lstm"},
    {"{\"model\":{\"encoder\":{\"cell\":\"cgru\"}}}", "model.encoder.cell: \"cgru\"", "tanh, gru, lstm"},
    {"{\"model\":{\"decoder\":{\"cell\":\"cgur\"}}}", "model.decoder.cell: \"cgur\"", "tanh, gru, lstm, cgru"},
    {"{\"model\":{\"encoder\":{\"layers\":17}}}", "model.encoder.layers: 17", "from 1 to 16"},
    {"{\"model\":{\"encoder\":{\"bidirectional\":\"yes\"}}}", "model.encoder.bidirectional: \"yes\"", "true or false"},
    {"{\"model\":{\"decoder\":{\"init\":\"first\"}}}", "model.decoder.init: \"first\"", "zero, last, mean, copy"},
    {"{\"model\":{\"attention\":{\"score\":\"dto\"}}}", "model.attention.score: \"dto\" is not one of dot, scaled_dot",
     "(did you mean \"dot\"?)"},
    {"{\"model\":{\"attention\":{\"score\":\"bahdanau\"}}}", "model.attention.score: \"bahdanau\" is not one of",
     "(\"bahdanau\" is a value of model.attention.flow)"},
    {"{\"model\":{\"attention\":{\"scope\":\"hard\"}}}", "model.attention.scope: \"hard\"", "global, local_m, local_p"},
    {"{\"model\":{\"attention\":{\"flow\":0}}}", "model.attention.flow: 0", "luong, bahdanau"},
    {"{\"model\":{\"attention\":{\"window\":-1}}}", "model.attention.window: -1", "from 1"},
    {"{\"train\":{\"epochs\":0}}", "train.epochs: 0", "from 1"},
    {"{\"train\":{\"batch_size\":0}}", "train.batch_size: 0", "from 1"},
    {"{\"train\":{\"batch_tokens\":0}}", "train.batch_tokens: 0", "from 1"},
    {"{\"train\":{\"shards\":65}}", "train.shards: 65", "from 1 to 64"},
    {"{\"train\":{\"seed\":-1}}", "train.seed: -1", "from 0"},
    {"{\"train\":{\"seed\":1e300}}", "train.seed: 1e+300", "to 9007199254740991"},
    {"{\"train\":{\"threads\":0}}", "train.threads: 0", "from 1"},
    {"{\"train\":{\"metric\":\"bleu4\"}}", "train.metric: \"bleu4\"", "loss, bleu, chrf, ter, accuracy, wer"},
    {"{\"train\":{\"optimizer\":{\"lr\":0}}}", "train.optimizer.lr: 0", "above 0"},
    {"{\"train\":{\"optimizer\":{\"lr\":1e999}}}", "train.optimizer.lr", "out of range"},
    {"{\"train\":{\"optimizer\":{\"beta1\":1}}}", "train.optimizer.beta1: 1", "below 1"},
    {"{\"train\":{\"optimizer\":{\"type\":\"adan\"}}}", "train.optimizer.type: \"adan\"", "(did you mean \"adam\"?)"},
    {"{\"train\":{\"schedule\":{\"factor\":1.5}}}", "train.schedule.factor: 1.5", "above 0 and at most 1"},
    {"{\"train\":{\"schedule\":{\"warmup\":-3}}}", "train.schedule.warmup: -3", "0 (none) or"},
    {"{\"translate\":{\"beam_size\":1001}}", "translate.beam_size: 1001", "from 1 to 1000"},
    {"{\"translate\":{\"max_length_ratio\":0}}", "translate.max_length_ratio: 0", "above 0"},
    {"{\"train\":{\"epochs\":3,\"epochs\":3}}", "train.epochs", "twice"},
};

START_TEST(bad_configs_are_named) {
  Config config;
  Err err = {0};
  ck_assert_msg(!load_text(&config, bad[_i].text, &err), "accepted: %s", bad[_i].text);
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_msg(strncmp(err.text, "c.json:", 7) == 0, "%s", err.text);
  ck_assert_msg(strstr(err.text, bad[_i].key) != NULL, "%s: %s", bad[_i].text, err.text);
  ck_assert_msg(strstr(err.text, bad[_i].more) != NULL, "%s: %s", bad[_i].text, err.text);
  ck_assert_msg(strchr(err.text, '\n') == NULL, "more than one message: %s", err.text);
}
END_TEST

/* Values at the very ends of what is allowed, and combinations that look odd and are fine. */
static const char *const good[] = {
    "{\"model\":{\"dropout\":0,\"embedding\":1,\"encoder\":{\"layers\":16,\"residual\":true}}}",
    "{\"model\":{\"encoder\":{\"residual\":true},\"decoder\":{\"residual\":true}}}",
    "{\"model\":{\"attention\":{\"flow\":\"bahdanau\",\"input_feeding\":true}}}",
    "{\"model\":{\"attention\":{\"score\":\"dot\"}}}",
    "{\"model\":{\"attention\":{\"score\":\"location\",\"max_positions\":101}}}",
    "{\"model\":{\"attention\":{\"score\":\"general\",\"max_positions\":1}}}",
    "{\"model\":{\"decoder\":{\"init\":\"copy\"}}}",
    "{\"model\":{\"decoder\":{\"init\":\"copy\",\"cell\":\"cgru\"}}}",
    "{\"model\":{\"attention\":{\"score\":\"concat\",\"coverage\":\"fertility\"}}}",
    "{\"model\":{\"decoder\":{\"cell\":\"cgru\",\"deep_output\":true},\"attention\":{\"flow\":\"bahdanau\"}}}",
    "{\"model\":{\"attention\":{\"heads\":8}}}",
    "{\"model\":{\"attention\":{\"heads\":8,\"score\":\"dot\",\"size\":64},\"decoder\":{\"hidden\":300}}}",
    "{\"model\":{\"attention\":{\"heads\":64,\"pattern\":\"vvv\",\"scope\":\"local_p\",\"alignment\":{\"heads\":64}}}}",
    "{\"model\":{\"attention\":{\"pattern\":\"qvv\"},\"layer_norm\":true}}",
    "{\"model\":{\"tie_embeddings\":\"all\",\"embedding\":512},\"vocab\":{\"shared\":true}}",
    "{\"train\":{\"seed\":9007199254740991,\"early_stop\":0,\"schedule\":{\"factor\":1}}}",
    "{\"train\":{\"schedule\":{\"type\":\"inverse_sqrt\",\"warmup\":4000}}}",
    "{\"train\":{\"average\":3,\"keep\":5,\"optimizer\":{\"lr\":0.30000000000000004}}}",
    "{\"vocab\":{\"source\":{\"size\":5},\"target\":{\"size\":0}}}",
    "{\"translate\":{\"length_penalty\":0,\"beam_size\":1000}}",
    "{\"data\":{\"max_length\":1000000000}}",
};

START_TEST(good_configs_are_taken_and_kept) {
  Config a = loaded(good[_i]);
  Json *json = config_to_json(&a, false);
  Str dump = {0}, diff = {0};
  json_print(&dump, json, true);
  json_free(json);
  Config b = loaded(str_text(&dump));
  ck_assert_msg(config_diff(&diff, &a, &b, NULL, 0) == 0, "%s", str_text(&diff));
  ck_assert(a.train.seed == b.train.seed && a.train.optimizer.lr == b.train.optimizer.lr);
  str_free(&dump);
  str_free(&diff);
  config_free(&a);
  config_free(&b);
}
END_TEST

START_TEST(all_errors_at_once) {
  Config config;
  Err err = {0};
  ck_assert(
      !load_text(&config, "{\"x\":1,\"model\":{\"dropout\":2,\"embeding\":3},\"train\":{\"epochs\":\"a\"}}", &err));
  ck_assert_str_eq(err.text,
                   "c.json: x: unknown key; the keys here are data, vocab, model, train, translate\n"
                   "c.json: model.dropout: 2 is not a number of at least 0 and below 1\n"
                   "c.json: model.embeding: unknown key; did you mean \"model.embedding\"?\n"
                   "c.json: train.epochs: \"a\" is not an integer from 1 to 1000000000");
  err_clear(&err);
  ck_assert(
      !load_text(&config, "{\"x\":1,\"model\":{\"attention\":{\"score\":\"dot\"},\"decoder\":{\"hidden\":3}}}", &err));
  ck_assert_ptr_nonnull(strstr(err.text, "x: unknown key"));
  ck_assert_ptr_nonnull(strstr(err.text, "\nc.json: model.attention.score \"dot\""));
}
END_TEST

START_TEST(a_model_file_gives_file_errors) {
  Config config;
  Err err = {0};
  Json *json = json_parse("{\"model\":{\"dropout\":2}}", 23, "m", ERR_FILE, &err);
  ck_assert(!config_from_json(&config, json, "m.safetensors", ERR_FILE, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  json_free(json);
}
END_TEST

START_TEST(files_and_overrides) {
  Scratch s = {0};
  scratch_open(&s);
  Config c;
  Err err = {0};
  const char *path =
      scratch_text(&s, "e.json", "{\"train\":{\"batch_size\":8,\"epochs\":3},\"data\":{\"train\":{\"tsv\":\"t\"}}}");
  const char *const sets[] = {"train.epochs=4",         "train.model=a b.safetensors",
                              "train.batch_tokens=100", "model={\"encoder\":{\"layers\":2}}",
                              "data.train.source=s",    "train.epochs=5"};
  ck_assert_msg(config_load(&c, path, sets, 6, NULL, &err), "%s", err.text);
  ck_assert_int_eq(c.train.epochs, 5);
  ck_assert_str_eq(c.train.model, "a b.safetensors");
  ck_assert_int_eq(c.train.batch_size, 0);
  ck_assert_int_eq(c.train.batch_tokens, 100);
  ck_assert_int_eq(c.model.encoder.layers, 2);
  ck_assert_str_eq(c.data.train.source, "s");
  ck_assert_ptr_null(c.data.train.tsv);
  const char *const more[] = {"train.batch_size=7", "translate.beam_size=1"};
  ck_assert(config_override(&c, more, 2, NULL, &err));
  ck_assert_int_eq(c.train.batch_size, 7);
  ck_assert_int_eq(c.train.batch_tokens, 0);
  ck_assert_int_eq(c.translate.beam_size, 1);
  config_free(&c);
  ck_assert(!config_load(&c, scratch_path(&s, "none.json"), NULL, 0, NULL, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  scratch_close(&s);
}
END_TEST

START_TEST(bad_overrides) {
  static const struct {
    const char *set, *message;
  } cases[] = {
      {"train.epochs", "--set train.epochs: not of the form KEY=VALUE"},
      {"=3", "--set =3: not of the form KEY=VALUE"},
      {"train.epoch=3", "--set: train.epoch: unknown key; did you mean \"train.epochs\"?"},
      {"train.epochs=x", "--set: train.epochs: \"x\" is not an integer from 1 to 1000000000"},
      {"train.epochs=", "--set: train.epochs: \"\" is not an integer from 1 to 1000000000"},
      {"train.epochs=NaN", "--set: train.epochs: \"NaN\" is not an integer from 1 to 1000000000"},
      {"train=3", "--set: train: 3 is not an object of keys"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Config c;
    Err err = {0};
    ck_assert(!config_load(&c, NULL, &cases[i].set, 1, NULL, &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_str_eq(err.text, cases[i].message);
  }
}
END_TEST

START_TEST(training_needs_texts) {
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"{}", "data.train: no text is named"},
      {"{\"data\":{\"train\":{\"tsv\":\"a\"}}}", "data.valid: no text is named"},
      {"{\"data\":{\"train\":{\"source\":\"a\"}}}", "data.train.target is missing beside data.train.source \"a\""},
      {"{\"data\":{\"valid\":{\"target\":\"a\"}}}", "data.valid.source is missing beside data.valid.target \"a\""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Config c = loaded(cases[i].text);
    Err err = {0};
    ck_assert(!config_check_train(&c, "c.json", &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_msg(strstr(err.text, cases[i].message) != NULL, "%s", err.text);
    config_free(&c);
  }
  Config c = loaded("{\"data\":{\"train\":{\"tsv\":\"a\"},\"valid\":{\"source\":\"a\",\"target\":\"b\"}}}");
  Err err = {0};
  ck_assert(config_check_train(&c, "c.json", &err));
  config_free(&c);
}
END_TEST

/* Whether every line says that this build has no SentencePiece, and nothing else is wrong. */
static bool only_sentencepiece_missing(const Err *err) {
  const char *missing = sentencepiece_missing();
  if (missing == NULL || err->kind != ERR_USAGE) return false;
  for (const char *line = err->text; line != NULL; line = strchr(line, '\n')) {
    const char *said = strstr(++line, missing), *end = strchr(line, '\n');
    if (said == NULL || (end != NULL && said > end)) return false;
  }
  return true;
}

static void check_trains(const char *path) {
  Config c;
  Err err = {0};
  bool ok = config_load(&c, path, NULL, 0, NULL, &err);
  if (!ok && only_sentencepiece_missing(&err)) return;
  ck_assert_msg(ok, "%s", err.text);
  ck_assert_msg(config_check_train(&c, path, &err), "%s", err.text);
  config_free(&c);
}

/* Those that toy corpora come with, and those in models/. */
START_TEST(shipped_configs_are_good) {
  Scratch s = {0};
  Err err = {0};
  glob_t found;
  scratch_open(&s);
  for (int i = 0; i < toy_count(); i++) {
    ck_assert_msg(toy_write(toy_name(i), str_text(&s.folder), 10, 1, true, &err), "%s", err.text);
    check_trains(scratch_path(&s, "config.json"));
  }
  scratch_close(&s);
  ck_assert_int_eq(glob("models/*.json", 0, NULL, &found), 0);
  for (size_t i = 0; i < found.gl_pathc; i++) check_trains(found.gl_pathv[i]);
  globfree(&found);
}
END_TEST

/* Their configs leave the score to the kind of decoder, unless it is what they show. What ponders is recurrent. */
START_TEST(toys_become_transformers) {
  static const char *const sets[] = {"model.encoder.type=transformer", "model.decoder.type=transformer",
                                     "model.encoder.act.max_steps=0"};
  Scratch s = {0};
  scratch_open(&s);
  for (int i = 0; i < toy_count(); i++) {
    Err err = {0};
    Config c;
    ck_assert_msg(toy_write(toy_name(i), str_text(&s.folder), 10, 1, true, &err), "%s", err.text);
    ck_assert_msg(config_load(&c, scratch_path(&s, "config.json"), sets, 3, NULL, &err), "%s", err.text);
    bool shown = c.model.attention.focus != FOCUS_soft;
    ck_assert_int_eq(c.model.attention.score, shown ? SCORE_cosine : SCORE_scaled_dot);
    config_free(&c);
    ck_assert_msg(config_load(&c, scratch_path(&s, "config.json"), NULL, 0, NULL, &err), "%s", err.text);
    ScoreKind own = c.model.decoder.type == DECODER_reader ? SCORE_aoa : SCORE_general;
    ck_assert_int_eq(c.model.attention.score, shown ? SCORE_cosine : own);
    config_free(&c);
  }
  scratch_close(&s);
}
END_TEST

START_TEST(differences_are_named) {
  Config a = loaded("{\"train\":{\"epochs\":3,\"threads\":1}}");
  Config b = loaded("{\"train\":{\"epochs\":4,\"threads\":2,\"seed\":9},\"vocab\":{\"source\":{\"file\":\"v\"}}}");
  const char *const except[] = {"train.epochs", "train.threads"};
  Str diff = {0};
  ck_assert_int_eq(config_diff(&diff, &a, &b, except, 2), 2);
  ck_assert_str_eq(str_text(&diff), "vocab.source.file: nothing became \"v\"\ntrain.seed: 1 became 9");
  str_clear(&diff);
  ck_assert_int_eq(config_diff(&diff, &a, &a, NULL, 0), 0);
  str_free(&diff);
  config_free(&a);
  config_free(&b);
}
END_TEST

START_TEST(models_do_not_know_threads) {
  Config c = loaded("{}");
  Json *whole = config_to_json(&c, false), *model = config_to_json(&c, true);
  ck_assert_ptr_nonnull(json_get(json_get(whole, "train"), "threads"));
  ck_assert_ptr_null(json_get(json_get(model, "train"), "threads"));
  /* Nor what is younger than they are while it has its default. */
  ck_assert_ptr_null(json_get(json_get(model, "train"), "doubly_stochastic"));
  ck_assert_int_eq(json_count(json_get(whole, "train")), json_count(json_get(model, "train")) + 2);
  json_free(whole);
  json_free(model);
  config_free(&c);
}
END_TEST

/* The schema's entry for a key path. */
static const Json *schema_at(const Json *schema, const char *path) {
  Str part = {0};
  for (const char *at = path; schema != NULL && *at != '\0';) {
    size_t n = strcspn(at, ".");
    str_clear(&part);
    str_add(&part, at, n);
    const Json *properties = json_get(schema, "properties");
    schema = properties == NULL ? NULL : json_get(properties, str_text(&part));
    at += at[n] == '.' ? n + 1 : n;
  }
  str_free(&part);
  return schema;
}

START_TEST(schema_describes_every_key) {
  Str text = {0};
  Err err = {0};
  config_schema(&text);
  Json *schema = json_parse(str_text(&text), text.n, "schema", ERR_FILE, &err);
  ck_assert_msg(schema != NULL, "%s", err.text);
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    const Json *at = schema_at(schema, config_keys_at(i)->path);
    ck_assert_msg(at != NULL && json_get(at, "type") != NULL, "%s", config_keys_at(i)->path);
    ck_assert_ptr_nonnull(json_get(at, "description"));
  }
  const Json *score = json_get(schema_at(schema, "model.attention.score"), "enum");
  ck_assert_int_eq(json_count(score), N_SCORES);
  ck_assert_str_eq(json_string(json_first(score)), "dot");
  const Json *dropout = schema_at(schema, "model.dropout");
  ck_assert_double_eq(json_number(json_get(dropout, "minimum")), 0);
  ck_assert_double_eq(json_number(json_get(dropout, "exclusiveMaximum")), 1);
  ck_assert_double_eq(json_number(json_get(dropout, "default")), 0.2);
  ck_assert(!json_bool(json_get(schema_at(schema, "model.encoder"), "additionalProperties")));
  ck_assert_int_eq(json_count(json_get(schema_at(schema, "vocab.source.size"), "anyOf")), 2);
  ck_assert_ptr_nonnull(strstr(json_string(json_get(schema_at(schema, "model.attention.window"), "description")),
                               "; counts only when model.attention.scope is local_m or local_p"));
  ck_assert_str_eq(json_string(json_get(schema_at(schema, "$schema"), "type")), "string");
  json_free(schema);
  str_free(&text);
}
END_TEST

/* Editors want the name of the schema at the top; nowhere else it means anything. */
START_TEST(a_config_may_name_its_schema) {
  static const char named[] = "{\"$schema\": \"config.schema.json\", \"model\": {\"embedding\": 8}}",
                    inside[] = "{\"model\": {\"$schema\": \"x\"}}";
  Err err = {0};
  Config config;
  Json *json = json_parse(named, sizeof named - 1, "c", ERR_USAGE, &err);
  ck_assert_msg(config_from_json(&config, json, "c", ERR_USAGE, &err), "%s", err.text);
  ck_assert_int_eq(config.model.embedding, 8);
  json_free(json);
  json = config_to_json(&config, true);
  ck_assert_ptr_null(json_get(json, "$schema"));
  json_free(json);
  config_free(&config);
  json = json_parse(inside, sizeof inside - 1, "c", ERR_USAGE, &err);
  ck_assert(!config_from_json(&config, json, "c", ERR_USAGE, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "model.$schema"));
  json_free(json);
}
END_TEST

Suite *test_config(void);
Suite *test_config(void) {
  Suite *s = suite_create("config");
  TCase *t = tcase_create("config");
  tcase_add_test(t, defaults);
  tcase_add_test(t, computed_defaults);
  tcase_add_loop_test(t, bad_configs_are_named, 0, sizeof bad / sizeof *bad);
  tcase_add_loop_test(t, good_configs_are_taken_and_kept, 0, sizeof good / sizeof *good);
  tcase_add_test(t, all_errors_at_once);
  tcase_add_test(t, a_model_file_gives_file_errors);
  tcase_add_test(t, files_and_overrides);
  tcase_add_test(t, bad_overrides);
  tcase_add_test(t, training_needs_texts);
  tcase_add_test(t, shipped_configs_are_good);
  tcase_add_test(t, toys_become_transformers);
  tcase_add_test(t, differences_are_named);
  tcase_add_test(t, models_do_not_know_threads);
  tcase_add_test(t, schema_describes_every_key);
  tcase_add_test(t, a_config_may_name_its_schema);
  suite_add_tcase(s, t);
  return s;
}
