/* Values that do not fit together: each message names the keys with their values and a way out. */
#include <check.h>
#include <string.h>

#include "conf/config.h"

/* A config, and two pieces that its message must hold. */
static const struct {
  const char *text, *key, *more;
} bad[] = {
    {"{\"train\":{\"batch_size\":3,\"batch_tokens\":30}}", "train.batch_size is 3", "train.batch_tokens is 30"},
    {"{\"train\":{\"average\":3,\"keep\":2}}", "train.average is 3", "train.keep to 3"},
    {"{\"train\":{\"schedule\":{\"type\":\"inverse_sqrt\"}}}", "\"inverse_sqrt\"", "train.schedule.warmup"},
    {"{\"train\":{\"optimizer\":{\"lr\":0.1},\"schedule\":{\"min_lr\":0.2}}}", "min_lr is 0.2", "lower train.schedule"},
    {"{\"data\":{\"train\":{\"tsv\":\"a\",\"source\":\"b\"}}}", "data.train.tsv is \"a\"",
     "data.train.source is \"b\""},
    {"{\"data\":{\"valid\":{\"tsv\":\"a\",\"target\":\"b\"}}}", "data.valid.tsv is \"a\"",
     "data.valid.target is \"b\""},
    {"{\"model\":{\"attention\":{\"score\":\"dot\"},\"decoder\":{\"hidden\":300}}}", "model.decoder.hidden is 300",
     "model.decoder.hidden to 512"},
    {"{\"model\":{\"attention\":{\"score\":\"scaled_dot\"},\"encoder\":{\"bidirectional\":false}}}", "\"scaled_dot\"",
     "model.decoder.hidden to 256"},
    {"{\"model\":{\"attention\":{\"score\":\"gaussian\"},\"encoder\":{\"hidden\":300}}}", "model.encoder.hidden 300",
     "states of 600"},
    {"{\"model\":{\"decoder\":{\"type\":\"reader\"}}}", "model.decoder.type \"reader\"",
     "vocab.shared is false: set it to true"},
    {"{\"vocab\":{\"shared\":true},\"model\":{\"decoder\":{\"type\":\"reader\"},\"attention\":{\"scope\":\"local_p\","
     "\"score\":\"dot\"}}}",
     "model.attention.scope is \"local_p\"", "set model.attention.scope to \"global\""},
    {"{\"vocab\":{\"shared\":true},\"model\":{\"decoder\":{\"type\":\"reader\"},\"attention\":{\"heads\":2,\"score\":"
     "\"dot\"}}}",
     "model.attention.pattern is \"qkv\"", "leave model.attention.pattern and model.attention.heads out"},
    {"{\"vocab\":{\"shared\":true},\"model\":{\"decoder\":{\"type\":\"reader\"},\"attention\":{\"focus\":\"ntm\"}}}",
     "model.attention.focus is \"ntm\"", "set model.attention.focus to \"soft\""},
    {"{\"vocab\":{\"shared\":true},\"model\":{\"decoder\":{\"type\":\"reader\"},\"attention\":{\"score\":\"additive\","
     "\"coverage\":\"count\"}}}",
     "model.attention.coverage is \"count\"", "set model.attention.coverage to \"none\""},
    {"{\"vocab\":{\"shared\":true},\"model\":{\"decoder\":{\"type\":\"reader\"},\"attention\":{\"score\":"
     "\"triangular\"}}}",
     "model.attention.score \"triangular\"", "set model.attention.score to \"gaussian\" or \"aoa\""},
    {"{\"model\":{\"attention\":{\"score\":\"aoa\",\"scope\":\"local_m\"}}}", "model.attention.scope is \"local_m\"",
     "model.attention.score to \"dot\""},
    {"{\"model\":{\"attention\":{\"score\":\"aoa\",\"heads\":4}}}", "model.attention.pattern \"qkv\"",
     "model.attention.pattern to \"none\""},
    {"{\"model\":{\"decoder\":{\"type\":\"transformer\"},\"attention\":{\"score\":\"aoa\"}}}",
     "model.attention.pattern \"qkv\"", "set model.attention.score to \"scaled_dot\""},
    {"{\"model\":{\"attention\":{\"score\":\"epanechnikov\"},\"decoder\":{\"hidden\":300}}}",
     "model.decoder.hidden is 300", "model.decoder.hidden to 512"},
    {"{\"model\":{\"attention\":{\"score\":\"boxcar\"}}}", "model.attention.score \"boxcar\" has no gradient",
     "set model.attention.width to say 0.1"},
    {"{\"model\":{\"decoder\":{\"init\":\"copy\",\"cell\":\"lstm\"}}}", "model.encoder.cell is \"gru\"",
     "model.decoder.cell is \"lstm\""},
    {"{\"model\":{\"encoder\":{\"cell\":\"lstm\"},\"decoder\":{\"init\":\"copy\",\"cell\":\"cgru\"}}}",
     "model.decoder.cell is \"cgru\"", "set model.encoder.cell to \"gru\""},
    {"{\"model\":{\"decoder\":{\"init\":\"copy\",\"layers\":2}}}", "model.encoder.layers is 1",
     "model.decoder.layers is 2"},
    {"{\"model\":{\"decoder\":{\"init\":\"copy\",\"hidden\":500}}}", "model.decoder.hidden is 500", "states of 512"},
    {"{\"model\":{\"attention\":{\"coverage\":\"count\"}}}", "it is \"general\"",
     "model.attention.coverage to \"none\""},
    {"{\"model\":{\"tie_embeddings\":\"target\"}}", "they are 256 and 512", "model.embedding to 512"},
    {"{\"model\":{\"tie_embeddings\":\"all\",\"embedding\":512}}", "vocab.shared is false", "\"target\""},
    {"{\"model\":{\"attention\":{\"score\":\"location\",\"max_positions\":100}}}", "data.max_length is 100",
     "data.max_length to 99"},
    {"{\"vocab\":{\"shared\":true,\"source\":{\"size\":100}}}", "vocab.source.size is 100", "vocab.target.size is 0"},
    {"{\"vocab\":{\"shared\":true,\"source\":{\"tokenizer\":\"char\"}}}", "vocab.source.tokenizer",
     "vocab.target.tokenizer"},
    {"{\"vocab\":{\"shared\":true,\"target\":{\"min_count\":2}}}", "vocab.source.min_count is 1",
     "vocab.target.min_count is 2"},
    {"{\"vocab\":{\"shared\":true,\"target\":{\"file\":\"v\"}}}", "vocab.source.file is \"\"",
     "vocab.target.file is \"v\""},
    {"{\"model\":{\"attention\":{\"heads\":4,\"pattern\":\"none\"}}}", "model.attention.heads is 4",
     "model.attention.pattern to \"qkv\""},
    {"{\"model\":{\"attention\":{\"heads\":5}}}", "model.attention.size is 512", "model.attention.heads to 4"},
    {"{\"model\":{\"attention\":{\"heads\":60}}}", "model.attention.heads to 32", "model.attention.size to 540"},
    {"{\"model\":{\"attention\":{\"heads\":4,\"alignment\":{\"heads\":5}}}}", "model.attention.alignment.heads is 5",
     "model.attention.heads is 4"},
    {"{\"model\":{\"attention\":{\"pattern\":\"vvv\"},\"decoder\":{\"hidden\":300}}}", "model.decoder.hidden is 300",
     "model.attention.pattern to \"qvv\""},
    {"{\"model\":{\"attention\":{\"heads\":4,\"score\":\"location\"}}}", "model.attention.pattern \"qkv\"",
     "model.attention.score to \"scaled_dot\""},
    {"{\"model\":{\"attention\":{\"pattern\":\"qvv\",\"score\":\"concat\",\"coverage\":\"fertility\"}}}",
     "model.attention.coverage", "model.attention.pattern is \"qvv\""},
    {"{\"model\":{\"attention\":{\"heads\":2,\"score\":\"additive\"},\"layer_norm\":true}}", "model.layer_norm is true",
     "model.attention.pattern \"qkv\""},
    {"{\"model\":{\"attention\":{\"heads\":2,\"score\":\"concat\"},\"layer_norm\":true}}", "\"concat\"",
     "model.attention.score to \"scaled_dot\""},
};

START_TEST(combinations_are_named) {
  Config config;
  Err err = {0};
  Json *json = json_parse(bad[_i].text, strlen(bad[_i].text), "c.json", ERR_USAGE, &err);
  ck_assert_msg(json != NULL, "%s", err.text);
  ck_assert_msg(!config_from_json(&config, json, "c.json", ERR_USAGE, &err), "accepted: %s", bad[_i].text);
  json_free(json);
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_msg(strncmp(err.text, "c.json: ", 8) == 0, "%s", err.text);
  ck_assert_msg(strstr(err.text, bad[_i].key) != NULL, "%s: %s", bad[_i].text, err.text);
  ck_assert_msg(strstr(err.text, bad[_i].more) != NULL, "%s: %s", bad[_i].text, err.text);
  ck_assert_msg(strchr(err.text, '\n') == NULL, "more than one message: %s", err.text);
}
END_TEST

Suite *test_config_check(void);
Suite *test_config_check(void) {
  Suite *s = suite_create("config check");
  TCase *t = tcase_create("config check");
  tcase_add_loop_test(t, combinations_are_named, 0, sizeof bad / sizeof *bad);
  suite_add_tcase(s, t);
  return s;
}
