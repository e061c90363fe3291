#include "text/word_form.h"

#include <string.h>

#include "base/utf8.h"

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Marks that a tokenizer sets apart in any language; apostrophes and hyphens are left, which it may not. */
static bool is_mark(uint32_t c) {
  static const uint32_t marks[] = {'.',    ',',    '?',    '!',    ';',    ':',    '"',    '(',
                                   ')',    '[',    ']',    0xA1,   0xAB,   0xBB,   0xBF,   0x60C,
                                   0x61B,  0x61F,  0x6D4,  0x964,  0x201C, 0x201D, 0x201E, 0x2026,
                                   0x3001, 0x3002, 0xFF01, 0xFF0C, 0xFF1A, 0xFF1B, 0xFF1F};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (marks[i] == c) return true;
  return false;
}

static bool is_letter(uint32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= 0xC0 && c != 0xFFED && !is_mark(c) && (c < 0x2000 || c >= 0x2C00));
}

static bool is_unspaced(uint32_t c) {
  static const struct {
    uint32_t first, last;
  } ranges[] = {{0xE00, 0xEFF},   {0x1000, 0x109F}, {0x1780, 0x17FF}, {0x3040, 0x30FF},
                {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFF}};
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
    if (c >= ranges[i].first && c <= ranges[i].last) return true;
  return false;
}

/* The mark by which a word says that it is a piece of one; NULL: it does not. */
static const char *piece_mark(const char *word, size_t n) {
  static const struct {
    const char *mark;
    bool front, back;
  } marks[] = {{"@@", false, true}, {"##", true, false}, {"\xE2\x96\x81", true, true}, {"\xEF\xBF\xAD", true, true}};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
    size_t k = strlen(marks[i].mark);
    bool front = marks[i].front && n >= k && memcmp(word, marks[i].mark, k) == 0 && (n > k || k == 3);
    bool back = marks[i].back && n > k && memcmp(word + n - k, marks[i].mark, k) == 0;
    if (front || back) return marks[i].mark;
  }
  return NULL;
}

void word_form_add(WordForm *f, const char *word, size_t n) {
  uint32_t first = 0, last = 0;
  bool letters = false, space = false, valid;
  for (size_t i = 0; i < n;) {
    i += utf8_next(word + i, n - i, &last, &valid);
    if (first == 0) first = last;
    letters = letters || is_letter(last);
    space = space || last == 0x2581;
    f->n_scalars++;
    f->n_unspaced += is_unspaced(last);
  }
  const char *mark = piece_mark(word, n);
  f->n_words++;
  f->n_spaces += space;
  f->n_attached += letters && (is_mark(first) || is_mark(last));
  f->n_pieces += mark != NULL;
  if (f->mark == NULL) f->mark = mark;
}

void word_form_add_line(WordForm *f, const char *line, size_t n) {
  for (size_t i = 0; i < n;) {
    while (i < n && is_space(line[i])) i++;
    size_t start = i;
    while (i < n && !is_space(line[i])) i++;
    if (i > start) word_form_add(f, line + start, i - start);
  }
}

const char *word_form_bare(const char *word, size_t *n) {
  size_t from = 0, to = 0; /* of what is left */
  uint32_t scalar;
  bool valid;
  for (size_t i = 0, end; i < *n; i = end) {
    end = i + utf8_next(word + i, *n - i, &scalar, &valid);
    if (!is_mark(scalar)) to = end;
    else if (to == 0) from = end;
  }
  *n = to > from ? to - from : 0;
  return word + from;
}

bool word_form_unspaced(const WordForm *f) {
  enum { CLAUSE = 5 }; /* scalars; segmented Chinese and Japanese have one to three a word */
  return f->n_words > 0 && 2 * f->n_unspaced > f->n_scalars && f->n_unspaced >= CLAUSE * f->n_words;
}

static double percent(int64_t part, int64_t whole) { return whole == 0 ? 0 : 100 * (double)part / (double)whole; }

static bool has_pieces(const WordForm *f) { return percent(f->n_pieces, f->n_words) >= 2; }

void word_form_warn(const WordForm *f, const char *side, Str *out) {
  if (has_pieces(f))
    str_addf(
        out,
        "the %s is made of pieces of words (%.0f %% have the mark %s): bleu, chrf, ter and wer are of pieces, and so "
        "is accuracy; give text of words and set vocab.%s.tokenizer to \"sentencepiece\", which makes pieces itself",
        side, percent(f->n_pieces, f->n_words), f->mark, side);
  else if (word_form_unspaced(f))
    str_addf(
        out,
        "the %s is written without blanks between words (%.1f characters a word), so that a word is nearly a whole "
        "line: set vocab.%s.tokenizer to \"sentencepiece\" or \"char\"",
        side, (double)f->n_scalars / (double)f->n_words, side);
  else if (percent(f->n_attached, f->n_words) >= 5)
    str_addf(out,
             "punctuation is attached to %.0f %% of the words of the %s, and each such form is a word of its own: set "
             "vocab.%s.tokenizer to \"sentencepiece\", or set punctuation apart in the text",
             percent(f->n_attached, f->n_words), side, side);
}

void word_form_warn_pieces(const WordForm *f, const char *what, Str *out) {
  if (has_pieces(f))
    str_addf(out, "%s: made of pieces of words (%.0f %% have the mark %s): what is counted are pieces; join them first",
             what, percent(f->n_pieces, f->n_words), f->mark);
}
