#include "cli/completion.h"

#include <string.h>

#include "cli/command.h"
#include "cli/program.h"
#include "conf/config_keys.h"

/* What follows an option. */
typedef enum Follows { NOTHING, NUMBER, WORDS, KEYS, FILES } Follows;

static Follows follows(const Option *o) {
  if (o->type == OPTION_FLAG) return NOTHING;
  if (o->type == OPTION_CHOICE) return WORDS;
  if (o->type == OPTION_INT || o->type == OPTION_REAL || o->type == OPTION_CONFIG) return NUMBER;
  return strncmp(o->value, "KEY=", 4) == 0 ? KEYS : FILES;
}

static const char *help_of(const Option *o) {
  return o->help != NULL ? o->help : config_keys_at(config_keys_find(o->key))->doc;
}

static bool repeatable(const Option *o) { return o->type == OPTION_LIST; }

static void add_choices(Str *out, const Option *o) {
  for (int i = 0; o->choices[i] != NULL; i++) str_addf(out, "%s%s", i > 0 ? " " : "", o->choices[i]);
}

/* Words the first argument can be. */
static void add_first(Str *out, const Command *c) {
  for (int i = 0; c->first(i) != NULL; i++) str_addf(out, "%s%s", i > 0 ? " " : "", c->first(i));
}

static void add_command_names(Str *out) {
  int n;
  const Command *const *commands = program_commands(&n);
  for (int i = 0; i < n; i++) str_addf(out, "%s ", commands[i]->name);
}

static void add_keys(Str *out, const char *before, const char *after) {
  for (int i = 0; i < N_CONFIG_KEYS; i++) str_addf(out, "%s%s%s", before, config_keys_at(i)->path, after);
}

static void each_command(Str *out, void (*visit)(Str *out, const Command *c)) {
  int n;
  const Command *const *commands = program_commands(&n);
  for (int i = 0; i < n; i++) visit(out, commands[i]);
}

/* ---- bash: what comes after an option, else after a command. */

static void bash_value(Str *out, const Command *c, const Option *o) {
  str_addf(out, "    %s/--%s", c->name, o->name);
  if (o->letter != 0) str_addf(out, " | %s/-%c", c->name, o->letter);
  str_adds(out, ") ");
  if (follows(o) == NUMBER) str_adds(out, "compopt +o default 2>/dev/null; return");
  if (follows(o) == KEYS) str_adds(out, "words=$keys");
  if (follows(o) == WORDS) {
    str_adds(out, "words='");
    add_choices(out, o);
    str_addc(out, '\'');
  }
  str_adds(out, " ;;\n");
}

/* Where no words are found the shell completes names of files: options that want one need nothing here. */
static void bash_values(Str *out, const Command *c) {
  for (int i = 0; i < c->n_options; i++) {
    Follows what = follows(&c->options[i]);
    if (what == NUMBER || what == KEYS || what == WORDS) bash_value(out, c, &c->options[i]);
  }
}

static void bash_options(Str *out, const Command *c) {
  str_addf(out, "    %s) options='", c->name);
  for (int i = 0; i < c->n_options; i++) str_addf(out, "--%s ", c->options[i].name);
  str_adds(out, "--help'");
  if (c->first != NULL) {
    str_adds(out, "; first='");
    add_first(out, c);
    str_addc(out, '\'');
  }
  str_adds(out, " ;;\n");
}

void completion_bash(Str *out) {
  str_adds(out,
           "# bash completion of attn-seq2seq\n"
           "_attn_seq2seq() {\n"
           "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words= options= first=\n"
           "  local commands='");
  add_command_names(out);
  str_adds(out, "help --help --version'\n  local keys='");
  add_keys(out, " ", "=");
  str_adds(out, "'\n  case ${COMP_WORDS[1]}/$prev in\n");
  each_command(out, bash_values);
  str_adds(out, "  esac\n  case ${COMP_WORDS[1]} in\n    help) first=$commands ;;\n");
  each_command(out, bash_options);
  str_adds(out,
           "  esac\n"
           "  if [ \"$COMP_CWORD\" -eq 1 ]; then words=$commands\n"
           "  elif [ -n \"$words\" ]; then :\n"
           "  elif [ \"${cur#-}\" != \"$cur\" ]; then words=$options\n"
           "  elif [ \"$COMP_CWORD\" -eq 2 ]; then words=$first; fi\n"
           "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
           "  case ${COMPREPLY[0]-} in *=) compopt -o nospace 2>/dev/null ;; esac\n"
           "}\n"
           "complete -o default -F _attn_seq2seq attn-seq2seq\n");
}

/* ---- zsh: _arguments specifications. */

/* Text inside single quotes, with what _arguments and _describe take for their own escaped. */
static void zsh_text(Str *out, const char *text) {
  for (; *text != '\0'; text++) {
    if (strchr("[]:\\", *text) != NULL) str_addc(out, '\\');
    if (*text == '\'') str_adds(out, "'\\'");
    str_addc(out, *text);
  }
}

