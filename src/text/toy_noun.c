#include "text/toy_noun.h"

#include <string.h>

typedef enum Determiner {
  DET_MY,
  DET_YOUR,
  DET_HIS,
  DET_HER,
  DET_OUR,
  DET_THEIR,
  DET_THE,
  DET_A,
  DET_THIS,
  DET_SOME,
  DET_EVERY,
  DET_TWO,
  DET_THREE,
  DET_FOUR,
  DET_FIVE,
  DET_MANY
} Determiner;

typedef struct DetNumber {
  Determiner det;
  bool plural;
} DetNumber;

#define POSSESSIVES(plural) \
  {DET_MY, plural}, {DET_YOUR, plural}, {DET_HIS, plural}, {DET_HER, plural}, {DET_OUR, plural}, { DET_THEIR, plural }

static const DetNumber the_set[] = {{DET_THE, false},  {DET_THE, true},  {DET_A, false},
                                    {DET_THIS, false}, {DET_THIS, true}, {DET_SOME, true}};
static const DetNumber my_set[] = {POSSESSIVES(false), POSSESSIVES(true), {DET_EVERY, false}, {DET_TWO, true},
                                   {DET_THREE, true},  {DET_FOUR, true},  {DET_FIVE, true},   {DET_MANY, true}};
static const DetNumber the_mass_set[] = {{DET_THE, false}, {DET_SOME, false}};
static const DetNumber my_singular_set[] = {POSSESSIVES(false)};
static const DetNumber the_place_set[] = {{DET_THE, false}, {DET_THE, true}, {DET_A, false}, {DET_THIS, false}};
static const DetNumber owner_set[] = {{DET_THE, false}, {DET_THIS, false}, POSSESSIVES(false)};
static const DetNumber and_set[] = {{DET_THE, false}, {DET_A, false}, POSSESSIVES(false)};

#define PICK(choice, set) (set)[toy_noun_pick(choice, (int)(sizeof(set) / sizeof *(set)))]

int toy_noun_pick(ToyChoice *choice, int n) {
  int at = (int)(choice->index % (uint64_t)n);
  choice->index /= (uint64_t)n;
  choice->size *= (uint64_t)n;
  return at;
}

static DetNumber pick_determiner(ToyChoice *choice, NounClass class, bool my, bool after_preposition) {
  if (class == CLASS_DRINK) return my ? PICK(choice, my_singular_set) : PICK(choice, the_mass_set);
  if (after_preposition) return my ? PICK(choice, my_singular_set) : PICK(choice, the_place_set);
  return my ? PICK(choice, my_set) : PICK(choice, the_set);
}

/* One noun with its determiner and adjectives; before and after may be NULL. */
typedef struct Core {
  const Noun *noun;
  const Adjective *before, *after;
  DetNumber det;
  bool negated;
} Core;

static const char *english_determiner(const Core *core, const char *next) {
  static const char *const words[] = {"my",   "your", "his",   "her", "our",   "their", "the",  "a",
                                      "this", "some", "every", "two", "three", "four",  "five", "many"};
  if (core->det.det == DET_A && strchr("aeiou", next[0]) != NULL) return "an";
  if (core->det.det == DET_THIS && core->det.plural) return "these";
  if (core->det.det == DET_SOME && core->negated) return "any";
  return words[core->det.det];
}

/* next: the French word that follows. */
static const char *possessive(const Core *core, const char *next) {
  static const char *const words[][3] = {{"mon", "ma", "mes"}, {"ton", "ta", "tes"},      {"son", "sa", "ses"},
                                         {"son", "sa", "ses"}, {"notre", "notre", "nos"}, {"leur", "leur", "leurs"}};
  if (core->det.plural) return words[core->det.det][2];
  return words[core->det.det][core->noun->feminine && !toy_phrase_vowel(next)];
}

static const char *definite(const Noun *noun, bool plural) { return plural ? "les" : noun->feminine ? "la" : "le"; }

/* du, de la, des; "de" alone in a negation and before an adjective in the plural. */
static void add_some(Phrase *phrase, const Core *core, uint64_t from) {
  if (core->det.plural && !core->negated && core->before == NULL) {
    toy_phrase_fr(phrase, "des", from);
    return;
  }
  toy_phrase_fr(phrase, "de", from);
  if (!core->det.plural && !core->negated) toy_phrase_fr(phrase, definite(core->noun, false), from);
}

