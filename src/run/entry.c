#include "run/entry.h"

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

static void set_output(Entry *e, const Translator *t, const Tokens *target, const Hypothesis *h) {
  Alignment *a = &e->alignment;
  if (target == NULL) {
    vocab_decode(t->target_vocab, h->tokens, h->n_target - 1, &e->spelled);
    target = &e->spelled;
  }
  tokenizer_join(t->target_tokenizer, target, &e->line);
  a->n_target = h->n_target;
  a->target = close_tokens(&e->target, &e->target_cap, target, h->n_target - 1);
  a->score = h->score;
  a->token_logprob = h->token_logprob;
  a->weights = h->weights;
}

void entry_set(Entry *e, const Translator *t, int id, int rank, const Tokens *source, int n_source,
               const Tokens *target, const Hypothesis *h) {
  str_clear(&e->line);
  e->alignment = (Alignment){.id = id, .rank = rank, .n_source = n_source + 1};
  e->alignment.source = close_tokens(&e->source, &e->source_cap, source, n_source);
  if (h != NULL) set_output(e, t, target, h);
  e->alignment.text = str_text(&e->line);
}

void entry_free(Entry *e) {
  tokens_free(&e->spelled);
  str_free(&e->line);
  mem_free(e->source);
  mem_free(e->target);
  *e = (Entry){0};
}
