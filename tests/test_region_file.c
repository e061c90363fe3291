/* Images and matrices as sources: values by hand and as NumPy wrote them, and what is refused. */
#include "text/region_file.h"

#include <check.h>
#include <string.h>

#include "scratch.h"
#include "text/tokenizer.h"

static const RegionForm in_twos = {.patch = 2, .max_side = 3}, of_threes = {.features = 3};

static void parse(RegionFile *f, const RegionForm *form, const char *bytes, size_t n) {
  Err err = {0};
  ck_assert_msg(region_file_parse(f, form, "file", bytes, n, &err), "%s", err.text);
}

static void expect_refused(const RegionForm *form, const char *bytes, size_t n, const char *words) {
  RegionFile f = {0};
  Err err = {0};
  ck_assert_msg(!region_file_parse(&f, form, "file", bytes, n, &err), "expected: %s", words);
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, words) != NULL, "'%s' lacks '%s'", err.text, words);
  ck_assert_ptr_eq(strstr(err.text, "file"), err.text);
  ck_assert_int_eq(f.regions.n, 0);
  region_file_free(&f);
}

static void expect_values(const RegionFile *f, int n, int size, const float *values) {
  ck_assert_int_eq(f->regions.n, n);
  ck_assert_int_eq(f->regions.size, size);
  for (int i = 0; i < n * size; i++) ck_assert_double_eq_tol((double)f->regions.at[i], (double)values[i], 1e-6);
}

/* 3 by 3 pixels in patches of 2 by 2: r1c1 is (1 2; 4 5) / 10, and what the edge lacks is 0. */
START_TEST(patches_from_left_to_right_and_from_the_top) {
  static const float want[] = {.1F, .2F, .4F, .5F, .3F, 0, .6F, 0, .7F, .8F, 0, 0, .9F, 0, 0, 0};
  static const char plain[] = "P2 # greys\n3 3\n# of ten\n10\n1 2 3\n4 5 6\n7 8 9\n",
                    bytes[] = "P5\n3 3 10\n\1\2\3\4\5\6\7\10\11";
  static const char wide[] = "P5 3 3 1000\n\0d\0\xC8\1,\1\x90\1\xF4\2X\2\xBC\3 \3\x84";
  RegionFile f = {0};
  parse(&f, &in_twos, plain, sizeof plain - 1);
  expect_values(&f, 4, 4, want);
  ck_assert_int_eq(f.regions.columns, 2);
  parse(&f, &in_twos, bytes, sizeof bytes - 1);
  expect_values(&f, 4, 4, want);
  parse(&f, &in_twos, wide, sizeof wide - 1); /* two bytes, the higher first: 100, 200, ... 900 */
  expect_values(&f, 4, 4, want);
  Str label = {0};
  region_file_label(&label, &f.regions, 2);
  ck_assert_str_eq(str_text(&label), "r2c1");
  str_free(&label);
  region_file_free(&f);
}
END_TEST

START_TEST(a_pixel_is_a_region) {
  RegionFile f = {0};
  static const float one[] = {1};
  parse(&f, &(RegionForm){.patch = 1, .max_side = 1}, "P2 1 1 7 7", 10);
  expect_values(&f, 1, 1, one);
  region_file_free(&f);
}
END_TEST

#define REFUSED(form, bytes, words) expect_refused(form, bytes, sizeof(bytes) - 1, words)

START_TEST(images_that_are_refused) {
  REFUSED(&in_twos, "", "no PGM image");
  REFUSED(&in_twos, "P3 1 1 255 1 1 1", "PBM or PPM");
  REFUSED(&in_twos, "\x89PNG\r\n\x1a\n....", "a PNG image; `magick file -colorspace Gray NEW.pgm`");
  REFUSED(&in_twos, "\xFF\xD8\xFF\xE0", "a JPEG image");
  REFUSED(&in_twos, "P5", "its width is missing: the file ends there");
  REFUSED(&in_twos, "P5 x", "its width is missing: no number");
  REFUSED(&in_twos, "P5 65537 1 255\n", "its width is over 65536");
  REFUSED(&in_twos, "P5 99999999999999999999 1 255\n", "its width is over 65536");
  REFUSED(&in_twos, "P5 0 1 255\n", "an image of 0 by 1 pixels");
  REFUSED(&in_twos, "P5 1 1 0\n", "its greatest value is 0");
  REFUSED(&in_twos, "P5 1 1 65536\n", "its greatest value is over 65535");
  REFUSED(&in_twos, "P5 1 1 255", "no white space behind");
  REFUSED(&in_twos, "P5 2 2 255\nabc", "2 by 2 pixels take 4 bytes at least, but 3 are left");
  REFUSED(&in_twos, "P5 2 1 256\nabc", "take 4 bytes at least, but 3 are left");
  REFUSED(&in_twos, "P5 60000 60000 255\nabc", "take 3600000000 bytes at least");
  REFUSED(&in_twos, "P5 1 1 255\nab", "1 bytes follow its last pixel");
  REFUSED(&in_twos, "P5 1 1 9\na", "a pixel is 97, over its greatest value, 9");
  REFUSED(&in_twos, "P2 2 1 255 1 \n", "a pixel is missing");
  REFUSED(&in_twos, "P2 1 1 255 1 2", "follow its last pixel");
  REFUSED(&in_twos, "P2 1 1 255 -1", "a pixel is missing: no number");
  REFUSED(&in_twos, "P5 7 1 255\nabcdefg",
          "1 rows and 4 columns of patches, but the model has places for 3 "
          "(model.encoder.max_side)");
  REFUSED(&in_twos, "\x93NUMPY\1\0\0\0", "a matrix, but model.encoder.patch is 2");
}
END_TEST

