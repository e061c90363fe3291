/* toy_en_fr.c - a small English and a small French that say the same, with gold links.
 *
 * Words stand between blanks; so do the full stop, the question mark and the English 's. An elided word keeps its
 * apostrophe and is a word of its own: l' homme n' est pas. English does not contract: does not, cannot.
 * Each English sentence has one translation: "you" is one friend (tu); I, you and we are masculine, "they" is ils;
 * past is the passé composé (of être: the imparfait), "is going to" the futur proche.
 *
 * Links. ne ... pas both come from "not", ne ... jamais from "never"; est-ce que from the word that opens the question;
 * au, aux, du, des from the preposition and the article; the partitive from "some"; the de of a negation from "a" or
 * "any"; le ... de from 's; va from is, going, to; veut from wants, to; a verb from its particle too (looks at:
 * regarde). The auxiliary of the passé composé comes from "did" when there is one, else from the verb, as the
 * participle does. "do" and "does" in a statement have no link. */
#include <string.h>

#include "text/toy_noun.h"

typedef enum FrameKind { ALONE, ALONE_WHERE, MOTION, TRANSITIVE, GIVE, IS_ADJECTIVE, IS_WHERE } FrameKind;

/* The shape of a sentence. object: of the verb or of the preposition. */
typedef struct Frame {
  FrameKind kind;
  NounClass subject, object;
  double weight;
} Frame;

static const Frame frames[] = {
    {ALONE, CLASS_PERSON, CLASS_NONE, 24},       {ALONE, CLASS_ANIMAL, CLASS_NONE, 6},
    {ALONE_WHERE, CLASS_PERSON, CLASS_PLACE, 6}, {ALONE_WHERE, CLASS_ANIMAL, CLASS_PLACE, 2},
    {MOTION, CLASS_PERSON, CLASS_PLACE, 12},     {TRANSITIVE, CLASS_PERSON, CLASS_FOOD, 7},
    {TRANSITIVE, CLASS_PERSON, CLASS_DRINK, 7},  {TRANSITIVE, CLASS_PERSON, CLASS_TEXT, 6},
    {TRANSITIVE, CLASS_PERSON, CLASS_THING, 8},  {TRANSITIVE, CLASS_PERSON, CLASS_PERSON, 14},
    {TRANSITIVE, CLASS_PERSON, CLASS_ANIMAL, 5}, {GIVE, CLASS_PERSON, CLASS_THING, 4},
    {GIVE, CLASS_PERSON, CLASS_TEXT, 3},         {IS_ADJECTIVE, CLASS_PERSON, CLASS_NONE, 20},
    {IS_ADJECTIVE, CLASS_ANIMAL, CLASS_NONE, 6}, {IS_ADJECTIVE, CLASS_FOOD, CLASS_NONE, 5},
    {IS_ADJECTIVE, CLASS_DRINK, CLASS_NONE, 4},  {IS_ADJECTIVE, CLASS_TEXT, CLASS_NONE, 5},
    {IS_ADJECTIVE, CLASS_THING, CLASS_NONE, 6},  {IS_ADJECTIVE, CLASS_SPOT, CLASS_NONE, 5},
    {IS_ADJECTIVE, CLASS_PLACE, CLASS_NONE, 7},  {IS_WHERE, CLASS_PERSON, CLASS_PLACE, 5},
    {IS_WHERE, CLASS_ANIMAL, CLASS_PLACE, 2},    {IS_WHERE, CLASS_ANIMAL, CLASS_SPOT, 2},
    {IS_WHERE, CLASS_TEXT, CLASS_SPOT, 3},       {IS_WHERE, CLASS_THING, CLASS_SPOT, 4},
};
enum { N_FRAMES = sizeof frames / sizeof *frames };

typedef enum Tense { PRESENT, PAST, GOING, WANT, CAN, MUST, N_TENSES } Tense;
static const double tense_weights[] = {8, 5, 3, 1, 1, 1};

