#include "eval/word_alignment.h"

#include <string.h>

#include "base/mem.h"

static const char SPACE[] = "\xE2\x96\x81";
enum { N_SPACE = sizeof SPACE - 1 };

static bool opens(const char *piece) { return strncmp(piece, SPACE, N_SPACE) == 0; }

int word_alignment_spans(const char *const *pieces, int n, int *word) {
  int n_words = 0;
  bool empty = true; /* the present word has no characters so far */
  for (int i = 0; i < n; i++) {
    bool space = opens(pieces[i]);
    if (n_words == 0 || (space && !empty)) {
      n_words++;
      empty = true;
    }
    if (!space || pieces[i][N_SPACE] != '\0') empty = false;
    word[i] = n_words - 1;
  }
  for (int i = n - 1; empty && n_words > 1 && i >= 0 && word[i] == n_words - 1; i--) word[i]--;
  return empty && n_words > 1 ? n_words - 1 : n_words;
}

bool word_alignment_wanted(const char *const *tokens, int n) {
  enum { MOST_PIECES = 6 }; /* a word, on average */
  bool pieces = false;
  for (int i = 0; i < n - 1; i++) pieces = pieces || opens(tokens[i]);
  if (!pieces) return false;
  int *word = mem_alloc((size_t)n, sizeof *word, "word alignment");
  int n_words = word_alignment_spans(tokens, n - 1, word);
  mem_free(word);
  return n_words > 1 && n - 1 <= MOST_PIECES * n_words;
}

/* The spans of one side with `</s>`, which is the last of its n tokens. */
static int spans(const char *const *tokens, int n, bool pieces, int *word) {
  if (n == 0) return 0;
  int n_words = pieces ? word_alignment_spans(tokens, n - 1, word) : n - 1;
  for (int i = 0; i < n - 1 && !pieces; i++) word[i] = i;
  word[n - 1] = n_words;
  return n_words + 1;
}

static void make_room(WordAlignment *w, int n_pieces, int n_cells) {
  if (n_pieces > w->cap_pieces) {
    size_t cap = (size_t)(w->cap_pieces = 2 * n_pieces);
    w->spans = mem_grow(w->spans, cap, sizeof *w->spans, "word alignment");
    w->words = mem_grow(w->words, cap, sizeof *w->words, "word alignment");
    w->unknown = mem_grow(w->unknown, cap, sizeof *w->unknown, "word alignment");
    w->logprob = mem_grow(w->logprob, cap, sizeof *w->logprob, "word alignment");
  }
  if (n_cells > w->cap_cells) {
    w->cap_cells = 2 * n_cells;
    w->weights = mem_grow(w->weights, (size_t)w->cap_cells, sizeof *w->weights, "word alignment");
  }
}

/* Appends the text of each word, without its U+2581; at[k] receives its offset. */
static void spell(Str *text, const char *const *tokens, int n, bool pieces, const int *word, size_t *at) {
  for (int i = 0; i < n; i++) {
    bool first = i == 0 || word[i] != word[i - 1];
    if (first && i > 0) str_addc(text, '\0');
    if (first) at[word[i]] = text->n;
    bool skip = pieces && i < n - 1 && opens(tokens[i]);
    str_adds(text, tokens[i] + (skip ? N_SPACE : 0));
  }
  str_addc(text, '\0');
}

/* Offsets first and pointers last: the text moves while it grows. */
static void spell_both(WordAlignment *w, const Alignment *a, bool source_pieces, bool target_pieces, int n_source,
                       int n_target) {
  size_t *at = mem_alloc((size_t)n_source + (size_t)n_target, sizeof *at, "word alignment");
  str_clear(&w->text);
  spell(&w->text, a->source, a->n_source, source_pieces, w->spans, at);
  spell(&w->text, a->target, a->n_target, target_pieces, w->spans + a->n_source, at + n_source);
  for (int k = 0; k < n_source + n_target; k++) w->words[k] = w->text.at + at[k];
  mem_free(at);
}

static void mark_unknown(bool *unknown, int n_words, const Alignment *a, int n, const int *word,
                         bool (*of)(const Alignment *a, int i)) {
  memset(unknown, 0, (size_t)n_words * sizeof *unknown);
  for (int i = 0; i < n; i++) unknown[word[i]] |= of(a, i);
}

static void add_up(WordAlignment *w, const Alignment *a, int n_source, int n_target) {
  const int *source = w->spans, *target = w->spans + a->n_source;
  memset(w->weights, 0, (size_t)n_source * (size_t)n_target * sizeof *w->weights);
  memset(w->logprob, 0, (size_t)n_target * sizeof *w->logprob);
  for (int first = 0, end; first < a->n_target; first = end) {
    for (end = first + 1; end < a->n_target && target[end] == target[first];) end++;
    float *row = w->weights + (size_t)target[first] * (size_t)n_source;
    for (int t = first; t < end; t++) {
      const float *from = a->weights + (size_t)t * (size_t)a->n_source;
      for (int s = 0; s < a->n_source; s++) row[source[s]] += from[s] / (float)(end - first);
      if (a->token_logprob != NULL) w->logprob[target[first]] += a->token_logprob[t];
    }
  }
}

void word_alignment_set(WordAlignment *w, const Alignment *a, bool source_pieces, bool target_pieces) {
  make_room(w, a->n_source + a->n_target, a->n_source * a->n_target);
  int n_source = spans(a->source, a->n_source, source_pieces, w->spans);
  int n_target = spans(a->target, a->n_target, target_pieces, w->spans + a->n_source);
  spell_both(w, a, source_pieces, target_pieces, n_source, n_target);
  mark_unknown(w->unknown, n_source, a, a->n_source, w->spans, alignment_source_unknown);
  mark_unknown(w->unknown + n_source, n_target, a, a->n_target, w->spans + a->n_source, alignment_target_unknown);
  if (n_target > 0) add_up(w, a, n_source, n_target);
  w->alignment = *a;
  w->alignment.source = w->words;
  w->alignment.n_source = n_source;
  w->alignment.target = w->words + n_source;
  w->alignment.n_target = n_target;
  if (a->token_logprob != NULL) w->alignment.token_logprob = w->logprob;
  w->alignment.weights = w->weights;
  w->alignment.source_unknown = w->unknown;
  w->alignment.target_unknown = w->unknown + n_source;
}

void word_alignment_free(WordAlignment *w) {
  str_free(&w->text);
  mem_free(w->spans);
  mem_free(w->words);
  mem_free(w->unknown);
  mem_free(w->logprob);
  mem_free(w->weights);
  *w = (WordAlignment){0};
}
