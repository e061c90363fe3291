#include "conf/config_file.h"

#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "conf/config_keys.h"

enum { LARGEST = 16 << 20 };

/* The object that holds the last part of path, *name; NULL where it is missing, unless it is made. */
static Json *parent_of(const Json *object, const char *path, const char **name, bool make) {
  Json *at = (Json *)(uintptr_t)object;
  const char *dot;
  while (at != NULL && (dot = strchr(path, '.')) != NULL) {
    char *part = mem_text(path, (size_t)(dot - path));
    if (json_get(at, part) == NULL && make) json_set(at, part, json_new_object());
    at = json_get(at, part);
    mem_free(part);
    path = dot + 1;
  }
  *name = path;
  return at;
}

static bool has(const Json *object, const char *path) {
  const char *name;
  const Json *parent = parent_of(object, path, &name, false);
  return parent != NULL && json_get(parent, name) != NULL;
}

static void drop(Json *object, const char *path) {
  const char *name;
  Json *parent = parent_of(object, path, &name, false);
  if (parent != NULL) json_remove(parent, name);
}

Json *config_file_read(const char *path, const char *const *sets, int n_sets, Err *err) {
  Str text = {0};
  Json *json = NULL;
  if (io_read_all(&text, path, LARGEST, err)) json = json_parse(str_text(&text), text.n, path, ERR_USAGE, err);
  str_free(&text);
  for (int i = 0; json != NULL && i < n_sets; i++) config_file_put(json, sets[i]);
  return json;
}

void config_file_put(Json *object, const char *set) {
  const char *equals = strchr(set, '='), *name, *rival;
  Err ignored = {0};
  char *path = mem_text(set, (size_t)(equals - set));
  Json *value = json_parse(equals + 1, strlen(equals + 1), "--set", ERR_USAGE, &ignored);
  if (value == NULL) value = json_new_string(equals + 1);
  for (int i = 0; (rival = config_keys_rival(path, i)) != NULL; i++) drop(object, rival);
  Json *parent = parent_of(object, path, &name, true);
  json_set(parent, name, value);
  mem_free(path);
}

bool config_file_settles(const Json *object, const char *path) {
  const char *rival;
  if (has(object, path)) return true;
  for (int i = 0; (rival = config_keys_rival(path, i)) != NULL; i++)
    if (has(object, rival)) return true;
  return false;
}
