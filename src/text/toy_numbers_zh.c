/* toy_numbers_zh.c - Chinese: groups of four digits around 万; one 零 for zeros between other digits; 一十 is 十 at the
 * very front only; 二 everywhere, never 两. A 零 stands for the zeros it replaces. */
#include "text/toy_numbers.h"

static const char *const digits[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
static const char *const units[] = {"", "十", "百", "千"};

static int digit_at(int value, int place) {
  for (; place > 0; place--) value /= 10;
  return value % 10;
}

/* One digit and its unit; first: nothing stands before. */
static void add_digit(ToyNumber *number, int digit, int place, bool first) {
  int unit = place % 4;
  if (!(first && digit == 1 && unit == 1)) toy_numbers_word(number, digits[digit], place, place);
  if (unit > 0) toy_numbers_word(number, units[unit], place, place);
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  ToyNumber number = toy_numbers_start(stratum, index, pair);
  if (number.value == 0) toy_numbers_word(&number, digits[0], 0, 0);
  int last = number.n_digits; /* place of the last digit that was not zero */
  for (int place = number.n_digits - 1; place >= 0; place--) {
    int digit = digit_at(number.value, place);
    if (digit > 0) {
      /* Zeros at the end of the group before 万 are not spoken when a thousand follows. */
      bool gap = last - place > 1 && last < number.n_digits && !(place == 3 && last >= 4);
      if (gap) toy_numbers_word(&number, digits[0], place + 1, last - 1);
      add_digit(&number, digit, place, last == number.n_digits);
      last = place;
    }
    if (place == 4 && number.value >= 10000) toy_numbers_word(&number, "万", 4, 4);
  }
}

extern const Toy toy_numbers_zh;
const Toy toy_numbers_zh = {TOY_NUMBERS_STRATA, toy_numbers_size, toy_numbers_weight, make};
