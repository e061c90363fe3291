/* Which sizes and choices of Transformers, heads and positions fit together: what does not is refused once, with its
 * keys and values, and every way out that the message names is one. */
#include "conf/shape.h"

#include <check.h>
#include <string.h>

enum { MOST = 12 };

#define ENCODER "model.encoder.type=transformer"
#define DECODER "model.decoder.type=transformer"
#define NONE "model.encoder.type=none"
#define ON_TOP "model.encoder.self_attention.layers=1"
#define HEADS "model.encoder.self_attention.heads"

/* Sets it all at once; the keys of `more` stand behind and win. */
static bool load(const char *const *sets, const char *more, Err *err) {
  const char *all[MOST];
  char copy[256], *save = NULL;
  int n = 0;
  for (; n < 6 && sets[n] != NULL; n++) all[n] = sets[n];
  ck_assert_uint_lt(strlen(more), sizeof copy);
  strcpy(copy, more);
  for (char *at = strtok_r(copy, " ", &save); at != NULL; at = strtok_r(NULL, " ", &save)) all[n++] = at;
  Config config;
  bool ok = config_load(&config, NULL, all, n, NULL, err);
  if (ok) config_free(&config);
  return ok;
}

static const struct {
  const char *sets[6];
  const char *says[2];
  const char *ways[2]; /* what the message tells to set; NULL: no second one */
} bad[] = {
    {{ENCODER, DECODER, "model.embedding=8", "model.heads=3"},
     {"model.heads is 3, but model.embedding is 8", "set model.heads to 2, or model.embedding to 9"},
     {"model.heads=2", "model.embedding=9"}},
    {{ENCODER, DECODER, "model.embedding=8", "model.heads=2", "model.attention.heads=3"},
     {"model.attention.heads is 3, but model.embedding is 8", "to 2, or model.embedding to 12"},
     {"model.attention.heads=2", "model.embedding=12"}},
    {{ENCODER, DECODER, "model.embedding=7", "model.heads=1", "model.positions=flow"},
     {"\"flow\" turns pairs of numbers, but model.embedding is 7", "model.embedding to 8, or model.positions to"},
     {"model.embedding=8", "model.positions=sinusoidal"}},
    {{NONE, ON_TOP, "model.embedding=7", HEADS "=1", "model.positions=flow"},
     {"\"flow\" turns pairs", "model.embedding to 8"},
     {"model.embedding=8", "model.positions=sinusoidal"}},
    {{ENCODER, DECODER, "model.embedding=8", "model.heads=8", "model.positions=rotary"},
     {"model.embedding 8 in model.heads 8 gives heads of 1", "model.embedding to 16"},
     {"model.embedding=16", "model.positions=sinusoidal"}},
    {{NONE, ON_TOP, "model.embedding=8", HEADS "=8", "model.positions=rotary"},
     {"model.embedding 8 in model.encoder.self_attention.heads 8 gives heads of 1", "model.embedding to 16"},
     {"model.embedding=16", "model.positions=sinusoidal"}},
    {{NONE, DECODER, ON_TOP, "model.embedding=6 ", "model.heads=2", "model.positions=rotary"},
     {"model.embedding 6", "model.embedding to 8"},
     {"model.embedding=8", "model.positions=sinusoidal"}},
    {{NONE, "model.positions=relative"},
     {"\"relative\" is known to self-attention only", "layers is 0: set that to 1"},
     {ON_TOP, "model.positions=sinusoidal"}},
    {{NONE, "model.positions=rotary"},
     {"\"rotary\" is known to self-attention only", "to \"sinusoidal\""},
     {ON_TOP, "model.positions=sinusoidal"}},
    {{ON_TOP, "model.encoder.hidden=4", HEADS "=3"},
     {"model.encoder.hidden 4 with model.encoder.bidirectional true gives a state size of 8",
      "self_attention.heads to 2, or model.encoder.hidden to 6"},
     {HEADS "=2", "model.encoder.hidden=6"}},
    {{"model.attention.heads=3", "model.decoder.hidden=8"},
     {"model.attention.heads is 3, but model.attention.size is 8", "heads to 2, or model.attention.size to 9"},
     {"model.attention.heads=2", "model.attention.size=9"}},
    {{"model.attention.heads=2", "model.attention.pattern=none"},
     {"model.attention.heads is 2, but with model.attention.pattern \"none\"", "heads to 1"},
     {"model.attention.pattern=qkv", "model.attention.heads=1"}},
    {{"model.attention.pattern=vvv", "model.decoder.hidden=300"},
     {"\"vvv\" needs", "model.decoder.hidden to 512"},
     {"model.decoder.hidden=512", "model.attention.pattern=qvv"}},
    {{DECODER, "model.attention.pattern=vvv", "model.encoder.hidden=8"},
     {"model.embedding is 256", "model.embedding to 16"},
     {"model.embedding=16", "model.attention.pattern=qvv"}},
    {{ENCODER, DECODER, "model.attention.pattern=none"},
     {"model.attention.pattern is \"none\", but the layers of", "to \"qkv\""},
     {"model.attention.pattern=qkv", "model.decoder.type=rnn model.attention.heads=1"}},
    {{ENCODER, DECODER, "model.attention.size=16"},
     {"model.attention.size is 16 and model.embedding is 256", "leave model.attention.size out"},
     {"model.attention.size=256", NULL}},
    {{ENCODER, DECODER, "model.attention.score=location"},
     {"\"location\" knows places", "score to \"scaled_dot\", or model.decoder.type to \"rnn\""},
     {"model.attention.score=scaled_dot", "model.decoder.type=rnn"}},
    {{"model.attention.heads=2", "model.attention.score=location"},
     {"\"location\" knows places", "pattern to \"none\" with model.attention.heads 1"},
     {"model.attention.score=scaled_dot", "model.attention.pattern=none model.attention.heads=1"}},
    {{"model.encoder.type=none", "model.encoder.act.max_steps=5"},
     {"model.encoder.act.max_steps is 5", "model.encoder.type is \"none\""},
     {"model.encoder.act.max_steps=0", "model.encoder.type=rnn"}},
    {{"model.encoder.type=rnn", "model.encoder.universal=true"},
     {"model.encoder.universal is true, but model.encoder.type is \"rnn\"", "to \"transformer\""},
     {"model.encoder.universal=false", "model.encoder.type=transformer"}},
    {{ENCODER, "model.encoder.universal=true", "model.encoder.act.max_steps=17"},
     {"model.encoder.act.max_steps is 17", "at most 16"},
     {"model.encoder.act.max_steps=16", NULL}},
    {{DECODER, "model.decoder.act.max_steps=5"},
     {"model.decoder.act.max_steps is 5", "model.decoder.type is \"transformer\""},
     {"model.decoder.act.max_steps=0", "model.decoder.type=rnn"}},
    {{ENCODER, DECODER, "model.attention.coverage=count"},
     {"model.attention.coverage counts the weights of one attention", "\"rnn\" and model.attention.score \"additive\""},
     {"model.attention.coverage=none", "model.decoder.type=rnn model.attention.score=additive"}},
    {{"model.attention.heads=4", "model.attention.coverage=fertility", "model.attention.score=additive"},
     {"model.attention.heads is 4", "coverage to \"none\""},
     {"model.attention.coverage=none", "model.attention.pattern=none model.attention.heads=1"}},
    {{ENCODER, DECODER, "model.layer_norm=true", "model.attention.score=additive"},
     {"model.layer_norm is true", "score to \"scaled_dot\", or model.layer_norm to false"},
     {"model.attention.score=scaled_dot", "model.layer_norm=false"}},
    {{ENCODER, "model.decoder.init=copy"},
     {"\"copy\" starts from the last states", "to \"mean\" or \"zero\""},
     {"model.decoder.init=mean", "model.encoder.type=rnn"}},
    {{NONE, "model.decoder.init=last"},
     {"\"last\" starts from the last states", "is \"none\""},
     {"model.decoder.init=zero", "model.encoder.type=rnn"}},
    {{ENCODER, DECODER, "model.positions=learned", "model.max_positions=50"},
     {"data.max_length is 100 and model.max_positions is 50", "data.max_length to 49"},
     {"data.max_length=49", "model.max_positions=101"}},
    {{DECODER, "model.positions=learned", "model.max_positions=1"},
     {"model.max_positions is 1: leave model.max_positions out", "set it to 101"},
     {"model.max_positions=101", NULL}},
    {{"model.attention.score=location", "model.attention.max_positions=1"},
     {"max_positions is 1: leave model.attention.max_positions out", "set it to 101"},
     {"model.attention.max_positions=101", NULL}},
    {{"model.attention.conv.filters=4"},
     {"model.attention.conv.filters 4 needs", "or model.attention.conv.filters to 0"},
     {"model.attention.score=concat", "model.attention.conv.filters=0"}},
    {{"model.attention.conv.filters=4", "model.attention.score=concat", "model.attention.coverage=count"},
     {"model.attention.conv.filters is 4", "model.attention.coverage \"count\""},
     {"model.attention.conv.filters=0", "model.attention.coverage=none"}},
    {{"model.attention.conv.filters=4", "model.attention.score=concat", "model.attention.conv.width=4"},
     {"model.attention.conv.width is 4", "to 3 or 5"},
     {"model.attention.conv.width=3", "model.attention.conv.width=5"}},
    {{"model.attention.conv.filters=4", "model.attention.score=concat", "model.attention.heads=2"},
     {"model.attention.conv.filters is 4", "model.attention.heads is 2"},
     {"model.attention.conv.filters=0", "model.attention.heads=1 model.attention.pattern=none"}},
    {{"model.attention.focus=ntm", "model.attention.scope=local_m"},
     {"model.attention.focus \"ntm\"", "scope is \"local_m\": set model.attention.scope to \"global\""},
     {"model.attention.scope=global", "model.attention.focus=soft"}},
    {{"model.attention.focus=hard", "model.decoder.type=transformer"},
     {"model.attention.focus \"hard\"", "model.decoder.type is \"transformer\": set model.decoder.type to \"rnn\""},
     {"model.decoder.type=rnn", "model.attention.focus=soft"}},
    {{"model.attention.focus=hard", "model.attention.heads=2"},
     {"model.attention.focus \"hard\"", "pattern is \"qkv\" with model.attention.heads 2: set model.attention.pattern"},
     {"model.attention.heads=1 model.attention.pattern=none", "model.attention.focus=soft"}},
    {{"model.encoder.type=graph", "model.embedding=6"},
     {"model.encoder.graph.heads is 4, but model.embedding is 6", "heads to 3, or model.embedding to 8"},
     {"model.encoder.graph.heads=3", "model.embedding=8"}},
    {{"model.encoder.type=conv", "model.encoder.conv.width=4"},
     {"model.encoder.conv.width is 4", "a position in their middle"},
     {"model.encoder.conv.width=3", "model.encoder.conv.width=5"}},
    {{"model.encoder.type=conv", "model.positions=relative"},
     {"\"relative\" is known to self-attention only, but model.encoder.type is \"conv\"", "layers is 0: set that to 1"},
     {ON_TOP, "model.positions=sinusoidal"}},
    {{"model.attention.window=0", "model.attention.scope=local_p"},
     {"model.attention.window is 0", "model.attention.scope \"local_p\""},
     {"model.attention.window=1", "model.attention.scope=local_m"}},
    {{ENCODER, DECODER, "model.attention.alignment.layer=5"},
     {"alignment.layer is 5, but model.decoder.layers is 4", "from 1 to 4"},
     {"model.attention.alignment.layer=4", "model.attention.alignment.layer=0"}},
    {{ENCODER, DECODER, "model.attention.alignment.heads=5"},
     {"alignment.heads is 5, but model.attention.heads is 4", "at most as many"},
     {"model.attention.alignment.heads=4", "model.attention.alignment.heads=0"}},
    {{ENCODER, "model.tie_embeddings=target"},
     {"they are 256 and 512", "model.embedding to 512"},
     {"model.embedding=512", "model.tie_embeddings=none"}},
    {{ENCODER, DECODER, "model.tie_embeddings=all"},
     {"vocab.shared is false", "\"target\""},
     {"vocab.shared=true", "model.tie_embeddings=target"}},
};

