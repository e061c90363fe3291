/* toy_numbers_en.c - English: hyphens from twenty-one to ninety-nine, no "and" (one hundred one). */
#include "text/toy_numbers.h"

static const char *const small[] = {"zero",     "one",     "two",     "three",     "four",     "five",    "six",
                                    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
                                    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
static const char *const tens[] = {"",      "",      "twenty",  "thirty", "forty",
                                   "fifty", "sixty", "seventy", "eighty", "ninety"};

static void below_100(ToyNumber *number, int value, int place) {
  if (value < 20) {
    toy_numbers_word(number, small[value], place, value < 10 ? place : place + 1);
    return;
  }
  toy_numbers_word(number, tens[value / 10], place + 1, place + 1);
  if (value % 10 == 0) return;
  toy_numbers_join(number, "-");
  toy_numbers_word(number, small[value % 10], place, place);
}

static void below_1000(ToyNumber *number, int value, int place) {
  if (value >= 100) {
    toy_numbers_word(number, small[value / 100], place + 2, place + 2);
    toy_numbers_join(number, " ");
    toy_numbers_word(number, "hundred", place + 2, place + 2);
    if (value % 100 != 0) toy_numbers_join(number, " ");
  }
  if (value % 100 != 0) below_100(number, value % 100, place);
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  ToyNumber number = toy_numbers_start(stratum, index, pair);
  int thousands = number.value / 1000, rest = number.value % 1000;
  if (number.value == 0) toy_numbers_word(&number, small[0], 0, 0);
  if (thousands > 0) {
    below_1000(&number, thousands, 3);
    toy_numbers_join(&number, " ");
    toy_numbers_word(&number, "thousand", 3, 3);
    if (rest > 0) toy_numbers_join(&number, " ");
  }
  below_1000(&number, rest, 0);
}

extern const Toy toy_numbers_en;
const Toy toy_numbers_en = {TOY_NUMBERS_STRATA, toy_numbers_size, toy_numbers_weight, make};
