/* toy_agree.c - English sentences whose relative clauses stand inside each other, without the endings of their verbs:
 * "the cats that the dog that the birds hear see run". The target has them: a verb agrees with its own subject, which
 * is the further away the more stands between, "the cats that the dog that the birds hear sees run". The graph links
 * each verb with its subject; gold alignments, each token with its own and a subject with its verb.
 *
 * A stratum is a number of clauses: agree has 1 to 3, agree-long 4 to 6, for measuring what was trained on agree. */
#include "text/toy.h"

enum { SHORTEST = 1, LONGEST = 3, MAX_CLAUSES = 2 * LONGEST };

static const char *const nouns[] = {"cat", "dog", "bird", "horse", "bear", "fox", "mouse", "wolf"};
static const char *const many[] = {"cats", "dogs", "birds", "horses", "bears", "foxes", "mice", "wolves"};
static const char *const verbs[] = {"see", "hear", "like", "find", "know", "follow", "meet", "help"};
static const char *const adjectives[] = {"", "big", "old", "red"};

enum { N_NOUNS = 8, N_VERBS = 8, N_ADJECTIVES = 4, CLAUSE = 2 * N_NOUNS * N_VERBS * N_ADJECTIVES };

static uint64_t power(int n) {
  uint64_t size = 1;
  for (int i = 0; i < n; i++) size *= CLAUSE;
  return size;
}

static uint64_t near_size(int stratum) { return power(SHORTEST + stratum); }
static uint64_t far_size(int stratum) { return power(LONGEST + 1 + stratum); }

static double weight(int stratum) {
  (void)stratum;
  return 1;
}

static int take(uint64_t *index, int n) {
  int at = (int)(*index % (uint64_t)n);
  *index /= (uint64_t)n;
  return at;
}

/* Adds a token; ending is of the target alone. Returns its place. */
static int add(ToyPair *pair, int *at, const char *word, const char *ending) {
  str_addf(&pair->source, *at == 0 ? "%s" : " %s", word);
  str_addf(&pair->target, *at == 0 ? "%s%s" : " %s%s", word, ending);
  toy_link(pair, *at, *at);
  return (*at)++;
}

typedef struct Subject {
  int place, verb; /* verb: its number */
  bool plural;
} Subject;

static Subject add_subject(ToyPair *pair, int *at, uint64_t *index) {
  const char *adjective = adjectives[take(index, N_ADJECTIVES)];
  int noun = take(index, N_NOUNS), plural = take(index, 2);
  (void)add(pair, at, "the", "");
  if (adjective[0] != '\0') (void)add(pair, at, adjective, "");
  int place = add(pair, at, (plural ? many : nouns)[noun], "");
  return (Subject){place, take(index, N_VERBS), plural != 0};
}

static void make(int n, uint64_t index, ToyPair *pair) {
  Subject subjects[MAX_CLAUSES];
  int at = 0;
  for (int i = 0; i < n; i++) {
    if (i > 0) (void)add(pair, &at, "that", "");
    subjects[i] = add_subject(pair, &at, &index);
  }
  for (int i = n - 1; i >= 0; i--) {
    int verb = add(pair, &at, verbs[subjects[i].verb], subjects[i].plural ? "" : "s");
    toy_link(pair, subjects[i].place, verb);
    str_addf(&pair->graph, pair->graph.n == 0 ? "%d-%d" : " %d-%d", subjects[i].place, verb);
  }
}

static void make_near(int stratum, uint64_t index, ToyPair *pair) { make(SHORTEST + stratum, index, pair); }
static void make_far(int stratum, uint64_t index, ToyPair *pair) { make(LONGEST + 1 + stratum, index, pair); }

extern const Toy toy_agree, toy_agree_long;
const Toy toy_agree = {LONGEST - SHORTEST + 1, near_size, weight, make_near, .graph = true};
const Toy toy_agree_long = {MAX_CLAUSES - LONGEST, far_size, weight, make_far, .graph = true};
