#include "train/corpus_hint.h"

#include <errno.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "text/toy.h"

static const char *last_part(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

/* One of the files that `toy` writes. */
static bool is_toy_file(const char *name) {
  static const char *const parts[] = {"train.", "valid.", "test."}, *const sides[] = {"src", "tgt", "align"};
  for (int i = 0; i < 9; i++) {
    size_t n = strlen(parts[i / 3]);
    if (strncmp(name, parts[i / 3], n) == 0 && strcmp(name + n, sides[i % 3]) == 0) return true;
  }
  return false;
}

static void add_script(Str *out, const char *folder) {
  char *above = path_folder(folder);
  Str script = {0};
  bool bare = strchr(folder, '/') == NULL;
  str_addf(&script, "%s%sprepare/%s.sh", bare ? "" : above, bare ? "" : "/", last_part(folder));
  if (io_is_file(str_text(&script))) str_addf(out, "; %s DIR makes it of what was downloaded to DIR", script.at);
  str_free(&script);
  mem_free(above);
}

bool corpus_hint_check(const char *path, Err *err) {
  if (io_exists(path)) return true;
  Str hint = {0};
  int why = errno;
  char *folder = path_folder(path);
  const char *name = last_part(folder);
  if (is_toy_file(last_part(path)) && toy_find(name) != NULL)
    str_addf(&hint, "; attn-seq2seq toy %s %s makes it", name, folder);
  else add_script(&hint, folder);
  if (hint.n == 0 && path[0] != '/') str_adds(&hint, "; relative paths start from the working directory");
  (void)err_set(err, ERR_FILE, "%s: cannot open: %s%s", path, strerror(why), str_text(&hint));
  mem_free(folder);
  str_free(&hint);
  return false;
}
