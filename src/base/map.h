/* map.h - a read-only view of a whole file, and what happens when somebody writes to the file meanwhile.
 *
 * Pages of a file that was cut short are gone: who reads them gets SIGBUS, whose handler asks map_owner which file it
 * was. Bytes written over are seen at once: map_unchanged tells, before anything made of them is given out. A file that
 * is replaced by a rename, as this program writes its own, stays in view as it was.
 *
 * A Map belongs to who opened it. Any thread may open, read and close maps. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

typedef struct Map {
  const char *at;
  size_t n;
  char *path;
  int fd;
  long long changed[2];   /* when the file was written last: seconds, nanoseconds */
  struct MapPlace *place; /* among those that are open */
} Map;

/* NULL on failure. */
Map *map_open(const char *path, Err *err);
void map_close(Map *map); /* map may be NULL */
/* False, with the path, when the file is not as it was when it was opened. */
bool map_unchanged(const Map *map, Err *err);
/* The path of the file that is viewed at this address, or NULL. For signal handlers. */
const char *map_owner(const void *at);

#endif
