/* Model files: what is saved comes back, byte for byte, and what is not a model is refused with a reason. */
#include "search/translator.h"

#include <check.h>
#include <string.h>

#include "base/io.h"
#include "edited.h"
#include "scratch.h"
#include "small.h"

static Scratch scratch;

static void open_scratch(void) { scratch_open(&scratch); }
static void close_scratch(void) { scratch_close(&scratch); }

static void save(const Translator *t, const char *path) {
  Err err = {0};
  ck_assert_msg(translator_save(t, path, &err), "%s", err.text);
}

static Str bytes_of(const char *path) {
  Str s = {0};
  Err err = {0};
  ck_assert_msg(io_read_all(&s, path, (size_t)1 << 24, &err), "%s", err.text);
  return s;
}

static void check_same_files(const char *a, const char *b) {
  Str x = bytes_of(a), y = bytes_of(b);
  ck_assert_uint_eq(x.n, y.n);
  ck_assert_mem_eq(x.at, y.at, x.n);
  str_free(&x);
  str_free(&y);
}

static const char *const variants[][5] = {
    {"model.encoder.cell=tanh"},
    {"model.encoder.cell=lstm", "model.decoder.cell=lstm", "model.decoder.hidden=6", "model.decoder.init=copy"},
    {"model.attention.score=concat", "model.attention.scope=local_p", "model.encoder.bidirectional=false"},
    {"model.attention.score=location", "data.max_length=7", "model.attention.flow=bahdanau"},
    {"model.attention.score=gaussian", "model.decoder.hidden=6", "model.decoder.layers=2", "model.encoder.layers=3"},
    {"model.embedding=5", "model.tie_embeddings=target", "train.optimizer.type=sgd", "train.seed=123456789012"},
};
enum { N_VARIANTS = sizeof variants / sizeof *variants };

static Translator *variant(int i, uint64_t seed) {
  int n = 0;
  while (n < 5 && variants[i][n] != NULL) n++;
  return small_translator(seed, variants[i], n);
}

START_TEST(saved_and_loaded) {
  Translator *t = variant(_i, 7);
  json_append(t->history, json_new_number(0.1));
  const char *first = scratch_path(&scratch, "first"), *second = scratch_path(&scratch, "second");
  save(t, first);
  Err err = {0};
  Translator *back = translator_load(first, &err);
  ck_assert_msg(back != NULL, "%s", err.text);
  ck_assert_uint_eq(back->model->params.size, t->model->params.size);
  param_own(&back->model->params);
  ck_assert_mem_eq(back->model->params.values, t->model->params.values, t->model->params.size * sizeof(real));
  ck_assert(vocab_equal(back->source_vocab, t->source_vocab) && vocab_equal(back->target_vocab, t->target_vocab));
  ck_assert(back->model->config.source_vocab == 7 && back->model->config.target_vocab == 6);
  ck_assert_int_eq(json_count(back->history), 1);
  save(back, second);
  check_same_files(first, second);
  translator_free(t);
  translator_free(back);
}
END_TEST

/* Where the numbers lie in the file and where they do not, they are the same. */
START_TEST(weights_stay_in_the_file) {
  Translator *t = variant(_i, 3);
  const char *path = scratch_path(&scratch, "mapped");
  save(t, path);
  Err err = {0};
  Translator *back = translator_load(path, &err);
  ck_assert_msg(back != NULL, "%s", err.text);
  const ParamSet *set = &back->model->params;
  ck_assert_ptr_null(set->values);
  for (int i = 0; i < set->n_params; i++) {
    const SafeTensor *tensor = safetensors_find(back->file, set->params[i].name);
    ck_assert_ptr_eq(param_values(set, i), tensor->data);
    ck_assert_mem_eq(param_values(set, i), param_values(&t->model->params, i), tensor->n_bytes);
  }
  translator_free(t);
  translator_free(back);
}
END_TEST

