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

/* Tokens of one side of an alignment, the last of them `</s>`. */
typedef struct Side {
  const char *const *tokens;
  int n;
  const Words *words; /* or NULL */
  bool pieces;        /* to be made words of */
} Side;

static Side side_of(const Alignment *a, bool target, bool pieces) {
  return target ? (Side){a->target, a->n_target, a->target_words, pieces}
                : (Side){a->source, a->n_source, a->source_words, pieces};
}

/* The words of the n tokens of side before its `</s>`. */
static int count_words(const Side *side, int n) {
  if (side->words != NULL) return n == 0 ? 0 : words_count(side->words, n);
  int *word = mem_alloc((size_t)n + 1, sizeof *word, "word alignment");
  int n_words = word_alignment_spans(side->tokens, n, word);
  mem_free(word);
  return n_words;
}

bool word_alignment_wanted(const Alignment *a, bool target) {
  enum { MOST_PIECES = 6 }; /* a word, on average */
  Side side = side_of(a, target, true);
  bool pieces = side.words != NULL;
  for (int i = 0; i < side.n - 1; i++) pieces = pieces || opens(side.tokens[i]);
  if (!pieces || side.n < 2) return false;
  int n_words = count_words(&side, side.n - 1);
  return n_words > 1 && side.n - 1 <= MOST_PIECES * n_words;
}

/* The spans of the pieces of text at hand, or of what U+2581 tells. Returns how many words there are. */
static int find_spans(const Side *side, int n, WordSpan *spans) {
  if (side->words != NULL) {
    for (int i = 0; i < n; i++) spans[i] = side->words->spans[i];
    return count_words(side, n);
  }
  int *word = mem_alloc((size_t)n + 1, sizeof *word, "word alignment");
  int n_words = word_alignment_spans(side->tokens, n, word);
  for (int i = 0; i < n; i++) spans[i] = (WordSpan){word[i], word[i]};
  mem_free(word);
  return n_words;
}

/* The spans of one side with `</s>`. */
static int spans(const Side *side, WordSpan *word) {
  if (side->n == 0) return 0;
  int n = side->n - 1, n_words = side->pieces ? find_spans(side, n, word) : n;
  for (int i = 0; i < n && !side->pieces; i++) word[i] = (WordSpan){i, i};
  word[n] = (WordSpan){n_words, n_words};
  return n_words + 1;
}

static void make_room(WordAlignment *w, int n_pieces) {
  if (n_pieces <= w->cap_pieces) return;
  size_t cap = (size_t)(w->cap_pieces = 2 * n_pieces);
  w->spans = mem_grow(w->spans, cap, sizeof *w->spans, "word alignment");
  w->shares = mem_grow(w->shares, cap, sizeof *w->shares, "word alignment");
  w->words = mem_grow(w->words, cap, sizeof *w->words, "word alignment");
  w->unknown = mem_grow(w->unknown, cap, sizeof *w->unknown, "word alignment");
  w->logprob = mem_grow(w->logprob, cap, sizeof *w->logprob, "word alignment");
}

/* What a side needs room for: its pieces, or its words when some have none. */
static int most_of(const Side *side) {
  return side->n + (side->pieces && side->words != NULL ? side->words->texts.n : 0);
}

/* Appends the text of each word, without its U+2581; at[k] receives its offset. */
static void spell_pieces(Str *text, const Side *side, const WordSpan *span, size_t *at) {
  for (int i = 0; i < side->n; i++) {
    bool first = i == 0 || span[i].first != span[i - 1].first;
    if (first && i > 0) str_addc(text, '\0');
    if (first) at[span[i].first] = text->n;
    bool skip = side->pieces && i < side->n - 1 && opens(side->tokens[i]);
    str_adds(text, side->tokens[i] + (skip ? N_SPACE : 0));
  }
  str_addc(text, '\0');
}

static void spell(Str *text, const Side *side, const WordSpan *span, int n_words, size_t *at) {
  if (!side->pieces || side->words == NULL || side->n < 2) {
    spell_pieces(text, side, span, at);
    return;
  }
  for (int k = 0; k < n_words; k++) {
    at[k] = text->n;
    str_adds(text, k < n_words - 1 ? tokens_get(&side->words->texts, k, NULL) : side->tokens[side->n - 1]);
    str_addc(text, '\0');
  }
}

/* Offsets first and pointers last: the text moves while it grows. */
static void spell_both(WordAlignment *w, const Side *source, const Side *target, int n_source, int n_target) {
  size_t *at = mem_alloc((size_t)n_source + (size_t)n_target, sizeof *at, "word alignment");
  str_clear(&w->text);
  spell(&w->text, source, w->spans, n_source, at);
  spell(&w->text, target, w->spans + source->n, n_target, at + n_source);
  for (int k = 0; k < n_source + n_target; k++) w->words[k] = w->text.at + at[k];
  mem_free(at);
}

static void mark_unknown(bool *unknown, int n_words, const Alignment *a, int n, const WordSpan *span,
                         bool (*of)(const Alignment *a, int i)) {
  memset(unknown, 0, (size_t)n_words * sizeof *unknown);
  for (int i = 0; i < n; i++)
    for (int k = span[i].first; k <= span[i].last; k++) unknown[k] |= of(a, i);
}

static int length(WordSpan span) { return span.last - span.first + 1; }

/* Adds a row over pieces to one over words, its part of the mean of `share` rows. */
static void add_row(float *row, const float *from, int n, const WordSpan *source, int share) {
  for (int s = 0; s < n; s++)
    for (int k = source[s].first; k <= source[s].last; k++) row[k] += from[s] / (float)share / (float)length(source[s]);
}