typedef enum Mode { PLAIN, NOT, QUESTION, NOT_QUESTION, NEVER, OFTEN, ALWAYS, N_MODES } Mode;
static const double mode_weights[] = {10, 4, 4, 1, 1, 1, 1};

static const double subject_weights[N_NOUN_KINDS] = {16, 9, 5, 2, 1, 0, 0, 1, 1};
static const double object_weights[N_NOUN_KINDS] = {9, 7, 5, 3, 2, 1, 1, 1, 0};
static const double time_weights[] = {5, 1};

/* A stratum: all sentences that make these choices. */
typedef struct Spec {
  const Frame *frame;
  Tense tense;
  Mode mode;
  NounKind subject, object;
  bool time; /* with today, tomorrow, ... */
} Spec;

enum { N_STRATA = N_FRAMES * N_TENSES * N_MODES * N_NOUN_KINDS * N_NOUN_KINDS * 2 };

static Spec spec_of(int stratum) {
  ToyChoice digits = {(uint64_t)stratum, 1};
  Spec spec;
  spec.time = toy_noun_pick(&digits, 2) == 1;
  spec.object = (NounKind)toy_noun_pick(&digits, N_NOUN_KINDS);
  spec.subject = (NounKind)toy_noun_pick(&digits, N_NOUN_KINDS);
  spec.mode = (Mode)toy_noun_pick(&digits, N_MODES);
  spec.tense = (Tense)toy_noun_pick(&digits, N_TENSES);
  spec.frame = &frames[toy_noun_pick(&digits, N_FRAMES)];
  return spec;
}

static bool negative(Mode mode) { return mode == NOT || mode == NOT_QUESTION || mode == NEVER; }

static bool question(Mode mode) { return mode == QUESTION || mode == NOT_QUESTION; }

static bool uses_be(const Spec *spec) { return spec->frame->kind == IS_ADJECTIVE || spec->frame->kind == IS_WHERE; }

static bool has_place(const Spec *spec) {
  FrameKind kind = spec->frame->kind;
  return kind == ALONE_WHERE || kind == MOTION || kind == IS_WHERE;
}

static bool living(NounClass class) { return class == CLASS_PERSON || class == CLASS_ANIMAL; }

static bool subject_fits(const Spec *spec) {
  NounClass class = spec->frame->subject;
  switch (spec->subject) {
    case NOUN_PRONOUN:
      return class == CLASS_PERSON;
    case NOUN_THE:
    case NOUN_MY:
      return true;
    case NOUN_ONE_THE:
    case NOUN_ONE_MY:
      return spec->frame->kind != IS_ADJECTIVE;
    case NOUN_GENITIVE:
      return class != CLASS_PERSON && class != CLASS_DRINK && class != CLASS_PLACE;
    case NOUN_AND:
      return living(class);
    default:
      return false;
  }
}

static bool object_fits(const Spec *spec) {
  NounClass class = spec->frame->object;
  if (class == CLASS_NONE) return spec->object == NOUN_THE; /* one stratum for a choice that is not made */
  switch (spec->object) {
    case NOUN_PRONOUN:
      return spec->frame->kind == TRANSITIVE && class == CLASS_PERSON;
    case NOUN_TWO_THE:
    case NOUN_TWO_MY:
      return !has_place(spec);
    case NOUN_GENITIVE:
      return spec->frame->kind == TRANSITIVE && class != CLASS_PERSON && class != CLASS_DRINK;
    case NOUN_AND:
      return false;
    default:
      return true;
  }
}

static bool makes_sense(const Spec *spec) {
  bool simple = spec->mode <= NOT_QUESTION, real_tense = spec->tense <= GOING;
  if (!real_tense && (uses_be(spec) || !simple)) return false;
  if (spec->time && !(simple && real_tense)) return false;
  return subject_fits(spec) && object_fits(spec);
}

