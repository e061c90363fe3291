#include "base/path.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

enum { MOST_LINKS = 40 };

char *path_folder(const char *path) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL) return mem_text(".", 1);
  return mem_text(path, slash == path ? 1 : (size_t)(slash - path));
}

/* What the link at `at` says, from where it stands. */
static char *next_of(const char *at, const char *link) {
  const char *slash = strrchr(at, '/');
  Str next = {0};
  if (link[0] != '/' && slash != NULL) str_add(&next, at, (size_t)(slash + 1 - at));
  str_adds(&next, link);
  return next.at;
}

char *path_follow(const char *path, Err *err) {
  char *at = mem_text(path, strlen(path)), link[PATH_MAX];
  for (int i = 0; i < MOST_LINKS; i++) {
    ssize_t n = readlink(at, link, sizeof link - 1);
    if (n <= 0) return at;
    link[n] = '\0';
    char *next = next_of(at, link);
    mem_free(at);
    at = next;
  }
  mem_free(at);
  (void)err_set(err, ERR_FILE, "%s: is a symbolic link that leads round in a circle; remove it", path);
  return NULL;
}

int path_count_standard(const char *const *paths, int n) {
  int count = 0;
  for (int i = 0; i < n; i++) count += paths[i] != NULL && strcmp(paths[i], "-") == 0;
  return count;
}

bool path_check_standard(int count, Err *err) {
  return count <= 1 || err_set(err, ERR_USAGE, "only one of the files can be standard input (\"-\")");
}
