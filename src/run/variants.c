#include "run/variants.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { MOST_VARIANTS = 200 };

static bool bad_form(const char *text, Err *err) {
  return err_set(err, ERR_USAGE, "--vary %s: not of the form KEY=VALUE,VALUE,..., as in --vary train.seed=1,2", text);
}

/* Where the value at text ends: at a comma outside quotes. */
static const char *value_end(const char *text) {
  bool quoted = false;
  for (; *text != '\0' && (quoted || *text != ','); text++) {
    if (quoted && text[0] == '\\' && text[1] != '\0') text++;
    else if (*text == '"') quoted = !quoted;
  }
  return text;
}

static bool add_value(VariantKey *key, const char *at, size_t n, const char *text, Err *err) {
  if (n == 0) return bad_form(text, err);
  char *value = mem_text(at, n);
  bool twice = false;
  for (int i = 0; i < key->n; i++) twice = twice || strcmp(key->values[i], value) == 0;
  if (twice) (void)err_set(err, ERR_USAGE, "--vary %s: the value %s stands there twice", text, value);
  key->values = mem_grow(key->values, (size_t)key->n + 1, sizeof *key->values, "variants");
  key->values[key->n++] = value;
  return !twice;
}

static bool read_key(VariantKey *key, const char *text, Err *err) {
  const char *equals = strchr(text, '=');
  if (equals == NULL || equals == text) return bad_form(text, err);
  key->path = mem_text(text, (size_t)(equals - text));
  const char *dot = strrchr(key->path, '.');
  key->label = dot == NULL ? key->path : dot + 1;
  for (const char *at = equals + 1;;) {
    const char *end = value_end(at);
    if (!add_value(key, at, (size_t)(end - at), text, err)) return false;
    if (*end == '\0') return true;
    at = end + 1;
  }
}

/* Keys that end alike are told apart by their whole paths. */
static bool tell_apart(Variants *v, Err *err) {
  bool alike[64] = {false};
  for (int i = 0; i < v->n_keys; i++)
    for (int j = 0; j < i; j++) {
      if (strcmp(v->keys[i].path, v->keys[j].path) == 0)
        return err_set(err, ERR_USAGE, "--vary %s: given twice; give all values at once, %s=V1,V2,...", v->keys[i].path,
                       v->keys[i].path);
      if (strcmp(v->keys[i].label, v->keys[j].label) == 0) alike[i] = alike[j] = true;
    }
  for (int i = 0; i < v->n_keys; i++)
    if (alike[i]) v->keys[i].label = v->keys[i].path;
  return true;
}

/* A name of a file anywhere: other signs than these become _. */
static void add_name(Str *out, const char *text) {
  static const char signs[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
  for (; *text != '\0'; text++)
    if (*text != '"') str_addc(out, strchr(signs, *text) != NULL ? *text : '_');
}

static Variant make(const Variants *v, int number) {
  Variant variant = {0};
  Str name = {0};
  variant.sets = mem_zero((size_t)v->n_keys, sizeof *variant.sets, "variants");
  variant.value = mem_zero((size_t)v->n_keys, sizeof *variant.value, "variants");
  for (int k = v->n_keys - 1; k >= 0; k--) {
    variant.value[k] = number % v->keys[k].n;
    number /= v->keys[k].n;
  }
  for (int k = 0; k < v->n_keys; k++) {
    const VariantKey *key = &v->keys[k];
    const char *value = key->values[variant.value[k]];
    Str set = {0};
    str_addf(&set, "%s=%s", key->path, value);
    variant.sets[k] = set.at;
    str_addf(&name, "%s%s=", k > 0 ? "," : "", key->label);
    add_name(&name, value);
  }
  variant.name = name.at;
  return variant;
}

static bool combine(Variants *v, Err *err) {
  long n = 1;
  for (int k = 0; k < v->n_keys && n <= MOST_VARIANTS; k++) n *= v->keys[k].n;
  if (n > MOST_VARIANTS)
    return err_set(err, ERR_USAGE, "--vary: more than %d variants; vary fewer keys at once", MOST_VARIANTS);
  v->at = mem_zero((size_t)n, sizeof *v->at, "variants");
  for (int i = 0; i < n; i++) {
    v->at[v->n++] = make(v, i);
    for (int j = 0; j < i; j++)
      if (strcmp(v->at[i].name, v->at[j].name) == 0)
        return err_set(err, ERR_USAGE, "--vary: two variants would share the folder %s", v->at[i].name);
  }
  return true;
}

bool variants_make(Variants *v, const char *const *texts, int n_texts, Err *err) {
  enum { MOST_KEYS = 64 };
  *v = (Variants){0};
  if (n_texts > MOST_KEYS) return err_set(err, ERR_USAGE, "--vary: more than %d keys", MOST_KEYS);
  v->keys = mem_zero((size_t)n_texts, sizeof *v->keys, "variants");
  bool ok = true;
  for (v->n_keys = 0; ok && v->n_keys < n_texts; v->n_keys++) ok = read_key(&v->keys[v->n_keys], texts[v->n_keys], err);
  ok = ok && tell_apart(v, err) && combine(v, err);
  if (!ok) variants_free(v);
  return ok;
}

static void free_texts(char **texts, int n) {
  for (int i = 0; i < n; i++) mem_free(texts[i]);
  mem_free(texts);
}

void variants_free(Variants *v) {
  for (int i = 0; i < v->n; i++) {
    mem_free(v->at[i].name);
    free_texts(v->at[i].sets, v->n_keys);
    mem_free(v->at[i].value);
  }
  for (int k = 0; k < v->n_keys; k++) {
    mem_free(v->keys[k].path);
    free_texts(v->keys[k].values, v->keys[k].n);
  }
  mem_free(v->at);
  mem_free(v->keys);
  *v = (Variants){0};
}
