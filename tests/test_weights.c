/* Model files as PyTorch's modules are stored: other names before all tensors, projections in three, biases left out,
 * norms after the layers, tied tensors twice. What is read is what the file says, and what is half there is refused. */
#include "search/weights.h"

#include <check.h>
#include <string.h>

#include "scratch.h"
#include "small.h"

static Scratch scratch;

static void open_scratch(void) { scratch_open(&scratch); }
static void close_scratch(void) { scratch_close(&scratch); }

/* How a file is to differ from what this program writes. */
typedef struct Foreign {
  const char *prefix;     /* before all names; NULL: none */
  const char *without[3]; /* tensors left out: all whose name holds one of these */
  const char *stray;      /* a tensor that keeps its name without the prefix */
  bool split;             /* each in_proj_weight as three tensors */
  bool unsaid;            /* the config does not have model.final_norm */
  const char *twice[2];   /* stored as decoder.embedding.weight and under these names too, the second one changed */
} Foreign;

static bool holds(const char *name, const char *const *parts, int n) {
  for (int i = 0; i < n; i++)
    if (parts[i] != NULL && strstr(name, parts[i]) != NULL) return true;
  return false;
}

static void put_metadata(SafeTensorsWriter *w, const SafeTensors *file, const Foreign *foreign) {
  const char *key = NULL;
  while ((key = safetensors_next_key(file, key)) != NULL) {
    Str text = {0};
    str_addf(&text, "%s", safetensors_metadata(file, key));
    char *said = strstr(str_text(&text), "\"final_norm\":");
    if (foreign->unsaid && said != NULL) {
      Str without = {0};
      const char *after = strchr(said, ',');
      str_add(&without, str_text(&text), (size_t)(said - str_text(&text)));
      str_addf(&without, "%s", after + 1);
      str_free(&text);
      text = without;
    }
    safetensors_put_metadata(w, key, str_text(&text));
    str_free(&text);
  }
}

static void put(SafeTensorsWriter *w, const Foreign *foreign, const char *name, const SafeTensor *t, size_t rows,
                const char *data) {
  static char changed[4096];
  Str full = {0};
  bool bare = foreign->prefix == NULL || (foreign->stray != NULL && strcmp(name, foreign->stray) == 0);
  str_addf(&full, "%s%s", bare ? "" : foreign->prefix, name);
  const size_t shape[2] = {rows, t->shape[1]};
  if (foreign->twice[1] != NULL && strcmp(name, foreign->twice[1]) == 0) {
    ck_assert_uint_le(t->n_bytes, sizeof changed);
    memcpy(changed, data, t->n_bytes);
    changed[0] ^= 1;
    data = changed;
  }
  if (!holds(name, foreign->without, 3)) safetensors_put(w, str_text(&full), t->type, t->rank, shape, data);
  str_free(&full);
}

static void put_split(SafeTensorsWriter *w, const Foreign *foreign, const SafeTensor *t) {
  Str name = {0};
  for (int i = 0; i < 3; i++) {
    str_clear(&name);
    str_add(&name, t->name, strlen(t->name) - strlen("in_proj_weight"));
    str_addf(&name, "%c_proj_weight", "qkv"[i]);
    put(w, foreign, str_text(&name), t, t->shape[0] / 3, (const char *)t->data + t->n_bytes / 3 * (size_t)i);
  }
  str_free(&name);
}

/* Saves the model as this program does, and writes it anew as somebody else would; gives that path. */
static const char *save_foreign(const Translator *t, const Foreign *foreign) {
  Err err = {0};
  const char *own = scratch_path(&scratch, "own"), *path = scratch_path(&scratch, "foreign");
  ck_assert_msg(translator_save(t, own, &err), "%s", err.text);
  SafeTensors *file = safetensors_open(own, &err);
  SafeTensorsWriter *w = safetensors_create(path, &err);
  ck_assert_msg(file != NULL && w != NULL, "%s", err.text);
  put_metadata(w, file, foreign);
  for (int i = 0; i < safetensors_count(file); i++) {
    const SafeTensor *tensor = safetensors_at(file, i);
    if (foreign->split && strstr(tensor->name, "in_proj_weight") != NULL) put_split(w, foreign, tensor);
    else put(w, foreign, tensor->name, tensor, tensor->shape[0], tensor->data);
    for (int k = 0; k < 2 && strcmp(tensor->name, "decoder.embedding.weight") == 0; k++)
      if (foreign->twice[k] != NULL) put(w, foreign, foreign->twice[k], tensor, tensor->shape[0], tensor->data);
  }
  ck_assert_msg(safetensors_commit(w, &err), "%s", err.text);
  safetensors_close(file);
  return path;
}

