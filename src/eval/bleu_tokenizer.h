/* bleu_tokenizer.h - the tokenizers that BLEU is defined on, as sacrebleu 2 has them: 13a (mteval-v13a.pl), intl
 * (mteval-v14.pl --international-tokenization), zh, char, none: all that need no model.
 *
 * A BleuTokenizer is work memory of its caller; zero-initialised it is ready, bleu_tokenizer_free ends it. */
#ifndef EVAL_BLEU_TOKENIZER_H
#define EVAL_BLEU_TOKENIZER_H

#include "eval/pieces.h"

typedef struct BleuTokenizer {
  Str text, next;
} BleuTokenizer;

/* Their names, NULL at the end; the first is the default. */
extern const char *const bleu_tokenizer_names[];
/* Replaces pieces by the tokens that the tokenizer of that index finds in valid UTF-8 at[0..n). */
void bleu_tokenizer_cut(BleuTokenizer *tokenizer, int index, const char *at, size_t n, Pieces *pieces);
void bleu_tokenizer_free(BleuTokenizer *tokenizer);

#endif
