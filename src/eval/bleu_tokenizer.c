#include "eval/bleu_tokenizer.h"

#include <string.h>

#include "base/unicode.h"
#include "base/utf8.h"

typedef bool Test(uint32_t scalar);

/* One of the substitutions that make a tokenizer, done from left to right over what the one before left. */
typedef struct Step {
  Test *first, *second; /* second NULL: of a scalar, else of two neighbours, both taken */
  bool lead;            /* blanks go before the first and the second (` \1 \2`), else before and after the second */
} Step;

static bool digit(uint32_t c) { return c >= '0' && c <= '9'; }
static bool no_digit(uint32_t c) { return !digit(c); }
static bool stop(uint32_t c) { return c == '.' || c == ','; }
static bool hyphen(uint32_t c) { return c == '-'; }
/* ASCII but for letters, digits, controls and ' , - . */
static bool ascii_mark(uint32_t c) {
  return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') ||
         (c >= ':' && c <= '@') || c == '/';
}
static bool no_number(uint32_t c) { return unicode_class(c) != UNICODE_NUMBER; }
static bool punctuation(uint32_t c) { return unicode_class(c) == UNICODE_PUNCTUATION; }
static bool symbol(uint32_t c) { return unicode_class(c) == UNICODE_SYMBOL; }

/* What the tokenizer zh sets apart: CJK characters and marks. sacrebleu writes two ranges beyond U+FFFF as "\u20000" to
 * "\u2a6d6" and "\u2f800" to "\u2fa1d", which Python reads as a character and a digit: they stand for U+2001 to
 * U+2A6D and U+2F81 to U+2FA1, so that dashes, quotes and arrows are set apart, and extension B is not. */
static bool chinese(uint32_t c) {
  static const uint32_t ranges[][2] = {{0x2001, 0x2A6D}, {0x2E80, 0x2FDF}, {0x2FF0, 0x303F}, {0x3100, 0x312F},
                                       {0x31A0, 0x31BF}, {0x31C0, 0x31EF}, {0x3200, 0x4DB5}, {0x4E00, 0x9FBB},
                                       {0xF900, 0xFA2D}, {0xFA30, 0xFA6A}, {0xFA70, 0xFAD9}, {0xFE10, 0xFE1F},
                                       {0xFE30, 0xFE4F}, {0xFF00, 0xFFEF}};
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
    if (c >= ranges[i][0] && c <= ranges[i][1]) return true;
  return false;
}

static const Step steps_zh[] = {{chinese, NULL, false}};
static const Step steps_13a[] = {
    {ascii_mark, NULL, false}, {no_digit, stop, false}, {stop, no_digit, true}, {digit, hyphen, false}};
static const Step steps_intl[] = {
    {no_number, punctuation, false}, {punctuation, no_number, true}, {symbol, NULL, false}};

/* The scalar at byte i of text and its length in *step; 0 and length 0 at the end. */
static uint32_t scalar_at(const Str *text, size_t i, size_t *step) {
  uint32_t scalar = 0;
  bool valid;
  *step = i < text->n ? utf8_next(text->at + i, text->n - i, &scalar, &valid) : 0;
  return scalar;
}

static void substitute(Str *out, const Str *text, const Step *s) {
  str_clear(out);
  for (size_t i = 0, one, two = 0; i < text->n; i += one) {
    bool hit = s->first(scalar_at(text, i, &one));
    if (hit && s->second == NULL) {
      str_addc(out, ' ');
      str_add(out, text->at + i, one);
      str_addc(out, ' ');
      continue;
    }
    uint32_t second = hit ? scalar_at(text, i + one, &two) : 0;
    hit = hit && two > 0 && s->second(second);
    if (hit && s->lead) str_addc(out, ' ');
    str_add(out, text->at + i, one);
    if (!hit) continue;
    str_addc(out, ' ');
    str_add(out, text->at + i + one, two);
    if (!s->lead) str_addc(out, ' ');
    one += two;
  }
}

static void swap(BleuTokenizer *t) {
  Str text = t->text;
  t->text = t->next;
  t->next = text;
}

static void substitute_all(BleuTokenizer *t, const Step *steps, size_t n) {
  for (size_t i = 0; i < n; i++) {
    substitute(&t->next, &t->text, &steps[i]);
    swap(t);
  }
}

static void replace(BleuTokenizer *t, const char *what, const char *by) {
  size_t n = strlen(what);
  str_clear(&t->next);
  for (size_t i = 0; i < t->text.n;) {
    bool hit = t->text.n - i >= n && memcmp(t->text.at + i, what, n) == 0;
    if (hit) str_adds(&t->next, by);
    else str_addc(&t->next, t->text.at[i]);
    i += hit ? n : 1;
  }
  swap(t);
}

static void cut_words(BleuTokenizer *t, Pieces *pieces) {
  pieces_words(pieces, str_text(&t->text), t->text.n, unicode_space);
}

static void cut_13a(BleuTokenizer *t, Pieces *pieces) {
  replace(t, "<skipped>", "");
  replace(t, "&quot;", "\"");
  replace(t, "&amp;", "&");
  replace(t, "&lt;", "<");
  replace(t, "&gt;", ">");
  str_clear(&t->next);
  str_addf(&t->next, " %s ", str_text(&t->text));
  swap(t);
  substitute_all(t, steps_13a, sizeof steps_13a / sizeof *steps_13a);
  cut_words(t, pieces);
}

static void cut_intl(BleuTokenizer *t, Pieces *pieces) {
  substitute_all(t, steps_intl, sizeof steps_intl / sizeof *steps_intl);
  cut_words(t, pieces);
}

/* Without the blanks that cut_13a puts around the line. */
static void cut_zh(BleuTokenizer *t, Pieces *pieces) {
  size_t lead = 0, step;
  for (uint32_t c; c = scalar_at(&t->text, lead, &step), step > 0 && unicode_space(c); lead += step) continue;
  str_clear(&t->next);
  str_add(&t->next, str_text(&t->text) + lead, t->text.n - lead);
  swap(t);
  substitute_all(t, steps_zh, sizeof steps_zh / sizeof *steps_zh);
  substitute_all(t, steps_13a, sizeof steps_13a / sizeof *steps_13a);
  cut_words(t, pieces);
}

static void cut_char(BleuTokenizer *t, Pieces *pieces) { pieces_scalars(pieces, str_text(&t->text), t->text.n); }

const char *const bleu_tokenizer_names[] = {"13a", "intl", "zh", "char", "none", NULL};
static void (*const cuts[])(BleuTokenizer *, Pieces *) = {cut_13a, cut_intl, cut_zh, cut_char, cut_words};

/* The bytes of at[0..n) without white space at the end. */
static size_t strip(const char *at, size_t n) {
  size_t end = 0;
  for (size_t i = 0; i < n;) {
    uint32_t scalar;
    bool valid;
    i += utf8_next(at + i, n - i, &scalar, &valid);
    if (!unicode_space(scalar)) end = i;
  }
  return end;
}

void bleu_tokenizer_cut(BleuTokenizer *tokenizer, int index, const char *at, size_t n, Pieces *pieces) {
  str_clear(&tokenizer->text);
  str_add(&tokenizer->text, at, strip(at, n));
  cuts[index](tokenizer, pieces);
}

void bleu_tokenizer_free(BleuTokenizer *tokenizer) {
  str_free(&tokenizer->text);
  str_free(&tokenizer->next);
}
