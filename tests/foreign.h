/* foreign.h - subword models as others train them, with options of the library that sentencepiece_learn never sets. */
#ifndef TESTS_FOREIGN_H
#define TESTS_FOREIGN_H

#include "text/sentencepiece.h"

/* The bytes of a model learned from `lines` (NULL at the end), each repeated, with options as names and values in turn,
 * NULL at the end. They are appended to out. */
void foreign_bytes(const char *const *lines, const char *const *options, Str *out);
/* The same, loaded. */
Sentencepiece *foreign_model(const char *const *lines, const char *const *options);
/* Generated lines, NULL at the end, and options that go with them: the library's own normalisation, white space as a
 * suffix, pieces over several words; bytes and symbols of the user in a unigram and in a bpe model. */
extern const char *const foreign_rhyme[], *const foreign_nfkc[], *const foreign_suffix[], *const foreign_phrases[];
extern const char *const *const foreign_atoms[2];
/* Appends the piece without its U+2581. */
void foreign_strip(Str *out, const char *piece);

#endif
