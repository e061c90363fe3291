#include "eval/heatmap_picture.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "samples.h"

/* Half the size a byte: widths that can be worked out by hand. */
static double measure(void *ctx, const char *text, double size, DrawingStyle style) {
  (void)ctx;
  (void)style;
  return 0.5 * size * (double)strlen(text);
}

static HeatmapPicture light(void) { return (HeatmapPicture){.theme = HEATMAP_LIGHT, .measure = measure}; }

static const char *text_of(const Drawing *d, const DrawingShape *s) { return tokens_get(&d->texts, s->text, NULL); }

/* The first text of these words, or NULL. */
static const DrawingShape *find_text(const Drawing *d, const char *text) {
  for (int i = 0; i < d->n; i++)
    if (d->shapes[i].kind == DRAWING_TEXT && strcmp(text_of(d, &d->shapes[i]), text) == 0) return &d->shapes[i];
  return NULL;
}

static int count(const Drawing *d, DrawingKind kind, double width, double height) {
  int n = 0;
  for (int i = 0; i < d->n; i++)
    n += d->shapes[i].kind == kind && d->shapes[i].width == width && d->shapes[i].height == height;
  return n;
}

/* sample_ties: 4 source tokens, 5 target tokens, cells of 28, font of 13. The widest target token, </s>, has 4 * 6.5 =
 * 26: left = 12 + 26 + 6. Source tokens of 26 beside 6.5 stand flat: their middles are 28 apart. */
START_TEST(tokens_and_cells) {
  Drawing d = {0};
  HeatmapPicture picture = light();
  heatmap_picture_draw(&d, &sample_ties, &picture);
  const DrawingShape *y = find_text(&d, "y"), *r = find_text(&d, "r");
  ck_assert_double_eq_tol(y->x, 44 + 1.5 * 28, 1e-9);
  ck_assert_double_eq(y->degrees, 0);
  ck_assert_int_eq(y->align, DRAWING_MIDDLE);
  ck_assert_double_eq_tol(r->x, 44 - 6, 1e-9);
  ck_assert_double_eq_tol(r->y - y->y, 6.5 + 6 + 2.5 * 28, 1e-9);
  ck_assert_int_eq(r->align, DRAWING_END);
  ck_assert_int_eq(count(&d, DRAWING_BOX, 4 * 28, 5 * 28), 1);
  ck_assert_int_eq(count(&d, DRAWING_BOX, 28, 28), 13); /* weights that are not 0 */
  ck_assert_int_eq(count(&d, DRAWING_OUTLINE, 25, 25), 0);
  ck_assert_ptr_null(find_text(&d, "50"));
  ck_assert_double_ge(d.width, 44 + 4 * 28 + 12);
  drawing_free(&d);
}
END_TEST

static double cell_of(int n) {
  static const char *tokens[100];
  static float weights[100 * 100];
  for (int i = 0; i < 100; i++) tokens[i] = "token";
  Alignment a = {.source = tokens, .n_source = n, .target = tokens, .n_target = n, .text = "", .weights = weights};
  Drawing d = {0};
  HeatmapPicture picture = light();
  heatmap_picture_draw(&d, &a, &picture);
  double left = find_text(&d, "token")->x, cell = 0, degrees = find_text(&d, "token")->degrees;
  for (int i = 0, seen = 0; i < d.n && seen < 2; i++)
    if (d.shapes[i].kind == DRAWING_TEXT && ++seen == 2) cell = d.shapes[i].x - left;
  ck_assert_double_eq(degrees, cell >= 20 ? -45 : -90);
  ck_assert_double_le(n * cell, d.width);
  drawing_free(&d);
  return cell;
}

START_TEST(sizes) {
  ck_assert_double_eq_tol(cell_of(2), 28, 1e-9);
  ck_assert_double_eq_tol(cell_of(20), 28, 1e-9);
  ck_assert_double_eq_tol(cell_of(40), 21, 1e-9);
  ck_assert_double_eq_tol(cell_of(60), 14, 1e-9);
  ck_assert_double_eq_tol(cell_of(100), 14, 1e-9);
}
END_TEST

