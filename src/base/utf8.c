#include "base/utf8.h"

#include "base/unicode.h"

/* Bytes that a lead byte announces (0: not a lead byte) and the range of its second byte (Unicode 15, table 3-7). */
static size_t lead(unsigned char c, unsigned char *low, unsigned char *high) {
  *low = 0x80;
  *high = 0xBF;
  if (c < 0x80) return 1;
  if (c >= 0xC2 && c <= 0xDF) return 2;
  if (c == 0xE0) *low = 0xA0;
  if (c == 0xED) *high = 0x9F;
  if (c >= 0xE0 && c <= 0xEF) return 3;
  if (c == 0xF0) *low = 0x90;
  if (c == 0xF4) *high = 0x8F;
  if (c >= 0xF0 && c <= 0xF4) return 4;
  return 0;
}

size_t utf8_next(const char *at, size_t n, uint32_t *scalar, bool *valid) {
  const unsigned char *p = (const unsigned char *)at;
  unsigned char low, high;
  size_t want = lead(p[0], &low, &high);
  *scalar = 0xFFFD;
  *valid = false;
  if (want == 0) return 1;
  uint32_t value = want == 1 ? p[0] : p[0] & (0xFFu >> (want + 1));
  for (size_t i = 1; i < want; i++) {
    if (i >= n || p[i] < low || p[i] > high) return i;
    value = value << 6 | (p[i] & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  *scalar = value;
  *valid = true;
  return want;
}

bool utf8_valid(const char *at, size_t n) {
  for (size_t i = 0; i < n;) {
    uint32_t scalar;
    bool valid;
    i += utf8_next(at + i, n - i, &scalar, &valid);
    if (!valid || scalar == 0) return false;
  }
  return true;
}

int utf8_repair(Str *out, const char *at, size_t n) {
  int replaced = 0;
  for (size_t i = 0; i < n;) {
    uint32_t scalar;
    bool valid;
    size_t step = utf8_next(at + i, n - i, &scalar, &valid);
    if (valid && scalar != 0) {
      str_add(out, at + i, step);
    } else {
      str_adds(out, "\xEF\xBF\xBD");
      replaced++;
    }
    i += step;
  }
  return replaced;
}

void utf8_add(Str *out, uint32_t scalar) {
  char b[4];
  size_t n;
  if (scalar < 0x80) {
    b[0] = (char)scalar;
    n = 1;
  } else if (scalar < 0x800) {
    b[0] = (char)(0xC0 | scalar >> 6);
    n = 2;
  } else if (scalar < 0x10000) {
    b[0] = (char)(0xE0 | scalar >> 12);
    n = 3;
  } else {
    b[0] = (char)(0xF0 | scalar >> 18);
    n = 4;
  }
  for (size_t i = 1; i < n; i++) b[i] = (char)(0x80 | (scalar >> 6 * (n - 1 - i) & 0x3F));
  str_add(out, b, n);
}

size_t utf8_count(const char *at, size_t n) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++) count += ((unsigned char)at[i] & 0xC0) != 0x80;
  return count;
}

int utf8_width(const char *at, size_t n) {
  int width = 0;
  for (size_t i = 0; i < n;) {
    uint32_t scalar;
    bool valid;
    i += utf8_next(at + i, n - i, &scalar, &valid);
    width += unicode_width(scalar);
  }
  return width;
}