typedef struct Preposition {
  const char *en[3], *fr[2]; /* NULL at the end */
} Preposition;

static const Preposition place_prepositions[] = {
    {{"in"}, {"dans"}}, {{"behind"}, {"derrière"}}, {{"in", "front", "of"}, {"devant"}}, {{"near"}, {"près", "de"}}};
static const Preposition spot_prepositions[] = {
    {{"on"}, {"sur"}}, {{"under"}, {"sous"}}, {{"behind"}, {"derrière"}}, {{"near"}, {"près", "de"}}};
static const Preposition to = {{"to"}, {"à"}}, at = {{"at"}, {"à"}}, from = {{"from"}, {"de"}};

static void add_preposition(Phrase *phrase, const Preposition *p) {
  uint64_t links = 0;
  for (int i = 0; i < 3 && p->en[i] != NULL; i++) links |= toy_phrase_en(phrase, p->en[i]);
  for (int j = 0; j < 2 && p->fr[j] != NULL; j++) toy_phrase_fr(phrase, p->fr[j], links);
}

/* All that follows the verb in English. An object pronoun goes elsewhere in French: pronoun, or NULL. */
typedef struct Tail {
  Phrase words;
  const char *pronoun;
  bool pronoun_feminine, pronoun_plural;
} Tail;

/* Subject, verb and tail of a sentence. */
typedef struct Parts {
  const Spec *spec;
  NounPhrase subject;
  const Verb *verb; /* NULL: to be */
  Tail tail;
} Parts;

static void add_prepositional(Parts *parts, ToyChoice *choice, const Preposition *p, NounClass class, NounKind kind) {
  NounPhrase np = toy_noun_phrase(choice, class, kind, true, false);
  add_preposition(&parts->tail.words, p);
  toy_phrase_add(&parts->tail.words, &np.words);
}

static const Preposition *pick_preposition(const Parts *parts, ToyChoice *choice) {
  if (parts->spec->frame->object == CLASS_SPOT) return &spot_prepositions[toy_noun_pick(choice, 4)];
  if (parts->spec->frame->kind != MOTION) return &place_prepositions[toy_noun_pick(choice, 4)];
  return parts->verb->uses & VERB_MOTION_TO ? &to : parts->verb->uses & VERB_MOTION_AT ? &at : &from;
}

static void add_object(Parts *parts, ToyChoice *choice) {
  const Spec *spec = parts->spec;
  if (spec->object == NOUN_PRONOUN) return; /* chosen with the subject */
  NounPhrase np = toy_noun_phrase(choice, spec->frame->object, spec->object, false, negative(spec->mode));
  toy_phrase_add(&parts->tail.words, &np.words);
}

static void add_predicate(Parts *parts, ToyChoice *choice) {
  NounClass class = parts->spec->frame->subject;
  int n_before = toy_lexicon_adjectives(class, true), n_after = toy_lexicon_adjectives(class, false);
  int i = toy_noun_pick(choice, n_before + n_after);
  const Adjective *a =
      i < n_before ? toy_lexicon_adjective(class, true, i) : toy_lexicon_adjective(class, false, i - n_before);
  Phrase *words = &parts->tail.words;
  toy_phrase_fr(words, a->fr[parts->subject.feminine][parts->subject.plural], toy_phrase_en(words, a->en));
}

static void add_time(Parts *parts, ToyChoice *choice) {
  static const char *const words[][2][2] = {{{"today", "aujourd'hui"}, {"now", "maintenant"}},
                                            {{"today", "aujourd'hui"}, {"yesterday", "hier"}},
                                            {{"soon", "bientôt"}, {"tomorrow", "demain"}}};
  const char *const *word = words[parts->spec->tense][toy_noun_pick(choice, 2)];
  toy_phrase_fr(&parts->tail.words, word[1], toy_phrase_en(&parts->tail.words, word[0]));
}

