#include "serve/serve_info.h"

#include "base/json.h"
#include "conf/config_keys.h"

static void set_number(Json *json, const char *key, double value) { json_set(json, key, json_new_number(value)); }

static Json *side(const Vocab *vocab, const Tokenizer *tokenizer) {
  Json *json = json_new_object();
  json_set(json, "tokenizer", json_new_string(tokenizer_name(tokenizer)));
  set_number(json, "entries", vocab_size(vocab));
  return json;
}

static Json *model(const ServerModel *m) {
  const Translator *t = m->ensemble->members[0];
  Json *json = json_new_object();
  json_set(json, "name", json_new_string(m->name));
  json_set(json, "encoder", json_new_string(config_keys_word(&t->config, "model.encoder.type")));
  json_set(json, "decoder", json_new_string(config_keys_word(&t->config, "model.decoder.type")));
  set_number(json, "parameters", (double)param_count(&t->model->params));
  json_set(json, "quantised", json_new_bool(t->quantised));
  json_set(json, "source", side(t->source_vocab, t->source_tokenizer));
  json_set(json, "target", side(t->target_vocab, t->target_tokenizer));
  set_number(json, "beam_size", t->config.translate.beam_size);
  set_number(json, "max_length", t->config.translate.max_length);
  return json;
}

static Json *limits(const ServerOptions *o) {
  Json *json = json_new_object();
  set_number(json, "texts", o->limits.lines);
  set_number(json, "bytes", (double)o->limits.bytes);
  set_number(json, "beam_size", o->limits.beam_size);
  set_number(json, "waiting", o->waiting);
  set_number(json, "seconds", o->seconds);
  return json;
}

void serve_info_add(Str *out, const ServerOptions *o) {
  Json *json = json_new_object(), *models = json_new_array(), *names = json_new_array();
  for (int i = 0; i < o->n_models; i++) json_append(models, model(&o->models[i]));
  for (int i = 0; search_options_name(i) != NULL; i++)
    if (request_refuses(REQUEST_TRANSLATE, false, search_options_name(i)) == NULL)
      json_append(names, json_new_string(search_options_name(i)));
  json_set(json, "version", json_new_string(VERSION));
  json_set(json, "models", models);
  json_set(json, "limits", limits(o));
  json_set(json, "options", names);
  json_print(out, json, false);
  json_free(json);
}
