/* toy_config.h - the config.json beside a toy corpus. */
#ifndef TEXT_TOY_CONFIG_H
#define TEXT_TOY_CONFIG_H

#include "base/str.h"

/* Appends a config that trains toy i (in the order of toys.def) from the files in folder to folder/model.safetensors.
 */
void toy_config(Str *out, int i, const char *folder);

#endif
