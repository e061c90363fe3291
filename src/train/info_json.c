#include "train/info_json.h"

#include "conf/config_keys.h"

static void set_number(Json *json, const char *key, double value) { json_set(json, key, json_new_number(value)); }
static void set_text(Json *json, const char *key, const char *text) { json_set(json, key, json_new_string(text)); }

static Json *begin(const char *path, const char *kind) {
  Json *json = json_new_object();
  set_text(json, "file", path);
  set_text(json, "kind", kind);
  return json;
}

static Json *tensor_json(const SafeTensor *tensor) {
  Json *json = json_new_object(), *shape = json_new_array();
  for (int k = 0; k < tensor->rank; k++) json_append(shape, json_new_number((double)tensor->shape[k]));
  set_text(json, "name", tensor->name);
  set_text(json, "type", safetensors_type_name(tensor->type));
  json_set(json, "shape", shape);
  return json;
}

static Json *tensors_json(const SafeTensors *file) {
  Json *json = json_new_array();
  for (int i = 0; i < safetensors_count(file); i++) json_append(json, tensor_json(safetensors_at(file, i)));
  return json;
}

static Json *vocab_json(const Vocab *vocab, const Tokenizer *tokenizer) {
  Json *json = json_new_object();
  set_text(json, "tokenizer", tokenizer_name(tokenizer));
  json_set(json, "lowercase", json_new_bool(tokenizer_lowercase(tokenizer)));
  set_number(json, "entries", vocab_size(vocab));
  return json;
}

static void set_validations(Json *json, const Config *config, const Json *history) {
  set_text(json, "metric", config_keys_word(config, "train.metric"));
  json_set(json, "validations", json_copy(history));
}

Json *info_json_model(const Translator *t, const SafeTensors *file, const char *path) {
  Json *json = begin(path, "model"), *vocabularies = json_new_object();
  json_set(vocabularies, "source", vocab_json(t->source_vocab, t->source_tokenizer));
  json_set(vocabularies, "target", vocab_json(t->target_vocab, t->target_tokenizer));
  set_number(json, "parameters", (double)param_count(&t->model->params));
  json_set(json, "config", config_to_json(&t->config, true));
  json_set(json, "tensors", tensors_json(file));
  json_set(json, "vocabularies", vocabularies);
  set_validations(json, &t->config, t->history);
  return json;
}

Json *info_json_state(const CheckpointInfo *info, const SafeTensors *file, const char *path) {
  Json *json = begin(path, "state");
  set_number(json, "step", (double)info->state.step);
  set_number(json, "epoch", info->state.epoch);
  json_set(json, "config", config_to_json(&info->config, true));
  json_set(json, "tensors", tensors_json(file));
  json_set(json, "corpora", json_copy(info->corpora));
  set_validations(json, &info->config, info->history);
  return json;
}