/* As numpy.save writes it (NumPy 2.3): a header of 118 bytes, then the numbers. */
static void write_npy(Str *out, const char *type, const char *order, const char *shape, const char *numbers, size_t n) {
  Str header = {0};
  str_addf(&header, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", type, order, shape);
  str_clear(out);
  str_add(out, "\x93NUMPY\1\0v\0", 10);
  str_addf(out, "%-117s\n", str_text(&header));
  str_add(out, numbers, n);
  str_free(&header);
}

/* Those of numpy.array([[1, -2, 0.5], [3, 4, 1e-3]], "<f4"). */
#define NUMBERS "\0\0\x80\x3f\0\0\0\xc0\0\0\0\x3f\0\0\x40\x40\0\0\x80\x40\x6f\x12\x83\x3a"

static const float six[] = {1, -2, .5F, 3, 4, 1e-3F};

START_TEST(matrices_of_numpy) {
  RegionFile f = {0};
  Str bytes = {0};
  write_npy(&bytes, "<f4", "False", "(2, 3)", NUMBERS, sizeof NUMBERS - 1);
  parse(&f, &of_threes, bytes.at, bytes.n);
  expect_values(&f, 2, 3, six);
  ck_assert_int_eq(f.regions.columns, 0);
  Str label = {0};
  region_file_label(&label, &f.regions, 1);
  ck_assert_str_eq(str_text(&label), "2");
  str_free(&label);
  str_free(&bytes);
  region_file_free(&f);
}
END_TEST

static void npy_refused(const char *type, const char *order, const char *shape, const char *numbers, size_t n,
                        const char *words) {
  Str bytes = {0};
  write_npy(&bytes, type, order, shape, numbers, n);
  expect_refused(&of_threes, bytes.at, bytes.n, words);
  str_free(&bytes);
}

#define NPY_REFUSED(type, order, shape, numbers, words) \
  npy_refused(type, order, shape, numbers, sizeof(numbers) - 1, words)

START_TEST(matrices_of_numpy_that_are_refused) {
  NPY_REFUSED("<f8", "False", "(2, 3)", NUMBERS, "numbers of type '<f8', not '<f4'");
  NPY_REFUSED(">f4", "False", "(2, 3)", NUMBERS, "numbers of type '>f4'");
  NPY_REFUSED("<f4", "True ", "(2, 3)", NUMBERS, "column by column");
  NPY_REFUSED("<f4", "False", "(6,)  ", NUMBERS, "its shape is (6,), not that of a matrix");
  NPY_REFUSED("<f4", "False", "(1,2,3)", NUMBERS, "its shape is (1,2,3), not");
  NPY_REFUSED("<f4", "False", "(3, 2)", NUMBERS, "2 numbers in a row, but model.encoder.features is 3");
  NPY_REFUSED("<f4", "False", "(3, 3)", NUMBERS, "3 by 3 numbers of 4 bytes are said to follow, but 24 bytes do");
  NPY_REFUSED("<f4", "False", "(999999999, 999999999)", NUMBERS, "are said to follow");
  NPY_REFUSED("<f4", "False", "(99999999999, 3)", NUMBERS, "its shape is");
  NPY_REFUSED("<f4", "False", "(2, 3)", NUMBERS "x", "but 25 bytes do");
  NPY_REFUSED("<f4", "False", "(0, 3)", "", "no rows");
  NPY_REFUSED("<f4", "False", "(1, 3)", "\0\0\x80\x3f\0\0\x80\x7f\0\0\0\0",
              "in row 1, column 2, both from 1, is not finite");
  REFUSED(&of_threes, "\x93NUMPY\2\0v\0\0\0{", "version 2 of NumPy's format, not 1");
  REFUSED(&of_threes, "\x93NUMPY\1\0v\0{'descr'", "ends within its header");
  REFUSED(&of_threes, "\x93NUMPY\1\0\3\0{}\n", "does not name descr, fortran_order and shape");
}
END_TEST

START_TEST(matrices_of_commas) {
  static const char plain[] = "1,-2,0.5\n3,4,1e-3\n", untidy[] = "\xEF\xBB\xBF 1 , -2,.5\r\n3,\t4,1E-3  \r\n\r\n";
  RegionFile f = {0};
  parse(&f, &of_threes, plain, sizeof plain - 1);
  expect_values(&f, 2, 3, six);
  parse(&f, &of_threes, untidy, sizeof untidy - 1);
  expect_values(&f, 2, 3, six);
  region_file_free(&f);
  REFUSED(&of_threes, "", "no rows");
  REFUSED(&of_threes, " \n\n", "no rows");
  REFUSED(&of_threes, "1,2,3\n1,2\n", "file:2: 2 numbers in a row, but model.encoder.features is 3");
  REFUSED(&of_threes, "1,2,3\n\n1,2,3\n", "file:2: \"\" is not a finite number");
  REFUSED(&of_threes, "a,b,c\n1,2,3\n", "file:1: \"a\" is not a finite number");
  REFUSED(&of_threes, "1,,3\n", "file:1: \"\" is not a finite number");
  REFUSED(&of_threes, "1,2,3,\n", "file:1: \"\" is not");
  REFUSED(&of_threes, "1,2,nan\n", "file:1: \"nan\" is not");
  REFUSED(&of_threes, "1,2,1e39\n", "file:1: \"1e39\" is not");
  REFUSED(&of_threes, "1,2,3 4\n", "file:1: \"3 4\" is not");
  REFUSED(&of_threes, "1,2,3\0,4\n", "file:1: \"3");
  REFUSED(&of_threes, "P5 1 1 255\na", "a PGM image, but model.encoder.patch is not given");
}
END_TEST

/* What a line names, with blanks at its ends; the tokens are what the regions are called. */
START_TEST(a_line_names_a_file) {
  Scratch scratch;
  scratch_open(&scratch);
  Err err = {0};
  Str line = {0};
  str_addf(&line, " %s\t", scratch_text(&scratch, "a b.pgm", "P2 3 1 4 1 2 3"));
  Tokenizer *t = tokenizer_of_regions(&in_twos);
  Tokens tokens = {0};
  ck_assert_msg(tokenizer_read(t, line.at, line.n, &tokens, &err), "%s", err.text);
  ck_assert_int_eq(tokens.n, 2);
  ck_assert_str_eq(tokens_get(&tokens, 1, NULL), "r1c2");
  size_t n;
  ck_assert_str_eq(tokens_entry(&tokens, 1, &n), "region");
  ck_assert_uint_eq(n, 6);
  ck_assert_double_eq_tol((double)tokens_regions(&tokens)->at[1], .5, 1e-6);
  ck_assert(tokenizer_read(t, " ", 1, &tokens, &err)); /* an empty line */
  ck_assert(tokens.n == 0 && tokens_regions(&tokens) == NULL);
  ck_assert(!tokenizer_read(t, "-", 1, &tokens, &err));
  err_clear(&err);
  ck_assert(!tokenizer_read(t, "/dev/null", 9, &tokens, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "/dev/null: not a regular file"));
  err_clear(&err);
  ck_assert(!tokenizer_read(t, "gone.pgm", 8, &tokens, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "gone.pgm"));
  ck_assert(tokens.n == 0 && tokens_regions(&tokens) == NULL);
  tokens_free(&tokens);
  tokenizer_free(t);
  str_free(&line);
  scratch_close(&scratch);
}
END_TEST

START_TEST(equal_when_they_read_alike) {
  Tokenizer *a = tokenizer_of_regions(&in_twos), *b = tokenizer_of_regions(&of_threes), *copy = tokenizer_copy(a),
            *word = tokenizer_new(TOKENIZER_word, false, NULL);
  ck_assert(tokenizer_equal(a, copy) && !tokenizer_equal(a, b) && !tokenizer_equal(a, word));
  tokenizer_free(a), tokenizer_free(b), tokenizer_free(copy), tokenizer_free(word);
}
END_TEST

Suite *test_region_file(void);
Suite *test_region_file(void) {
  Suite *suite = suite_create("region_file");
  TCase *tcase = tcase_create("region_file");
  tcase_add_test(tcase, patches_from_left_to_right_and_from_the_top);
  tcase_add_test(tcase, a_pixel_is_a_region);
  tcase_add_test(tcase, images_that_are_refused);
  tcase_add_test(tcase, matrices_of_numpy);
  tcase_add_test(tcase, matrices_of_numpy_that_are_refused);
  tcase_add_test(tcase, matrices_of_commas);
  tcase_add_test(tcase, a_line_names_a_file);
  tcase_add_test(tcase, equal_when_they_read_alike);
  suite_add_tcase(suite, tcase);
  return suite;
}
