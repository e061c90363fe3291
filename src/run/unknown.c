#include "run/unknown.h"

#include <string.h>

#include "base/mem.h"
#include "eval/word_alignment.h"

/* The words of the line as the tokens are cut, but with nothing done to their letters. */
static void split_raw(Unknown *u, const Translator *t, const char *line) {
  bool letters = tokenizer_kind(t->source_tokenizer) == TOKENIZER_char;
  tokens_clear(&u->raw);
  tokenizer_def(letters ? TOKENIZER_char : TOKENIZER_word)->split(NULL, line, strlen(line), &u->raw);
}

/* Fills u->word for the first n of the tokens. Returns the number of words of all. */
static int find_words(Unknown *u, const Translator *t, const Tokens *source) {
  int n = source->n;
  if (n > u->cap) {
    u->cap = 2 * n;
    u->word = mem_grow(u->word, (size_t)u->cap, sizeof *u->word, "source words");
    u->sum = mem_grow(u->sum, (size_t)u->cap, sizeof *u->sum, "source words");
  }
  for (int i = 0; i < n; i++) u->word[i] = i;
  if (tokenizer_model(t->source_tokenizer) == NULL) return n;
  const char **pieces = mem_alloc((size_t)n, sizeof *pieces, "source words");
  for (int i = 0; i < n; i++) pieces[i] = tokens_get(source, i, NULL);
  int n_words = word_alignment_spans(pieces, n, u->word);
  mem_free(pieces);
  return n_words;
}

/* The source word of most attention. row: weights of the n tokens that were read. */
static int heaviest(const Unknown *u, const float *row, int n) {
  int best = 0;
  for (int i = 0; i < n; i++) u->sum[u->word[i]] = 0;
  for (int i = 0; i < n; i++) u->sum[u->word[i]] += (double)row[i];
  for (int i = 0; i < n; i++)
    if (u->sum[u->word[i]] > u->sum[best]) best = u->word[i];
  return best;
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
  if (u->raw.n == n_words) {
    add_entry(u, tokens_get(&u->raw, k, NULL), dictionary);
    return;
  }
  Str word = {0};
  Tokens pieces = {0};
  for (int i = 0; i < source->n; i++)
    if (u->word[i] == k) tokens_add(&pieces, tokens_get(source, i, NULL), strlen(tokens_get(source, i, NULL)));
  sentencepiece_join(&pieces, &word);
  add_entry(u, str_text(&word), dictionary);
  tokens_free(&pieces);
  str_free(&word);
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
  int n_words = find_words(u, t, source);
  tokens_clear(&u->replaced);
  for (int k = 0; k + 1 < a->n_target; k++) {
    const float *row = a->weights + (size_t)k * (size_t)a->n_source;
    if (!alignment_target_unknown(a, k)) tokens_add(&u->replaced, a->target[k], strlen(a->target[k]));
    else add_word(u, heaviest(u, row, a->n_source - 1), n_words, source, dictionary);
  }
  for (int k = 0; k + 1 < a->n_target; k++) e->target[k] = tokens_get(&u->replaced, k, NULL);
  str_clear(&e->line);
  tokenizer_join(t->target_tokenizer, &u->replaced, &e->line);
  a->text = str_text(&e->line);
}

void unknown_free(Unknown *u) {
  tokens_free(&u->raw);
  tokens_free(&u->replaced);
  mem_free(u->word);
  mem_free(u->sum);
  *u = (Unknown){0};
}