static const char *demonstrative(const Core *core, const char *next) {
  if (core->det.plural) return "ces";
  if (core->noun->feminine) return "cette";
  return toy_phrase_vowel(next) ? "cet" : "ce";
}

static void add_french_determiner(Phrase *phrase, const Core *core, const char *next, uint64_t from) {
  static const char *const numbers[] = {"chaque", "deux", "trois", "quatre", "cinq"};
  switch (core->det.det) {
    case DET_THE:
      toy_phrase_fr(phrase, definite(core->noun, core->det.plural), from);
      break;
    case DET_A:
      toy_phrase_fr(phrase, core->negated ? "de" : core->noun->feminine ? "une" : "un", from);
      break;
    case DET_THIS:
      toy_phrase_fr(phrase, demonstrative(core, next), from);
      break;
    case DET_SOME:
      add_some(phrase, core, from);
      break;
    case DET_MANY:
      toy_phrase_fr(phrase, "beaucoup", from);
      toy_phrase_fr(phrase, "de", from);
      break;
    case DET_EVERY:
    case DET_TWO:
    case DET_THREE:
    case DET_FOUR:
    case DET_FIVE:
      toy_phrase_fr(phrase, numbers[core->det.det - DET_EVERY], from);
      break;
    default:
      toy_phrase_fr(phrase, possessive(core, next), from);
  }
}

/* m singular has a form of its own before a vowel: bel, nouvel, vieil. */
static const char *before_form(const Core *core, const char *noun) {
  if (!core->noun->feminine && !core->det.plural && toy_phrase_vowel(noun)) return core->before->fr_vowel;
  return core->before->fr[core->noun->feminine][core->det.plural];
}

static void add_core(Phrase *phrase, const Core *core) {
  const Noun *noun = core->noun;
  bool plural = core->det.plural;
  const char *fr_noun = noun->fr[plural];
  const char *en_first = core->before != NULL  ? core->before->en
                         : core->after != NULL ? core->after->en
                                               : noun->en[plural];
  const char *fr_first = core->before != NULL ? before_form(core, fr_noun) : fr_noun;
  uint64_t det = toy_phrase_en(phrase, english_determiner(core, en_first));
  uint64_t before = core->before == NULL ? 0 : toy_phrase_en(phrase, core->before->en);
  uint64_t after = core->after == NULL ? 0 : toy_phrase_en(phrase, core->after->en);
  uint64_t head = toy_phrase_en(phrase, noun->en[plural]);
  add_french_determiner(phrase, core, fr_first, det);
  if (core->before != NULL) toy_phrase_fr(phrase, fr_first, before);
  toy_phrase_fr(phrase, fr_noun, head);
  if (core->after != NULL) toy_phrase_fr(phrase, core->after->fr[noun->feminine][plural], after);
}

static const Noun *pick_noun(ToyChoice *choice, NounClass class) {
  return toy_lexicon_noun(class, toy_noun_pick(choice, toy_lexicon_nouns(class)));
}

static const Adjective *pick_adjective(ToyChoice *choice, NounClass class, bool before) {
  return toy_lexicon_adjective(class, before, toy_noun_pick(choice, toy_lexicon_adjectives(class, before)));
}

static void pick_one_adjective(ToyChoice *choice, NounClass class, Core *core) {
  int n_before = toy_lexicon_adjectives(class, true), n_after = toy_lexicon_adjectives(class, false);
  int at = toy_noun_pick(choice, n_before + n_after);
  if (at < n_before) core->before = toy_lexicon_adjective(class, true, at);
  else core->after = toy_lexicon_adjective(class, false, at - n_before);
}

static NounPhrase phrase_of(const Core *core) {
  NounPhrase np = {.person = core->det.plural ? PERSON_THEY : PERSON_HE,
                   .feminine = core->noun->feminine,
                   .plural = core->det.plural};
  add_core(&np.words, core);
  return np;
}

