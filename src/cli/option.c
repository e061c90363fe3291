#include "cli/option.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "conf/config_keys.h"

/* Where reading stands. */
typedef struct Reader {
  OptionLine *line;
  const char *const *argv;
  int argc, at;
  bool *seen; /* one per option */
  Err *err;
} Reader;

static void *field(const Reader *r, const Option *o) { return (char *)r->line->values + o->offset; }

static bool fail(Reader *r, const char *word, const char *what, const char *quoted) {
  return err_set(r->err, ERR_USAGE, "%s: %s: %s%s", r->line->command->name, word, what, quoted);
}

static bool bad_value(Reader *r, const Option *o, const char *text, const Str *allowed) {
  return err_set(r->err, ERR_USAGE, "%s: --%s: \"%s\" is not %s", r->line->command->name, o->name, text,
                 str_text(allowed));
}

static bool repeatable(const Option *o) { return o->type == OPTION_LIST; }

static void append(OptionList *list, const char *text) {
  list->at = mem_grow(list->at, (size_t)list->n + 1, sizeof *list->at, "option values");
  list->at[list->n++] = text;
}

static bool read_int(const char *text, int64_t *value) {
  char *end;
  if (text[0] == '\0' || strspn(text, "+-0123456789") != strlen(text)) return false;
  errno = 0;
  *value = strtoll(text, &end, 10);
  return errno == 0 && *end == '\0';
}

static bool read_real(const char *text, double *value) {
  char *end;
  if (text[0] == '\0' || strspn(text, "+-.0123456789eE") != strlen(text)) return false;
  *value = strtod(text, &end);
  return *end == '\0' && isfinite(*value);
}

static bool in_range(const Option *o, double value) { return value >= o->low && value <= o->high; }

static void number_allowed(Str *out, const Option *o) {
  bool open = o->type == OPTION_INT ? o->high >= (double)INT64_MAX / 2 : isinf(o->high);
  str_addf(out, "%s %s %.15g", o->type == OPTION_INT ? "an integer" : "a number", open ? "of at least" : "from",
           o->low);
  if (!open) str_addf(out, " to %.15g", o->high);
}

static bool set_number(Reader *r, const Option *o, const char *text) {
  int64_t whole = 0;
  double real = 0;
  bool ok = o->type == OPTION_INT ? read_int(text, &whole) && in_range(o, (double)whole)
                                  : read_real(text, &real) && in_range(o, real);
  if (!ok) {
    Str allowed = {0};
    number_allowed(&allowed, o);
    (void)bad_value(r, o, text, &allowed);
    str_free(&allowed);
  } else if (o->type == OPTION_INT) {
    *(int64_t *)field(r, o) = whole;
  } else {
    *(double *)field(r, o) = real;
  }
  return ok;
}

static bool set_choice(Reader *r, const Option *o, const char *text) {
  Str allowed = {0};
  str_adds(&allowed, "one of ");
  for (int i = 0; o->choices[i] != NULL; i++) {
    if (strcmp(o->choices[i], text) == 0) {
      *(int *)field(r, o) = i;
      str_free(&allowed);
      return true;
    }
    str_addf(&allowed, "%s%s", i > 0 ? ", " : "", o->choices[i]);
  }
  (void)bad_value(r, o, text, &allowed);
  str_free(&allowed);
  return false;
}

/* True when the text is a value that the config key allows. */
static bool config_allows(const ConfigKey *key, const char *text) {
  Config scratch = {0};
  Err ignored = {0};
  Json *value = json_parse(text, strlen(text), "", ERR_USAGE, &ignored);
  if (value == NULL) value = json_new_string(text);
  bool ok = config_keys_set(&scratch, key, value);
  json_free(value);
  config_free(&scratch);
  return ok;
}

static bool set_config(Reader *r, const Option *o, const char *text) {
  const ConfigKey *key = config_keys_at(config_keys_find(o->key));
  Str built = {0};
  bool ok = config_allows(key, text);
  if (ok) {
    str_addf(&built, "%s=%s", o->key, text);
    OptionLine *line = r->line;
    line->owned = mem_grow(line->owned, (size_t)line->n_owned + 1, sizeof *line->owned, "option values");
    line->owned[line->n_owned++] = mem_text(str_text(&built), built.n);
    append(field(r, o), line->owned[line->n_owned - 1]);
  } else {
    config_keys_allowed(&built, key);
    (void)bad_value(r, o, text, &built);
  }
  str_free(&built);
  return ok;
}

