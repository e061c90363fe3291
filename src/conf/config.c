#include "conf/config.h"

#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/not_text.h"
#include "base/utf8.h"
#include "conf/config_keys.h"
#include "num/safetensors.h"

enum { LARGEST_FILE = 16 << 20, LONGEST_SHOWN = 60 };

typedef enum Origin { NOT_SET, IN_FILE, IN_SET } Origin;

typedef struct Reader {
  Config *config;
  const char *name; /* what messages call the source of the values */
  ErrKind kind;
  Err *err;
  Origin origin[N_CONFIG_KEYS];
  bool given[N_CONFIG_KEYS]; /* has a value that is not to become its default */
  bool idle[N_CONFIG_KEYS];  /* was set, without effect */
  bool usual[N_CONFIG_KEYS]; /* the file has what would be computed anyway, as a dump does */
  bool override;             /* values replace what their rivals said before */
  int n_bad, n_unknown;
} Reader;

static void unset(Reader *r, const char *path) {
  int i = config_keys_find(path);
  config_keys_unset(r->config, config_keys_at(i));
  r->origin[i] = NOT_SET;
  r->given[i] = false;
}

static void unset_rivals(Reader *r, const char *path) {
  const char *rival;
  for (int i = 0; (rival = config_keys_rival(path, i)) != NULL; i++) unset(r, rival);
}

/* Appends value as JSON, shortened to one glance. */
static void show(Str *out, const Json *value) {
  Str text = {0};
  json_print(&text, value, false);
  size_t n = text.n;
  if (n > LONGEST_SHOWN)
    for (n = LONGEST_SHOWN; n > 0 && (text.at[n] & 0xC0) == 0x80;) n--;
  str_add(out, str_text(&text), n);
  if (n < text.n) str_adds(out, "...");
  str_free(&text);
}

/* The choice that was meant, or the key that has this one. */
static void suggest_value(Str *out, const ConfigKey *key, const char *word) {
  int n = 0;
  while (key->choices != NULL && key->choices[n] != NULL) n++;
  if (n == 0) return;
  const ConfigKey *other = config_keys_choice_of(word, key);
  const char *near = str_nearest(word, key->choices, n);
  if (other != NULL) str_addf(out, " (\"%s\" is a value of %s)", word, other->path);
  else if (near != NULL) str_addf(out, " (did you mean \"%s\"?)", near);
}

static void bad_value(Reader *r, const ConfigKey *key, const Json *value) {
  Str text = {0};
  show(&text, value);
  str_adds(&text, " is not ");
  config_keys_allowed(&text, key);
  if (json_type(value) == JSON_STRING) suggest_value(&text, key, json_string(value));
  (void)err_add(r->err, r->kind, "%s: %s: %s", r->name, key->path, str_text(&text));
  str_free(&text);
  r->n_bad++;
}

static void unknown_key(Reader *r, const char *path) {
  Str text = {0};
  config_keys_suggest(&text, path);
  (void)err_add(r->err, r->kind, "%s: %s: unknown key; %s", r->name, path, str_text(&text));
  str_free(&text);
  r->n_unknown++;
}

static void not_a_section(Reader *r, const char *path, const Json *value) {
  Str text = {0};
  show(&text, value);
  (void)err_add(r->err, r->kind, "%s: %s%s%s is not an object of keys", r->name, path, path[0] == '\0' ? "" : ": ",
                str_text(&text));
  str_free(&text);
  r->n_bad++;
}

static void read_section(Reader *r, const char *path, const Json *value);

static void read_value(Reader *r, const char *path, const Json *value) {
  int i = config_keys_find(path);
  if (i < 0) {
    if (config_keys_section(path)) read_section(r, path, value);
    else unknown_key(r, path);
  } else if (config_keys_set(r->config, config_keys_at(i), value)) {
    if (r->override) unset_rivals(r, path);
    r->origin[i] = r->override ? IN_SET : IN_FILE;
    r->given[i] = true;
  } else {
    bad_value(r, config_keys_at(i), value);
  }
}

/* For editors and readers. */
static bool is_remark(const char *key) { return strcmp(key, "$schema") == 0 || strcmp(key, "$comment") == 0; }

static void read_section(Reader *r, const char *path, const Json *value) {
  if (json_type(value) != JSON_OBJECT) {
    not_a_section(r, path, value);
    return;
  }
  for (const Json *child = json_first(value); child != NULL; child = json_next(child)) {
    if (path[0] == '\0' && is_remark(json_key(child))) continue;
    Str inner = {0};
    str_addf(&inner, "%s%s%s", path, path[0] == '\0' ? "" : ".", json_key(child));
    read_value(r, str_text(&inner), child);
    str_free(&inner);
  }
}

