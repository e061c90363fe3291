/* unicode.h - properties of Unicode scalars, and lower case; the one door to utf8proc. Pure functions. */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* The first letter of the general category, as far as metrics ask: N, P, S, or anything else. */
typedef enum UnicodeClass { UNICODE_OTHER, UNICODE_NUMBER, UNICODE_PUNCTUATION, UNICODE_SYMBOL } UnicodeClass;
UnicodeClass unicode_class(uint32_t scalar);
/* White space as Python's str.split() takes it: bidirectional class WS, B or S, or category Zs. */
bool unicode_space(uint32_t scalar);
/* Columns of a terminal: 2 for East Asian wide and fullwidth, 0 for combining marks and controls, else 1. */
int unicode_width(uint32_t scalar);
/* Appends valid UTF-8 text at[0..n) in lower case: the full mapping of Unicode (SpecialCasing.txt without its
 * languages), where U+0130 gives two scalars and a capital sigma that ends a word U+03C2. */
void unicode_lower(Str *out, const char *at, size_t n);

#endif
