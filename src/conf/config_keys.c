#include "conf/config_keys.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/ranks.h"
#include "base/utf8.h"
#include "nn/attention.h"

enum { SIZE = 65536, MANY = 1000000000 };

static const char *const SOURCE_FORM_words[] = {
    [SOURCE_FORM_tokens] = "tokens", [SOURCE_FORM_features] = "features", NULL};
static const char *const CELL_words[] = {
#define CELL(name) #name,
#include "nn/cells.def"
#undef CELL
    NULL};
/* A decoder has one cell more. */
#define DECODER_CELL_gru CELL_gru
static const char *const DECODER_CELL_words[] = {
#define CELL(name) #name,
#include "nn/cells.def"
#undef CELL
    [CELL_cgru] = "cgru", NULL};
static const char *const SCORE_words[] = {
#define SCORE(name) #name,
#include "nn/scores.def"
#undef SCORE
    NULL};
static const char *const SCOPE_words[] = {
#define SCOPE(name) #name,
#include "nn/scopes.def"
#undef SCOPE
    NULL};
static const char *const FOCUS_words[] = {
#define FOCUS(name) #name,
#include "nn/focuses.def"
#undef FOCUS
    NULL};
static const char *const NTM_words[] = {[NTM_first] = "first", [NTM_uniform] = "uniform", NULL};
static const char *const ESTIMATOR_words[] = {[ESTIMATOR_reinforce] = "reinforce",
                                              [ESTIMATOR_marginal] = "marginal",
                                              [ESTIMATOR_gumbel] = "gumbel",
                                              [ESTIMATOR_straight_through] = "straight_through",
                                              NULL};
static const char *const BASELINE_words[] = {[BASELINE_moving] = "moving", [BASELINE_soft] = "soft", NULL};
static const char *const INFERENCE_words[] = {[INFERENCE_argmax] = "argmax",
                                              [INFERENCE_expectation] = "expectation",
                                              [INFERENCE_sample] = "sample",
                                              [INFERENCE_marginal] = "marginal",
                                              NULL};
static const char *const ENCODER_words[] = {
#define ENCODER(name) #name,
#include "nn/encoders.def"
#undef ENCODER
    NULL};
static const char *const DECODER_words[] = {
#define DECODER(name) #name,
#include "nn/decoders.def"
#undef DECODER
    NULL};
static const char *const POSITION_words[] = {
#define POSITION(name) #name,
#include "nn/positions.def"
#undef POSITION
    NULL};
static const char *const ACTIVATION_words[] = {
    [ACTIVATION_relu] = "relu", [ACTIVATION_gelu] = "gelu", [ACTIVATION_swiglu] = "swiglu", NULL};
static const char *const NORM_words[] = {[NORM_pre] = "pre", [NORM_post] = "post", NULL};
static const char *const SELF_NORM_words[] = {[NORM_pre] = "pre", [NORM_post] = "post", [NORM_none] = "none", NULL};
static const char *const GRAPH_words[] = {[GRAPH_gatv2] = "gatv2", [GRAPH_gat] = "gat", NULL};
static const char *const PATTERN_words[] = {
    [PATTERN_none] = "none", [PATTERN_qkv] = "qkv", [PATTERN_qvv] = "qvv", [PATTERN_vvv] = "vvv", NULL};
/* Layers of self-attention project what they read. */
#define SELF_PATTERN_qkv PATTERN_qkv
static const char *const SELF_PATTERN_words[] = {"qkv", "qvv", "vvv", NULL};
static const char *const OPTIMIZER_words[] = {
#define OPTIMIZER(name) #name,
#include "conf/optimizers.def"
#undef OPTIMIZER
    NULL};
static const char *const SCHEDULE_words[] = {
#define SCHEDULE(name) #name,
#include "conf/schedules.def"
#undef SCHEDULE
    NULL};
static const char *const TRAIN_METRIC_words[] = {
#define TRAIN_METRIC(name) #name,
#include "conf/train_metrics.def"
#undef TRAIN_METRIC
    NULL};
static const char *const TOKENIZER_words[] = {
#define TOKENIZER(name) #name,
#include "text/tokenizers.def"
#undef TOKENIZER
    NULL};
