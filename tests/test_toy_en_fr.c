#include <check.h>
#include <string.h>

#include "text/toy.h"
#include "text/toy_noun.h"

typedef struct Case {
  const char *en, *fr, *links;
} Case;

/* Translated and linked by hand. */
static const Case sentences[] = {
    {"I dance .", "je danse .", "0-0 1-1 2-2"},
    {"we swim .", "nous nageons .", "0-0 1-1 2-2"},
    {"you slept .", "tu as dormi .", "0-0 1-1 1-2 2-3"},
    {"did you sleep ?", "est-ce que tu as dormi ?", "0-0 0-1 0-3 1-2 2-4 3-5"},
    {"she does not sing .", "elle ne chante pas .", "0-0 2-1 2-3 3-2 4-4"},
    {"they never worked .", "ils n' ont jamais travaillé .", "0-0 1-1 1-3 2-2 2-4 3-5"},
    {"he cannot sleep .", "il ne peut pas dormir .", "0-0 1-1 1-2 1-3 2-4 3-5"},
    {"must she not work ?", "est-ce qu' elle ne doit pas travailler ?", "0-0 0-1 0-4 1-2 2-3 2-5 3-6 4-7"},
    {"he wants to dance .", "il veut danser .", "0-0 1-1 2-1 3-2 4-3"},
    {"does he want to dance ?", "est-ce qu' il veut danser ?", "0-0 0-1 1-2 2-3 3-3 4-4 5-5"},
    {"they are going to swim tomorrow .", "ils vont nager demain .", "0-0 1-1 2-1 3-1 4-2 5-3 6-4"},
    {"did she go to the school ?", "est-ce qu' elle est allée à l' école ?", "0-0 0-1 0-3 1-2 2-4 3-5 4-6 5-7 6-8"},
    {"we went to the markets .", "nous sommes allés aux marchés .", "0-0 1-1 1-2 2-3 3-3 4-4 5-5"},
    {"I come from the park .", "je viens du parc .", "0-0 1-1 2-2 3-2 4-3 5-4"},
    {"she is in front of the house .", "elle est devant la maison .", "0-0 1-1 2-2 3-2 4-2 5-3 6-4 7-5"},
    {"were they near the station ?", "est-ce qu' ils étaient près de la gare ?", "0-0 0-1 0-3 1-2 2-4 2-5 3-6 4-7 5-8"},
    {"she is near the hotels .", "elle est près des hôtels .", "0-0 1-1 2-2 2-3 3-3 4-4 5-5"},
    {"I do not see them .", "je ne les vois pas .", "0-0 2-1 2-4 3-3 4-2 5-5"},
    {"they helped her .", "ils l' ont aidée .", "0-0 1-2 1-3 2-1 3-4"},
    {"he looked at us .", "il nous a regardés .", "0-0 1-2 1-3 2-2 2-3 3-1 4-4"},
    {"I cannot help you .", "je ne peux pas t' aider .", "0-0 1-1 1-2 1-3 2-5 3-4 4-6"},
    {"she often listens to me .", "elle m' écoute souvent .", "0-0 1-3 2-2 3-2 4-1 5-4"},
    {"are the nurses tired ?", "est-ce que les infirmières sont fatiguées ?", "0-0 0-1 0-4 1-2 2-3 3-5 4-6"},
    {"I am tired .", "je suis fatigué .", "0-0 1-1 2-2 3-3"},
    {"this goose was not white .", "cette oie n' était pas blanche .", "0-0 1-1 2-3 3-2 3-4 4-5 5-6"},
    {"some coffee is never bad .", "du café n' est jamais mauvais .", "0-0 1-1 2-3 3-2 3-4 4-5 5-6"},
    {"I do not eat an orange .", "je ne mange pas d' orange .", "0-0 2-1 2-3 3-2 4-4 5-5 6-6"},
    {"she does not eat any eggs .", "elle ne mange pas d' œufs .", "0-0 2-1 2-3 3-2 4-4 5-5 6-6"},
    {"do you drink some water ?", "est-ce que tu bois de l' eau ?", "0-0 0-1 1-2 2-3 3-4 3-5 4-6 5-7"},
    {"he drinks some beer .", "il boit de la bière .", "0-0 1-1 2-2 2-3 3-4 4-5"},
    {"he bought some wine yesterday .", "il a acheté du vin hier .", "0-0 1-1 1-2 2-3 3-4 4-5 5-6"},
    {"we write a story .", "nous écrivons une histoire .", "0-0 1-1 2-2 3-3 4-4"},
};
enum { N_SENTENCES = sizeof sentences / sizeof *sentences };

