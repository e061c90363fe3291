#include "train/info.h"

#include <math.h>
#include <string.h>

#include "conf/config_keys.h"
#include "train/info_json.h"

enum { FIRST_TOKENS = 10 };

/* ---- Numbers. */

static bool is_finite(const SafeTensor *tensor, size_t i) {
  float narrow;
  double wide;
  const char *at = tensor->data;
  if (tensor->type == SAFETENSORS_F32) {
    memcpy(&narrow, at + i * sizeof narrow, sizeof narrow);
    return isfinite(narrow);
  }
  memcpy(&wide, at + i * sizeof wide, sizeof wide);
  return isfinite(wide);
}

static bool check_tensor(const SafeTensor *tensor, const char *path, Err *err) {
  size_t bad = 0;
  if (tensor->type != SAFETENSORS_F32 && tensor->type != SAFETENSORS_F64) return true;
  for (size_t i = 0; i < tensor->n; i++) bad += !is_finite(tensor, i);
  if (bad == 0) return true;
  return err_add(err, ERR_FILE,
                 "%s: tensor %s: %zu of %zu numbers are not finite; use another checkpoint, or train anew", path,
                 tensor->name, bad, tensor->n);
}

static bool check_numbers(const SafeTensors *file, const char *path, Err *err) {
  bool ok = true;
  for (int i = 0; i < safetensors_count(file); i++) ok = check_tensor(safetensors_at(file, i), path, err) && ok;
  return ok;
}

/* ---- Parts of the text. */

static void add_shape(Str *out, const SafeTensor *tensor) {
  str_addc(out, '[');
  for (int k = 0; k < tensor->rank; k++) str_addf(out, "%s%zu", k == 0 ? "" : ", ", tensor->shape[k]);
  str_addc(out, ']');
}

static void add_tensors(Str *out, const SafeTensors *file) {
  size_t all = 0, width = sizeof "in all" - 1;
  for (int i = 0; i < safetensors_count(file); i++) {
    size_t n = strlen(safetensors_at(file, i)->name);
    if (n > width) width = n;
  }
  str_adds(out, "\nTensors\n");
  for (int i = 0; i < safetensors_count(file); i++) {
    const SafeTensor *tensor = safetensors_at(file, i);
    Str shape = {0};
    add_shape(&shape, tensor);
    str_addf(out, "  %-*s  %s  %-14s %10zu\n", (int)width, tensor->name, safetensors_type_name(tensor->type),
             str_text(&shape), tensor->n);
    str_free(&shape);
    all += tensor->n;
  }
  str_addf(out, "  %-*s  %19s%10zu\n", (int)width, "in all", "", all);
}

static void add_vocab(Str *out, const char *side, const Vocab *vocab, const Tokenizer *tokenizer) {
  int n = vocab_size(vocab);
  str_addf(out, "  %s  %d entries with the %d special ones, tokenizer %s; first", side, n, (int)N_SPECIAL,
           tokenizer_name(tokenizer));
  for (int id = N_SPECIAL; id < n && id < N_SPECIAL + FIRST_TOKENS; id++) {
    str_addc(out, ' ');
    json_quote(out, vocab_token(vocab, id));
  }
  str_addc(out, '\n');
}

static void add_cell(Str *out, const Json *row, const char *key, int width) {
  const Json *value = json_type(row) == JSON_OBJECT ? json_get(row, key) : NULL;
  if (value != NULL && json_type(value) == JSON_NUMBER) str_addf(out, "  %*.6g", width, json_number(value));
  else str_addf(out, "  %*s", width, "-");
}

static void add_history(Str *out, const Json *history, const char *metric) {
  if (json_count(history) == 0) {
    str_adds(out, "\nValidations: none\n");
    return;
  }
  str_addf(out, "\nValidations, metric %s\n  %8s  %6s  %10s  %10s  %10s\n", metric, "step", "epoch", "loss",
           "perplexity", "metric");
  for (const Json *row = json_first(history); row != NULL; row = json_next(row)) {
    const Json *loss = json_type(row) == JSON_OBJECT ? json_get(row, "loss") : NULL;
    add_cell(out, row, "step", 8);
    add_cell(out, row, "epoch", 6);
    add_cell(out, row, "loss", 10);
    if (loss != NULL && json_type(loss) == JSON_NUMBER) str_addf(out, "  %10.6g", exp(json_number(loss)));
    else str_addf(out, "  %10s", "-");
    add_cell(out, row, "metric", 10);
    str_addc(out, '\n');
  }
}

static void add_config(Str *out, const Config *config) {
  Json *json = config_to_json(config, true);
  str_adds(out, "\nConfig\n");
  json_print(out, json, true);
  str_addc(out, '\n');
  json_free(json);
}

/* ---- The two kinds of files. */

static void add_json(Str *out, Json *json) {
  json_print(out, json, true);
  str_addc(out, '\n');
  json_free(json);
}

static void add_model(Str *out, const Translator *t, const SafeTensors *file, const char *path) {
  str_addf(out, "%s: a model, whole and sound\n", path);
  add_config(out, &t->config);
  add_tensors(out, file);
  str_adds(out, "\nVocabularies\n");
  add_vocab(out, "source", t->source_vocab, t->source_tokenizer);
  add_vocab(out, "target", t->target_vocab, t->target_tokenizer);
  add_history(out, t->history, config_keys_word(&t->config, "train.metric"));
}

static void add_state(Str *out, const CheckpointInfo *info, const SafeTensors *file, const char *path) {
  str_addf(out,
           "%s: the state of a training, from which `train --resume` goes on; not a model to translate with\n"
           "after update %ld, in epoch %d\n",
           path, info->state.step, info->state.epoch);
  add_config(out, &info->config);
  add_tensors(out, file);
  str_adds(out, "\nCorpora\n");
  for (const Json *c = json_first(info->corpora); c != NULL; c = json_next(c)) {
    str_adds(out, "  ");
    json_quote(out, json_key(c) == NULL ? "" : json_key(c));
    str_addf(out, "  SHA-256 %.64s\n", json_type(c) == JSON_STRING ? json_string(c) : "-");
  }
  add_history(out, info->history, config_keys_word(&info->config, "train.metric"));
}

static bool describe_model(Str *out, const SafeTensors *file, const char *path, InfoForm form, Err *err) {
  Translator *t = translator_load(path, err);
  if (t == NULL) return false;
  if (form == INFO_JSON) add_json(out, info_json_model(t, file, path));
  else add_model(out, t, file, path);
  translator_free(t);
  return true;
}

static bool describe_state(Str *out, const SafeTensors *file, const char *path, InfoForm form, Err *err) {
  CheckpointInfo info;
  if (!checkpoint_read_info(&info, file, path, err)) return false;
  if (form == INFO_JSON) add_json(out, info_json_state(&info, file, path));
  else add_state(out, &info, file, path);
  checkpoint_free_info(&info);
  return true;
}

bool info_describe(Str *out, const char *path, InfoForm form, Err *err) {
  SafeTensors *file = safetensors_open(path, err);
  if (file == NULL) return false;
  bool ok = checkpoint_is_state(file) ? describe_state(out, file, path, form, err)
                                      : describe_model(out, file, path, form, err);
  ok = ok && check_numbers(file, path, err) && safetensors_unchanged(file, err);
  safetensors_close(file);
  return ok;
}
