#include "text/toy_lexicon.h"

#include <stddef.h>

#define NONE NULL
#define MASS NULL
#define M false
#define F true
#define BEFORE true
#define AFTER false
#define IN(class) 1 << CLASS_##class
#define LIVING (IN(PERSON) | IN(ANIMAL))
#define SOLID (IN(FOOD) | IN(TEXT) | IN(THING) | IN(SPOT))
#define TAKES(class) 1 << (CLASS_##class + VERB_TAKES_SHIFT)

static const Noun nouns[] = {
#define NOUN(class, gender, en, en_plural, fr, fr_plural) {CLASS_##class, gender, {en, en_plural}, {fr, fr_plural}},
#define ADJECTIVE(...)
#define VERB(...)
#include "text/toy_lexicon.def"
#undef NOUN
#undef ADJECTIVE
#undef VERB
};

static const Adjective adjectives[] = {
#define NOUN(...)
#define ADJECTIVE(place, classes, en, m, m_vowel, f, m_plural, f_plural) \
  {place, classes, en, {{m, m_plural}, {f, f_plural}}, m_vowel},
#define VERB(...)
#include "text/toy_lexicon.def"
#undef NOUN
#undef ADJECTIVE
#undef VERB
};

static const Verb verbs[] = {
#define NOUN(...)
#define ADJECTIVE(...)
#define VERB(uses, base, third, past, particle, je, tu, il, nous, ils, infinitive, part) \
  {uses, base, third, past, particle, {je, tu, il, nous, ils}, infinitive, {{part, part "s"}, {part "e", part "es"}}},
#include "text/toy_lexicon.def"
#undef NOUN
#undef ADJECTIVE
#undef VERB
};

enum {
  N_NOUNS = sizeof nouns / sizeof *nouns,
  N_ADJECTIVES = sizeof adjectives / sizeof *adjectives,
  N_VERBS = sizeof verbs / sizeof *verbs
};

static bool noun_fits(int at, NounClass class) { return nouns[at].class == class; }

static bool adjective_fits(int at, NounClass class, bool before) {
  return (adjectives[at].classes >> class & 1) && adjectives[at].before == before;
}

int toy_lexicon_nouns(NounClass class) {
  int n = 0;
  for (int at = 0; at < N_NOUNS; at++) n += noun_fits(at, class);
  return n;
}

const Noun *toy_lexicon_noun(NounClass class, int i) {
  int at = 0;
  while (!(noun_fits(at, class) && i-- == 0)) at++;
  return &nouns[at];
}

int toy_lexicon_adjectives(NounClass class, bool before) {
  int n = 0;
  for (int at = 0; at < N_ADJECTIVES; at++) n += adjective_fits(at, class, before);
  return n;
}

const Adjective *toy_lexicon_adjective(NounClass class, bool before, int i) {
  int at = 0;
  while (!(adjective_fits(at, class, before) && i-- == 0)) at++;
  return &adjectives[at];
}

int toy_lexicon_verbs(int uses) {
  int n = 0;
  for (int at = 0; at < N_VERBS; at++) n += (verbs[at].uses & uses) != 0;
  return n;
}

const Verb *toy_lexicon_verb(int uses, int i) {
  int at = 0;
  while (!((verbs[at].uses & uses) != 0 && i-- == 0)) at++;
  return &verbs[at];
}

int toy_lexicon_takes(NounClass class) { return 1 << (class + VERB_TAKES_SHIFT); }