#define TRANSFORMER                                                                                              \
  "model.encoder.type=transformer", "model.decoder.type=transformer", "model.heads=2", "model.encoder.layers=2", \
      "model.decoder.layers=2", "model.feed_forward=6"
enum { N_TRANSFORMER = 6 };

static Translator *transformer(const char *more, const char *again) {
  const char *const sets[] = {TRANSFORMER, more, again};
  Translator *t = small_translator(5, sets, N_TRANSFORMER + (more != NULL) + (again != NULL));
  ParamSet *set = &t->model->params;
  for (int i = 0; i < set->n_params; i++) { /* no bias that would be 0 anyhow, no norm that does nothing */
    Tensor p = param_tensor(set, i, NULL);
    for (int k = 0; k < p.cols && p.rows == 1; k++) p.x[k] += (real)0.25 * (real)(k + i + 1);
  }
  return t;
}

/* The same weights, but 0 where they were left out. */
static void check_same(const Translator *t, const Translator *back, const Foreign *foreign) {
  const ParamSet *a = &t->model->params, *b = &back->model->params;
  ck_assert_int_eq(a->n_params, b->n_params);
  for (int i = 0; i < a->n_params; i++) {
    const Param *p = &a->params[i];
    const real *x = param_values(a, i), *y = param_values(b, i);
    bool gone = holds(p->name, foreign->without, 3);
    for (int k = 0; k < p->rows * p->cols; k++)
      ck_assert_msg(y[k] == (gone ? 0 : x[k]), "%s[%d]: %g, not %g", p->name, k, (double)y[k], gone ? 0 : (double)x[k]);
  }
}

static const struct {
  const char *sets[2];
  Foreign foreign;
} taken[] = {
    {{NULL}, {.prefix = NULL}},
    {{NULL}, {.prefix = "transformer."}},
    {{"model.norm=post"}, {.prefix = "model.net.", .split = true}},
    {{NULL}, {.without = {"bias"}}},
    {{"model.positions=learned"}, {.prefix = "model.", .without = {"bias"}, .split = true}},
    {{NULL}, {.without = {"decoder.output.bias"}}},
    {{NULL}, {.without = {"linear1.bias", "linear2.bias"}}},
    {{NULL}, {.without = {"in_proj_bias", "out_proj.bias"}}},
    {{"model.decoder.type=rnn", "model.attention.heads=1"},
     {.without = {"norm1.bias", "norm2.bias", "encoder.norm.bias"}}},
    {{"model.norm=post", "model.final_norm=true"}, {.prefix = "transformer.", .unsaid = true}},
    {{"model.norm=pre", "model.final_norm=false"}, {.unsaid = true}},
    {{"model.norm=post"}, {.unsaid = true}},
    {{"model.norm=pre"}, {.unsaid = true}},
    {{"model.tie_embeddings=target"}, {.prefix = "m.", .twice = {"decoder.output.weight"}}},
};
enum { N_TAKEN = sizeof taken / sizeof *taken };

START_TEST(read_as_stored) {
  const Foreign *foreign = &taken[_i].foreign;
  Translator *t = transformer(taken[_i].sets[0], taken[_i].sets[1]);
  Err err = {0};
  Translator *back = translator_load(save_foreign(t, foreign), &err);
  ck_assert_msg(back != NULL, "file %d: %s", _i, err.text);
  check_same(t, back, foreign);
  ck_assert(back->config.model.final_norm == t->config.model.final_norm);
  translator_free(t);
  translator_free(back);
}
END_TEST

