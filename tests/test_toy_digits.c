/* Images of digits, against a reader of their own: the font found again in the pixels. */
#include <check.h>
#include <string.h>

#include "text/pgm.h"
#include "text/toy.h"

enum { HEIGHT = 8, MOST_WIDTH = 36, PATCH = 4 };

static const char *const font[10] = {"#### ## ## ####", "##  #  #  # ###", "###  #####  ###", "###  ####  ####",
                                     "# ## ####  #  #", "####  ###  ####", "####  #### ####", "###  #  #  #  #",
                                     "#### ##### ####", "#### ####  ####"};

/* The pixels as ink or paper, nothing between. */
static int read_ink(const ToyPair *pair, bool ink[HEIGHT][MOST_WIDTH]) {
  Pgm pgm;
  Err err = {0};
  ck_assert_msg(pgm_open(&pgm, "image", pair->file.at, pair->file.n, &err), "%s", err.text);
  ck_assert(pgm.height == HEIGHT && pgm.width <= MOST_WIDTH);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < pgm.width; x++) {
      float grey;
      ck_assert(pgm_next(&pgm, &grey, &err));
      ck_assert(grey <= 40 / 255.0F || grey >= 180 / 255.0F);
      ink[y][x] = grey > 0.5F;
    }
  ck_assert(pgm_close(&pgm, &err));
  return pgm.width;
}

static bool column_is_empty(bool ink[HEIGHT][MOST_WIDTH], int x) {
  for (int y = 0; y < HEIGHT; y++)
    if (ink[y][x]) return false;
  return true;
}

/* The digit whose left column is x, and the row that it begins in. */
static int find_digit(bool ink[HEIGHT][MOST_WIDTH], int x, int *top) {
  for (*top = 0; *top <= HEIGHT - 5; ++*top)
    for (int d = 0; d < 10; d++) {
      bool same = true;
      for (int y = 0; y < HEIGHT && same; y++)
        for (int k = 0; k < 3 && same; k++) {
          bool inside = y >= *top && y < *top + 5;
          same = ink[y][x + k] == (inside && font[d][3 * (y - *top) + k] == '#');
        }
      if (same) return d;
    }
  return -1;
}

/* Each digit's sure link is the first of the patches with most of its ink, the others with some are possible. */
static void check_links(const ToyPair *pair, int columns, const int *ink, int place) {
  int most = 0;
  for (int i = 0; i < 2 * columns; i++)
    if (ink[i] > ink[most]) most = i;
  for (int i = 0; i < 2 * columns; i++) {
    int found = 0;
    for (int k = 0; k < pair->n_links; k++)
      if (pair->links[k].source == i && pair->links[k].target == place) {
        found++;
        ck_assert_int_eq(pair->links[k].possible, i != most);
      }
    ck_assert_int_eq(found, ink[i] > 0);
  }
}

static void check_pair(const ToyPair *pair) {
  bool ink[HEIGHT][MOST_WIDTH] = {{false}};
  int width = read_ink(pair, ink), columns = (width + PATCH - 1) / PATCH, n = 0;
  Str read = {0};
  for (int x = 0; x < width; x++) {
    if (column_is_empty(ink, x)) continue;
    int top, digit = find_digit(ink, x, &top), of_it[2 * (MOST_WIDTH / PATCH)] = {0};
    ck_assert_int_ge(digit, 0);
    for (int y = 0; y < HEIGHT; y++)
      for (int k = 0; k < 3; k++) of_it[y / PATCH * columns + (x + k) / PATCH] += ink[y][x + k];
    check_links(pair, columns, of_it, n);
    str_addf(&read, n++ == 0 ? "%d" : " %d", digit);
    x += 2;
  }
  ck_assert_str_eq(str_text(&read), str_text(&pair->target));
  str_free(&read);
}

/* Numbers far apart of every stratum; the same number makes the same image. */
START_TEST(images_can_be_read) {
  const Toy *toy = toy_find("digits");
  ToyPair pair = {0}, again = {0};
  for (int stratum = 0; stratum < toy->n_strata; stratum++)
    for (uint64_t k = 0; k < 200; k++) {
      uint64_t index = k * 7919 * 104729 % toy->size(stratum);
      toy_make(toy, stratum, index, &pair);
      check_pair(&pair);
      toy_make(toy, stratum, index, &again);
      ck_assert(pair.file.n == again.file.n && memcmp(pair.file.at, again.file.at, pair.file.n) == 0);
    }
  toy_pair_free(&pair);
  toy_pair_free(&again);
}
END_TEST

/* Ten digits, three gaps and four shifts to the power of two to six. */
START_TEST(sizes) {
  const Toy *toy = toy_find("digits");
  ck_assert_int_eq(toy->n_strata, 5);
  ck_assert_uint_eq(toy->size(0), 14400);
  ck_assert_uint_eq(toy->size(4), 2985984000000);
}
END_TEST

Suite *test_toy_digits(void);
Suite *test_toy_digits(void) {
  Suite *suite = suite_create("toy digits");
  TCase *tcase = tcase_create("toy digits");
  tcase_add_test(tcase, images_can_be_read);
  tcase_add_test(tcase, sizes);
  suite_add_tcase(suite, tcase);
  return suite;
}
