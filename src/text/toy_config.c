#include "text/toy_config.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"

typedef struct Settings {
  const char *tokenizer;
  int hidden;
  double dropout;
  int epochs, max_length_ratio;
  const char *sets;
} Settings;

static const Settings settings[] = {
#define TOY(id, name, shows, tokenizer, hidden, dropout, epochs, max_length_ratio, sets) \
  {tokenizer, hidden, dropout, epochs, max_length_ratio, sets},
#include "text/toys.def"
#undef TOY
};

static void set_path(Json *object, const char *key, const char *folder, const char *file) {
  Str path = {0};
  str_addf(&path, "%s/%s", folder, file);
  json_set(object, key, json_new_string(str_text(&path)));
  str_free(&path);
}

static Json *data_part(const char *folder, const char *source, const char *target) {
  Json *part = json_new_object();
  set_path(part, "source", folder, source);
  set_path(part, "target", folder, target);
  return part;
}

static Json *data(const char *folder) {
  Json *json = json_new_object();
  json_set(json, "train", data_part(folder, "train.src", "train.tgt"));
  json_set(json, "valid", data_part(folder, "valid.src", "valid.tgt"));
  return json;
}

static Json *vocab(const Settings *s) {
  Json *json = json_new_object();
  const char *const sides[] = {"source", "target"};
  for (int i = 0; i < 2; i++) {
    Json *side = json_new_object();
    json_set(side, "tokenizer", json_new_string(s->tokenizer));
    json_set(json, sides[i], side);
  }
  return json;
}

static Json *layer(int hidden) {
  Json *json = json_new_object();
  json_set(json, "cell", json_new_string("gru"));
  json_set(json, "hidden", json_new_number(hidden));
  return json;
}

static Json *model(const Settings *s) {
  Json *attention = json_new_object();
  json_set(attention, "flow", json_new_string("luong"));
  json_set(attention, "scope", json_new_string("global"));
  Json *json = json_new_object();
  json_set(json, "embedding", json_new_number(s->hidden));
  json_set(json, "dropout", json_new_number(s->dropout));
  json_set(json, "encoder", layer(s->hidden));
  json_set(json, "decoder", layer(2 * s->hidden));
  json_set(json, "attention", attention);
  return json;
}

static Json *training(const Settings *s, const char *folder) {
  Json *optimizer = json_new_object(), *schedule = json_new_object();
  json_set(optimizer, "lr", json_new_number(0.002));
  json_set(schedule, "type", json_new_string("plateau"));
  json_set(schedule, "patience", json_new_number(2)); /* the accuracy of 500 lines jumps */
  Json *json = json_new_object();
  set_path(json, "model", folder, "model.safetensors");
  json_set(json, "epochs", json_new_number(s->epochs));
  json_set(json, "batch_size", json_new_number(64));
  json_set(json, "metric", json_new_string("accuracy"));
  json_set(json, "optimizer", optimizer);
  json_set(json, "schedule", schedule);
  return json;
}

/* What a value of --set is: JSON, else a string. */
static Json *value_of(const char *text, size_t n) {
  Err err = {0};
  Json *value = json_parse(text, n, "toys.def", ERR_USAGE, &err);
  err_clear(&err);
  if (value != NULL) return value;
  char *word = mem_text(text, n);
  value = json_new_string(word);
  mem_free(word);
  return value;
}

/* One KEY=VALUE of n bytes. */
static void set_key(Json *json, const char *set, size_t n) {
  size_t dot;
  const char *end = set + n;
  while ((dot = strcspn(set, ".=")), set[dot] == '.') {
    char *key = mem_text(set, dot);
    if (json_get(json, key) == NULL) json_set(json, key, json_new_object());
    json = json_get(json, key);
    mem_free(key);
    set += dot + 1;
  }
  char *key = mem_text(set, dot);
  set += dot + 1;
  json_set(json, key, value_of(set, (size_t)(end - set)));
  mem_free(key);
}

static void set_keys(Json *json, const char *sets, const char *folder) {
  static const char place[] = "FOLDER";
  Str set = {0};
  for (size_t n; sets != NULL && *sets != '\0'; sets += n + (sets[n] == ' ')) {
    n = strcspn(sets, " ");
    const char *at = strstr(sets, place);
    str_clear(&set);
    if (at != NULL && at < sets + n)
      str_addf(&set, "%.*s%s%.*s", (int)(at - sets), sets, folder, (int)(sets + n - at) - (int)sizeof place + 1,
               at + sizeof place - 1);
    else str_add(&set, sets, n);
    set_key(json, str_text(&set), set.n);
  }
  str_free(&set);
}

void toy_config(Str *out, int i, const char *folder) {
  const Settings *s = &settings[i];
  Json *json = json_new_object(), *translate = json_new_object();
  json_set(json, "data", data(folder));
  json_set(json, "vocab", vocab(s));
  json_set(json, "model", model(s));
  json_set(json, "train", training(s, folder));
  json_set(translate, "max_length_ratio", json_new_number(s->max_length_ratio));
  json_set(json, "translate", translate);
  set_keys(json, s->sets, folder);
  json_print(out, json, true);
  json_free(json);
}
