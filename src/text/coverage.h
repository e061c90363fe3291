/* coverage.h - what a vocabulary lacks of a text: for the report before a training, which shows what otherwise comes to
 * light hours later as poor translations. */
#ifndef TEXT_COVERAGE_H
#define TEXT_COVERAGE_H

#include "text/corpus.h"
#include "text/word_form.h"

enum { COVERAGE_SHOWN = 5 };

/* Of one side of a corpus. Owns its tokens; coverage_free ends it. */
typedef struct Coverage {
  int64_t n_tokens, n_unknown;
  Tokens commonest;               /* at most COVERAGE_SHOWN unknown tokens by falling count, ties by byte order */
  int64_t counts[COVERAGE_SHOWN]; /* of them */
  WordForm form;                  /* of the text, however it is split */
  TokenizerKind kind;
} Coverage;

/* The corpus must have kept its text. */
void coverage_measure(Coverage *coverage, const Corpus *corpus, bool target, const Tokenizer *tokenizer,
                      const Vocab *vocab);
void coverage_free(Coverage *coverage);
/* Appends what looks wrong with how the text is written, for the tokenizer it has; nothing when nothing does. side:
 * "source" or "target". */
void coverage_warn_form(const Coverage *coverage, const char *side, Str *out);

#endif
