#include "eval/gold.h"

#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "text/tokens.h"

struct Gold {
  char *path;
  Tokens lines;
  PharaohLinks links; /* of the sentence asked for last */
};

Gold *gold_read(const char *path, Err *err) {
  IoLines *lines = io_lines_open(path, err);
  if (lines == NULL) return NULL;
  Gold *gold = mem_zero(1, sizeof *gold, "gold links");
  gold->path = mem_text(path, strlen(path));
  const char *line;
  size_t n;
  int got;
  while ((got = io_lines_next(lines, &line, &n, err)) == 1) tokens_add(&gold->lines, line, n);
  io_lines_close(lines);
  if (got == 0) return gold;
  gold_free(gold);
  return NULL;
}

const PharaohLinks *gold_get(Gold *gold, int id, Err *err) {
  size_t n;
  if (id >= gold->lines.n) {
    (void)err_set(err, ERR_FILE, "%s: %d lines of gold links; there is none for sentence %ld", gold->path,
                  gold->lines.n, (long)id + 1);
    return NULL;
  }
  const char *line = tokens_get(&gold->lines, id, &n);
  return pharaoh_parse(&gold->links, line, n, gold->path, (long)id + 1, err) ? &gold->links : NULL;
}

int gold_count(const Gold *gold) { return gold->lines.n; }

void gold_free(Gold *gold) {
  if (gold == NULL) return;
  mem_free(gold->path);
  tokens_free(&gold->lines);
  pharaoh_free(&gold->links);
  mem_free(gold);
}
