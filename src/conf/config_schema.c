#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "conf/config.h"
#include "conf/config_keys.h"

/* A section of the schema: an object that allows no other keys. */
static Json *new_section(void) {
  Json *section = json_new_object();
  json_set(section, "type", json_new_string("object"));
  json_set(section, "additionalProperties", json_new_bool(false));
  json_set(section, "properties", json_new_object());
  return section;
}

/* The properties object that path's last part belongs to, made with its parents; *name is that last part. */
static Json *properties_of(Json *schema, const char *path, const char **name) {
  Json *properties = json_get(schema, "properties");
  const char *dot;
  while ((dot = strchr(path, '.')) != NULL) {
    char *part = mem_text(path, (size_t)(dot - path));
    if (json_get(properties, part) == NULL) json_set(properties, part, new_section());
    properties = json_get(json_get(properties, part), "properties");
    mem_free(part);
    path = dot + 1;
  }
  *name = path;
  return properties;
}

static void add_range(Json *at, const ConfigKey *key) {
  json_set(at, key->ends == OPEN_LOW ? "exclusiveMinimum" : "minimum", json_new_number(key->low));
  if (isfinite(key->high))
    json_set(at, key->ends == OPEN_HIGH ? "exclusiveMaximum" : "maximum", json_new_number(key->high));
}

/* 0, or the range. */
static void add_zero(Json *at, const ConfigKey *key) {
  Json *zero = json_new_object(), *range = json_new_object(), *either = json_new_array();
  json_set(zero, "const", json_new_number(0));
  add_range(range, key);
  json_append(either, zero);
  json_append(either, range);
  json_set(at, "anyOf", either);
}

static void add_choices(Json *at, const ConfigKey *key) {
  Json *words = json_new_array();
  for (int i = 0; key->choices[i] != NULL; i++) json_append(words, json_new_string(key->choices[i]));
  json_set(at, "enum", words);
}

static void add_type(Json *at, const ConfigKey *key) {
  static const char *const types[] = {[KEY_TEXT] = "string", [KEY_BOOL] = "boolean",  [KEY_CHOICE] = "string",
                                      [KEY_INT] = "integer", [KEY_INT64] = "integer", [KEY_REAL] = "number"};
  json_set(at, "type", json_new_string(types[key->type]));
  if (key->type == KEY_TEXT) json_set(at, "minLength", json_new_number(1));
  else if (key->type == KEY_CHOICE) add_choices(at, key);
  else if (key->zero != NULL) add_zero(at, key);
  else if (key->type != KEY_BOOL) add_range(at, key);
}

static void add_doc(Json *at, const ConfigKey *key, const char *when) {
  Str text = {0};
  str_adds(&text, key->doc);
  if (key->zero != NULL) str_addf(&text, "; 0 = %s", key->zero);
  if (key->computed && key->initial != NULL) str_addf(&text, "; default %s", key->initial);
  if (when != NULL) str_addf(&text, "; counts only when %s", when);
  json_set(at, "description", json_new_string(str_text(&text)));
  str_free(&text);
}

/* A config may name its schema, for editors, and say why it is as it is. */
static void add_remarks(Json *schema) {
  Json *at = json_new_object(), *comment = json_new_object();
  json_set(at, "type", json_new_string("string"));
  json_set(at, "description", json_new_string("where this schema is, for editors; not read"));
  json_set(json_get(schema, "properties"), "$schema", at);
  json_set(comment, "description", json_new_string("remarks of any form, as tune writes them; not read"));
  json_set(json_get(schema, "properties"), "$comment", comment);
}

void config_schema(Str *out) {
  Config defaults = {0};
  const bool given[N_CONFIG_KEYS] = {false};
  config_keys_defaults(&defaults, given);
  Json *schema = new_section();
  json_set(schema, "$schema", json_new_string("https://json-schema.org/draft/2020-12/schema"));
  json_set(schema, "title", json_new_string("attn-seq2seq config"));
  add_remarks(schema);
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    const ConfigKey *key = config_keys_at(i);
    const char *name;
    Json *at = json_new_object(), *properties = properties_of(schema, key->path, &name);
    Json *value = key->computed ? NULL : config_keys_get(&defaults, key);
    add_type(at, key);
    if (value != NULL) json_set(at, "default", value);
    add_doc(at, key, config_keys_use(&defaults, key).when);
    json_set(properties, name, at);
  }
  json_print(out, schema, true);
  str_addc(out, '\n');
  json_free(schema);
  config_free(&defaults);
}
