/* config_keys.h - the rows of config.def as a table: for reading a config, writing it, and documenting it. Constant. */
#ifndef CONF_CONFIG_KEYS_H
#define CONF_CONFIG_KEYS_H

#include "base/json.h"
#include "base/str.h"
#include "conf/config.h"

typedef enum KeyType { KEY_TEXT, KEY_BOOL, KEY_CHOICE, KEY_INT, KEY_INT64, KEY_REAL } KeyType;
typedef enum KeyEnds { CLOSED, OPEN_LOW, OPEN_HIGH } KeyEnds; /* which end of the range is left out */

typedef struct ConfigKey {
  const char *path;
  KeyType type;
  size_t offset;       /* of the field in Config */
  const char *initial; /* the default as text, NULL: none */
  bool computed;       /* the default follows from other keys */
  double low, high;    /* of numbers; high may be INFINITY */
  KeyEnds ends;
  const char *zero;           /* what 0 means besides low .. high, or NULL */
  const char *const *choices; /* words in the order of the enum, from some value on, then NULL */
  const char *doc;
} ConfigKey;

enum {
#define EACH(key) +1
  N_CONFIG_KEYS = 0
#include "conf/config.def"
};

/* When a key has an effect. */
typedef struct KeyUse {
  const char *when; /* in words, NULL: always */
  bool counts;      /* it has one in this config */
  bool stored;      /* model and state files hold it also where it has none */
  bool left_out;    /* they do not hold it while it has its default */
} KeyUse;

/* Row index of the table, 0 .. N_CONFIG_KEYS - 1. */
const ConfigKey *config_keys_at(int index);
/* The row of a key path, or -1. */
int config_keys_find(const char *path);
/* The ith key that cannot stand beside that of the path; NULL: there are no more. */
const char *config_keys_rival(const char *path, int i);
/* True when keys stand below path: "", "model", "model.encoder". */
bool config_keys_section(const char *path);
/* Appends the way out of an unknown key: `did you mean "model.embedding"?`, all keys of that name deeper in its
 * section, or the keys that the section has. */
void config_keys_suggest(Str *out, const char *path);
/* The first key whose last part is name: "translate.beam_size" for "beam_size"; NULL when there is none. */
const char *config_keys_elsewhere(const char *name);
/* The key in the section of `key` that has word among its choices, or NULL. */
const ConfigKey *config_keys_choice_of(const char *word, const ConfigKey *key);
/* Appends what a key allows: "an integer from 1 to 65536". */
void config_keys_allowed(Str *out, const ConfigKey *key);
/* Stores value in the field (texts are copied, the old one freed). False when the key does not allow it. */
bool config_keys_set(Config *config, const ConfigKey *key, const Json *value);
/* The value of the field, NULL when there is none. The caller's. */
Json *config_keys_get(const Config *config, const ConfigKey *key);
/* The word of a choice. */
const char *config_keys_word(const Config *config, const char *path);
/* Sets the field to "no value". */
void config_keys_unset(Config *config, const ConfigKey *key);
KeyUse config_keys_use(const Config *config, const ConfigKey *key);
/* True when the key has the value that it would have if it were not given. */
bool config_keys_is_default(const Config *config, const ConfigKey *key);
/* Gives every key that is not among given[N_CONFIG_KEYS] its default; a text that it replaces is freed. */
void config_keys_defaults(Config *config, const bool *given);

#endif
