/* doc/TOUR.md against what makes it: its keys exist, its pictures are there, every figure of doc/tour.txt stands in it
 * and in the README. That its commands run, tests/test_system_tour.c tries. Run from the top folder. */
#include <check.h>
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "conf/config_keys.h"

static Str tour, readme, table;

static void read_text(Str *out, const char *path) {
  Err err = {0};
  ck_assert_msg(io_read_all(out, path, 1 << 20, &err), "%s", err.text);
}

static void set_up(void) {
  read_text(&tour, "doc/TOUR.md");
  read_text(&readme, "README.md");
  read_text(&table, "doc/tour.txt");
}

static void tear_down(void) {
  str_free(&tour);
  str_free(&readme);
  str_free(&table);
}

static bool is_key(const char *name, size_t n) {
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    const char *path = config_keys_at(i)->path;
    if (strlen(path) == n && strncmp(path, name, n) == 0) return true;
  }
  return false;
}

/* The next thing that looks like a key and is no part of a file's name; NULL: there is none. */
static const char *next_key(const char *at, size_t *n) {
  static const char *const groups[] = {"data.", "vocab.", "model.", "train.", "translate."};
  for (; *at != '\0'; at++) {
    if (at > str_text(&tour) && (isalnum((unsigned char)at[-1]) || strchr("/._-", at[-1]) != NULL)) continue;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
      if (strncmp(at, groups[i], strlen(groups[i])) != 0) continue;
      *n = strspn(at, "abcdefghijklmnopqrstuvwxyz_.");
      return at;
    }
  }
  return NULL;
}

START_TEST(keys_exist) {
  size_t n;
  int found = 0;
  for (const char *at = str_text(&tour); (at = next_key(at, &n)) != NULL; at += n, found++)
    ck_assert_msg(is_key(at, n), "doc/TOUR.md names %.*s, which is no key", (int)n, at);
  ck_assert_int_gt(found, 30);
}
END_TEST

START_TEST(pictures_are_there) {
  static const char open[] = "](pictures/tour/";
  Str path = {0};
  int shown = 0;
  glob_t found;
  for (const char *at = str_text(&tour); (at = strstr(at, open)) != NULL; shown++) {
    at += strlen(open);
    str_clear(&path);
    str_addf(&path, "doc/pictures/tour/%.*s", (int)strcspn(at, ")"), at);
    ck_assert_msg(io_exists(str_text(&path)), "doc/TOUR.md shows %s, which is not there", str_text(&path));
  }
  ck_assert_int_eq(glob("doc/pictures/tour/*", 0, NULL, &found), 0);
  ck_assert_int_eq((int)found.gl_pathc, shown);
  globfree(&found);
  str_free(&path);
}
END_TEST

enum { MOST_FIELDS = 6 };

/* The fields of a row of doc/tour.txt; cuts the row in place. Returns how many. */
static int cut(char *row, char **fields) {
  int n = 0;
  for (char *at = row; at != NULL && n < MOST_FIELDS; n++) {
    char *end = strstr(at, " | ");
    if (end != NULL) *end = '\0';
    fields[n] = at;
    at = end == NULL ? NULL : end + 3;
  }
  return n;
}

/* A row of figures that begins with these cells, within n bytes of text. */
static void expect_row(const char *where, const char *text, size_t n, const char *first, const char *second) {
  Str cells = {0};
  str_addf(&cells, "\n| %s | %s", first, second);
  const char *at = strstr(text, str_text(&cells));
  ck_assert_msg(at != NULL && at < text + n, "%s lacks the row \"%s\": make tour", where, str_text(&cells) + 1);
  str_free(&cells);
}

static void expect_figures(const char *name, const char *label) {
  Str place = {0};
  str_addf(&place, "<!-- figures: %s -->", name);
  const char *at = strstr(str_text(&tour), str_text(&place));
  ck_assert_msg(at != NULL, "doc/TOUR.md lacks %s", str_text(&place));
  const char *end = strstr(at, "<!-- end -->");
  ck_assert_ptr_nonnull(end);
  expect_row(name, at, (size_t)(end - at), label, "");
  str_free(&place);
}

START_TEST(figures_are_there) {
  int models = 0, rows = 0;
  for (char *line = strtok(table.at, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    char *fields[MOST_FIELDS] = {0};
    int n = cut(line, fields);
    if (strcmp(fields[0], "model") == 0) {
      ck_assert_int_eq(n, 5);
      expect_figures(fields[1], fields[2]);
      models++;
    } else if (strcmp(fields[0], "row") == 0) {
      ck_assert_int_eq(n, 6);
      expect_row("README.md", str_text(&readme), readme.n, fields[1], fields[2]);
      rows++;
    }
  }
  ck_assert_int_gt(models, 30);
  ck_assert_int_gt(rows, 15);
}
END_TEST

/* On what a visitor sees without scrolling far. */
START_TEST(readme_leads_here) {
  const char *at = strstr(str_text(&readme), "(doc/TOUR.md)");
  int line = 1;
  ck_assert_ptr_nonnull(at);
  for (const char *c = str_text(&readme); c < at; c++) line += *c == '\n';
  ck_assert_int_le(line, 20);
}
END_TEST

Suite *test_tour(void);
Suite *test_tour(void) {
  Suite *s = suite_create("tour");
  TCase *t = tcase_create("tour");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, keys_exist);
  tcase_add_test(t, pictures_are_there);
  tcase_add_test(t, figures_are_there);
  tcase_add_test(t, readme_leads_here);
  suite_add_tcase(s, t);
  return s;
}
