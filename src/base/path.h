/* path.h - names of files. Texts given are the caller's, freed with mem_free. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>

#include "base/err.h"

/* The folder that path stands in: "." when it names none. */
char *path_folder(const char *path);
/* Where the links at path lead, whether or not a file is there; a path that is no link is itself. NULL when they go
 * round. */
char *path_follow(const char *path, Err *err);
/* How many of the n paths, NULLs passed over, are "-". */
int path_count_standard(const char *const *paths, int n);
/* False when so many are more than one: standard input can be read once. */
bool path_check_standard(int count, Err *err);

#endif