static bool set_value(Reader *r, const Option *o, const char *text) {
  switch (o->type) {
    case OPTION_FLAG:
      *(bool *)field(r, o) = true;
      break;
    case OPTION_INT:
    case OPTION_REAL:
      return set_number(r, o, text);
    case OPTION_TEXT:
    case OPTION_MAYBE:
      *(const char **)field(r, o) = text;
      break;
    case OPTION_CHOICE:
      return set_choice(r, o, text);
    case OPTION_LIST:
      append(field(r, o), text);
      break;
    case OPTION_CONFIG:
      return set_config(r, o, text);
  }
  return true;
}

/* word is what was typed, attached the value that stands in the same word, or NULL. */
static bool take(Reader *r, const Option *o, const char *word, const char *attached) {
  bool *seen = &r->seen[o - r->line->command->options];
  if (*seen && !repeatable(o)) return fail(r, word, "given twice; give it once", "");
  *seen = true;
  if (o->type == OPTION_FLAG && attached != NULL) return fail(r, word, "takes no value", "");
  if (o->type == OPTION_FLAG || attached != NULL) return set_value(r, o, attached);
  bool follows = r->at < r->argc;
  if (o->type == OPTION_MAYBE && (!follows || r->argv[r->at][0] == '-')) return set_value(r, o, "");
  if (!follows) return fail(r, word, "needs a value: ", o->value == NULL ? "a word" : o->value);
  return set_value(r, o, r->argv[r->at++]);
}

/* The key of the config that an option which is none would be, had the command --set; else NULL. */
static const char *key_named(const char *typed, const char *const *names, int n) {
  bool sets = false;
  char *key = mem_text(typed, strlen(typed));
  for (char *c = key; *c != '\0'; c++)
    if (*c == '-') *c = '_';
  for (int i = 0; i < n; i++) sets = sets || strcmp(names[i], "set") == 0;
  const char *path = sets ? config_keys_elsewhere(key) : NULL;
  mem_free(key);
  return path;
}

/* The message for a long option that is not in the table, with the nearest one. */
static bool unknown(Reader *r, const char *name, size_t n) {
  const Command *c = r->line->command;
  const char **names = mem_alloc((size_t)c->n_options + 1, sizeof *names, "option names");
  for (int i = 0; i < c->n_options; i++) names[i] = c->options[i].name;
  names[c->n_options] = "help";
  char *typed = mem_text(name, n);
  const char *near = str_nearest(typed, names, c->n_options + 1);
  const char *key = key_named(typed, names, c->n_options);
  if (key != NULL)
    (void)err_set(r->err, ERR_USAGE, "%s: --%s: unknown option; to set the key: --set %s=VALUE", c->name, typed, key);
  else if (near != NULL)
    (void)err_set(r->err, ERR_USAGE, "%s: --%s: unknown option; did you mean --%s?", c->name, typed, near);
  else (void)err_set(r->err, ERR_USAGE, "%s: --%s: unknown option", c->name, typed);
  mem_free(typed);
  mem_free(names);
  return false;
}

static bool take_long(Reader *r, const char *word) {
  const char *name = word + 2, *equals = strchr(name, '=');
  size_t n = equals == NULL ? strlen(name) : (size_t)(equals - name);
  const Command *c = r->line->command;
  for (int i = 0; i < c->n_options; i++)
    if (strlen(c->options[i].name) == n && strncmp(c->options[i].name, name, n) == 0)
      return take(r, &c->options[i], word, equals == NULL ? NULL : equals + 1);
  return unknown(r, name, n);
}

static bool take_short(Reader *r, const char *word) {
  const Command *c = r->line->command;
  for (int i = 0; i < c->n_options; i++)
    if (c->options[i].letter == word[1]) return take(r, &c->options[i], word, word[2] == '\0' ? NULL : word + 2);
  return fail(r, word, "unknown option", "");
}

static bool take_word(Reader *r, bool *options_ended) {
  const char *word = r->argv[r->at++];
  OptionLine *line = r->line;
  if (*options_ended || word[0] != '-' || word[1] == '\0') line->arguments[line->n_arguments++] = word;
  else if (strcmp(word, "--") == 0) *options_ended = true;
  else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) line->help = true;
  else return word[1] == '-' ? take_long(r, word) : take_short(r, word);
  return true;
}

static bool set_defaults(Reader *r) {
  const Command *c = r->line->command;
  for (int i = 0; i < c->n_options; i++)
    if (c->options[i].initial != NULL && !set_value(r, &c->options[i], c->options[i].initial)) return false;
  return true;
}

