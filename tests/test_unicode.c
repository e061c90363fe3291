#include "base/unicode.h"

#include <check.h>
#include <string.h>

/* General categories as UnicodeData.txt gives them. */
START_TEST(classes) {
  static const struct {
    uint32_t scalar;
    UnicodeClass want;
  } cases[] = {{'a', UNICODE_OTHER},          {'7', UNICODE_NUMBER},         {0x0663, UNICODE_NUMBER},
               {0x2167, UNICODE_NUMBER},      {0x00BD, UNICODE_NUMBER},      {'_', UNICODE_PUNCTUATION},
               {'-', UNICODE_PUNCTUATION},    {0x3002, UNICODE_PUNCTUATION}, {0x00AB, UNICODE_PUNCTUATION},
               {0x060C, UNICODE_PUNCTUATION}, {'+', UNICODE_SYMBOL},         {0x20AC, UNICODE_SYMBOL},
               {'`', UNICODE_SYMBOL},         {0x1F600, UNICODE_SYMBOL},     {0x4E00, UNICODE_OTHER},
               {0x0301, UNICODE_OTHER},       {0x200D, UNICODE_OTHER},       {' ', UNICODE_OTHER}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    ck_assert_msg(unicode_class(cases[i].scalar) == cases[i].want, "U+%04X", (unsigned)cases[i].scalar);
}
END_TEST

START_TEST(spaces) {
  static const uint32_t yes[] = {'\t',   '\n',   0x0B,   '\r',   0x1C,   0x1F,   ' ',    0x85,  0xA0,
                                 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};
  static const uint32_t no[] = {0x08, 0x0E, 0x1B, '!', 0x180E, 0x200B, 0x2060, 0xFEFF, 'x', 0x10FFFF};
  for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
    ck_assert_msg(unicode_space(yes[i]), "U+%04X", (unsigned)yes[i]);
  for (size_t i = 0; i < sizeof no / sizeof *no; i++) ck_assert_msg(!unicode_space(no[i]), "U+%04X", (unsigned)no[i]);
}
END_TEST

START_TEST(widths) {
  ck_assert_int_eq(unicode_width('a'), 1);
  ck_assert_int_eq(unicode_width(0x0301), 0);
  ck_assert_int_eq(unicode_width(0x0F71), 0); /* Tibetan vowel sign, Mn */
  ck_assert_int_eq(unicode_width(0x65E5), 2);
  ck_assert_int_eq(unicode_width(0xFF21), 2);
  ck_assert_int_eq(unicode_width(0x1F600), 2);
}
END_TEST

/* Right sides by the rules of SpecialCasing.txt; Final_Sigma looks over case-ignorable scalars on both sides. */
static const char *const lowered[][2] = {
    {"", ""},
    {"Stra\xC3\x9F"
     "E \xC3\x84\xD0\x96\xF0\x90\x90\x80",
     "stra\xC3\x9F"
     "e \xC3\xA4\xD0\xB6\xF0\x90\x90\xA8"},
    {"\xC4\xB0X", "i\xCC\x87x"},
    {"\xE1\xBA\x9E\xE2\x84\xAA", "\xC3\x9Fk"}, /* capital sharp s, Kelvin sign */
    {"\xCE\xA3", "\xCF\x83"},
    {"\xCE\x91\xCE\xA3", "\xCE\xB1\xCF\x82"},
    {"\xCE\x91\xCE\xA3.", "\xCE\xB1\xCF\x82."},
    {"\xCE\x91\xCE\xA3'\xCE\x91", "\xCE\xB1\xCF\x83'\xCE\xB1"},
    {"\xCE\x91'\xCE\xA3 \xCE\x91", "\xCE\xB1'\xCF\x82 \xCE\xB1"},
    {"\xCE\x91\xCC\x81\xCE\xA3", "\xCE\xB1\xCC\x81\xCF\x82"},
    {"1\xCE\xA3", "1\xCF\x83"},
    {"\xC2\xAA\xCE\xA3", "\xC2\xAA\xCF\x82"}, /* feminine ordinal: a lower-case letter by Other_Lowercase */
};

START_TEST(lower) {
  Str out = {0};
  unicode_lower(&out, lowered[_i][0], strlen(lowered[_i][0]));
  ck_assert_str_eq(str_text(&out), lowered[_i][1]);
  str_free(&out);
}
END_TEST

Suite *test_unicode(void);
Suite *test_unicode(void) {
  Suite *s = suite_create("unicode");
  TCase *t = tcase_create("unicode");
  tcase_add_test(t, classes);
  tcase_add_test(t, spaces);
  tcase_add_test(t, widths);
  tcase_add_loop_test(t, lower, 0, sizeof lowered / sizeof *lowered);
  suite_add_tcase(s, t);
  return s;
}