/* The header one blank longer: no tensor stands where a number may. */
START_TEST(misaligned_weights_are_copied) {
  Translator *t = small_translator(3, NULL, 0);
  const char *even = scratch_path(&scratch, "even"), *odd = scratch_path(&scratch, "odd");
  save(t, even);
  Str bytes = bytes_of(even), moved = {0};
  size_t header = (size_t)8 + (unsigned char)bytes.at[0] + 256 * (size_t)(unsigned char)bytes.at[1];
  ck_assert(bytes.at[2] == 0 && (unsigned char)bytes.at[0] < 255);
  str_add(&moved, bytes.at, header);
  moved.at[0]++;
  str_addc(&moved, ' ');
  str_add(&moved, bytes.at + header, bytes.n - header);
  Err err = {0};
  ck_assert_msg(io_write_file(odd, moved.at, moved.n, &err), "%s", err.text);
  Translator *back = translator_load(odd, &err);
  ck_assert_msg(back != NULL, "%s", err.text);
  param_own(&back->model->params);
  ck_assert_mem_eq(back->model->params.values, t->model->params.values, t->model->params.size * sizeof(real));
  str_free(&bytes);
  str_free(&moved);
  translator_free(t);
  translator_free(back);
}
END_TEST

START_TEST(file_does_not_depend_on_threads) {
  Translator *a = small_translator(1, NULL, 0), *b = small_translator(1, (const char *[]){"train.threads=7"}, 1);
  const char *first = scratch_path(&scratch, "a"), *second = scratch_path(&scratch, "b");
  save(a, first);
  save(b, second);
  check_same_files(first, second);
  translator_free(a);
  translator_free(b);
}
END_TEST

/* A full disk at any write, flush or rename leaves the old file and nothing beside it. */
START_TEST(failing_writes_leave_the_old_file) {
  Translator *old = small_translator(1, NULL, 0), *new = small_translator(2, NULL, 0);
  const char *path = scratch_path(&scratch, "m"), *kept = scratch_path(&scratch, "kept");
  const char *temporary = scratch_path(&scratch, "m.tmp");
  save(old, path);
  save(old, kept);
  bool ok = false;
  unsigned long n = 1;
  for (; !ok && n < 1000; n++) {
    Err err = {0};
    io_fail_after(n);
    ok = translator_save(new, path, &err);
    io_fail_after(0);
    ck_assert_msg(ok || (err.kind == ERR_FILE && strstr(err.text, path) != NULL), "%s", err.text);
    ck_assert(!io_exists(temporary));
    if (!ok && n == 1) check_same_files(path, kept);
  }
  ck_assert_int_gt((int)n, 4);
  ck_assert(ok);
  save(new, kept);
  check_same_files(path, kept);
  translator_free(old);
  translator_free(new);
}
END_TEST

/* Edits of a sound model file, and what the message must say beside the path. */
static const struct {
  Edit edit;
  const char *says[3];
} refusals[] = {
    {{.key = "format"}, {"`format`", "not a model"}},
    {{.key = "format", .text = "attn-seq2seq 2"}, {"\"attn-seq2seq 2\"", "\"attn-seq2seq 1\""}},
    {{.key = "format", .text = "attn-seq2seq state 1"}, {"training state"}},
    {{.key = "format", .text = ""}, {"\"attn-seq2seq 1\""}},
    {{.key = "config"}, {"`config`"}},
    {{.key = "config", .text = "{"}, {"config"}},
    {{.key = "config", .text = "[]"}, {"config"}},
    {{.set = {{"model.embedding", "\"many\""}, {"model.decoder.cell", "\"gro\""}}},
     {"model.embedding", "model.decoder.cell", "gru"}},
    {{.set = {{"model.encoder.hiden", "3"}}}, {"model.encoder.hiden", "model.encoder.hidden"}},
    {{.set = {{"model.encoder.layers", "17"}}}, {"model.encoder.layers"}},
    {{.set = {{"model.attention.score", "\"dot\""}}}, {"\"dot\""}}, /* Q 5, D 6 */
    {{.key = "source_vocab"}, {"`source_vocab`"}},
    {{.key = "target_vocab"}, {"`target_vocab`"}},
    {{.key = "source_vocab", .text = "[\"<pad>\",\"<s>\""}, {"source_vocab"}},
    {{.key = "source_vocab", .text = "{}"}, {"source_vocab"}},
    {{.key = "target_vocab", .text = "[\"<pad>\",\"<s>\"]"}, {"target_vocab"}},
    {{.key = "target_vocab", .text = "[\"<s>\",\"<pad>\",\"</s>\",\"<unk>\",\"uno\",\"due\"]"}, {"target_vocab"}},
    {{.key = "target_vocab", .text = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"uno\",\"uno\"]"},
     {"target_vocab", "uno"}},
    {{.key = "target_vocab", .text = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"uno\",5]"}, {"target_vocab"}},
    {{.key = "target_vocab", .text = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"uno\"]"},
     {"decoder.embedding.weight", "[5,4]", "decoder.output.bias"}},
    {{.key = "history", .text = "{}"}, {"history"}},
    {{.key = "history", .text = "[1"}, {"history:1:3"}},
    {{.drop = "attention.general.weight"}, {"tensor attention.general.weight is missing"}},
    {{.add = "attention.sharpness"}, {"unexpected tensor attention.sharpness"}},
    {{.flatten = "decoder.combine.weight"}, {"tensor decoder.combine.weight is not", "[5,11]"}},
    {{.retype = "decoder.output.bias"}, {"tensor decoder.output.bias is not F32", "[6]"}},
    /* All that is wrong at once. */
    {{.drop = "decoder.rnn.bias_hh_l0", .add = "x", .flatten = "encoder.embedding.weight"},
     {"decoder.rnn.bias_hh_l0 is missing", "unexpected tensor x", "encoder.embedding.weight is not"}},
    {{.set = {{"model.attention.score", "\"additive\""}}},
     {"attention.query.weight is missing", "attention.v is missing", "unexpected tensor attention.general.weight"}},
    {{.set = {{"model.embedding", "5"}, {"model.tie_embeddings", "\"all\""}, {"vocab.shared", "true"}}},
     {"vocabularies differ"}},
    /* More numbers than any memory holds: whoever allocates before looking at the file ends the process. */
    {{.set = {{"model.attention.score", "\"location\""},
              {"model.attention.max_positions", "1000000000"},
              {"data.max_length", "999999999"},
              {"model.decoder.hidden", "65536"}}},
     {"attention.location.weight is missing", "decoder.combine.weight is not", "[65536,65542]"}},
    {{.set = {{"model.embedding", "65536"},
              {"model.encoder.hidden", "65536"},
              {"model.encoder.layers", "16"},
              {"model.decoder.hidden", "65536"},
              {"model.decoder.layers", "16"}}},
     {"encoder.embedding.weight is not", "[7,65536]"}},
};
enum { N_REFUSALS = sizeof refusals / sizeof *refusals };