/* What stands in the file is read there; only the rest has memory of its own. */
START_TEST(weights_stay_in_the_file) {
  Translator *t = transformer(NULL, NULL);
  Err err = {0};
  Translator *back =
      translator_load(save_foreign(t, &(Foreign){.prefix = "m.", .without = {"bias"}, .split = true}), &err);
  ck_assert_msg(back != NULL, "%s", err.text);
  const ParamSet *set = &back->model->params;
  int there = 0;
  for (int i = 0; i < set->n_params; i++) {
    Str name = {0};
    str_addf(&name, "m.%s", set->params[i].name);
    const SafeTensor *tensor = safetensors_find(back->file, str_text(&name));
    if (tensor != NULL) ck_assert_ptr_eq(param_values(set, i), tensor->data);
    there += tensor != NULL;
    str_free(&name);
  }
  ck_assert_int_gt(there, 20);
  ck_assert_ptr_null(set->values);
  /* What it writes has torch's names again, and every bias. */
  const char *again = scratch_path(&scratch, "again");
  param_own(&back->model->params);
  ck_assert_msg(translator_save(back, again, &err), "%s", err.text);
  Translator *third = translator_load(again, &err);
  ck_assert_msg(third != NULL, "%s", err.text);
  ck_assert_ptr_nonnull(safetensors_find(third->file, "encoder.layers.0.self_attn.in_proj_weight"));
  ck_assert_ptr_null(third->own);
  check_same(back, third, &(Foreign){.prefix = NULL});
  translator_free(t);
  translator_free(back);
  translator_free(third);
}
END_TEST

static const struct {
  const char *sets[2];
  Foreign foreign;
  const char *says[2];
} refused[] = {
    {{NULL},
     {.without = {"decoder.layers.1.linear1.bias"}},
     {"tensor decoder.layers.1.linear1.bias is missing, though decoder.layers.0.linear1.bias is there"}},
    {{NULL},
     {.without = {"encoder.layers.0.self_attn.out_proj.bias"}},
     {"encoder.layers.0.self_attn.out_proj.bias is missing"}},
    {{NULL}, {.without = {"layers.1.norm2.bias"}, .prefix = "m."}, {"tensor m.encoder.layers.1.norm2.bias is missing"}},
    {{NULL}, {.without = {"bias", "layers.1.linear2.weight"}}, {"encoder.layers.1.linear2.weight is missing"}},
    {{NULL}, {.without = {"norm.weight"}}, {"model.final_norm is true", "encoder.norm.weight"}},
    {{NULL}, {.without = {"encoder.norm"}, .unsaid = true}, {"model.final_norm is true", "encoder.norm.weight"}},
    {{NULL}, {.prefix = "m.", .stray = "encoder.norm.weight"}, {"unexpected tensor encoder.norm.weight"}},
    {{NULL},
     {.split = true, .without = {"0.self_attn.k_proj_weight"}},
     {"tensor encoder.layers.0.self_attn.k_proj_weight is missing"}},
    {{"model.tie_embeddings=target"},
     {.twice = {NULL, "decoder.output.weight"}},
     {"tensor decoder.output.weight is not decoder.embedding.weight, but model.tie_embeddings is \"target\""}},
    {{"model.decoder.type=rnn"}, {.without = {"decoder.output.bias"}}, {"decoder.output.bias is missing"}},
    {{"model.decoder.type=rnn"}, {.without = {"bias"}}, {"decoder.rnn.bias_ih_l0 is missing"}},
    {{"model.encoder.type=rnn"}, {.without = {"bias"}}, {"encoder.rnn.bias_ih_l0 is missing"}},
};
enum { N_REFUSED = sizeof refused / sizeof *refused };

START_TEST(half_of_it_is_refused) {
  Translator *t = transformer(refused[_i].sets[0], refused[_i].sets[1]);
  Err err = {0};
  ck_assert_msg(translator_load(save_foreign(t, &refused[_i].foreign), &err) == NULL, "file %d: taken", _i);
  ck_assert_int_eq(err.kind, ERR_FILE);
  for (int k = 0; k < 2 && refused[_i].says[k] != NULL; k++)
    ck_assert_msg(strstr(err.text, refused[_i].says[k]) != NULL, "file %d: no \"%s\" in:\n%s", _i, refused[_i].says[k],
                  err.text);
  translator_free(t);
}
END_TEST

Suite *test_weights(void);
Suite *test_weights(void) {
  Suite *s = suite_create("weights");
  TCase *t = tcase_create("weights");
  tcase_add_checked_fixture(t, open_scratch, close_scratch);
  tcase_add_loop_test(t, read_as_stored, 0, N_TAKEN);
  tcase_add_test(t, weights_stay_in_the_file);
  tcase_add_loop_test(t, half_of_it_is_refused, 0, N_REFUSED);
  suite_add_tcase(s, t);
  return s;
}