static void add_tail(Parts *parts, ToyChoice *choice) {
  const Frame *frame = parts->spec->frame;
  if (frame->kind == IS_ADJECTIVE) add_predicate(parts, choice);
  if (frame->kind == TRANSITIVE || frame->kind == GIVE) add_object(parts, choice);
  if (frame->kind == GIVE) {
    bool my = toy_noun_pick(choice, 2) == 1;
    add_prepositional(parts, choice, &to, CLASS_PERSON, my ? NOUN_MY : NOUN_THE);
  }
  if (has_place(parts->spec)) {
    const Preposition *p = pick_preposition(parts, choice);
    add_prepositional(parts, choice, p, frame->object, parts->spec->object);
  }
  if (parts->spec->time) add_time(parts, choice);
}

static void put_pronoun(Tail *tail, int pronoun) {
  NounPhrase np = toy_noun_object(pronoun, &tail->pronoun);
  tail->pronoun_feminine = np.feminine;
  tail->pronoun_plural = np.plural;
  (void)toy_phrase_add_en(&tail->words, &np.words);
}

/* One of the pairs of pronouns that may meet. */
static void pick_pronouns(Parts *parts, ToyChoice *choice) {
  int n = 0;
  for (int pair = 0; pair < TOY_PRONOUNS * TOY_PRONOUNS; pair++)
    n += toy_noun_may_meet(pair / TOY_PRONOUNS, pair % TOY_PRONOUNS);
  int i = toy_noun_pick(choice, n), pair = 0;
  while (!(toy_noun_may_meet(pair / TOY_PRONOUNS, pair % TOY_PRONOUNS) && i-- == 0)) pair++;
  parts->subject = toy_noun_pronoun(pair / TOY_PRONOUNS);
  put_pronoun(&parts->tail, pair % TOY_PRONOUNS);
}

static void pick_subject(Parts *parts, ToyChoice *choice) {
  const Spec *spec = parts->spec;
  bool pronoun = spec->subject == NOUN_PRONOUN, object = spec->object == NOUN_PRONOUN;
  if (pronoun && object) {
    pick_pronouns(parts, choice);
    return;
  }
  parts->subject = pronoun ? toy_noun_pronoun(toy_noun_pick(choice, TOY_PRONOUNS))
                           : toy_noun_phrase(choice, spec->frame->subject, spec->subject, false, false);
  if (object) put_pronoun(&parts->tail, toy_noun_pick(choice, TOY_PRONOUNS));
}

static int verb_uses(const Frame *frame) {
  switch (frame->kind) {
    case TRANSITIVE:
      return toy_lexicon_takes(frame->object);
    case GIVE:
      return VERB_GIVES;
    case MOTION:
      return VERB_MOTION;
    default:
      return frame->subject == CLASS_ANIMAL ? VERB_ALONE_ANIMAL : VERB_ALONE_PERSON;
  }
}

/* The verb group of a sentence: [aux] [adverb] words in English, finite [adverb] rest in French, where finite comes
 * from words 0 .. n_finite-1, and from aux when aux_links; rest comes from the words from rest_from on. */
typedef struct Group {
  const char *aux, *words[5];
  int n_words, n_finite, rest_from;
  bool aux_links, infinitive;
  const char *finite, *rest;
} Group;

static const char *const etre[] = {"suis", "es", "est", "sommes", "sont"};
static const char *const etre_past[] = {"étais", "étais", "était", "étions", "étaient"};
static const char *const avoir[] = {"ai", "as", "a", "avons", "ont"};
static const char *const aller[] = {"vais", "vas", "va", "allons", "vont"};
static const char *const vouloir[] = {"veux", "veux", "veut", "voulons", "veulent"};
static const char *const pouvoir[] = {"peux", "peux", "peut", "pouvons", "peuvent"};
static const char *const devoir[] = {"dois", "dois", "doit", "devons", "doivent"};

