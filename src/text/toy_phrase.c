#include "text/toy_phrase.h"

#include <string.h>

uint64_t toy_phrase_en(Phrase *phrase, const char *text) {
  CHECK(phrase->n_en < TOY_PHRASE_MAX, "toy en-fr: no room for '%s'", text);
  phrase->en[phrase->n_en] = text;
  return (uint64_t)1 << phrase->n_en++;
}

void toy_phrase_fr(Phrase *phrase, const char *text, uint64_t from) {
  CHECK(phrase->n_fr < TOY_PHRASE_MAX, "toy en-fr: no room for '%s'", text);
  phrase->fr[phrase->n_fr++] = (FrenchWord){text, from};
}

int toy_phrase_add_en(Phrase *phrase, const Phrase *other) {
  int offset = phrase->n_en;
  for (int i = 0; i < other->n_en; i++) (void)toy_phrase_en(phrase, other->en[i]);
  return offset;
}

void toy_phrase_add_fr(Phrase *phrase, const Phrase *other, int offset) {
  for (int j = 0; j < other->n_fr; j++) toy_phrase_fr(phrase, other->fr[j].text, other->fr[j].from << offset);
}

void toy_phrase_add(Phrase *phrase, const Phrase *other) {
  int offset = toy_phrase_add_en(phrase, other);
  toy_phrase_add_fr(phrase, other, offset);
}

bool toy_phrase_vowel(const char *french) {
  static const char *const starts[] = {"a", "e", "i", "o", "u", "h", "é", "ê", "œ"};
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
    if (strncmp(french, starts[i], strlen(starts[i])) == 0) return true;
  return false;
}

static void elide(Phrase *phrase) {
  static const char *const forms[][2] = {{"le", "l'"}, {"la", "l'"}, {"de", "d'"}, {"ne", "n'"},
                                         {"je", "j'"}, {"me", "m'"}, {"te", "t'"}, {"que", "qu'"}};
  for (int j = 0; j + 1 < phrase->n_fr; j++)
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
      if (strcmp(phrase->fr[j].text, forms[k][0]) == 0 && toy_phrase_vowel(phrase->fr[j + 1].text))
        phrase->fr[j].text = forms[k][1];
}

static const char *contracted(const char *first, const char *second) {
  static const char *const forms[][3] = {
      {"à", "le", "au"}, {"à", "les", "aux"}, {"de", "le", "du"}, {"de", "les", "des"}};
  for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
    if (strcmp(first, forms[k][0]) == 0 && strcmp(second, forms[k][1]) == 0) return forms[k][2];
  return NULL;
}

/* No pronoun stands after à or de in this grammar: le and les are articles there. */
static void contract(Phrase *phrase) {
  int n = 0;
  for (int j = 0; j < phrase->n_fr; j++) {
    const char *text = n == 0 ? NULL : contracted(phrase->fr[n - 1].text, phrase->fr[j].text);
    if (text == NULL) phrase->fr[n++] = phrase->fr[j];
    else phrase->fr[n - 1] = (FrenchWord){text, phrase->fr[n - 1].from | phrase->fr[j].from};
  }
  phrase->n_fr = n;
}

void toy_phrase_join(Phrase *phrase) {
  elide(phrase);
  contract(phrase);
}

void toy_phrase_pair(const Phrase *phrase, ToyPair *pair) {
  for (int i = 0; i < phrase->n_en; i++) str_addf(&pair->source, i == 0 ? "%s" : " %s", phrase->en[i]);
  for (int j = 0; j < phrase->n_fr; j++) {
    str_addf(&pair->target, j == 0 ? "%s" : " %s", phrase->fr[j].text);
    for (int i = 0; i < phrase->n_en; i++)
      if (phrase->fr[j].from >> i & 1) toy_link(pair, i, j);
  }
}
