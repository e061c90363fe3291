#include "eval/alignment_count.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/map.h"
#include "eval/numbered.h"

static long count_folder(const char *folder) {
  Str path = {0};
  int n = 0;
  for (bool there = true; there; n += there) {
    str_clear(&path);
    str_addf(&path, "%s/", folder);
    numbered_name(&path, n, 0, ".csv");
    there = io_exists(path.at);
  }
  str_free(&path);
  return n;
}

/* The rank that a line of alignment_writer.h ends with; 1 when it has none. */
static long rank_of(const char *line, size_t n) {
  static const char key[] = "\"rank\":";
  enum { KEY = sizeof key - 1, LONGEST = KEY + 12 };
  for (size_t back = KEY; back <= LONGEST && back <= n; back++)
    if (memcmp(line + n - back, key, KEY) == 0) return strtol(line + n - back + KEY, NULL, 10);
  return 1;
}

static long count_lines(const Map *map) {
  long n = 0;
  for (const char *at = map->at, *end = at + map->n; at < end;) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    if (stop == NULL) stop = end;
    n += stop > at && stop[-1] == '}' && rank_of(at, (size_t)(stop - at)) == 1;
    at = stop + 1;
  }
  return n;
}

/* The number that the last line begins with. */
static long last_sentence(const Map *map) {
  const char *end = map->at + map->n;
  if (end > map->at && end[-1] == '\n') end--;
  const char *at = end;
  while (at > map->at && at[-1] != '\n') at--;
  Str line = {0};
  str_add(&line, at, (size_t)(end - at));
  long n = strtol(str_text(&line), NULL, 10);
  str_free(&line);
  return n > 0 ? n : 0;
}

long alignment_count(const char *path) {
  static const char tidy[] = "sentence,";
  enum { TIDY = sizeof tidy - 1 };
  Err ignored = {0};
  if (strcmp(path, "-") == 0) return 0;
  if (io_is_folder(path)) return count_folder(path);
  Map *map = map_open(path, &ignored);
  if (map == NULL) return 0;
  long n = 1;
  if (map->n > 0 && map->at[0] == '{') n = count_lines(map);
  else if (map->n > TIDY && memcmp(map->at, tidy, TIDY) == 0) n = last_sentence(map);
  map_close(map);
  return n;
}