/* One KEY=VALUE. */
static void read_set(Reader *r, const char *set) {
  const char *equals = strchr(set, '=');
  if (equals == NULL || equals == set) {
    (void)err_add(r->err, ERR_USAGE, "--set %s: not of the form KEY=VALUE", set);
    r->n_bad++;
    return;
  }
  Err ignored = {0};
  char *path = mem_text(set, (size_t)(equals - set));
  Json *value = json_parse(equals + 1, strlen(equals + 1), "--set", ERR_USAGE, &ignored);
  if (value == NULL) value = json_new_string(equals + 1);
  read_value(r, path, value);
  json_free(value);
  mem_free(path);
}

static void read_sets(Reader *r, const char *const *sets, int n_sets) {
  r->name = "--set";
  r->override = true;
  for (int i = 0; i < n_sets; i++) read_set(r, sets[i]);
}

/* Notes the keys that were set without effect; returns how many of them lose their value. */
static int find_idle(Reader *r) {
  int n = 0;
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    const ConfigKey *key = config_keys_at(i);
    KeyUse use = config_keys_use(r->config, key);
    if (r->origin[i] == NOT_SET || !r->given[i] || use.counts) continue;
    r->idle[i] = r->origin[i] == IN_SET || !config_keys_is_default(r->config, key);
    r->given[i] = use.stored;
    n += !use.stored;
  }
  return n;
}

/* What files do not hold without effect becomes its default: a config is the same when it is read back. */
static void drop_idle(Reader *r) {
  while (find_idle(r) > 0) config_keys_defaults(r->config, r->given);
}

/* name: what held the keys that no --set has set. */
static void tell_idle(const Reader *r, const char *name, Warnings *warnings) {
  for (int i = 0; i < N_CONFIG_KEYS; i++)
    if (r->idle[i])
      warnings_tell(warnings, "%s: %s has no effect: it counts only when %s", r->origin[i] == IN_SET ? "--set" : name,
                    config_keys_at(i)->path, config_keys_use(r->config, config_keys_at(i)).when);
}

typedef struct Kinds {
  EncoderKind encoder;
  DecoderKind decoder;
} Kinds;

static Kinds kinds_of(const Config *c) { return (Kinds){c->model.encoder.type, c->model.decoder.type}; }

/* Notes what the file says that would be computed anyway; gives its kinds. */
static Kinds note_usual(Reader *r) {
  config_keys_defaults(r->config, r->given);
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    const ConfigKey *key = config_keys_at(i);
    r->usual[i] = r->given[i] && key->computed && config_keys_is_default(r->config, key);
  }
  return kinds_of(r->config);
}

/* Where a --set changes the kind of encoder or decoder, what was computed for the old kind is computed for the new. */
static void follow_kinds(Reader *r, Kinds old) {
  const Kinds new = kinds_of(r->config);
  if (old.encoder == new.encoder && old.decoder == new.decoder) return;
  for (int i = 0; i < N_CONFIG_KEYS; i++)
    if (r->usual[i] && r->origin[i] == IN_FILE) r->given[i] = false;
}

/* Defaults and combinations. Where a value was refused its default stands in, which would give wrong complaints. */
static bool complete(Reader *r, const char *name) {
  config_keys_defaults(r->config, r->given);
  drop_idle(r);
  r->config->translate.ratio_given = r->given[config_keys_find("translate.max_length_ratio")];
  bool ok = r->n_bad == 0 && config_check_model(r->config, name, r->kind, r->err) && r->n_unknown == 0;
  if (!ok) config_free(r->config);
  return ok;
}

/* A better reason, where what was given as a config is a model. */
static void explain_model(const char *path, Err *err) {
  Err ignored = {0};
  SafeTensors *model = strcmp(path, "-") == 0 ? NULL : safetensors_open(path, &ignored);
  if (model == NULL) return;
  safetensors_close(model);
  (void)err_set(err, ERR_USAGE, "%s: a model, where a config is wanted; attn-seq2seq info %s prints the config in it",
                path, path);
}

static Json *read_file(const char *path, const char *name, Err *err) {
  Str text = {0};
  Json *json = NULL;
  if (io_read_all(&text, path, LARGEST_FILE, err) && not_text_check(name, str_text(&text), text.n, err))
    json = json_parse(str_text(&text), text.n, name, ERR_USAGE, err);
  str_free(&text);
  if (json == NULL) explain_model(path, err);
  return json;
}