static const Case *case_of(const StrMap *map, const Str *en) {
  int at;
  return strmap_get(map, en->at, en->n, &at) ? &sentences[at] : NULL;
}

static void check_pair(const ToyPair *pair, const Case *c) {
  Str links = {0};
  for (int k = 0; k < pair->n_links; k++)
    str_addf(&links, k == 0 ? "%d-%d" : " %d-%d", pair->links[k].source, pair->links[k].target);
  ck_assert_str_eq(pair->target.at, c->fr);
  ck_assert_str_eq(str_text(&links), c->links);
  str_free(&links);
}

/* The sentences are looked for in the smaller strata. */
START_TEST(sentences_by_hand) {
  const Toy *toy = toy_find("en-fr");
  StrMap map = {0};
  ToyPair pair = {0};
  int n_found = 0;
  for (int i = 0; i < N_SENTENCES; i++) strmap_put(&map, sentences[i].en, strlen(sentences[i].en), i);
  for (int stratum = 0; stratum < toy->n_strata; stratum++) {
    uint64_t size = toy->size(stratum);
    for (uint64_t i = 0; size <= 1000 && i < size; i++) {
      toy_make(toy, stratum, i, &pair);
      const Case *c = case_of(&map, &pair.source);
      if (c == NULL) continue;
      check_pair(&pair, c);
      n_found++;
    }
  }
  ck_assert_int_eq(n_found, N_SENTENCES);
  toy_pair_free(&pair);
  strmap_free(&map);
}
END_TEST

typedef struct NounCase {
  NounClass class;
  NounKind kind;
  bool after_preposition, negated;
  Case is;
} NounCase;

static const NounCase nouns[] = {
    {CLASS_ANIMAL, NOUN_THE, false, false, {"the bird", "l' oiseau", "0-0 1-1"}},
    {CLASS_PERSON, NOUN_THE, false, false, {"this man", "cet homme", "0-0 1-1"}},
    {CLASS_PERSON, NOUN_THE, false, false, {"an aunt", "une tante", "0-0 1-1"}},
    {CLASS_PERSON, NOUN_MY, false, false, {"her nurse", "son infirmière", "0-0 1-1"}},
    {CLASS_PERSON, NOUN_MY, false, false, {"many children", "beaucoup d' enfants", "0-0 0-1 1-2"}},
    {CLASS_ANIMAL, NOUN_ONE_THE, false, false, {"an old bird", "un vieil oiseau", "0-0 1-1 2-2"}},
    {CLASS_ANIMAL, NOUN_ONE_THE, false, false, {"this old horse", "ce vieux cheval", "0-0 1-1 2-2"}},
    {CLASS_THING, NOUN_ONE_THE, false, false, {"this new tool", "ce nouvel outil", "0-0 1-1 2-2"}},
    {CLASS_THING, NOUN_ONE_THE, false, false, {"this strange tool", "cet outil étrange", "0-0 1-2 2-1"}},
    {CLASS_SPOT, NOUN_ONE_THE, false, false, {"some beautiful trees", "de beaux arbres", "0-0 1-1 2-2"}},
    {CLASS_THING, NOUN_ONE_THE, false, false, {"some white shirts", "des chemises blanches", "0-0 1-2 2-1"}},
    {CLASS_DRINK, NOUN_ONE_THE, false, false, {"some bad water", "de la mauvaise eau", "0-0 0-1 1-2 2-3"}},
    {CLASS_DRINK, NOUN_ONE_THE, false, true, {"any cold milk", "de lait froid", "0-0 1-2 2-1"}},
    {CLASS_FOOD, NOUN_ONE_MY, false, false, {"my old orange", "ma vieille orange", "0-0 1-1 2-2"}},
    {CLASS_FOOD, NOUN_ONE_MY, false, false, {"my cold orange", "mon orange froide", "0-0 1-2 2-1"}},
    {CLASS_THING, NOUN_TWO_THE, false, true, {"a big black hat", "de grand chapeau noir", "0-0 1-1 2-3 3-2"}},
    {CLASS_THING,
     NOUN_TWO_MY,
     false,
     false,
     {"their new red cars", "leurs nouvelles voitures rouges", "0-0 1-1 2-3 3-2"}},
    {CLASS_FOOD, NOUN_GENITIVE, false, false, {"the king 's cakes", "les gâteaux du roi", "0-2 1-3 2-0 2-2 3-1"}},
    {CLASS_TEXT,
     NOUN_GENITIVE,
     false,
     false,
     {"the child 's story", "l' histoire de l' enfant", "0-3 1-4 2-0 2-2 3-1"}},
    {CLASS_ANIMAL, NOUN_AND, false, false, {"my goose and my dog", "mon oie et mon chien", "0-0 1-1 2-2 3-3 4-4"}},
};

