/* word_form.h - how the words of a text, between its white space, are written: what tells that a text is not what it is
 * taken for. Pure. */
#ifndef TEXT_WORD_FORM_H
#define TEXT_WORD_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Counts; zero-initialised ready. */
typedef struct WordForm {
  int64_t n_words;
  int64_t n_attached; /* words with a mark of punctuation at their start or end, and letters besides: "Sure.", (yes */
  int64_t n_pieces;   /* pieces of words, as subword-nmt, WordPiece, SentencePiece or OpenNMT mark them */
  const char *mark;   /* of these, the first seen; static */
  int64_t n_spaces;   /* words with U+2581 in them, which SentencePiece takes for a space */
  int64_t n_scalars;  /* in all words */
  int64_t n_unspaced; /* of them in scripts written without blanks: Han, kana, Thai, Lao, Khmer, Burmese */
} WordForm;

void word_form_add(WordForm *form, const char *word, size_t n);
/* The words of a line. */
void word_form_add_line(WordForm *form, const char *line, size_t n);
/* Leaves out the marks at the start and the end of a word, in place of which a tokeniser has tokens: "house." becomes
 * "house". Gives where what is left begins, and its bytes in n. */
const char *word_form_bare(const char *word, size_t *n);
/* Most of the text is in such scripts, and its words are so long that they are whole clauses. */
bool word_form_unspaced(const WordForm *form);
/* Appends what a text of words should not be; nothing when nothing is wrong. side: "source" or "target". */
void word_form_warn(const WordForm *form, const char *side, Str *out);
/* The same of what metrics of words count: only that it is of pieces. what: "hypothesis". */
void word_form_warn_pieces(const WordForm *form, const char *what, Str *out);

#endif
