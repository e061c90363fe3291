#include "text/coverage.h"
#include "text/graph_line.h"

#include <string.h>

/* The tokens of a side of the corpus that the vocabulary lacks. */
static void count_unknown(Coverage *c, const Corpus *corpus, bool target, const Tokenizer *tokenizer,
                          const Vocab *vocab, Counter *unknown) {
  Tokens tokens = {0};
  if (tokenizer_regions(tokenizer) != NULL) return; /* no text */
  for (int i = 0; i < corpus_size(corpus); i++) {
    Pair pair = corpus_text(corpus, i);
    const char *line = target ? pair.target : pair.source;
    size_t length = target ? pair.n_target : pair.n_source;
    tokenizer_split(tokenizer, line, graph_line_text(line, length), &tokens);
    word_form_add_line(&c->form, line, length);
    c->n_tokens += tokens.n;
    for (int k = 0; k < tokens.n; k++) {
      size_t n;
      const char *token = tokens_get(&tokens, k, &n);
      if (vocab_id(vocab, token, n) == ID_UNK) (void)counter_add(unknown, token, n);
    }
  }
  tokens_free(&tokens);
}

/* True when token i comes before token j in the list of the commonest. */
static bool before(const Counter *c, int i, int j) {
  if (c->counts[i] != c->counts[j]) return c->counts[i] > c->counts[j];
  return strcmp(tokens_get(&c->tokens, i, NULL), tokens_get(&c->tokens, j, NULL)) < 0;
}

static void find_commonest(Coverage *c, const Counter *unknown) {
  int last = -1;
  for (int k = 0; k < COVERAGE_SHOWN; k++) {
    int best = -1;
    for (int i = 0; i < unknown->tokens.n; i++)
      if ((last < 0 || before(unknown, last, i)) && (best < 0 || before(unknown, i, best))) best = i;
    if (best < 0) return;
    size_t n;
    const char *token = tokens_get(&unknown->tokens, best, &n);
    tokens_add(&c->commonest, token, n);
    c->counts[k] = unknown->counts[best];
    last = best;
  }
}

void coverage_measure(Coverage *c, const Corpus *corpus, bool target, const Tokenizer *tokenizer, const Vocab *vocab) {
  Counter unknown = {0};
  *c = (Coverage){.kind = tokenizer_kind(tokenizer)};
  count_unknown(c, corpus, target, tokenizer, vocab, &unknown);
  for (int i = 0; i < unknown.tokens.n; i++) c->n_unknown += unknown.counts[i];
  find_commonest(c, &unknown);
  counter_free(&unknown);
}

void coverage_free(Coverage *c) { tokens_free(&c->commonest); }

void coverage_warn_form(const Coverage *c, const char *side, Str *out) {
  if (c->kind == TOKENIZER_word) word_form_warn(&c->form, side, out);
  if (c->kind != TOKENIZER_sentencepiece) return;
  if (c->form.n_spaces > 0)
    str_addf(
        out,
        "%lld %s of the validation %s with U+2581, which SentencePiece takes for a space: what it is in comes back "
        "in two; text that is in pieces already should be joined first",
        (long long)c->form.n_spaces, c->form.n_spaces == 1 ? "word" : "words", side);
  else if (word_form_unspaced(&c->form))
    str_addf(out,
             "the %s is written without blanks between words: links and pictures by word take nearly a whole line for "
             "one; --alignment-units token shows pieces",
             side);
}
