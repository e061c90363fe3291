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

/* What is never JSON outside strings, as the text goes on from `at`: a word that helps, or NULL. */
static const char *foreign(const char *at, size_t n) {
  static const char *const quotes[] = {"\u2018", "\u2019", "\u201C", "\u201D"};
  if (at[0] == '#' || (n > 1 && at[0] == '/' && (at[1] == '/' || at[1] == '*')))
    return "comments are not JSON; take this one out";
  if (at[0] == '\'') return "this is not JSON: keys and texts stand in double quotes, not in single ones";
  for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++)
    if (n > 2 && memcmp(at, quotes[i], 3) == 0)
      return "this is not JSON: these quotes are curved; write straight ones, \"";
  return NULL;
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
    const char *what = quoted || i >= n ? NULL : foreign(text + i, n - i);
    if (what != NULL) return fail_at(text, i, name, kind, what, err);
    if (quoted && (unsigned char)c < ' ')
      return fail_at(text, i, name, kind,
                     "a control character in a string (does its closing quote stand? a line end is written \\n)", err);
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

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Words of other languages for true, false and null. */
static bool is_constant(const char *at, size_t n) {
  static const char *const words[] = {"True", "False", "None", "TRUE", "FALSE", "NULL", "Null"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t k = strlen(words[i]);
    if (k <= n && memcmp(at, words[i], k) == 0 && (k == n || !is_letter(at[k]))) return true;
  }
  return false;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* The end of what stands before text[at], blanks apart. */
static size_t end_before(const char *text, size_t at) {
  while (at > 0 && is_blank(text[at - 1])) at--;
  return at;
}

/* Where the string begins that the text ends within; n when there is none. */
static size_t open_string(const char *text, size_t n) {
  size_t open = n;
  for (size_t i = 0; i < n; i++) {
    if (open < n && text[i] == '\\') i++;
    else if (text[i] == '"') open = open < n ? n : i;
  }
  return open;
}

/* Where the trouble is: cJSON stops a byte after what it wanted to be a key. */
static size_t culprit(const char *text, size_t n, size_t at) {
  if (at > n) at = n;
  size_t before = at > 0 ? end_before(text, at - 1) : 0;
  bool key = before > 0 && (text[before - 1] == '{' || text[before - 1] == ',');
  return key && (is_letter(text[at - 1]) || text[at - 1] == '}') ? at - 1 : at;
}

static bool is_whole(const char *text, size_t n) {
  Json *json = cJSON_ParseWithLengthOpts(text, n, NULL, 0);
  json_free(json);
  return json != NULL;
}

/* What is wrong with text[at], as far as it can be seen. */
static const char *reason(const char *text, size_t n, size_t at) {
  while (at < n && is_blank(text[at])) at++;
  if (at >= n) return "the JSON text ends too early";
  if (is_whole(text, at)) return "this is not JSON: it goes on after its end";
  size_t i = end_before(text, at);
  char before = i > 0 ? text[i - 1] : ' ', c = text[at];
  if (i == 0 && c != '{' && c != '[') return "this is not JSON, which would begin with { or [";
  bool value = is_digit(before) || is_letter(before) || strchr("\"}]", before) != NULL;
  if (before == ',' && (c == '}' || c == ']'))
    return "this is not JSON: no comma stands before a closing bracket; take it out";
  if (value && before != ' ' && (c == '"' || c == '{' || c == '[') && i < at)
    return "this is not JSON: a comma or colon is missing before it";
  if (is_constant(text + at, n - at)) return "this is not JSON: write true, false or null, in small letters";
  if (n - at > 2 && (memcmp(text + at, "NaN", 3) == 0 || memcmp(text + at, "Inf", 3) == 0))
    return "this is not JSON: numbers are finite";
  if (is_letter(c) && strchr("{,:[", before) != NULL) return "this is not JSON: keys and texts stand in double quotes";
  return "this is not JSON";
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
    size_t at = culprit(copy, n, (size_t)(end - copy)), open = open_string(copy, n);
    bool cut = open < n && (at == open || at == open + 1);
    if (cut) (void)fail_at(copy, open, name, kind, "the JSON text ends within this string", err);
    else (void)fail_at(copy, at, name, kind, reason(copy, n, at), err);
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
