#include "text/toy_numbers.h"

#include <string.h>

#include "base/utf8.h"

static uint64_t power(int digits) {
  uint64_t p = 1;
  for (; digits > 0; digits--) p *= 10;
  return p;
}

uint64_t toy_numbers_size(int stratum) { return stratum == 0 ? 10 : 9 * power(stratum); }

double toy_numbers_weight(int stratum) { return stratum < 4 ? 1 : stratum - 2; }

ToyNumber toy_numbers_start(int stratum, uint64_t index, ToyPair *pair) {
  int value = (int)(stratum == 0 ? index : power(stratum) + index);
  str_addf(&pair->source, "%d", value);
  return (ToyNumber){pair, value, stratum + 1, 0};
}

void toy_numbers_word(ToyNumber *number, const char *word, int low, int high) {
  int n = (int)utf8_count(word, strlen(word));
  for (int k = 0; k < n; k++)
    for (int place = high; place >= low; place--)
      toy_link(number->pair, number->n_digits - 1 - place, number->n_chars + k);
  toy_numbers_join(number, word);
}

void toy_numbers_join(ToyNumber *number, const char *text) {
  str_adds(&number->pair->target, text);
  number->n_chars += (int)utf8_count(text, strlen(text));
}