static void zsh_value(Str *out, const Option *o) {
  Follows what = follows(o);
  if (what == NOTHING) return;
  str_addc(out, ':');
  if (what == WORDS) str_addf(out, "%s", o->name);
  else zsh_text(out, o->value);
  str_addc(out, ':');
  if (what == WORDS) str_addc(out, '(');
  if (what == WORDS) add_choices(out, o);
  if (what == WORDS) str_addc(out, ')');
  if (what == KEYS) str_adds(out, "_attn_seq2seq_keys");
  if (what == FILES) str_adds(out, "_files");
}

static void zsh_spec(Str *out, const Option *o, const char *name) {
  str_addf(out, " \\\n        '%s%s[", repeatable(o) ? "*" : "", name);
  zsh_text(out, help_of(o));
  str_addc(out, ']');
  if (o->type == OPTION_MAYBE) str_addc(out, ':');
  zsh_value(out, o);
  str_addc(out, '\'');
}

static void zsh_option(Str *out, const Option *o) {
  Str name = {0};
  str_addf(&name, "--%s", o->name);
  zsh_spec(out, o, str_text(&name));
  str_clear(&name);
  str_addf(&name, "-%c", o->letter);
  if (o->letter != 0) zsh_spec(out, o, str_text(&name));
  str_free(&name);
}

static void zsh_command(Str *out, const Command *c) {
  str_addf(out, "    %s)\n      _arguments", c->name);
  for (int i = 0; i < c->n_options; i++) zsh_option(out, &c->options[i]);
  str_adds(out, " \\\n        '--help[show the options]'");
  if (c->first != NULL) {
    str_adds(out, " \\\n        '1:first:(");
    add_first(out, c);
    str_adds(out, ")'");
  }
  str_adds(out, " \\\n        '*:file:_files'\n      ;;\n");
}

static void zsh_name(Str *out, const Command *c) {
  str_addf(out, "    '%s:", c->name);
  zsh_text(out, c->summary);
  str_adds(out, "'\n");
}

void completion_zsh(Str *out) {
  str_adds(out,
           "#compdef attn-seq2seq\n"
           "_attn_seq2seq_keys() {\n"
           "  compadd -S '' --");
  add_keys(out, " ", "=");
  str_adds(out,
           "\n}\n"
           "_attn_seq2seq() {\n"
           "  local -a commands=(\n");
  each_command(out, zsh_name);
  str_adds(out,
           "    'help:show the options of a command'\n"
           "  )\n"
           "  if (( CURRENT == 2 )); then\n"
           "    _describe command commands\n"
           "    return\n"
           "  fi\n"
           "  local command=$words[2]\n"
           "  shift words\n"
           "  (( CURRENT-- ))\n"
           "  case $command in\n");
  each_command(out, zsh_command);
  str_adds(out,
           "    help) _describe command commands ;;\n"
           "  esac\n"
           "}\n"
           "_attn_seq2seq \"$@\"\n");
}

/* ---- fish: a line for each thing that may be there. */

static void fish_text(Str *out, const char *text) {
  str_addc(out, '\'');
  for (; *text != '\0'; text++) {
    if (*text == '\'' || *text == '\\') str_addc(out, '\\');
    str_addc(out, *text);
  }
  str_addc(out, '\'');
}

static void fish_option(Str *out, const Command *c, const Option *o) {
  Follows what = follows(o);
  str_addf(out, "complete -c attn-seq2seq -n '__fish_seen_subcommand_from %s' -l %s", c->name, o->name);
  if (o->letter != 0) str_addf(out, " -s %c", o->letter);
  if (what == FILES) str_adds(out, o->type == OPTION_MAYBE ? " -F" : " -r -F");
  else if (what != NOTHING) str_adds(out, " -x");
  if (what == KEYS) str_adds(out, " -a \"$__attn_seq2seq_keys\"");
  if (what == WORDS) {
    str_adds(out, " -a '");
    add_choices(out, o);
    str_addc(out, '\'');
  }
  str_adds(out, " -d ");
  fish_text(out, help_of(o));
  str_addc(out, '\n');
}

static void fish_command(Str *out, const Command *c) {
  str_addf(out, "complete -c attn-seq2seq -n __fish_use_subcommand -f -a %s -d ", c->name);
  fish_text(out, c->summary);
  str_addc(out, '\n');
  for (int i = 0; i < c->n_options; i++) fish_option(out, c, &c->options[i]);
  if (c->first == NULL) return;
  str_addf(out, "complete -c attn-seq2seq -n '__fish_seen_subcommand_from %s' -a '", c->name);
  add_first(out, c);
  str_adds(out, "'\n");
}

void completion_fish(Str *out) {
  str_adds(out, "# fish completion of attn-seq2seq\nset -g __attn_seq2seq_keys");
  add_keys(out, " ", "=");
  str_adds(out,
           "\ncomplete -c attn-seq2seq -n __fish_use_subcommand -f -l help -d 'show the commands'\n"
           "complete -c attn-seq2seq -n __fish_use_subcommand -f -l version -d 'show the version'\n"
           "complete -c attn-seq2seq -n __fish_use_subcommand -f -a help -d 'show the options of a command'\n"
           "complete -c attn-seq2seq -n '__fish_seen_subcommand_from help' -f -a '");
  add_command_names(out);
  str_adds(out, "'\n");
  each_command(out, fish_command);
}
