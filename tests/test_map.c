#include "base/map.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"

static Scratch scratch;

static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

static Map *open_well(const char *path) {
  Err err = {0};
  Map *map = map_open(path, &err);
  ck_assert_msg(map != NULL, "%s", err.text);
  return map;
}

START_TEST(whole_files_are_in_view) {
  Map *map = open_well(scratch_text(&scratch, "abc", "abc"));
  ck_assert_uint_eq(map->n, 3);
  ck_assert_mem_eq(map->at, "abc", 3);
  map_close(map);
  map = open_well(scratch_text(&scratch, "empty", ""));
  ck_assert_uint_eq(map->n, 0);
  map_close(map);
  map_close(NULL);
}
END_TEST

START_TEST(folders_and_missing_files_are_refused) {
  Err err = {0};
  ck_assert_ptr_null(map_open(scratch.folder.at, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "not a file"));
  ck_assert_ptr_null(map_open(scratch_path(&scratch, "none"), &err));
  ck_assert_ptr_nonnull(strstr(err.text, "/none: cannot open: No such file or directory"));
}
END_TEST

START_TEST(addresses_tell_their_file) {
  Map *a = open_well(scratch_text(&scratch, "a", "12345"));
  Map *b = open_well(scratch_text(&scratch, "b", "1"));
  ck_assert_str_eq(map_owner(a->at), a->path);
  ck_assert_str_eq(map_owner(a->at + 4), a->path);
  ck_assert_str_eq(map_owner(b->at), b->path);
  ck_assert_ptr_null(map_owner(&scratch));
  ck_assert_ptr_null(map_owner(NULL));
  const void *at = a->at;
  map_close(a);
  ck_assert_ptr_null(map_owner(at));
  ck_assert_str_eq(map_owner(b->at), b->path);
  map_close(b);
}
END_TEST

/* Written to in place it is another file; replaced by a rename, the old one stays. */
START_TEST(a_changed_file_is_known) {
  Err err = {0};
  const char *path = scratch_text(&scratch, "m", "12345");
  const struct timespec past[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
  ck_assert_int_eq(utimensat(AT_FDCWD, path, past, 0), 0);
  Map *map = open_well(path);
  ck_assert(map_unchanged(map, &err));
  ck_assert_int_eq(rename(scratch_text(&scratch, "new", "123"), path), 0);
  ck_assert(map_unchanged(map, &err));
  ck_assert_mem_eq(map->at, "12345", 5);
  map_close(map);
  map = open_well(path);
  FILE *file = fopen(path, "r+b");
  ck_assert(file != NULL && fputs("x", file) >= 0 && fclose(file) == 0);
  ck_assert_int_eq(utimensat(AT_FDCWD, path, past, 0), 0);
  ck_assert(!map_unchanged(map, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "/m: was written to while it was in use"));
  map_close(map);
}
END_TEST

START_TEST(a_cut_file_is_known) {
  Err err = {0};
  const char *path = scratch_text(&scratch, "m", "12345");
  Map *map = open_well(path);
  ck_assert_int_eq(truncate(path, 0), 0);
  ck_assert(!map_unchanged(map, &err));
  ck_assert_str_eq(map_owner(map->at + 4), path);
  map_close(map);
}
END_TEST

Suite *test_map(void);
Suite *test_map(void) {
  Suite *s = suite_create("map");
  TCase *t = tcase_create("map");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, whole_files_are_in_view);
  tcase_add_test(t, folders_and_missing_files_are_refused);
  tcase_add_test(t, addresses_tell_their_file);
  tcase_add_test(t, a_changed_file_is_known);
  tcase_add_test(t, a_cut_file_is_known);
  suite_add_tcase(s, t);
  return s;
}
