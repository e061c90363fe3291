#include "scratch.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

void scratch_open(Scratch *scratch) {
  const char *root = getenv("TMPDIR");
  *scratch = (Scratch){0};
  str_addf(&scratch->folder, "%s/attn-test-XXXXXX", root != NULL ? root : "/tmp");
  ck_assert_msg(mkdtemp(scratch->folder.at) != NULL, "cannot make %s", scratch->folder.at);
}

static void remove_all(const char *folder, int depth) {
  DIR *dir = opendir(folder);
  if (dir == NULL) return;
  const struct dirent *entry;
  while ((entry = readdir(dir)) != NULL) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    Str path = {0};
    str_addf(&path, "%s/%s", folder, entry->d_name);
    if (unlink(path.at) != 0 && depth > 0) remove_all(path.at, depth - 1);
    str_free(&path);
  }
  (void)closedir(dir);
  (void)rmdir(folder);
}

void scratch_close(Scratch *scratch) {
  remove_all(scratch->folder.at, 3);
  str_free(&scratch->folder);
  for (int i = 0; i < SCRATCH_NAMES; i++) str_free(&scratch->names[i]);
}

const char *scratch_path(Scratch *scratch, const char *name) {
  Str *path = &scratch->names[scratch->next++ % SCRATCH_NAMES];
  str_clear(path);
  str_addf(path, "%s/%s", scratch->folder.at, name);
  return path->at;
}

const char *scratch_bytes(Scratch *scratch, const char *name, const void *at, size_t n) {
  const char *path = scratch_path(scratch, name);
  FILE *file = fopen(path, "wb");
  ck_assert_ptr_nonnull(file);
  ck_assert_uint_eq(fwrite(at, 1, n, file), n);
  ck_assert_int_eq(fclose(file), 0);
  return path;
}

const char *scratch_text(Scratch *scratch, const char *name, const char *text) {
  return scratch_bytes(scratch, name, text, strlen(text));
}

const char *scratch_gzip(Scratch *scratch, const char *name, const char *text) {
  const char *path = scratch_path(scratch, name);
  gzFile file = gzopen(path, "wb");
  ck_assert_ptr_nonnull(file);
  ck_assert_int_eq(gzwrite(file, text, (unsigned)strlen(text)), (int)strlen(text));
  ck_assert_int_eq(gzclose(file), Z_OK);
  return path;
}
