/* config_file.h - a config as its writer has it: the keys of a file and of KEY=VALUEs, without defaults. */
#ifndef CONF_CONFIG_FILE_H
#define CONF_CONFIG_FILE_H

#include "base/err.h"
#include "base/json.h"

/* The object of a file that config_load has read, with the KEY=VALUEs put into it in order. NULL on failure. */
Json *config_file_read(const char *path, const char *const *sets, int n_sets, Err *err);
/* Puts KEY=VALUE, which config_load takes, into the object; what cannot stand beside it goes. */
void config_file_put(Json *object, const char *set);
/* Whether the object has a key of this path, or one that cannot stand beside it. */
bool config_file_settles(const Json *object, const char *path);

#endif