/* A side's pieces: the words of each, and how many pieces each word has. */
typedef struct Grouped {
  const WordSpan *spans; /* [n] */
  int *shares;           /* [n_words] */
  int n, n_words;
} Grouped;

static void count_shares(const Grouped *g) {
  memset(g->shares, 0, (size_t)g->n_words * sizeof *g->shares);
  for (int i = 0; i < g->n; i++)
    for (int k = g->spans[i].first; k <= g->spans[i].last; k++) g->shares[k]++;
}

/* Weights over pieces, from [rows->n,columns->n], to those over words. */
static void add_weights(const Grouped *rows, const Grouped *columns, const float *from, float *to) {
  for (int t = 0; t < rows->n; t++, from += columns->n)
    for (int k = rows->spans[t].first; k <= rows->spans[t].last; k++)
      add_row(to + (size_t)k * (size_t)columns->n_words, from, columns->n, columns->spans, rows->shares[k]);
}

/* Those of heads, from `to` on; returns where they end. */
static float *add_heads(const Grouped *rows, const Grouped *columns, const HeadWeights *heads, float *to) {
  size_t from = (size_t)rows->n * (size_t)columns->n, cells = (size_t)rows->n_words * (size_t)columns->n_words;
  for (size_t k = 0; k < head_weights_count(heads); k++, to += cells)
    add_weights(rows, columns, head_weights_of(heads, from, k), to);
  return to;
}

/* Weights over words: the alignment, then the heads of each kind. */
static size_t count_cells(const Alignment *a, int n_source, int n_target) {
  size_t cells = (size_t)n_target * (size_t)n_source;
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++)
    cells += head_weights_count(&a->heads.of[k]) * head_weights_cells(k, n_target, n_source);
  return cells;
}

/* What the decoder reads: `<s>`, and the target without its `</s>`. */
static Grouped read_of(const Grouped *target, WordSpan *spans) {
  for (int i = 0; i < target->n; i++)
    spans[i] = i == 0 ? (WordSpan){0, 0} : (WordSpan){target->spans[i - 1].first + 1, target->spans[i - 1].last + 1};
  return (Grouped){spans, NULL, target->n, target->n_words};
}

static void add_up(WordAlignment *w, const Alignment *a, int n_source, int n_target) {
  const Grouped source = {w->spans, w->shares, a->n_source, n_source};
  const Grouped targets = {w->spans + a->n_source, w->shares + n_source, a->n_target, n_target};
  const Grouped read = read_of(&targets, w->spans + a->n_source + a->n_target);
  const WordSpan *target = targets.spans;
  memset(w->weights, 0, count_cells(a, n_source, n_target) * sizeof *w->weights);
  memset(w->logprob, 0, (size_t)n_target * sizeof *w->logprob);
  count_shares(&source);
  count_shares(&targets);
  for (int t = 0; t < a->n_target && a->token_logprob != NULL; t++)
    for (int k = target[t].first; k <= target[t].last; k++)
      w->logprob[k] += a->token_logprob[t] / (double)length(target[t]);
  add_weights(&targets, &source, a->weights, w->weights);
  float *to = w->weights + (size_t)n_source * (size_t)n_target;
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++)
    to = add_heads(k == HEADS_ENCODER ? &source : &targets, k == HEADS_DECODER ? &read : &source, &a->heads.of[k], to);
}

/* Heads as they now stand, from `at` on. */
static void set_heads(AllHeads *heads, const float *at, int n_source, int n_target) {
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++) {
    HeadWeights *of = &heads->of[k];
    if (of->at == NULL) continue;
    of->at = at;
    at += head_weights_count(of) * head_weights_cells(k, n_target, n_source);
  }
}

void word_alignment_set(WordAlignment *w, const Alignment *a, bool source_pieces, bool target_pieces) {
  Side source = side_of(a, false, source_pieces), target = side_of(a, true, target_pieces);
  make_room(w, most_of(&source) + 2 * most_of(&target));
  int n_source = spans(&source, w->spans);
  int n_target = spans(&target, w->spans + a->n_source);
  size_t cells = count_cells(a, n_source, n_target);
  if (cells > w->cap_cells) {
    w->cap_cells = 2 * cells;
    w->weights = mem_grow(w->weights, w->cap_cells, sizeof *w->weights, "word alignment");
  }
  spell_both(w, &source, &target, n_source, n_target);
  mark_unknown(w->unknown, n_source, a, a->n_source, w->spans, alignment_source_unknown);
  mark_unknown(w->unknown + n_source, n_target, a, a->n_target, w->spans + a->n_source, alignment_target_unknown);
  if (n_source > 0) add_up(w, a, n_source, n_target);
  w->alignment = *a;
  if (source_pieces) w->alignment.regions = NULL;
  w->alignment.source = w->words;
  w->alignment.n_source = n_source;
  w->alignment.target = w->words + n_source;
  w->alignment.n_target = n_target;
  if (a->token_logprob != NULL) w->alignment.token_logprob = w->logprob;
  w->alignment.weights = w->weights;
  set_heads(&w->alignment.heads, w->weights + (size_t)n_source * (size_t)n_target, n_source, n_target);
  w->alignment.position = NULL; /* a place among pieces */
  w->alignment.chosen = NULL;
  w->alignment.steps = (PonderSteps){NULL, NULL};
  w->alignment.source_unknown = w->unknown;
  w->alignment.target_unknown = w->unknown + n_source;
  w->alignment.source_words = w->alignment.target_words = NULL;
}

void word_alignment_free(WordAlignment *w) {
  str_free(&w->text);
  mem_free(w->spans);
  mem_free(w->shares);
  mem_free(w->words);
  mem_free(w->unknown);
  mem_free(w->logprob);
  mem_free(w->weights);
  *w = (WordAlignment){0};
}
