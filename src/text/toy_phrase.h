/* toy_phrase.h - phrases of the toy corpus en-fr: English words, French words, and which English words each French word
 * comes from. Pure functions on values; the texts are constants. */
#ifndef TEXT_TOY_PHRASE_H
#define TEXT_TOY_PHRASE_H

#include <stdint.h>

#include "text/toy.h"
#include "text/toy_lexicon.h"

enum { TOY_PHRASE_MAX = 40 };

typedef struct FrenchWord {
  const char *text;
  uint64_t from; /* bit i: English word i of the same phrase */
} FrenchWord;

typedef struct Phrase {
  const char *en[TOY_PHRASE_MAX];
  FrenchWord fr[TOY_PHRASE_MAX];
  int n_en, n_fr;
} Phrase;

/* Adds an English word; its bit. */
uint64_t toy_phrase_en(Phrase *phrase, const char *text);
void toy_phrase_fr(Phrase *phrase, const char *text, uint64_t from);
/* Adds the English words of another phrase; the offset to give to toy_phrase_add_fr. */
int toy_phrase_add_en(Phrase *phrase, const Phrase *other);
void toy_phrase_add_fr(Phrase *phrase, const Phrase *other, int offset);
void toy_phrase_add(Phrase *phrase, const Phrase *other);
/* True when French elides before the word. */
bool toy_phrase_vowel(const char *french);
/* Elision (l' d' n' j' m' t' qu') and contraction (au aux du des) over the French words. */
void toy_phrase_join(Phrase *phrase);
/* Puts the words and the links in an empty pair. */
void toy_phrase_pair(const Phrase *phrase, ToyPair *pair);

#endif
