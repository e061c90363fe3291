#include "base/json.h"

#include <cJSON.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { MAX_DEPTH = 64 };

static void *take(size_t n) { return mem_alloc(n, 1, "JSON"); }

/* cJSON keeps its allocator in variables of the process: set before there are threads, never again. */
__attribute__((constructor)) static void use_mem(void) {
  cJSON_Hooks hooks = {take, mem_free};
  cJSON_InitHooks(&hooks);
}

static bool fail_at(const char *text, size_t at, const char *name, ErrKind kind, const char *what, Err *err) {
  int line = 1, column = 1;
  for (size_t i = 0; i < at; i++) {
    column = text[i] == '\n' ? 1 : column + 1;
    line += text[i] == '\n';
  }
  return err_set(err, kind, "%s:%d:%d: %s", name, line, column, what);
}

/* The first byte from i on that ends a run of plain string text: a quote, a backslash, a control character or a byte
 * beyond ASCII. */
static size_t plain_end(const char *text, size_t n, size_t i) {
  while (i < n && text[i] != '"' && text[i] != '\\' && (signed char)text[i] >= ' ') i++;
  return i;
}

/* Length of the UTF-8 sequence at text, 0 when it is none. */
static size_t sequence(const char *text, size_t n) {
  uint32_t scalar;
  bool valid;
  size_t step = utf8_next(text, n, &scalar, &valid);
  return valid ? step : 0;
}

/* What cJSON does not look at: nesting beyond reason, invalid UTF-8, control characters in strings, NUL bytes and
 * \u0000 (it would cut strings there). */
static bool scan(const char *text, size_t n, const char *name, ErrKind kind, Err *err) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0, step = 1; i < n; i += step) {
    if (quoted) i = plain_end(text, n, i);
    char c = i < n ? text[i] : ' ';
    step = 1;
    if (c == '\0') return fail_at(text, i, name, kind, "a NUL byte in JSON", err);
    if ((unsigned char)c >= 0x80) step = sequence(text + i, n - i);
    if (step == 0) return fail_at(text, i, name, kind, "this is not UTF-8", err);
    if (quoted && (unsigned char)c < ' ')
      return fail_at(text, i, name, kind, "a control character in a string (write a line end as \\n)", err);
    if (quoted && c == '\\') {
      if (i + 5 < n && memcmp(text + i + 1, "u0000", 5) == 0)
        return fail_at(text, i, name, kind, "\\u0000 in a string", err);
      step = i + 1 < n && (signed char)text[i + 1] > 0 ? 2 : 1;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '{' || c == '[')) {
      if (++depth > MAX_DEPTH) return fail_at(text, i, name, kind, "nested more than 64 levels deep", err);
    } else if (!quoted && (c == '}' || c == ']')) {
      depth--;
    }
  }
  return true;
}

/* Where the check of a tree stands: the way from the root down to a child. */
typedef struct Step {
  const struct Step *up;
  const Json *child;
  int index;
} Step;

static void path_add(Str *path, const Step *step) {
  if (step == NULL) return;
  path_add(path, step->up);
  if (step->child->string == NULL) str_addf(path, "[%d]", step->index);
  else str_addf(path, "%s%s", path->n > 0 ? "." : "", step->child->string);
}

static bool fail_path(const Step *step, const char *name, ErrKind kind, const char *what, Err *err) {
  Str path = {0};
  path_add(&path, step);
  (void)err_set(err, kind, "%s: %s%s%s", name, str_text(&path), step != NULL ? ": " : "", what);
  str_free(&path);
  return false;
}

/* Repeated keys and numbers beyond double, with their path. at is NULL for the root. */
static bool check_tree(const Json *json, const Step *at, const char *name, ErrKind kind, Err *err) {
  if (cJSON_IsNumber(json) && !isfinite(json->valuedouble))
    return fail_path(at, name, kind, "the number is out of range", err);
  StrMap keys = {0};
  bool ok = true;
  int index = 0;
  for (const Json *c = json->child; ok && c != NULL; c = c->next, index++) {
    Step step = {at, c, index};
    if (c->string != NULL && (*strmap_at(&keys, c->string, strlen(c->string)))++ > 0)
      ok = fail_path(&step, name, kind, "the key stands twice", err);
    else ok = check_tree(c, &step, name, kind, err);
  }
  strmap_free(&keys);
  return ok;
}

Json *json_parse(const char *text, size_t n, const char *name, ErrKind kind, Err *err) {
  if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
    text += 3;
    n -= 3;
  }
  if (!scan(text, n, name, kind, err)) return NULL;
  char *copy = mem_text(text, n);
  const char *end = copy;
  Json *json = cJSON_ParseWithLengthOpts(copy, n + 1, &end, 1);
  if (json == NULL) {
    size_t at = (size_t)(end - copy) < n ? (size_t)(end - copy) : n;
    (void)fail_at(copy, at, name, kind, at == n ? "the JSON text ends too early" : "this is not JSON", err);
  }
  mem_free(copy);
  if (json != NULL && !check_tree(json, NULL, name, kind, err)) {
    json_free(json);
    json = NULL;
  }
  return json;
}

void json_free(Json *json) { cJSON_Delete(json); }

JsonType json_type(const Json *json) {
  if (cJSON_IsBool(json)) return JSON_BOOL;
  if (cJSON_IsNumber(json)) return JSON_NUMBER;
  if (cJSON_IsString(json)) return JSON_STRING;
  if (cJSON_IsArray(json)) return JSON_ARRAY;
  if (cJSON_IsObject(json)) return JSON_OBJECT;
  return JSON_NULL;
}

const char *json_type_name(JsonType type) {
  static const char *const names[] = {"null", "true or false", "a number", "a string", "an array", "an object"};
  return names[type];
}

bool json_bool(const Json *json) { return cJSON_IsTrue(json); }
double json_number(const Json *json) { return json->valuedouble; }
const char *json_string(const Json *json) { return json->valuestring; }
int json_count(const Json *json) { return cJSON_GetArraySize(json); }
Json *json_get(const Json *object, const char *key) { return cJSON_GetObjectItemCaseSensitive(object, key); }
Json *json_first(const Json *json) { return json->child; }
Json *json_next(const Json *child) { return child->next; }
const char *json_key(const Json *child) { return child->string; }

Json *json_new_object(void) { return cJSON_CreateObject(); }

Json *json_new_array(void) { return cJSON_CreateArray(); }

Json *json_new_string(const char *text) { return cJSON_CreateString(text); }

Json *json_new_number(double value) { return cJSON_CreateNumber(value); }

Json *json_new_bool(bool value) { return cJSON_CreateBool(value); }

void json_set(Json *object, const char *key, Json *value) {
  if (json_get(object, key) != NULL) (void)cJSON_ReplaceItemInObjectCaseSensitive(object, key, value);
  else (void)cJSON_AddItemToObject(object, key, value);
}

void json_append(Json *array, Json *value) { (void)cJSON_AddItemToArray(array, value); }
void json_remove(Json *object, const char *key) { cJSON_DeleteItemFromObjectCaseSensitive(object, key); }
Json *json_copy(const Json *json) { return cJSON_Duplicate(json, 1); }

void json_quote(Str *out, const char *text) {
  Json *json = json_new_string(text);
  json_print(out, json, false);
  json_free(json);
}