START_TEST(refused_with_a_way_out) {
  Err err = {0};
  ck_assert_msg(!load(bad[_i].sets, "", &err), "combination %d: taken", _i);
  ck_assert_int_eq(err.kind, ERR_USAGE);
  for (int k = 0; k < 2; k++)
    ck_assert_msg(strstr(err.text, bad[_i].says[k]) != NULL, "no \"%s\" in: %s", bad[_i].says[k], err.text);
  ck_assert_msg(strchr(err.text, '\n') == NULL, "more than one message: %s", err.text);
  for (int k = 0; k < 2 && bad[_i].ways[k] != NULL; k++) {
    Err again = {0};
    ck_assert_msg(load(bad[_i].sets, bad[_i].ways[k], &again), "%s is no way out: %s", bad[_i].ways[k], again.text);
  }
}
END_TEST

/* Odd, and fine. */
static const char *const good[][6] = {
    {ENCODER, DECODER, "model.embedding=7", "model.heads=7"},
    {ENCODER, DECODER, "model.embedding=1", "model.heads=1", "model.positions=sinusoidal_concat"},
    {ENCODER, DECODER, "model.positions=flow", "model.encoder.layers=1", "model.decoder.layers=1"},
    {ENCODER, DECODER, "model.positions=learned", "model.max_positions=2", "data.max_length=1"},
    {NONE, ON_TOP, "model.embedding=6", HEADS "=1", "model.heads=2", "model.positions=rotary"},
    {ENCODER, DECODER, ON_TOP, HEADS "=1", "model.positions=relative"},
    {DECODER, "model.encoder.hidden=5", "model.tie_embeddings=target"},
    {ENCODER, DECODER, "model.attention.score=concat", "model.attention.scope=local_p"},
    {ENCODER, DECODER, "model.attention.heads=1", "model.attention.window=1000000", "model.attention.scope=local_m"},
    {"model.encoder.type=graph", "model.encoder.graph.window=0", "model.encoder.graph.norm=none"},
    {"model.encoder.type=conv", "model.encoder.conv.width=999", "model.encoder.conv.channels=1", ON_TOP},
    {"model.attention.window=0", "model.attention.scope=local_m"},
    {ENCODER, DECODER, "model.dropout_attention=0.99", "model.layer_norm=true"},
};

START_TEST(taken) {
  Err err = {0};
  ck_assert_msg(load(good[_i], "", &err), "%s", err.text);
}
END_TEST

Suite *test_shape(void);
Suite *test_shape(void) {
  Suite *s = suite_create("shape");
  TCase *t = tcase_create("shape");
  tcase_add_loop_test(t, refused_with_a_way_out, 0, sizeof bad / sizeof *bad);
  tcase_add_loop_test(t, taken, 0, sizeof good / sizeof *good);
  suite_add_tcase(s, t);
  return s;
}