START_TEST(refused) {
  Translator *t = small_translator(3, NULL, 0);
  const char *good = scratch_path(&scratch, "good"), *bad = scratch_path(&scratch, "bad");
  save(t, good);
  edited_write(good, bad, &refusals[_i].edit);
  Err err = {0};
  ck_assert_msg(translator_load(bad, &err) == NULL, "refusal %d: taken", _i);
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, bad) != NULL, "%s", err.text);
  for (int k = 0; k < 3 && refusals[_i].says[k] != NULL; k++)
    ck_assert_msg(strstr(err.text, refusals[_i].says[k]) != NULL, "refusal %d: no \"%s\" in:\n%.2000s", _i,
                  refusals[_i].says[k], err.text);
  translator_free(t);
}
END_TEST

/* An edit that changes nothing is taken: the refusals above are about the edits. */
START_TEST(rewritten_without_changes) {
  Translator *t = small_translator(3, NULL, 0);
  const char *good = scratch_path(&scratch, "good"), *again = scratch_path(&scratch, "again");
  save(t, good);
  edited_write(good, again, &(Edit){.key = "history"});
  Err err = {0};
  Translator *back = translator_load(again, &err);
  ck_assert_msg(back != NULL, "%s", err.text);
  ck_assert_int_eq(json_count(back->history), 0);
  translator_free(back);
  translator_free(t);
}
END_TEST

START_TEST(no_such_file) {
  Err err = {0};
  const char *path = scratch_path(&scratch, "missing");
  ck_assert_ptr_null(translator_load(path, &err));
  ck_assert(err.kind == ERR_FILE && strstr(err.text, path) != NULL);
}
END_TEST

Suite *test_translator(void);
Suite *test_translator(void) {
  Suite *s = suite_create("translator");
  TCase *t = tcase_create("translator");
  tcase_add_checked_fixture(t, open_scratch, close_scratch);
  tcase_add_loop_test(t, weights_stay_in_the_file, 0, N_VARIANTS);
  tcase_add_test(t, misaligned_weights_are_copied);
  tcase_add_loop_test(t, saved_and_loaded, 0, N_VARIANTS);
  tcase_add_test(t, file_does_not_depend_on_threads);
  tcase_add_test(t, failing_writes_leave_the_old_file);
  tcase_add_loop_test(t, refused, 0, N_REFUSALS);
  tcase_add_test(t, rewritten_without_changes);
  tcase_add_test(t, no_such_file);
  suite_add_tcase(s, t);
  return s;
}
