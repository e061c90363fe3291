/* completion.h - what shells need to complete a command line, made from the tables of commands, options and config
 * keys. */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "base/str.h"

/* Each appends a script for one shell, to be read by it from where it keeps completions. */
void completion_bash(Str *out);
void completion_zsh(Str *out);
void completion_fish(Str *out);

#endif
