#include "search/unknown.h"

#include <string.h>

#include "base/mem.h"

/* The words of the line as the tokens are cut, but with nothing done to their letters. */
static void split_raw(Unknown *u, const Translator *t, const char *line) {
  bool letters = tokenizer_kind(t->source_tokenizer) == TOKENIZER_char;
  tokens_clear(&u->raw);
  tokenizer_def(letters ? TOKENIZER_char : TOKENIZER_word)->split(NULL, line, strlen(line), &u->raw);
}

/* Fills u->word for the first n of the tokens. Returns the number of words of all. */
static int find_words(Unknown *u, const Tokens *source) {
  const Words *words = tokens_words(source);
  int n = source->n, n_words = words == NULL ? n : words->texts.n;
  if (n > u->cap || n_words > u->cap) {
    u->cap = 2 * (n > n_words ? n : n_words);
    u->word = mem_grow(u->word, (size_t)u->cap, sizeof *u->word, "source words");
    u->sum = mem_grow(u->sum, (size_t)u->cap, sizeof *u->sum, "source words");
  }
  for (int i = 0; i < n; i++) u->word[i] = i;
  for (int i = 0; i < n && words != NULL; i++) u->word[i] = words->spans[i].first;
  return n_words;
}

/* The source word of most attention. row: weights of the n tokens that were read. */
static int heaviest(const Unknown *u, const float *row, int n) {
  int best = u->word[0];
  for (int i = 0; i < n; i++) u->sum[u->word[i]] = 0;
  for (int i = 0; i < n; i++) u->sum[u->word[i]] += (double)row[i];
  for (int i = 0; i < n; i++)
    if (u->sum[u->word[i]] > u->sum[best]) best = u->word[i];
  return best;
}

/* The source word that target token k of an output looks at: the one chosen, or of most attention. */
static int looked_at(const Unknown *u, const Alignment *a, int k) {
  int n = a->n_source - 1;
  if (a->chosen != NULL && a->chosen[k] < n) return u->word[a->chosen[k]];
  return heaviest(u, a->weights + (size_t)k * (size_t)a->n_source, n);
}

static void add_entry(Unknown *u, const char *word, const Dictionary *dictionary) {
  const char *found = dictionary == NULL ? NULL : dictionary_find(dictionary, word);
  if (found == NULL && dictionary != NULL) {
    Str lower = {0};
    tokenizer_prepare(true, word, strlen(word), &lower);
    found = dictionary_find(dictionary, str_text(&lower));
    str_free(&lower);
  }
  if (found == NULL) found = word;
  tokens_add(&u->replaced, found, strlen(found));
}

/* The text of source word k: as typed, unless lower case has changed how the line is cut. */
static void add_word(Unknown *u, int k, int n_words, const Tokens *source, const Dictionary *dictionary) {
  const Words *words = tokens_words(source);
  const Tokens *texts = u->raw.n == n_words ? &u->raw : words != NULL ? &words->texts : source;
  add_entry(u, tokens_get(texts, k, NULL), dictionary);
}

static bool any_unknown(const Alignment *a) {
  for (int t = 0; t < a->n_target; t++)
    if (alignment_target_unknown(a, t)) return true;
  return false;
}

void unknown_replace(Unknown *u, Entry *e, const Translator *t, const char *line, const Tokens *source,
                     const Dictionary *dictionary) {
  Alignment *a = &e->alignment;
  if (!any_unknown(a) || a->n_source < 2) return;
  split_raw(u, t, line);
  int n_words = find_words(u, source);
  tokens_clear(&u->replaced);
  for (int k = 0; k + 1 < a->n_target; k++) {
    if (!alignment_target_unknown(a, k)) tokens_add(&u->replaced, a->target[k], strlen(a->target[k]));
    else add_word(u, looked_at(u, a, k), n_words, source, dictionary);
  }
  for (int k = 0; k + 1 < a->n_target; k++) e->target[k] = tokens_get(&u->replaced, k, NULL);
  str_clear(&e->line);
  tokenizer_join_words(t->target_tokenizer, &u->replaced, &e->line);
  a->text = str_text(&e->line);
  a->target_words = tokens_words(&u->replaced);
}

void unknown_free(Unknown *u) {
  tokens_free(&u->raw);
  tokens_free(&u->replaced);
  mem_free(u->word);
  mem_free(u->sum);
  *u = (Unknown){0};
}
