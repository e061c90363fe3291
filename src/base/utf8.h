/* utf8.h - Unicode text in UTF-8. Pure functions. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Decodes the scalar at the start of at[0..n), n >= 1. Returns its length in bytes, 1 to 4, and its value in *scalar;
 * for an invalid start the length of the maximal invalid part (Unicode 15, section 3.9, best practice) and *valid =
 * false. */
size_t utf8_next(const char *at, size_t n, uint32_t *scalar, bool *valid);
/* True when at[0..n) is valid UTF-8 without NUL. */
bool utf8_valid(const char *at, size_t n);
/* Appends at[0..n) to out, NUL and each maximal invalid part replaced by U+FFFD. Returns how many were replaced. */
int utf8_repair(Str *out, const char *at, size_t n);
/* Appends one scalar. */
void utf8_add(Str *out, uint32_t scalar);
/* Number of scalars in valid UTF-8. */
size_t utf8_count(const char *at, size_t n);
/* Columns of a terminal that the text fills: 2 for East Asian wide and fullwidth, 0 for combining marks. */
int utf8_width(const char *at, size_t n);

#endif
