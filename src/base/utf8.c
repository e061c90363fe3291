#include "base/utf8.h"

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

typedef struct Range {
  uint32_t from, to;
} Range;

static bool inside(const Range *ranges, size_t n, uint32_t scalar) {
  for (size_t i = 0; i < n; i++)
    if (scalar >= ranges[i].from && scalar <= ranges[i].to) return true;
  return false;
}

/* The common blocks of Unicode 15: EastAsianWidth W and F, and general categories Mn, Me and Cf. */
static int width_of(uint32_t scalar) {
  static const Range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},  {0x3400, 0x4DBF},
                               {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xAC00, 0xD7A3},  {0xF900, 0xFAFF},
                               {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F},
                               {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
  static const Range none[] = {
      {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A},
      {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064},
      {0x20D0, 0x20FF}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};
  if (inside(none, sizeof none / sizeof *none, scalar)) return 0;
  return inside(wide, sizeof wide / sizeof *wide, scalar) ? 2 : 1;
}

int utf8_width(const char *at, size_t n) {
  int width = 0;
  for (size_t i = 0; i < n;) {
    uint32_t scalar;
    bool valid;
    i += utf8_next(at + i, n - i, &scalar, &valid);
    width += width_of(scalar);
  }
  return width;
}