/* the king 's dog -> le chien du roi */
static NounPhrase genitive(ToyChoice *choice, NounClass class) {
  const Noun *head = pick_noun(choice, class);
  bool plural = toy_noun_pick(choice, 2) == 1;
  Core owner = {.noun = pick_noun(choice, CLASS_PERSON), .det = PICK(choice, owner_set)};
  NounPhrase of = phrase_of(&owner);
  NounPhrase np = {.person = plural ? PERSON_THEY : PERSON_HE, .feminine = head->feminine, .plural = plural};
  int offset = toy_phrase_add_en(&np.words, &of.words);
  uint64_t s = toy_phrase_en(&np.words, "'s");
  uint64_t en_head = toy_phrase_en(&np.words, head->en[plural]);
  toy_phrase_fr(&np.words, definite(head, plural), s);
  toy_phrase_fr(&np.words, head->fr[plural], en_head);
  toy_phrase_fr(&np.words, "de", s);
  toy_phrase_add_fr(&np.words, &of.words, offset);
  return np;
}

/* Two different nouns under the same determiner. */
static NounPhrase coordination(ToyChoice *choice, NounClass class) {
  int n = toy_lexicon_nouns(class), first = toy_noun_pick(choice, n), second = toy_noun_pick(choice, n - 1);
  second += second >= first;
  DetNumber det = PICK(choice, and_set);
  Core one = {.noun = toy_lexicon_noun(class, first), .det = det};
  Core other = {.noun = toy_lexicon_noun(class, second), .det = det};
  NounPhrase np = {.person = PERSON_THEY, .feminine = one.noun->feminine && other.noun->feminine, .plural = true};
  add_core(&np.words, &one);
  toy_phrase_fr(&np.words, "et", toy_phrase_en(&np.words, "and"));
  Phrase rest = {0};
  add_core(&rest, &other);
  toy_phrase_add(&np.words, &rest);
  return np;
}

NounPhrase toy_noun_phrase(ToyChoice *choice, NounClass class, NounKind kind, bool after_preposition, bool negated) {
  if (kind == NOUN_GENITIVE) return genitive(choice, class);
  if (kind == NOUN_AND) return coordination(choice, class);
  Core core = {.noun = pick_noun(choice, class), .negated = negated};
  if (kind == NOUN_TWO_THE || kind == NOUN_TWO_MY) {
    core.before = pick_adjective(choice, class, true);
    core.after = pick_adjective(choice, class, false);
  } else if (kind == NOUN_ONE_THE || kind == NOUN_ONE_MY) {
    pick_one_adjective(choice, class, &core);
  }
  bool my = kind == NOUN_MY || kind == NOUN_ONE_MY || kind == NOUN_TWO_MY;
  core.det = pick_determiner(choice, class, my, after_preposition);
  return phrase_of(&core);
}

/* "You" is one friend (tu); I, you and we are masculine; "they" is ils. */
typedef struct Pronoun {
  const char *en, *fr, *en_object, *fr_object;
  int person;
  bool feminine, plural;
} Pronoun;

static const Pronoun pronouns[TOY_PRONOUNS] = {
    {"I", "je", "me", "me", PERSON_I, false, false},      {"you", "tu", "you", "te", PERSON_YOU, false, false},
    {"he", "il", "him", "le", PERSON_HE, false, false},   {"she", "elle", "her", "la", PERSON_HE, true, false},
    {"we", "nous", "us", "nous", PERSON_WE, false, true}, {"they", "ils", "them", "les", PERSON_THEY, false, true}};

NounPhrase toy_noun_pronoun(int pronoun) {
  const Pronoun *p = &pronouns[pronoun];
  NounPhrase np = {.person = p->person, .feminine = p->feminine, .plural = p->plural};
  toy_phrase_fr(&np.words, p->fr, toy_phrase_en(&np.words, p->en));
  return np;
}

NounPhrase toy_noun_object(int pronoun, const char **french) {
  const Pronoun *p = &pronouns[pronoun];
  NounPhrase np = {.person = p->person, .feminine = p->feminine, .plural = p->plural};
  (void)toy_phrase_en(&np.words, p->en_object);
  *french = p->fr_object;
  return np;
}

bool toy_noun_may_meet(int subject, int object) {
  int a = pronouns[subject].person, b = pronouns[object].person;
  bool first = (a == PERSON_I || a == PERSON_WE) && (b == PERSON_I || b == PERSON_WE);
  return !first && !(a == PERSON_YOU && b == PERSON_YOU);
}