START_TEST(noun_phrases_by_hand) {
  const NounCase *c = &nouns[_i];
  ToyPair pair = {0};
  ToyChoice choice = {0, 1};
  int n_found = 0;
  (void)toy_noun_phrase(&choice, c->class, c->kind, c->after_preposition, c->negated);
  for (uint64_t i = 0, size = choice.size; i < size; i++) {
    choice = (ToyChoice){i, 1};
    NounPhrase np = toy_noun_phrase(&choice, c->class, c->kind, c->after_preposition, c->negated);
    ck_assert_uint_eq(choice.size, size);
    str_clear(&pair.source), str_clear(&pair.target);
    pair.n_links = 0;
    toy_phrase_join(&np.words);
    toy_phrase_pair(&np.words, &pair);
    if (strcmp(pair.source.at, c->is.en) != 0) continue;
    ck_assert_str_eq(pair.target.at, c->is.fr);
    n_found++;
    for (int k = 0; k < pair.n_links; k++) {
      Str link = {0};
      str_addf(&link, "%d-%d", pair.links[k].source, pair.links[k].target);
      ck_assert_msg(strstr(c->is.links, link.at) != NULL, "%s in '%s'", link.at, c->is.en);
      str_free(&link);
    }
    ck_assert_int_eq(4 * pair.n_links - 1, (int)strlen(c->is.links));
  }
  ck_assert_int_eq(n_found, 1);
  toy_pair_free(&pair);
}
END_TEST

START_TEST(gender_of_two) {
  ToyChoice choice = {0, 1};
  for (uint64_t i = 0; i < 13u * 12; i++) { /* the same determiner: the first one */
    choice = (ToyChoice){i, 1};
    NounPhrase np = toy_noun_phrase(&choice, CLASS_PERSON, NOUN_AND, false, false);
    bool both = strcmp(np.words.fr[0].text, "la") == 0 && strcmp(np.words.fr[3].text, "la") == 0;
    ck_assert_int_eq(np.plural, true);
    ck_assert_int_eq(np.person, PERSON_THEY);
    ck_assert_msg(np.feminine == both, "%s", np.words.en[1]);
  }
}
END_TEST

START_TEST(no_reflexives) {
  int n = 0;
  for (int a = 0; a < TOY_PRONOUNS; a++)
    for (int b = 0; b < TOY_PRONOUNS; b++) n += toy_noun_may_meet(a, b);
  ck_assert_int_eq(n, 4 + 5 + 6 + 6 + 4 + 6);
}
END_TEST

/* No word of one token may hold a blank, and no French word stands unlinked. */
START_TEST(words_and_links) {
  const Toy *toy = toy_find("en-fr");
  ToyPair pair = {0};
  for (int stratum = 0; stratum < toy->n_strata; stratum++) {
    uint64_t size = toy->size(stratum);
    if (size == 0) continue;
    toy_make(toy, stratum, size * 5 / 7, &pair);
    int n = 1;
    uint64_t linked = 0;
    for (const char *c = pair.target.at; *c != '\0'; c++) n += *c == ' ';
    for (int k = 0; k < pair.n_links; k++) linked |= (uint64_t)1 << pair.links[k].target;
    ck_assert_msg(linked == ((uint64_t)1 << n) - 1, "%s", pair.target.at);
  }
  toy_pair_free(&pair);
}
END_TEST

Suite *test_toy_en_fr(void);
Suite *test_toy_en_fr(void) {
  Suite *s = suite_create("toy_en_fr");
  TCase *t = tcase_create("toy_en_fr");
  tcase_set_timeout(t, 60);
  tcase_add_test(t, sentences_by_hand);
  tcase_add_loop_test(t, noun_phrases_by_hand, 0, sizeof nouns / sizeof *nouns);
  tcase_add_test(t, gender_of_two);
  tcase_add_test(t, no_reflexives);
  tcase_add_test(t, words_and_links);
  suite_add_tcase(s, t);
  return s;
}
