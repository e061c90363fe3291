/* toy_cloze.c - a story of 3 to 6 sentences, who put which thing where, and a question with a gap: the target is the
 * thing that is missing. Two of name, colour and place tell which sentence is meant, in each question another two, and
 * none of them alone, for words come back in a story. Any two sentences differ in two of the three, so that there is
 * one answer.
 *
 * Links: the answer, in its sentence.
 *
 * A stratum is a number of sentences. Name and colour of a sentence are a number below 64, no two the same; its place
 * follows from their sum and a number of the story. */
#include <stdint.h>

#include "text/toy.h"

enum { N_WORDS = 8, N_PAIRS = N_WORDS * N_WORDS, FEWEST = 3, MOST = 6 };
enum { NAME, COLOUR, PLACE, N_CUES };

static const char *const words[N_CUES][N_WORDS] = {
    {"anna", "ben", "clara", "david", "emma", "felix", "greta", "henry"},
    {"red", "blue", "green", "black", "white", "yellow", "brown", "grey"},
    {"box", "bag", "drawer", "basket", "cupboard", "garden", "cellar", "kitchen"}};
static const char *const things[N_WORDS] = {"ball", "cup", "book", "key", "lamp", "shoe", "coin", "hat"};

/* "anna put the red ball into the box ." */
enum { SENTENCE = 9, THING_AT = 4 };

typedef struct Deed {
  int cues[N_CUES], thing;
} Deed;

static uint64_t size(int stratum) {
  uint64_t n = (uint64_t)(FEWEST + stratum), size = N_WORDS * n * N_CUES;
  for (uint64_t i = 0; i < n; i++) size *= (N_PAIRS - i) * N_WORDS;
  return size;
}

static double weight(int stratum) {
  (void)stratum;
  return 1;
}

/* The kth number from 0 that is not among the n taken, which are kept in rising order; takes it. */
static int take(int *taken, int n, int k) {
  int at = 0;
  for (; at < n && taken[at] <= k; at++) k++;
  for (int i = n; i > at; i--) taken[i] = taken[i - 1];
  taken[at] = k;
  return k;
}

static int digit(uint64_t *index, int base) {
  int value = (int)(*index % (uint64_t)base);
  *index /= (uint64_t)base;
  return value;
}

static void draw(uint64_t *index, int n, Deed *deeds) {
  int taken[MOST], shift = digit(index, N_WORDS);
  for (int s = 0; s < n; s++) {
    int pair = take(taken, s, digit(index, N_PAIRS - s)), name = pair / N_WORDS, colour = pair % N_WORDS;
    deeds[s] = (Deed){{name, colour, (name + colour + shift) % N_WORDS}, digit(index, N_WORDS)};
  }
}

/* Without the word for a cue that is unknown; N_CUES: all are known. */
static void tell(Str *out, const Deed *deed, int unknown, const char *thing) {
  str_addf(out, "%s put the ", unknown == NAME ? "someone" : words[NAME][deed->cues[NAME]]);
  if (unknown != COLOUR) str_addf(out, "%s ", words[COLOUR][deed->cues[COLOUR]]);
  str_addf(out, "%s ", thing);
  if (unknown == PLACE) str_adds(out, "somewhere");
  else str_addf(out, "into the %s", words[PLACE][deed->cues[PLACE]]);
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  Deed deeds[MOST];
  int n = FEWEST + stratum, asked = digit(&index, n), unknown = digit(&index, N_CUES);
  draw(&index, n, deeds);
  for (int s = 0; s < n; s++) {
    tell(&pair->source, &deeds[s], N_CUES, things[deeds[s].thing]);
    str_adds(&pair->source, " . ");
  }
  str_adds(&pair->source, "||| ");
  tell(&pair->source, &deeds[asked], unknown, "_");
  str_adds(&pair->target, things[deeds[asked].thing]);
  toy_link(pair, asked * SENTENCE + THING_AT, 0);
}

extern const Toy toy_cloze;
const Toy toy_cloze = {MOST - FEWEST + 1, size, weight, make};