static bool count_arguments(Reader *r) {
  const Command *c = r->line->command;
  int n = r->line->n_arguments;
  if (n < c->min_arguments)
    return err_set(r->err, ERR_USAGE, "%s: missing arguments; expected: %s %s", c->name, c->name, c->arguments);
  if (c->max_arguments < 0 || n <= c->max_arguments) return true;
  (void)err_set(r->err, ERR_USAGE, "%s: one argument too many: %s; expected: %s%s%s", c->name,
                r->line->arguments[c->max_arguments], c->name, c->arguments[0] == '\0' ? "" : " ", c->arguments);
  return c->surplus != NULL && err_add(r->err, ERR_USAGE, "%s", c->surplus);
}

bool option_parse(OptionLine *line, const Command *command, const char *const *argv, int argc, Err *err) {
  *line = (OptionLine){.command = command};
  line->values = mem_zero(1, command->size > 0 ? command->size : 1, "options");
  line->arguments = mem_zero((size_t)argc + 1, sizeof *line->arguments, "arguments");
  Reader r = {.line = line, .argv = argv, .argc = argc, .err = err};
  r.seen = mem_zero((size_t)command->n_options + 1, sizeof *r.seen, "options");
  bool ended = false, ok = set_defaults(&r);
  CHECK(ok, "%s: bad default: %s", command->name, err->text);
  while (ok && !line->help && r.at < argc) ok = take_word(&r, &ended);
  if (ok && !line->help) ok = count_arguments(&r);
  mem_free(r.seen);
  if (!ok) option_free(line);
  return ok;
}

void option_free(OptionLine *line) {
  const Command *c = line->command;
  for (int i = 0; line->values != NULL && i < c->n_options; i++) {
    OptionList *list = (void *)((char *)line->values + c->options[i].offset);
    if (c->options[i].type != OPTION_LIST && c->options[i].type != OPTION_CONFIG) continue;
    mem_free(list->at); /* several options may share one list */
    *list = (OptionList){0};
  }
  for (int i = 0; i < line->n_owned; i++) mem_free(line->owned[i]);
  mem_free(line->owned);
  mem_free(line->arguments);
  mem_free(line->values);
  *line = (OptionLine){0};
}

static void help_name(Str *out, const Option *o) {
  if (o->letter != 0) str_addf(out, "  -%c, --%s", o->letter, o->name);
  else str_addf(out, "      --%s", o->name);
  if (o->value != NULL) str_addf(out, " %s", o->value);
  for (int i = 0; o->choices != NULL && o->choices[i] != NULL; i++)
    str_addf(out, "%s%s", i == 0 ? " " : "|", o->choices[i]);
}

static void help_row(Str *out, const Option *o) {
  enum { COLUMN = 32 };
  Str name = {0};
  help_name(&name, o);
  str_addf(out, "%-*s", COLUMN, str_text(&name));
  if (name.n >= COLUMN) str_addf(out, "\n%*s", COLUMN, "");
  str_free(&name);
  if (o->type == OPTION_CONFIG && o->help == NULL) {
    const ConfigKey *key = config_keys_at(config_keys_find(o->key));
    str_addf(out, "%s [the config's %s, by default %s]\n", key->doc, key->path, key->initial);
    return;
  }
  str_adds(out, o->help);
  if (o->type == OPTION_LIST) str_adds(out, "; may be repeated");
  if (o->initial != NULL) str_addf(out, " [%s]", o->initial);
  str_addc(out, '\n');
}

static void help_first(Str *out, const Command *c) {
  str_addf(out, "\n%.*s is one of ", (int)strcspn(c->arguments, "[ "), c->arguments);
  for (int i = 0; c->first(i) != NULL; i++) str_addf(out, "%s%s", i > 0 ? ", " : "", c->first(i));
  str_adds(out, ".\n");
}

void option_help(Str *out, const Command *c) {
  str_addf(out, "Usage: attn-seq2seq %s [OPTION]...%s%s\n%s\n\nOptions:\n", c->name, c->arguments[0] == '\0' ? "" : " ",
           c->arguments, c->summary);
  for (int i = 0; i < c->n_options; i++) help_row(out, &c->options[i]);
  static const Option help = {.name = "help", .letter = 'h', .help = "show this"};
  help_row(out, &help);
  if (c->first != NULL) help_first(out, c);
  if (c->notes != NULL) c->notes(out);
  if (c->examples != NULL) str_adds(out, "\nExamples:\n");
  for (int i = 0; c->examples != NULL && c->examples[i] != NULL; i++)
    str_addf(out, "  attn-seq2seq %s\n", c->examples[i]);
}
