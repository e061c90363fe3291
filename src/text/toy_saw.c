/* toy_saw.c - "I saw a saw": English clauses whose verbs mean one thing by themselves and another with a particle,
 * which follows them at once or only after the object: turn the radio off. The target says each word in other words, a
 * token for a token: a verb with its particle by one verb, the particle as "-", a noun that could be a verb by another
 * noun. So the word for a verb hangs on a token 1 to 5 positions to its right, or on there being none before the next
 * clause.
 *
 * Links: each token to the one in its place, and a particle to its verb's too.
 *
 * A stratum is a choice of forms for the 1 to 3 clauses of a line; each form is equally likely in every place. */
#include <stdint.h>

#include "text/toy.h"

typedef struct SawWord {
  const char *text, *sense;
} SawWord;

enum { N_PARTICLES = 4, MAX_CLAUSES = 3 };

static const char *const particles[N_PARTICLES] = {"off", "up", "out", "down"};

static const struct {
  const char *text, *alone, *with[N_PARTICLES];
} verbs[] = {
    {"saw", "noticed", {"sever", "chop", "carve", "fell"}},
    {"take", "grab", {"remove", "begin", "extract", "note"}},
    {"turn", "rotate", {"quench", "raise", "evict", "lower"}},
    {"put", "place", {"delay", "lodge", "quench", "defeat"}},
    {"call", "phone", {"cancel", "draft", "invite", "summon"}},
    {"break", "smash", {"detach", "end", "erupt", "fail"}},
};

static const SawWord nouns[] = {{"saw", "blade"},       {"turn", "bend"},    {"call", "shout"},  {"break", "pause"},
                                {"light", "light"},     {"hat", "hat"},      {"plank", "plank"}, {"tree", "tree"},
                                {"fire", "fire"},       {"radio", "radio"},  {"tent", "tent"},   {"letter", "letter"},
                                {"meeting", "meeting"}, {"branch", "branch"}};
static const char *const subjects[] = {"I", "you", "we", "they"};
static const char *const articles[] = {"a", "the"};
static const char *const adjectives[] = {"good", "new", "red", "big", "small", "long"};

enum {
  N_VERBS = sizeof verbs / sizeof *verbs,
  N_NOUNS = sizeof nouns / sizeof *nouns,
  N_SUBJECTS = sizeof subjects / sizeof *subjects,
  N_ARTICLES = sizeof articles / sizeof *articles,
  N_ADJECTIVES = sizeof adjectives / sizeof *adjectives,
};

/* How far the particle stands from its verb, and the length of the object. */
typedef struct Form {
  int distance; /* 0: there is no particle; 1: it follows at once, else after the object */
  int object;   /* tokens: 1 "it"; 2 article and noun; more: adjectives between them */
} Form;

static const Form forms[] = {{0, 2}, {0, 3}, {1, 1}, {1, 2}, {2, 1}, {3, 2}, {4, 3}, {5, 4}};
enum { N_FORMS = sizeof forms / sizeof *forms, N_STRATA = N_FORMS + N_FORMS * N_FORMS + N_FORMS * N_FORMS * N_FORMS };

static uint64_t clauses_of(const Form *f) {
  uint64_t n = N_SUBJECTS * N_VERBS * (f->distance > 0 ? N_PARTICLES : 1);
  if (f->object == 1) return n;
  for (int k = 2; k < f->object; k++) n *= N_ADJECTIVES;
  return n * N_ARTICLES * N_NOUNS;
}

/* The forms of a stratum's clauses; returns how many there are. */
static int forms_of(int stratum, Form *of) {
  int n = 1;
  for (int size = N_FORMS; stratum >= size; size *= N_FORMS, n++) stratum -= size;
  for (int i = 0; i < n; i++, stratum /= N_FORMS) of[i] = forms[stratum % N_FORMS];
  return n;
}

static uint64_t size(int stratum) {
  Form of[MAX_CLAUSES];
  uint64_t size = 1;
  for (int i = forms_of(stratum, of) - 1; i >= 0; i--) size *= clauses_of(&of[i]);
  return size;
}

/* Lines of one clause, of two and of three are equally likely. */
static double weight(int stratum) {
  Form of[MAX_CLAUSES];
  double weight = 1;
  for (int n = forms_of(stratum, of); n > 0; n--) weight /= N_FORMS;
  return weight;
}

/* What is taken off an index for a choice among n. */
static int take(uint64_t *index, int n) {
  int at = (int)(*index % (uint64_t)n);
  *index /= (uint64_t)n;
  return at;
}

/* Adds a token and its sense; returns its place. at counts tokens. */
static int add(ToyPair *pair, int *at, const char *word, const char *sense) {
  str_addf(&pair->source, *at == 0 ? "%s" : " %s", word);
  str_addf(&pair->target, *at == 0 ? "%s" : " %s", sense);
  toy_link(pair, *at, *at);
  return (*at)++;
}

static void add_object(ToyPair *pair, int *at, int length, uint64_t *index) {
  if (length == 1) {
    (void)add(pair, at, "it", "it");
    return;
  }
  const char *article = articles[take(index, N_ARTICLES)];
  (void)add(pair, at, article, article);
  for (int k = 2; k < length; k++) {
    const char *adjective = adjectives[take(index, N_ADJECTIVES)];
    (void)add(pair, at, adjective, adjective);
  }
  const SawWord *noun = &nouns[take(index, N_NOUNS)];
  (void)add(pair, at, noun->text, noun->sense);
}

static void add_particle(ToyPair *pair, int *at, int particle, int verb) {
  int own = add(pair, at, particles[particle], "-");
  toy_link(pair, own, verb);
}

static void add_clause(ToyPair *pair, int *at, const Form *form, uint64_t *index) {
  const char *subject = subjects[take(index, N_SUBJECTS)];
  (void)add(pair, at, subject, subject);
  int v = take(index, N_VERBS), particle = form->distance > 0 ? take(index, N_PARTICLES) : -1;
  int verb = add(pair, at, verbs[v].text, particle < 0 ? verbs[v].alone : verbs[v].with[particle]);
  if (form->distance == 1) add_particle(pair, at, particle, verb);
  add_object(pair, at, form->object, index);
  if (form->distance > 1) add_particle(pair, at, particle, verb);
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  Form of[MAX_CLAUSES];
  int n = forms_of(stratum, of), at = 0;
  for (int i = 0; i < n; i++) {
    if (i > 0) (void)add(pair, &at, "and", "and");
    add_clause(pair, &at, &of[i], &index);
  }
}

extern const Toy toy_saw;
const Toy toy_saw = {N_STRATA, size, weight, make};