bool config_load(Config *config, const char *path, const char *const *sets, int n_sets, Warnings *warnings, Err *err) {
  *config = (Config){0};
  const char *name = path == NULL ? "config" : strcmp(path, "-") == 0 ? "standard input" : path;
  Reader r = {.config = config, .name = name, .kind = ERR_USAGE, .err = err};
  if (path != NULL) {
    Json *json = read_file(path, name, err);
    if (json == NULL) return false;
    read_section(&r, "", json);
    json_free(json);
  }
  Kinds kinds = note_usual(&r);
  read_sets(&r, sets, n_sets);
  follow_kinds(&r, kinds);
  if (!complete(&r, name)) return false;
  tell_idle(&r, name, warnings);
  return true;
}

bool config_from_json(Config *config, const Json *json, const char *name, ErrKind kind, Err *err) {
  *config = (Config){0};
  Reader r = {.config = config, .name = name, .kind = kind, .err = err};
  read_section(&r, "", json);
  return complete(&r, name);
}

bool config_override(Config *config, const char *const *sets, int n_sets, Warnings *warnings, Err *err) {
  Reader r = {.config = config, .kind = ERR_USAGE, .err = err};
  for (int i = 0; i < N_CONFIG_KEYS; i++) r.given[i] = true;
  read_sets(&r, sets, n_sets);
  drop_idle(&r);
  if (r.n_bad > 0 || r.n_unknown > 0 || !config_check_model(config, "config", ERR_USAGE, err)) return false;
  tell_idle(&r, "config", warnings);
  return true;
}

void config_free(Config *config) {
  for (int i = 0; i < N_CONFIG_KEYS; i++)
    if (config_keys_at(i)->type == KEY_TEXT) config_keys_unset(config, config_keys_at(i));
  *config = (Config){0};
}

/* The object that holds path's last part, made with its parents where it is missing; *name is that last part. */
static Json *parent_of(Json *root, const char *path, const char **name) {
  const char *dot;
  while ((dot = strchr(path, '.')) != NULL) {
    char *part = mem_text(path, (size_t)(dot - path));
    if (json_get(root, part) == NULL) json_set(root, part, json_new_object());
    root = json_get(root, part);
    mem_free(part);
    path = dot + 1;
  }
  *name = path;
  return root;
}

Json *config_to_json(const Config *config, bool for_model) {
  Json *root = json_new_object();
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    const ConfigKey *key = config_keys_at(i);
    KeyUse use = config_keys_use(config, key);
    bool shown = for_model ? use.stored || use.counts : use.counts;
    if (for_model && use.left_out && config_keys_is_default(config, key)) shown = false;
    if (for_model && strcmp(key->path, "train.threads") == 0) shown = false;
    Json *value = shown ? config_keys_get(config, key) : NULL;
    const char *name;
    if (value != NULL) {
      Json *parent = parent_of(root, key->path, &name);
      json_set(parent, name, value);
    }
  }
  return root;
}

void config_copy_key(Config *config, const Config *from, const char *path) {
  const ConfigKey *key = config_keys_at(config_keys_find(path));
  Json *value = config_keys_get(from, key);
  if (value == NULL) config_keys_unset(config, key);
  else CHECK(config_keys_set(config, key, value), "%s", path);
  json_free(value);
}

static bool among(const char *path, const char *const *names, int n) {
  for (int i = 0; i < n; i++)
    if (strcmp(path, names[i]) == 0) return true;
  return false;
}

static void print_value(Str *out, const Config *config, const ConfigKey *key) {
  Json *value = config_keys_get(config, key);
  if (value == NULL) str_adds(out, "nothing");
  else json_print(out, value, false);
  json_free(value);
}

int config_diff(Str *out, const Config *old, const Config *new, const char *const *except, int n_except) {
  int n = 0;
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    const ConfigKey *key = config_keys_at(i);
    if (!config_keys_use(old, key).counts && !config_keys_use(new, key).counts) continue;
    Str a = {0}, b = {0};
    print_value(&a, old, key);
    print_value(&b, new, key);
    if (strcmp(str_text(&a), str_text(&b)) != 0 && !among(key->path, except, n_except)) {
      str_addf(out, "%s%s: %s became %s", n > 0 ? "\n" : "", key->path, str_text(&a), str_text(&b));
      n++;
    }
    str_free(&a);
    str_free(&b);
  }
  return n;
}