static const char *const SENTENCEPIECE_words[] = {
    [SENTENCEPIECE_bpe] = "bpe", [SENTENCEPIECE_unigram] = "unigram", NULL};
static const char *const GUIDE_words[] = {[GUIDE_cross_entropy] = "cross_entropy", [GUIDE_mse] = "mse", NULL};
static const char *const ALIGNS_words[] = {[ALIGNS_written] = "written", [ALIGNS_read] = "read", NULL};
static const char *const COVERAGE_words[] = {
    [COVERAGE_none] = "none", [COVERAGE_count] = "count", [COVERAGE_fertility] = "fertility", NULL};
static const char *const FLOW_words[] = {[FLOW_luong] = "luong", [FLOW_bahdanau] = "bahdanau", NULL};
static const char *const INIT_words[] = {
    [INIT_zero] = "zero", [INIT_last] = "last", [INIT_mean] = "mean", [INIT_copy] = "copy", NULL};
static const char *const TIE_words[] = {[TIE_none] = "none", [TIE_target] = "target", [TIE_all] = "all", NULL};

#define ROW(key, kind, shown, text, ...) \
  {.path = #key, .type = (kind), .offset = offsetof(Config, key), .initial = (shown), .doc = (text), __VA_ARGS__},

static const ConfigKey keys[] = {
#define TEXT(key, value, text) ROW(key, KEY_TEXT, value, text, .choices = NULL)
#define BOOL(key, value, text) ROW(key, KEY_BOOL, #value, text, .choices = NULL)
#define CHOICE(key, kind, word, text) ROW(key, KEY_CHOICE, #word, text, .choices = kind##_words)
#define INT(key, value, least, most, nothing, text) \
  ROW(key, KEY_INT, #value, text, .low = (least), .high = (most), .zero = (nothing))
#define INT64(key, value, least, most, text) ROW(key, KEY_INT64, #value, text, .low = (least), .high = (double)(most))
#define REAL(key, value, least, most, open, text) \
  ROW(key, KEY_REAL, #value, text, .low = (least), .high = (double)(most), .ends = (open))
#define BOOL_FROM(key, value, shown, text) ROW(key, KEY_BOOL, shown, text, .computed = true)
#define CHOICE_FROM(key, kind, value, shown, text) \
  ROW(key, KEY_CHOICE, shown, text, .choices = kind##_words, .computed = true)
#define INT_FROM(key, value, shown, least, most, nothing, text) \
  ROW(key, KEY_INT, shown, text, .low = (least), .high = (most), .zero = (nothing), .computed = true)
#define REAL_FROM(key, value, shown, least, most, open, text) \
  ROW(key, KEY_REAL, shown, text, .low = (least), .high = (double)(most), .ends = (open), .computed = true)
#include "conf/config.def"
};

/* The fields have the types that the functions below read and write. */
#define IS(key, type) _Static_assert(_Generic(((Config *)0)->key, type : 1, default : 0), #key " is not " #type);
#define TEXT(key, value, doc) IS(key, char *)
#define BOOL(key, value, doc) IS(key, bool)
#define IS_ENUM(key) _Static_assert(sizeof((Config *)0)->key == sizeof(int), #key " is no enum");
#define CHOICE(key, kind, word, doc) IS_ENUM(key)
#define INT(key, value, low, high, zero, doc) IS(key, int)
#define INT64(key, value, low, high, doc) IS(key, int64_t)
#define REAL(key, value, low, high, ends, doc) IS(key, double)
#define BOOL_FROM(key, value, text, doc) IS(key, bool)
#define CHOICE_FROM(key, kind, value, text, doc) IS_ENUM(key)
#define INT_FROM(key, value, text, low, high, zero, doc) IS(key, int)
#define REAL_FROM(key, value, text, low, high, ends, doc) IS(key, double)
#include "conf/config.def"

static void replace(char **at, const char *text) {
  mem_free(*at);
  *at = text == NULL ? NULL : mem_text(text, strlen(text));
}

void config_keys_defaults(Config *c, const bool *given) {
  int i = 0;
#define DEFAULT(key, value) \
  if (!given[i++]) c->key = (value);
#define TEXT(key, value, doc) \
  if (!given[i++]) replace(&c->key, value);
#define BOOL(key, value, doc) DEFAULT(key, value)
#define CHOICE(key, kind, word, doc) DEFAULT(key, kind##_##word)
#define INT(key, value, low, high, zero, doc) DEFAULT(key, value)
#define INT64(key, value, low, high, doc) DEFAULT(key, value)
#define REAL(key, value, low, high, ends, doc) DEFAULT(key, value)
#define BOOL_FROM(key, value, text, doc) DEFAULT(key, value)
#define CHOICE_FROM(key, kind, value, text, doc) DEFAULT(key, value)
#define INT_FROM(key, value, text, low, high, zero, doc) DEFAULT(key, value)
#define REAL_FROM(key, value, text, low, high, ends, doc) DEFAULT(key, value)
#include "conf/config.def"
#undef DEFAULT
}

KeyUse config_keys_use(const Config *c, const ConfigKey *key) {
  const int row = (int)(key - keys);
  int i = -1;
#define EACH(key) i++;
#define USE(...) \
  if (i == row) return (KeyUse){__VA_ARGS__};
#define WHEN(condition, text) USE(text, condition, false, false)
#define WHEN_STORED(condition, text) USE(text, condition, true, false)
#define WHEN_LEFT_OUT(condition, text) USE(text, condition, false, true)
#define LEFT_OUT USE(NULL, true, true, true)
#include "conf/config.def"
#undef USE
  return (KeyUse){NULL, true, true, false};
}

const ConfigKey *config_keys_at(int index) { return &keys[index]; }

int config_keys_find(const char *path) {
  for (int i = 0; i < N_CONFIG_KEYS; i++)
    if (strcmp(keys[i].path, path) == 0) return i;
  return -1;
}

/* What of path stands below section: "cell" of "model.encoder.cell" below "model.encoder"; NULL when it does not. */
static const char *below(const char *path, const char *section, size_t n) {
  if (n == 0) return path;
  return strncmp(path, section, n) == 0 && path[n] == '.' ? path + n + 1 : NULL;
}

bool config_keys_section(const char *path) {
  for (int i = 0; i < N_CONFIG_KEYS; i++)
    if (below(keys[i].path, path, strlen(path)) != NULL) return true;
  return false;
}

static const char *last_part(const char *path) {
  const char *dot = strrchr(path, '.');
  return dot == NULL ? path : dot + 1;
}

/* The names one level below the section path[0..n), each once; returns how many. The caller frees them. */
static int members(const char *path, size_t n, char **names) {
  int n_names = 0;
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    const char *rest = below(keys[i].path, path, n);
    if (rest == NULL) continue;
    size_t length = strcspn(rest, ".");
    const char *before = n_names == 0 ? "" : names[n_names - 1];
    if (strlen(before) != length || strncmp(before, rest, length) != 0) names[n_names++] = mem_text(rest, length);
  }
  return n_names;
}

const char *config_keys_elsewhere(const char *name) {
  for (int i = 0; i < N_CONFIG_KEYS; i++)
    if (strcmp(last_part(keys[i].path), name) == 0) return keys[i].path;
  return NULL;
}

static void list(Str *out, const char *const *names, int n) {
  for (int i = 0; i < n; i++) str_addf(out, "%s%s", i > 0 ? ", " : "", names[i]);
}

/* The keys called name that stand deeper in the section path[0..n): `did you mean "a.b.name" or "a.c.name"?`. False
 * when there are none. */
static bool suggest_deeper(Str *out, const char *path, size_t n, const char *name) {
  int n_named = 0;
  for (int i = 0; i < N_CONFIG_KEYS; i++)
    if (below(keys[i].path, path, n) != NULL && strcmp(last_part(keys[i].path), name) == 0)
      str_addf(out, "%s\"%s\"", n_named++ == 0 ? "did you mean " : " or ", keys[i].path);
  if (n_named > 0) str_addc(out, '?');
  return n_named > 0;
}

void config_keys_suggest(Str *out, const char *path) {
  const char *name = last_part(path), *elsewhere = config_keys_elsewhere(name);
  size_t n = name == path ? 0 : (size_t)(name - path - 1);
  char *names[N_CONFIG_KEYS];
  int n_names = members(path, n, names);
  const char *near = str_nearest(name, (const char *const *)names, n_names);
  bool deeper = near == NULL && suggest_deeper(out, path, n, name);
  if (near != NULL) str_addf(out, "did you mean \"%.*s%s%s\"?", (int)n, path, n > 0 ? "." : "", near);
  else if (elsewhere != NULL && !deeper) str_addf(out, "did you mean \"%s\"?", elsewhere);
  else if (n_names == 0) str_addf(out, "\"%.*s\" has no keys of its own", (int)n, path);
  else if (!deeper) {
    str_adds(out, "the keys here are ");
    list(out, (const char *const *)names, n_names);
  }
  for (int i = 0; i < n_names; i++) mem_free(names[i]);
}

static int n_choices(const ConfigKey *key) {
  int n = 0;
  while (key->choices[n] != NULL) n++;
  return n;
}

static bool has_choice(const ConfigKey *key, const char *word) {
  for (int i = 0; key->choices != NULL && key->choices[i] != NULL; i++)
    if (strcmp(key->choices[i], word) == 0) return true;
  return false;
}

const ConfigKey *config_keys_choice_of(const char *word, const ConfigKey *key) {
  size_t section = (size_t)(last_part(key->path) - key->path);
  for (int i = 0; i < N_CONFIG_KEYS; i++)
    if (strncmp(keys[i].path, key->path, section) == 0 && has_choice(&keys[i], word)) return &keys[i];
  return NULL;
}

static void allowed_number(Str *out, const ConfigKey *key) {
  const char *what = key->type == KEY_REAL ? "a number" : "an integer";
  if (key->zero != NULL) str_addf(out, "0 (%s) or ", key->zero);
  if (key->type == KEY_REAL && isinf(key->high))
    str_addf(out, "%s %s %.17g", what, key->ends == OPEN_LOW ? "above" : "of at least", key->low);
  else if (key->type == KEY_REAL)
    str_addf(out, "%s %s %.17g and %s %.17g", what, key->ends == OPEN_LOW ? "above" : "of at least", key->low,
             key->ends == OPEN_HIGH ? "below" : "at most", key->high);
  else str_addf(out, "%s from %.17g to %.17g", what, key->low, key->high);
}

void config_keys_allowed(Str *out, const ConfigKey *key) {
  switch (key->type) {
    case KEY_TEXT:
      str_adds(out, "a string of UTF-8 that is not empty");
      break;
    case KEY_BOOL:
      str_adds(out, "true or false");
      break;
    case KEY_CHOICE:
      str_adds(out, "one of ");
      list(out, key->choices, n_choices(key));
      break;
    case KEY_INT:
    case KEY_INT64:
    case KEY_REAL:
      allowed_number(out, key);
      break;
  }
}

static bool number_fits(const ConfigKey *key, double value) {
  if (!isfinite(value)) return false;
  if (key->type != KEY_REAL && value != trunc(value)) return false;
  if (key->zero != NULL && value == 0) return true;
  bool low = key->ends == OPEN_LOW ? value > key->low : value >= key->low;
  return low && (key->ends == OPEN_HIGH ? value < key->high : value <= key->high);
}

static void *field(Config *config, const ConfigKey *key) { return (char *)config + key->offset; }
static const void *field_of(const Config *config, const ConfigKey *key) { return (const char *)config + key->offset; }

static bool set_text(char **at, const char *text) {
  if (text[0] == '\0' || !utf8_valid(text, strlen(text))) return false;
  mem_free(*at);
  *at = mem_text(text, strlen(text));
  return true;
}

/* What the first of the words is in its enum. */
static int first_choice(const ConfigKey *key) { return key->choices == SELF_PATTERN_words ? SELF_PATTERN_qkv : 0; }

static const char *choice_word(const Config *config, const ConfigKey *key) {
  return key->choices[*(const int *)field_of(config, key) - first_choice(key)];
}

static bool set_choice(int *at, const ConfigKey *key, const char *word) {
  for (int i = 0; key->choices[i] != NULL; i++)
    if (strcmp(key->choices[i], word) == 0) {
      *at = first_choice(key) + i;
      return true;
    }
  return false;
}

static bool set_number(void *at, const ConfigKey *key, double value) {
  if (!number_fits(key, value)) return false;
  if (key->type == KEY_INT) *(int *)at = (int)value;
  else if (key->type == KEY_INT64) *(int64_t *)at = (int64_t)value;
  else *(double *)at = value;
  return true;
}

bool config_keys_set(Config *config, const ConfigKey *key, const Json *value) {
  static const JsonType wanted[] = {[KEY_TEXT] = JSON_STRING, [KEY_BOOL] = JSON_BOOL,    [KEY_CHOICE] = JSON_STRING,
                                    [KEY_INT] = JSON_NUMBER,  [KEY_INT64] = JSON_NUMBER, [KEY_REAL] = JSON_NUMBER};
  void *at = field(config, key);
  if (json_type(value) != wanted[key->type]) return false;
  if (key->type == KEY_TEXT) return set_text(at, json_string(value));
  if (key->type == KEY_CHOICE) return set_choice(at, key, json_string(value));
  if (key->type != KEY_BOOL) return set_number(at, key, json_number(value));
  *(bool *)at = json_bool(value);
  return true;
}

Json *config_keys_get(const Config *config, const ConfigKey *key) {
  const void *at = field_of(config, key);
  switch (key->type) {
    case KEY_TEXT:
      return *(char *const *)at == NULL ? NULL : json_new_string(*(char *const *)at);
    case KEY_BOOL:
      return json_new_bool(*(const bool *)at);
    case KEY_CHOICE:
      return json_new_string(choice_word(config, key));
    case KEY_INT:
      return number_fits(key, *(const int *)at) ? json_new_number(*(const int *)at) : NULL;
    case KEY_INT64:
      return json_new_number((double)*(const int64_t *)at);
    case KEY_REAL:
      return json_new_number(*(const double *)at);
  }
  return NULL;
}

bool config_keys_is_default(const Config *config, const ConfigKey *key) {
  static const size_t sizes[] = {
      [KEY_BOOL] = sizeof(bool),     [KEY_CHOICE] = sizeof(int), [KEY_INT] = sizeof(int), [KEY_TEXT] = 0,
      [KEY_INT64] = sizeof(int64_t), [KEY_REAL] = sizeof(double)};
  Config usual = *config; /* borrows */
  bool given[N_CONFIG_KEYS];
  if (key->type == KEY_TEXT) {
    const char *text = *(char *const *)field_of(config, key);
    return text == NULL || key->initial == NULL ? text == key->initial : strcmp(text, key->initial) == 0;
  }
  for (int i = 0; i < N_CONFIG_KEYS; i++) given[i] = &keys[i] != key;
  config_keys_defaults(&usual, given);
  return memcmp(field_of(config, key), field_of(&usual, key), sizes[key->type]) == 0;
}

const char *config_keys_word(const Config *config, const char *path) {
  return choice_word(config, config_keys_at(config_keys_find(path)));
}

void config_keys_unset(Config *config, const ConfigKey *key) {
  void *at = field(config, key);
  if (key->type == KEY_TEXT) {
    mem_free(*(char **)at);
    *(char **)at = NULL;
  } else if (key->type == KEY_INT) {
    *(int *)at = 0;
  }
}

/* Keys that cannot stand together. */
static const char *const rivals[][2] = {
    {"train.batch_size", "train.batch_tokens"}, {"data.train.tsv", "data.train.source"},
    {"data.train.tsv", "data.train.target"},    {"data.valid.tsv", "data.valid.source"},
    {"data.valid.tsv", "data.valid.target"},    {"data.valid.split", "data.valid.source"},
    {"data.valid.split", "data.valid.target"},  {"data.valid.split", "data.valid.tsv"},
};

const char *config_keys_rival(const char *path, int i) {
  for (size_t k = 0; k < sizeof rivals / sizeof *rivals; k++)
    for (int side = 0; side < 2; side++)
      if (strcmp(rivals[k][side], path) == 0 && i-- == 0) return rivals[k][1 - side];
  return NULL;
}
