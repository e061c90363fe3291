#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "text/toy.h"

enum { CELLS = 9 };

/* Cells of an image as '#' black, '.' grey, 'o' white. */
static void read_cells(const char *file, char *cells) {
  static const char head[] = "P2\n3 3\n255\n";
  ck_assert_int_eq(strncmp(file, head, strlen(head)), 0);
  file += strlen(head);
  for (int i = 0, used; i < CELLS; i++, file += used) {
    int shade;
    ck_assert_int_eq(sscanf(file, "%d%n", &shade, &used), 1);
    ck_assert(shade >= 0 && shade <= 255);
    cells[i] = "#.o"[shade / 110];
    ck_assert_int_lt(shade % 110, 36);
  }
  cells[CELLS] = '\0';
}

static void expect(int stratum, uint64_t index, const char *image, const char *target) {
  ToyPair pair = {0};
  char cells[CELLS + 1];
  toy_make(toy_find("parity"), stratum, index, &pair);
  read_cells(str_text(&pair.file), cells);
  ck_assert_str_eq(cells, image);
  ck_assert_str_eq(pair.target.at, target);
  ck_assert(pair.n_links == 1 && pair.links[0].source == 0 && pair.links[0].target == 0);
  toy_pair_free(&pair);
}

/* Subsets from the last cells on; colours, the lowest bit first. */
START_TEST(marks_are_counted) {
  expect(0, 0, "........#", "even");
  expect(0, 1, "........o", "odd");
  expect(0, 2 * 8 + 1, "o........", "odd");
  expect(1, 3, ".......oo", "even");
  expect(1, 4 * 1 + 2, "......#.o", "odd");
  expect(2, 8 * 83 + 7, "ooo......", "odd");
  expect(4, 32 * 125 + 16, "####o....", "odd");
}
END_TEST

static int compare_texts(const void *a, const void *b) { return strcmp(a, b); }

/* Every pattern of two marks once before any comes back, in other shades. */
START_TEST(patterns_differ) {
  enum { N = 36 * 4 };
  static char seen[N][CELLS + 1];
  ToyPair pair = {0}, again = {0};
  const Toy *toy = toy_find("parity");
  for (uint64_t i = 0; i < N; i++) {
    toy_make(toy, 1, i, &pair);
    read_cells(str_text(&pair.file), seen[i]);
  }
  qsort(seen, N, sizeof *seen, compare_texts);
  for (int i = 1; i < N; i++) ck_assert_str_ne(seen[i - 1], seen[i]);
  toy_make(toy, 1, N - 1, &pair);
  toy_make(toy, 1, N + N - 1, &again);
  ck_assert_str_eq(pair.target.at, again.target.at);
  ck_assert_str_ne(pair.file.at, again.file.at);
  ck_assert_uint_eq(toy->size(1) % N, 0);
  toy_pair_free(&pair);
  toy_pair_free(&again);
}
END_TEST

Suite *test_toy_parity(void);
Suite *test_toy_parity(void) {
  Suite *s = suite_create("toy: parity");
  TCase *t = tcase_create("toy: parity");
  tcase_add_test(t, marks_are_counted);
  tcase_add_test(t, patterns_differ);
  suite_add_tcase(s, t);
  return s;
}
