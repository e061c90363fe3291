/* toy_numbers_de.c - German, one word: always einhundert and eintausend, no "und" after hundred or thousand. */
#include "text/toy_numbers.h"

static const char *const small[] = {"null",     "eins",     "zwei",     "drei",     "vier",     "fünf",    "sechs",
                                    "sieben",   "acht",     "neun",     "zehn",     "elf",      "zwölf",   "dreizehn",
                                    "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"};
static const char *const tens[] = {"",        "",        "zwanzig", "dreißig", "vierzig",
                                   "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"};

/* The word of a digit before another word. */
static const char *before(int digit) { return digit == 1 ? "ein" : small[digit]; }

/* last: nothing follows. */
static void below_100(ToyNumber *number, int value, int place, bool last) {
  if (value < 10) {
    toy_numbers_word(number, last ? small[value] : before(value), place, place);
  } else if (value < 20) {
    toy_numbers_word(number, small[value], place, place + 1);
  } else {
    if (value % 10 != 0) {
      toy_numbers_word(number, before(value % 10), place, place);
      toy_numbers_join(number, "und");
    }
    toy_numbers_word(number, tens[value / 10], place + 1, place + 1);
  }
}

static void below_1000(ToyNumber *number, int value, int place, bool last) {
  if (value >= 100) {
    toy_numbers_word(number, before(value / 100), place + 2, place + 2);
    toy_numbers_word(number, "hundert", place + 2, place + 2);
  }
  if (value % 100 != 0) below_100(number, value % 100, place, last);
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  ToyNumber number = toy_numbers_start(stratum, index, pair);
  int thousands = number.value / 1000;
  if (number.value == 0) toy_numbers_word(&number, small[0], 0, 0);
  if (thousands > 0) {
    below_1000(&number, thousands, 3, false);
    toy_numbers_word(&number, "tausend", 3, 3);
  }
  below_1000(&number, number.value % 1000, 0, true);
}

extern const Toy toy_numbers_de;
const Toy toy_numbers_de = {TOY_NUMBERS_STRATA, toy_numbers_size, toy_numbers_weight, make};