static const char *english_be(int person, bool past) {
  if (past) return person == PERSON_I || person == PERSON_HE ? "was" : "were";
  return person == PERSON_I ? "am" : person == PERSON_HE ? "is" : "are";
}

static void add_word(Group *group, const char *word) {
  if (word != NULL) group->words[group->n_words++] = word;
}

static void group_be(Group *group, const Parts *parts) {
  int person = parts->subject.person;
  group->aux = english_be(person, parts->spec->tense == PAST);
  group->aux_links = true;
  group->finite = parts->spec->tense == PAST ? etre_past[person] : etre[person];
}

/* Simple present and past of a verb other than be. */
static void group_simple(Group *group, const Parts *parts) {
  const Verb *verb = parts->verb;
  int person = parts->subject.person;
  bool past = parts->spec->tense == PAST, third = person == PERSON_HE;
  bool with_do = question(parts->spec->mode) || parts->spec->mode == NOT;
  if (with_do) group->aux = past ? "did" : third ? "does" : "do";
  group->aux_links = with_do && past;
  add_word(group, with_do ? verb->base : past ? verb->past : third ? verb->third : verb->base);
  add_word(group, verb->particle);
  group->n_finite = group->aux_links ? 0 : group->n_words;
  group->finite = verb->present[person];
  if (!past) return;
  const Tail *tail = &parts->tail;
  bool motion = (verb->uses & VERB_MOTION) != 0;
  group->finite = motion ? etre[person] : avoir[person];
  group->rest = motion ? verb->participle[parts->subject.feminine][parts->subject.plural]
                       : verb->participle[tail->pronoun_feminine][tail->pronoun_plural];
}

static void group_want(Group *group, const Parts *parts) {
  int person = parts->subject.person;
  bool third = person == PERSON_HE, with_do = question(parts->spec->mode) || parts->spec->mode == NOT;
  if (with_do) group->aux = third ? "does" : "do";
  add_word(group, third && !with_do ? "wants" : "want");
  add_word(group, "to");
  group->finite = vouloir[person];
}

/* is going to, wants to, can, must: the verb itself is an infinitive. */
static void group_infinitive(Group *group, const Parts *parts) {
  int person = parts->subject.person;
  group->infinitive = group->aux_links = true;
  switch (parts->spec->tense) {
    case GOING:
      group->aux = english_be(person, false);
      add_word(group, "going");
      add_word(group, "to");
      group->finite = aller[person];
      break;
    case WANT:
      group->aux_links = false;
      group_want(group, parts);
      break;
    case CAN:
      group->aux = parts->spec->mode == NOT ? "cannot" : "can";
      group->finite = pouvoir[person];
      break;
    default:
      group->aux = "must";
      group->finite = devoir[person];
  }
  group->n_finite = group->rest_from = group->n_words;
  add_word(group, parts->verb == NULL ? "be" : parts->verb->base);
  if (parts->verb != NULL) add_word(group, parts->verb->particle);
  group->rest = parts->verb == NULL ? "être" : parts->verb->infinitive;
}

static Group group_of(const Parts *parts) {
  Group group = {0};
  if (parts->spec->tense > PAST) group_infinitive(&group, parts);
  else if (parts->verb == NULL) group_be(&group, parts);
  else group_simple(&group, parts);
  return group;
}

static const struct {
  const char *en, *fr;
} adverbs[N_MODES] = {[NOT] = {"not", "pas"},
                      [NOT_QUESTION] = {"not", "pas"},
                      [NEVER] = {"never", "jamais"},
                      [OFTEN] = {"often", "souvent"},
                      [ALWAYS] = {"always", "toujours"}};

/* Where the parts stand in the English sentence. */
typedef struct Places {
  int subject, tail;
  uint64_t aux, adverb, words[5], end;
} Places;

