/* toy_noun.h - noun phrases of the toy corpus en-fr: determiners, adjectives, agreement. */
#ifndef TEXT_TOY_NOUN_H
#define TEXT_TOY_NOUN_H

#include "text/toy_phrase.h"

/* Cuts a number into choices, least significant first, and multiplies up how many there are. What is asked must depend
 * on the stratum alone, never on an earlier choice: then the sizes of all numbers are the same. */
typedef struct ToyChoice {
  uint64_t index, size;
} ToyChoice;
/* 0 .. n-1 */
int toy_noun_pick(ToyChoice *choice, int n);

typedef enum NounKind {
  NOUN_PRONOUN,
  NOUN_THE,     /* the, a, some, this */
  NOUN_MY,      /* possessives, numbers, every, many */
  NOUN_ONE_THE, /* and an adjective */
  NOUN_ONE_MY,
  NOUN_TWO_THE, /* and two, one before and one after the noun in French */
  NOUN_TWO_MY,
  NOUN_GENITIVE, /* the king 's dog */
  NOUN_AND,      /* the king and the queen */
  N_NOUN_KINDS
} NounKind;

typedef struct NounPhrase {
  Phrase words;
  int person; /* PERSON_HE, PERSON_THEY, ... */
  bool feminine, plural;
} NounPhrase;

/* A phrase of any kind but the pronoun. after_preposition: only determiners that go with one. negated: the direct
 * object of a negative verb (any; de). */
NounPhrase toy_noun_phrase(ToyChoice *choice, NounClass class, NounKind kind, bool after_preposition, bool negated);

/* The pronouns I you he she we they, as subject. */
enum { TOY_PRONOUNS = 6 };
NounPhrase toy_noun_pronoun(int pronoun);
/* The same as object; the French word goes elsewhere and is given in *french. */
NounPhrase toy_noun_object(int pronoun, const char **french);
/* False for pairs that would need a reflexive (I see us). */
bool toy_noun_may_meet(int subject, int object);

#endif
