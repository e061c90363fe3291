#include "search/entry.h"

#include <string.h>

#include "base/mem.h"

/* The first n tokens and `</s>`, in *list, which is made larger when it must be. */
static const char *const *close_tokens(const char ***list, int *cap, const Tokens *tokens, int n) {
  if (n + 1 > *cap) {
    *cap = 2 * (n + 1);
    *list = mem_grow(*list, (size_t)*cap, sizeof **list, "tokens of an output");
  }
  for (int i = 0; i < n; i++) (*list)[i] = tokens_get(tokens, i, NULL);
  (*list)[n] = "</s>";
  return *list;
}

/* Marks what the vocabularies do not have. h NULL: no target. */
static void set_unknown(Entry *e, const Translator *t, const Tokens *source, const Hypothesis *h) {
  Alignment *a = &e->alignment;
  int n = a->n_source, all = n + a->n_target;
  if (all > e->unknown_cap) {
    e->unknown_cap = 2 * all;
    e->unknown = mem_grow(e->unknown, (size_t)e->unknown_cap, sizeof *e->unknown, "tokens of an output");
  }
  memset(e->unknown, 0, (size_t)all * sizeof *e->unknown);
  for (int i = 0; i + 1 < n; i++) {
    size_t length;
    const char *token = tokens_entry(source, i, &length);
    e->unknown[i] = vocab_id(t->source_vocab, token, length) == ID_UNK;
  }
  for (int i = 0; i < a->n_target; i++) e->unknown[n + i] = h->tokens[i] == ID_UNK;
  a->source_unknown = e->unknown;
  a->target_unknown = e->unknown + n;
}

static void set_output(Entry *e, const Translator *t, const Tokens *target, const Hypothesis *h) {
  Alignment *a = &e->alignment;
  if (target == NULL) {
    vocab_decode(t->target_vocab, h->tokens, h->n_target - 1, &e->spelled);
    tokenizer_join_words(t->target_tokenizer, &e->spelled, &e->line);
    target = &e->spelled;
  } else {
    tokenizer_join(t->target_tokenizer, target, &e->line);
  }
  a->target_words = tokens_words(target);
  a->n_target = h->n_target;
  a->target = close_tokens(&e->target, &e->target_cap, target, h->n_target - 1);
  a->score = h->score;
  a->target_cut = h->cut;
  a->token_logprob = h->token_logprob;
  a->weights = h->weights;
  a->heads = h->heads;
  a->position = h->centre;
  a->chosen = h->chosen;
  a->steps = h->steps;
  a->window = t->config.model.attention.window;
}

void entry_set(Entry *e, const Translator *t, int id, int rank, const Tokens *source, int n_source,
               const Tokens *target, const Hypothesis *h) {
  str_clear(&e->line);
  bool closed = tokens_regions(source) == NULL;
  e->alignment = (Alignment){.id = id, .rank = rank, .n_source = n_source + closed, .source_cut = n_source < source->n};
  e->alignment.source_words = tokens_words(source);
  e->alignment.regions = tokens_regions(source);
  e->alignment.source = close_tokens(&e->source, &e->source_cap, source, n_source);
  if (h != NULL) set_output(e, t, target, h);
  set_unknown(e, t, source, h);
  e->alignment.text = str_text(&e->line);
}

void entry_free(Entry *e) {
  tokens_free(&e->spelled);
  str_free(&e->line);
  mem_free(e->source);
  mem_free(e->target);
  mem_free(e->unknown);
  *e = (Entry){0};
}