/* Three letters have 19.5; the middles of two such are 28 apart, which leaves 8.5 between them; of four letters, 26 and
 * 19.5 leave 5.25, less than the gap of 6. */
START_TEST(tokens_lean_when_they_must) {
  Alignment a = sample_ties;
  Drawing d = {0};
  HeatmapPicture picture = light();
  a.source = (const char *const[]){"abc", "def", "e", "</s>"};
  heatmap_picture_draw(&d, &a, &picture);
  ck_assert_double_eq(find_text(&d, "def")->degrees, 0);
  a.source = (const char *const[]){"abcd", "efg", "e", "</s>"};
  heatmap_picture_draw(&d, &a, &picture);
  ck_assert_double_eq(find_text(&d, "efg")->degrees, -45);
  ck_assert_int_eq(find_text(&d, "efg")->align, DRAWING_START);
  a.source = (const char *const[]){"a", "b", "abcde", "c"};
  heatmap_picture_draw(&d, &a, &picture);
  ck_assert_double_eq(find_text(&d, "abcde")->degrees, -45);
  drawing_free(&d);
}
END_TEST

/* 30 letters of 6.5 have 195, more than the 170 there are: an ellipsis of three bytes, 19.5, and 23 letters, 12 of them
 * in front; a title loses its end. */
START_TEST(long_words_lose_their_middle) {
  Alignment a = sample_ties;
  Drawing d = {0};
  HeatmapPicture picture = light();
  a.source = (const char *const[]){"abcdefghijklmnopqrstuvwxyz0123", "x", "y", "</s>"};
  picture.title = "a title of many words that is much wider than the picture below it, which is small, and has no end";
  heatmap_picture_draw(&d, &a, &picture);
  ck_assert_ptr_nonnull(find_text(&d, "abcdefghijkl\xE2\x80\xA6tuvwxyz0123"));
  const char *title = NULL;
  for (int i = 0; i < d.n; i++)
    if (d.shapes[i].kind == DRAWING_TEXT && d.shapes[i].style == DRAWING_BOLD) title = text_of(&d, &d.shapes[i]);
  ck_assert_ptr_nonnull(title);
  ck_assert_int_eq(strncmp(title, "a title of", 10), 0);
  ck_assert_str_eq(title + strlen(title) - 3, "\xE2\x80\xA6");
  ck_assert_double_le(7.5 * (double)strlen(title), d.width - 24);
  drawing_free(&d);
}
END_TEST

/* Of 4 positions, p = 1.25 and window 1 leave 1 and 2: a frame of two cells from 44 + 28 on, and a mark at 1.75 cells.
 * A window over all is not framed. */
START_TEST(windows_of_local_p) {
  Alignment a = sample_ties;
  Drawing d = {0};
  HeatmapPicture picture = light();
  a.position = (const double[]){1.25, 1.25, 1.25, 1.25, 1.25};
  a.window = 1;
  heatmap_picture_draw(&d, &a, &picture);
  ck_assert_int_eq(count(&d, DRAWING_OUTLINE, 2 * 28 - 2, 26), 5);
  int marks = 0;
  for (int i = 0; i < d.n; i++)
    if (d.shapes[i].kind == DRAWING_BOX && d.shapes[i].width == 2 && d.shapes[i].height < 28 &&
        fabs(d.shapes[i].x - (44 + 1.75 * 28 - 1)) < 1e-9)
      marks++;
  ck_assert_int_eq(marks, 5);
  ck_assert_ptr_nonnull(find_text(&d, "p"));
  a.window = 3;
  heatmap_picture_draw(&d, &a, &picture);
  ck_assert_int_eq(count(&d, DRAWING_OUTLINE, 4 * 28 - 2, 26), 0);
  drawing_free(&d);
}
END_TEST

