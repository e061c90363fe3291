/* toy_numbers.h - numbers from 0 to 999,999 from digits to words: what the languages share.
 *
 * Links, in characters: each character of a word to the digits the word stands for, its name of a place (hundred,
 * thousand, 万) included: "hundred" to the hundreds' digit, "thousand" to the last digit of the thousands. Blanks,
 * hyphens, "et" and "und" have no link. */
#ifndef TEXT_TOY_NUMBERS_H
#define TEXT_TOY_NUMBERS_H

#include "text/toy.h"

/* One stratum a number of digits, longer ones more often. */
enum { TOY_NUMBERS_STRATA = 6 };
uint64_t toy_numbers_size(int stratum);
double toy_numbers_weight(int stratum);

/* A number being written as the target of a pair. Places count from 0, the ones. */
typedef struct ToyNumber {
  ToyPair *pair;
  int value, n_digits;
  int n_chars; /* of the target so far */
} ToyNumber;

/* Puts number `index` of the stratum in the source of pair. */
ToyNumber toy_numbers_start(int stratum, uint64_t index, ToyPair *pair);
/* Appends a word that stands for the digits at places low .. high. */
void toy_numbers_word(ToyNumber *number, const char *word, int low, int high);
/* Appends a blank or whatever else stands for no digit. */
void toy_numbers_join(ToyNumber *number, const char *text);

#endif
