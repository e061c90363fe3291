/* toy_numbers_fr.c - French of France, in the spelling before 1990: hyphens below one hundred but beside "et"; "cent"
 * and "quatre-vingt" take an s when they are multiplied and nothing follows, "mille" neither takes one nor lets them.
 */
#include "text/toy_numbers.h"

static const char *const small[] = {"zéro", "un",  "deux", "trois", "quatre", "cinq",     "six",    "sept", "huit",
                                    "neuf", "dix", "onze", "douze", "treize", "quatorze", "quinze", "seize"};
static const char *const tens[] = {"",          "dix",      "vingt",    "trente",       "quarante",
                                   "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt"};

/* A word, or dix-sept to dix-neuf; value < 20. From ten on it stands for both digits. */
static void below_20(ToyNumber *number, int value, int place) {
  if (value <= 16) {
    toy_numbers_word(number, small[value], place, value < 10 ? place : place + 1);
    return;
  }
  toy_numbers_word(number, "dix", place + 1, place + 1);
  toy_numbers_join(number, "-");
  toy_numbers_word(number, small[value - 10], place, place);
}

/* last: nothing follows, "mille" neither. */
static void below_100(ToyNumber *number, int value, int place, bool last) {
  if (value < 20) {
    below_20(number, value, place);
    return;
  }
  int ten = value / 10, rest = value % 10 + (ten == 7 || ten == 9 ? 10 : 0);
  toy_numbers_word(number, value == 80 && last ? "quatre-vingts" : tens[ten], place + 1, place + 1);
  if (rest == 0) return;
  toy_numbers_join(number, ten < 8 && rest % 10 == 1 ? " et " : "-");
  below_20(number, rest, place);
}

static void below_1000(ToyNumber *number, int value, int place, bool last) {
  int hundreds = value / 100, rest = value % 100;
  if (hundreds > 1) {
    toy_numbers_word(number, small[hundreds], place + 2, place + 2);
    toy_numbers_join(number, " ");
  }
  if (hundreds > 0)
    toy_numbers_word(number, hundreds > 1 && rest == 0 && last ? "cents" : "cent", place + 2, place + 2);
  if (hundreds > 0 && rest > 0) toy_numbers_join(number, " ");
  if (rest > 0) below_100(number, rest, place, last);
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  ToyNumber number = toy_numbers_start(stratum, index, pair);
  int thousands = number.value / 1000, rest = number.value % 1000;
  if (number.value == 0) toy_numbers_word(&number, small[0], 0, 0);
  if (thousands > 1) {
    below_1000(&number, thousands, 3, false);
    toy_numbers_join(&number, " ");
  }
  if (thousands > 0) toy_numbers_word(&number, "mille", 3, 3);
  if (thousands > 0 && rest > 0) toy_numbers_join(&number, " ");
  below_1000(&number, rest, 0, true);
}

extern const Toy toy_numbers_fr;
const Toy toy_numbers_fr = {TOY_NUMBERS_STRATA, toy_numbers_size, toy_numbers_weight, make};