static Places add_english(Phrase *s, const Parts *parts, const Group *group) {
  Places p = {0};
  Mode mode = parts->spec->mode;
  if (question(mode)) p.aux = toy_phrase_en(s, group->aux);
  p.subject = toy_phrase_add_en(s, &parts->subject.words);
  if (!question(mode) && group->aux != NULL) p.aux = toy_phrase_en(s, group->aux);
  if (group->aux != NULL && strcmp(group->aux, "cannot") == 0) p.adverb = p.aux;
  else if (adverbs[mode].en != NULL) p.adverb = toy_phrase_en(s, adverbs[mode].en);
  for (int i = 0; i < group->n_words; i++) p.words[i] = toy_phrase_en(s, group->words[i]);
  p.tail = toy_phrase_add_en(s, &parts->tail.words);
  p.end = toy_phrase_en(s, question(mode) ? "?" : ".");
  return p;
}

static void add_french_group(Phrase *s, const Parts *parts, const Group *group, const Places *p) {
  const Tail *tail = &parts->tail;
  Mode mode = parts->spec->mode;
  uint64_t finite = group->aux_links ? p->aux : 0, rest = 0;
  uint64_t pronoun = (uint64_t)1 << p->tail; /* the pronoun opens the tail */
  for (int i = 0; i < group->n_finite; i++) finite |= p->words[i];
  for (int i = group->rest_from; i < group->n_words; i++) rest |= p->words[i];
  if (negative(mode)) toy_phrase_fr(s, "ne", p->adverb);
  if (tail->pronoun != NULL && !group->infinitive) toy_phrase_fr(s, tail->pronoun, pronoun);
  toy_phrase_fr(s, group->finite, finite);
  if (adverbs[mode].fr != NULL) toy_phrase_fr(s, adverbs[mode].fr, p->adverb);
  if (tail->pronoun != NULL && group->infinitive) toy_phrase_fr(s, tail->pronoun, pronoun);
  if (group->rest != NULL) toy_phrase_fr(s, group->rest, rest);
}

static void add_french(Phrase *s, const Parts *parts, const Group *group, const Places *p) {
  if (question(parts->spec->mode)) {
    toy_phrase_fr(s, "est-ce", p->aux);
    toy_phrase_fr(s, "que", p->aux);
  }
  toy_phrase_add_fr(s, &parts->subject.words, p->subject);
  add_french_group(s, parts, group, p);
  toy_phrase_add_fr(s, &parts->tail.words, p->tail);
  toy_phrase_fr(s, question(parts->spec->mode) ? "?" : ".", p->end);
}

static void pick_parts(Parts *parts, ToyChoice *choice) {
  pick_subject(parts, choice);
  if (!uses_be(parts->spec)) {
    int uses = verb_uses(parts->spec->frame);
    parts->verb = toy_lexicon_verb(uses, toy_noun_pick(choice, toy_lexicon_verbs(uses)));
  }
  add_tail(parts, choice);
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  ToyChoice choice = {index, 1};
  Spec spec = spec_of(stratum);
  Parts parts = {.spec = &spec};
  pick_parts(&parts, &choice);
  Group group = group_of(&parts);
  Phrase sentence = {0};
  Places places = add_english(&sentence, &parts, &group);
  add_french(&sentence, &parts, &group, &places);
  toy_phrase_join(&sentence);
  toy_phrase_pair(&sentence, pair);
}

static uint64_t size(int stratum) {
  Spec spec = spec_of(stratum);
  if (!makes_sense(&spec)) return 0;
  ToyChoice choice = {0, 1};
  Parts parts = {.spec = &spec};
  pick_parts(&parts, &choice);
  return choice.size;
}

static double weight(int stratum) {
  Spec spec = spec_of(stratum);
  return spec.frame->weight * tense_weights[spec.tense] * mode_weights[spec.mode] * subject_weights[spec.subject] *
         object_weights[spec.object] * time_weights[spec.time];
}

extern const Toy toy_en_fr;
const Toy toy_en_fr = {N_STRATA, size, weight, make};
