/* toy_lexicon.h - the words of the toy corpus en-fr, as constant tables. */
#ifndef TEXT_TOY_LEXICON_H
#define TEXT_TOY_LEXICON_H

#include <stdbool.h>

typedef enum NounClass {
  CLASS_NONE,
  CLASS_PERSON,
  CLASS_ANIMAL,
  CLASS_FOOD,
  CLASS_DRINK, /* the mass nouns */
  CLASS_TEXT,
  CLASS_THING,
  CLASS_SPOT, /* what things lie on and under */
  CLASS_PLACE
} NounClass;

/* What a verb can do, bits; TAKES: a direct object of that class. */
enum {
  VERB_ALONE_PERSON = 1,
  VERB_ALONE_ANIMAL = 2,
  VERB_MOTION_TO = 4,    /* goes to: à, past with être */
  VERB_MOTION_AT = 8,    /* arrives at: à */
  VERB_MOTION_FROM = 16, /* comes from: de */
  VERB_MOTION = VERB_MOTION_TO | VERB_MOTION_AT | VERB_MOTION_FROM,
  VERB_GIVES = 32,
  VERB_TAKES_SHIFT = 8
};

typedef struct Noun {
  NounClass class;
  bool feminine;
  const char *en[2], *fr[2]; /* singular, plural; NULL plurals for mass nouns */
} Noun;

typedef struct Adjective {
  bool before; /* stands before its noun in French */
  int classes; /* bit 1 << NounClass */
  const char *en;
  const char *fr[2][2]; /* [feminine][plural] */
  const char *fr_vowel; /* m singular before a vowel */
} Adjective;

/* Persons 0 .. 4: je, tu, il, nous, ils. */
enum { PERSON_I, PERSON_YOU, PERSON_HE, PERSON_WE, PERSON_THEY, N_PERSONS };

typedef struct Verb {
  int uses;
  const char *base, *third, *past, *particle;
  const char *present[N_PERSONS], *infinitive;
  const char *participle[2][2]; /* [feminine][plural] */
} Verb;

/* How many there are, and number i of them, which must be there. */
int toy_lexicon_nouns(NounClass class);
const Noun *toy_lexicon_noun(NounClass class, int i);
int toy_lexicon_adjectives(NounClass class, bool before);
const Adjective *toy_lexicon_adjective(NounClass class, bool before, int i);
/* Verbs with any of the uses. */
int toy_lexicon_verbs(int uses);
const Verb *toy_lexicon_verb(int uses, int i);
/* The use "takes an object of this class". */
int toy_lexicon_takes(NounClass class);

#endif
