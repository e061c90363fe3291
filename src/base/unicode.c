#include "base/unicode.h"

#include <utf8proc.h>

#include "base/utf8.h"

UnicodeClass unicode_class(uint32_t scalar) {
  utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)scalar);
  if (c >= UTF8PROC_CATEGORY_ND && c <= UTF8PROC_CATEGORY_NO) return UNICODE_NUMBER;
  if (c >= UTF8PROC_CATEGORY_PC && c <= UTF8PROC_CATEGORY_PO) return UNICODE_PUNCTUATION;
  if (c >= UTF8PROC_CATEGORY_SM && c <= UTF8PROC_CATEGORY_SO) return UNICODE_SYMBOL;
  return UNICODE_OTHER;
}

bool unicode_space(uint32_t scalar) {
  if (scalar < 0x80) return scalar == ' ' || (scalar >= 0x09 && scalar <= 0x0D) || (scalar >= 0x1C && scalar <= 0x1F);
  const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)scalar);
  return p->category == UTF8PROC_CATEGORY_ZS || p->bidi_class == UTF8PROC_BIDI_CLASS_WS ||
         p->bidi_class == UTF8PROC_BIDI_CLASS_B || p->bidi_class == UTF8PROC_BIDI_CLASS_S;
}

int unicode_width(uint32_t scalar) { return utf8proc_charwidth((utf8proc_int32_t)scalar); }

typedef struct Range {
  uint32_t from, to;
} Range;

static bool inside(const Range *ranges, size_t n, uint32_t scalar) {
  for (size_t i = 0; i < n; i++)
    if (scalar >= ranges[i].from && scalar <= ranges[i].to) return true;
  return false;
}

/* Derived property Cased: Lu, Ll, Lt, and Other_Lowercase and Other_Uppercase of PropList.txt, which utf8proc lacks. */
static bool cased(uint32_t scalar) {
  static const Range other[] = {{0x00AA, 0x00AA},   {0x00BA, 0x00BA},   {0x02B0, 0x02B8},   {0x02C0, 0x02C1},
                                {0x02E0, 0x02E4},   {0x0345, 0x0345},   {0x037A, 0x037A},   {0x1D2C, 0x1D6A},
                                {0x1D78, 0x1D78},   {0x1D9B, 0x1DBF},   {0x2071, 0x2071},   {0x207F, 0x207F},
                                {0x2090, 0x209C},   {0x2160, 0x217F},   {0x24B6, 0x24E9},   {0x2C7C, 0x2C7D},
                                {0xA69C, 0xA69D},   {0xA770, 0xA770},   {0xA7F8, 0xA7F9},   {0xAB5C, 0xAB5F},
                                {0x10780, 0x10780}, {0x10783, 0x10785}, {0x10787, 0x107B0}, {0x107B2, 0x107BA},
                                {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}};
  utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)scalar);
  return (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LT) ||
         inside(other, sizeof other / sizeof *other, scalar);
}

/* Derived property Case_Ignorable: Mn, Me, Cf, Lm, Sk, and Word_Break MidLetter, MidNumLet and Single_Quote. */
static bool case_ignorable(uint32_t scalar) {
  static const Range middle[] = {{0x27, 0x27},     {0x2E, 0x2E},     {0x3A, 0x3A},     {0xB7, 0xB7},
                                 {0x387, 0x387},   {0x55F, 0x55F},   {0x5F4, 0x5F4},   {0x2018, 0x2019},
                                 {0x2024, 0x2024}, {0x2027, 0x2027}, {0xFE13, 0xFE13}, {0xFE52, 0xFE52},
                                 {0xFE55, 0xFE55}, {0xFF07, 0xFF07}, {0xFF0E, 0xFF0E}, {0xFF1A, 0xFF1A}};
  utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)scalar);
  return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_ME || c == UTF8PROC_CATEGORY_CF ||
         c == UTF8PROC_CATEGORY_LM || c == UTF8PROC_CATEGORY_SK ||
         inside(middle, sizeof middle / sizeof *middle, scalar);
}

static uint32_t scalar_at(const char *at, size_t n, size_t *step) {
  uint32_t scalar;
  bool valid;
  *step = utf8_next(at, n, &scalar, &valid);
  return scalar;
}

/* Before at[from]: a cased scalar, case-ignorable ones between them passed over. */
static bool cased_before(const char *at, size_t from) {
  while (from > 0) {
    size_t start = from - 1, step;
    while (start > 0 && ((unsigned char)at[start] & 0xC0) == 0x80) start--;
    uint32_t scalar = scalar_at(at + start, from - start, &step);
    if (!case_ignorable(scalar)) return cased(scalar);
    from = start;
  }
  return false;
}

static bool cased_after(const char *at, size_t n, size_t from) {
  for (size_t step; from < n; from += step) {
    uint32_t scalar = scalar_at(at + from, n - from, &step);
    if (!case_ignorable(scalar)) return cased(scalar);
  }
  return false;
}

void unicode_lower(Str *out, const char *at, size_t n) {
  for (size_t i = 0, step; i < n; i += step) {
    uint32_t scalar = scalar_at(at + i, n - i, &step);
    if (scalar < 0x80) str_addc(out, (char)(scalar >= 'A' && scalar <= 'Z' ? scalar + 32 : scalar));
    else if (scalar == 0x130) str_adds(out, "i\xCC\x87");
    else if (scalar == 0x3A3) utf8_add(out, cased_before(at, i) && !cased_after(at, n, i + step) ? 0x3C2 : 0x3C3);
    else utf8_add(out, (uint32_t)utf8proc_tolower((utf8proc_int32_t)scalar));
  }
}