/* A spot of 0.24 cells in the middle of each row's cell, and what it means. */
START_TEST(spots_of_hard_attention) {
  static const int chosen[] = {2, 0, 3, 1, 0};
  Alignment a = sample_ties;
  Drawing d = {0};
  HeatmapPicture picture = light();
  a.chosen = chosen;
  heatmap_picture_draw(&d, &a, &picture);
  int row = 0;
  for (int i = 0; i < d.n && row < 5; i++)
    if (d.shapes[i].kind == DRAWING_BOX && fabs(d.shapes[i].width - 0.24 * 28) < 1e-9) {
      ck_assert_double_eq_tol(d.shapes[i].x, 44 + (chosen[row] + 0.5) * 28 - 0.12 * 28, 1e-9);
      row++;
    }
  ck_assert_int_eq(row, 5);
  ck_assert_ptr_nonnull(find_text(&d, "looked at"));
  double width = d.width;
  a.chosen = NULL;
  heatmap_picture_draw(&d, &a, &picture);
  ck_assert_ptr_null(find_text(&d, "looked at"));
  ck_assert_double_lt(d.width, width);
  drawing_free(&d);
}
END_TEST

START_TEST(numbers_title_gold) {
  Drawing d = {0};
  PharaohLinks gold = {0};
  HeatmapPicture picture = light();
  pharaoh_add(&gold, (PharaohLink){1, 0, true});
  pharaoh_add(&gold, (PharaohLink){2, 3, false});
  pharaoh_add(&gold, (PharaohLink){4, 0, true}); /* outside */
  pharaoh_add(&gold, (PharaohLink){0, 5, true});
  picture.numbers = true;
  picture.title = "A\ttitle";
  picture.gold = &gold;
  heatmap_picture_draw(&d, &sample_ties, &picture);
  ck_assert_ptr_nonnull(find_text(&d, "A\xE2\x90\x89title"));
  ck_assert_int_eq(find_text(&d, "A\xE2\x90\x89title")->style, DRAWING_BOLD);
  ck_assert_double_eq_tol(find_text(&d, "38")->x, 44 + 1.5 * 28, 1e-9); /* 0.375 of r's y */
  ck_assert_ptr_null(find_text(&d, "0.375"));
  ck_assert_ptr_nonnull(find_text(&d, "100 %  weight"));
  ck_assert_ptr_nonnull(find_text(&d, "gold link"));
  /* A sure link is halo and line, a possible one halo and dashes. */
  ck_assert_int_eq(count(&d, DRAWING_OUTLINE, 25, 25), 3);
  ck_assert_int_eq(count(&d, DRAWING_DASHES, 25, 25), 1);
  pharaoh_free(&gold);
  drawing_free(&d);
}
END_TEST

START_TEST(unknown_words_in_italics) {
  Alignment a = sample_ties;
  Drawing d = {0};
  HeatmapPicture picture = light();
  a.source_unknown = (const bool[]){false, true, false, false};
  a.target = (const char *const[]){"p", "<unk>", "r", "s", "</s>"};
  heatmap_picture_draw(&d, &a, &picture);
  ck_assert_int_eq(find_text(&d, "x")->style, DRAWING_REGULAR);
  ck_assert_int_eq(find_text(&d, "y")->style, DRAWING_ITALIC);
  ck_assert_int_eq(find_text(&d, "<unk>")->style, DRAWING_ITALIC);
  drawing_free(&d);
}
END_TEST

START_TEST(nothing_to_draw) {
  Drawing d = {0};
  HeatmapPicture picture = light();
  heatmap_picture_draw(&d, &sample_empty, &picture);
  ck_assert_ptr_nonnull(find_text(&d, "</s>"));
  ck_assert_double_gt(d.height, 50);
  drawing_free(&d);
}
END_TEST

Suite *test_heatmap_picture(void);
Suite *test_heatmap_picture(void) {
  Suite *s = suite_create("heatmap_picture");
  TCase *t = tcase_create("heatmap_picture");
  tcase_add_test(t, tokens_and_cells);
  tcase_add_test(t, sizes);
  tcase_add_test(t, tokens_lean_when_they_must);
  tcase_add_test(t, long_words_lose_their_middle);
  tcase_add_test(t, windows_of_local_p);
  tcase_add_test(t, spots_of_hard_attention);
  tcase_add_test(t, numbers_title_gold);
  tcase_add_test(t, unknown_words_in_italics);
  tcase_add_test(t, nothing_to_draw);
  suite_add_tcase(s, t);
  return s;
}
