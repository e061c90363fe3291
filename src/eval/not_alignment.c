#include "eval/not_alignment.h"

#include <string.h>

#include "base/not_text.h"

bool not_alignment_path(const char *path, Err *err) {
  size_t n = strlen(path);
  if (n <= 4 || strcmp(path + n - 4, ".txt") != 0) return true;
  return err_set(err, ERR_USAGE,
                 "%s: Pharaoh links have no weights; a heatmap wants a .csv or .jsonl file, or a folder of them", path);
}

/* A length of 8 bytes and a JSON header: safetensors. */
static bool is_model(const char *at, size_t n) { return n > 8 && at[8] == '{' && memchr(at, '\0', 8) != NULL; }

/* A bracket alone on the first line: JSON for people to read, a config perhaps. */
static bool is_spread(const char *at, size_t n) {
  size_t next = 1;
  while (next < n && (at[next] == ' ' || at[next] == '\r')) next++;
  return n > next && at[0] == '{' && at[next] == '\n';
}

bool not_alignment_bytes(const char *name, const char *at, size_t n, Err *err) {
  if (is_model(at, n))
    return err_set(err, ERR_FILE,
                   "%s: a model, where alignments are wanted; `translate -m MODEL --alignments DIR/` writes them",
                   name);
  if (is_spread(at, n))
    return err_set(err, ERR_FILE,
                   "%s: JSON over several lines, a config perhaps, where alignments are wanted, an object a line",
                   name);
  return not_text_check(name, at, n, err);
}
