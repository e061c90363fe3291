#include "edited.h"

#include <check.h>
#include <string.h>

#include "base/json.h"

/* Sets a.b.c below json. */
static void set_key(Json *json, const char *path, const char *value) {
  const char *dot = strchr(path, '.');
  Str key = {0};
  str_add(&key, path, dot != NULL ? (size_t)(dot - path) : strlen(path));
  if (dot != NULL) {
    Json *below = json_get(json, str_text(&key));
    ck_assert_msg(below != NULL, "no section %s in the config", str_text(&key));
    set_key(below, dot + 1, value);
  } else {
    Err err = {0};
    Json *parsed = json_parse(value, strlen(value), path, ERR_FILE, &err);
    ck_assert_msg(parsed != NULL, "%s", err.text);
    json_set(json, str_text(&key), parsed);
  }
  str_free(&key);
}

static void put_config(SafeTensorsWriter *w, const char *text, const Edit *edit) {
  Err err = {0};
  Str out = {0};
  Json *config = json_parse(text, strlen(text), "config", ERR_FILE, &err);
  ck_assert_msg(config != NULL, "%s", err.text);
  for (int i = 0; i < 5 && edit->set[i][0] != NULL; i++) set_key(config, edit->set[i][0], edit->set[i][1]);
  json_print(&out, config, false);
  safetensors_put_metadata(w, "config", str_text(&out));
  json_free(config);
  str_free(&out);
}

static void put_metadata(SafeTensorsWriter *w, const SafeTensors *file, const Edit *edit) {
  const char *key = NULL;
  while ((key = safetensors_next_key(file, key)) != NULL) {
    if (edit->key != NULL && strcmp(key, edit->key) == 0) continue;
    if (strcmp(key, "config") == 0 && edit->set[0][0] != NULL) put_config(w, safetensors_metadata(file, key), edit);
    else safetensors_put_metadata(w, key, safetensors_metadata(file, key));
  }
  if (edit->key != NULL && edit->text != NULL) safetensors_put_metadata(w, edit->key, edit->text);
}

static bool is(const SafeTensor *t, const char *name) { return name != NULL && strcmp(t->name, name) == 0; }

static void put_tensors(SafeTensorsWriter *w, const SafeTensors *file, const Edit *edit) {
  static const float one[1] = {1};
  for (int i = 0; i < safetensors_count(file); i++) {
    const SafeTensor *t = safetensors_at(file, i);
    if (is(t, edit->drop)) continue;
    SafeTensorType type = t->type;
    if (is(t, edit->retype)) type = t->type == SAFETENSORS_F32 ? SAFETENSORS_I32 : SAFETENSORS_I64;
    const size_t row[2] = {1, t->n};
    safetensors_put(w, t->name, type, t->rank, is(t, edit->flatten) ? row : t->shape, t->data);
  }
  if (edit->add != NULL) safetensors_put(w, edit->add, SAFETENSORS_F32, 1, (size_t[]){1}, one);
}

void edited_write(const char *from, const char *to, const Edit *edit) {
  Err err = {0};
  SafeTensors *file = safetensors_open(from, &err);
  ck_assert_msg(file != NULL, "%s", err.text);
  SafeTensorsWriter *w = safetensors_create(to, &err);
  ck_assert_msg(w != NULL, "%s", err.text);
  put_metadata(w, file, edit);
  put_tensors(w, file, edit);
  ck_assert_msg(safetensors_commit(w, &err), "%s", err.text);
  safetensors_close(file);
}
