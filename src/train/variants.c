#include "train/variants.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { MOST_VARIANTS = 200, MOST_KEYS = 64 };

static bool bad_form(const char *text, Err *err) {
  return err_set(err, ERR_USAGE,
                 "--vary %s: not of the form KEY=VALUE,VALUE,... or, for keys in step, KEY,KEY=VALUE,VALUE,..., as in "
                 "--vary train.seed=1,2",
                 text);
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

static const char *last_part(const char *path) {
  const char *dot = strrchr(path, '.');
  return dot == NULL ? path : dot + 1;
}

/* The keys before the equals sign. */
static bool read_paths(VariantKey *key, const char *text, Err *err) {
  for (const char *at = key->text;;) {
    size_t n = strcspn(at, ",");
    if (n == 0) return bad_form(text, err);
    key->paths = mem_grow(key->paths, (size_t)key->n_paths + 1, sizeof *key->paths, "variants");
    key->paths[key->n_paths++] = mem_text(at, n);
    if (at[n] == '\0') break;
    at += n + 1;
  }
  key->label = last_part(key->paths[0]);
  for (int i = 1; i < key->n_paths; i++)
    if (strcmp(last_part(key->paths[i]), key->label) != 0) key->label = key->text;
  return true;
}

static bool read_key(VariantKey *key, const char *text, Err *err) {
  const char *equals = strchr(text, '=');
  if (equals == NULL || equals == text) return bad_form(text, err);
  key->text = mem_text(text, (size_t)(equals - text));
  if (!read_paths(key, text, err)) return false;
  for (const char *at = equals + 1;;) {
    const char *end = value_end(at);
    if (!add_value(key, at, (size_t)(end - at), text, err)) return false;
    if (*end == '\0') return true;
    at = end + 1;
  }
}

static bool read_seeds(VariantKey *key, int n_seeds, Err *err) {
  Str text = {0};
  str_adds(&text, "train.seed=");
  for (int i = 0; i < n_seeds; i++) str_addf(&text, i > 0 ? ",%d" : "%d", i + 1);
  bool ok = read_key(key, str_text(&text), err);
  str_free(&text);
  return ok;
}

static bool given_twice(const char *path, bool seed, Err *err) {
  if (seed) return err_set(err, ERR_USAGE, "--vary train.seed: given with --seeds; leave one of them out");
  return err_set(err, ERR_USAGE, "--vary %s: given twice; give all values at once, %s=V1,V2,...", path, path);
}

/* No path stands twice, in one key or in two. */
static bool check_paths(const Variants *v, Err *err) {
  for (int k = 0; k < v->n_keys; k++)
    for (int i = 0; i < v->keys[k].n_paths; i++)
      for (int l = 0; l <= k; l++)
        for (int j = 0; j < (l == k ? i : v->keys[l].n_paths); j++)
          if (strcmp(v->keys[k].paths[i], v->keys[l].paths[j]) == 0)
            return given_twice(v->keys[k].paths[i], k == v->n_told, err);
  return true;
}

/* Keys that end alike are told apart by all of their text. */
static void tell_apart(Variants *v) {
  bool alike[MOST_KEYS + 1] = {false};
  for (int i = 0; i < v->n_keys; i++)
    for (int j = 0; j < i; j++)
      if (strcmp(v->keys[i].label, v->keys[j].label) == 0) alike[i] = alike[j] = true;
  for (int i = 0; i < v->n_keys; i++)
    if (alike[i]) v->keys[i].label = v->keys[i].text;
}

/* A name of a file anywhere: other signs than these become _. */
static void add_name(Str *out, const char *text) {
  static const char signs[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
  for (; *text != '\0'; text++)
    if (*text != '"') str_addc(out, strchr(signs, *text) != NULL ? *text : '_');
}

static void add_set(Variant *variant, const char *path, const char *value) {
  Str set = {0};
  str_addf(&set, "%s=%s", path, value);
  variant->sets = mem_grow(variant->sets, (size_t)variant->n_sets + 1, sizeof *variant->sets, "variants");
  variant->sets[variant->n_sets++] = set.at;
}

static Variant make(const Variants *v, int number) {
  Variant variant = {0};
  Str name = {0};
  variant.value = mem_zero((size_t)v->n_keys, sizeof *variant.value, "variants");
  for (int k = v->n_keys - 1; k >= 0; k--) {
    variant.value[k] = number % v->keys[k].n;
    number /= v->keys[k].n;
  }
  for (int k = 0; k < v->n_keys; k++) {
    const VariantKey *key = &v->keys[k];
    const char *value = key->values[variant.value[k]];
    for (int i = 0; i < key->n_paths; i++) add_set(&variant, key->paths[i], value);
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
    return err_set(err, ERR_USAGE, "--vary, --seeds: more than %d trainings; vary fewer keys at once", MOST_VARIANTS);
  v->at = mem_zero((size_t)n, sizeof *v->at, "variants");
  for (int i = 0; i < n; i++) {
    v->at[v->n++] = make(v, i);
    for (int j = 0; j < i; j++)
      if (strcmp(v->at[i].name, v->at[j].name) == 0)
        return err_set(err, ERR_USAGE, "--vary: two variants would share the folder %s", v->at[i].name);
  }
  return true;
}

static bool read_keys(Variants *v, const char *const *texts, int n_texts, int n_seeds, Err *err) {
  bool ok = true;
  for (v->n_keys = 0; ok && v->n_keys < n_texts; v->n_keys++) ok = read_key(&v->keys[v->n_keys], texts[v->n_keys], err);
  v->n_told = n_texts;
  v->n_seeds = n_seeds > 1 ? n_seeds : 1;
  if (ok && v->n_seeds > 1) ok = read_seeds(&v->keys[v->n_keys++], n_seeds, err);
  return ok && check_paths(v, err);
}

bool variants_make(Variants *v, const char *const *texts, int n_texts, int n_seeds, Err *err) {
  *v = (Variants){0};
  if (n_texts > MOST_KEYS) return err_set(err, ERR_USAGE, "--vary: more than %d keys", MOST_KEYS);
  v->keys = mem_zero((size_t)n_texts + 1, sizeof *v->keys, "variants");
  bool ok = read_keys(v, texts, n_texts, n_seeds, err);
  if (ok) tell_apart(v);
  ok = ok && combine(v, err);
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
    free_texts(v->at[i].sets, v->at[i].n_sets);
    mem_free(v->at[i].value);
  }
  for (int k = 0; k < v->n_keys; k++) {
    mem_free(v->keys[k].text);
    free_texts(v->keys[k].paths, v->keys[k].n_paths);
    free_texts(v->keys[k].values, v->keys[k].n);
  }
  mem_free(v->at);
  mem_free(v->keys);
  *v = (Variants){0};
}
