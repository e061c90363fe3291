/* vocab_lines.h - the tokens of a vocabulary file: one a line, or a token and its count, in either order, as tools that
 * count words write them. */
#ifndef TEXT_VOCAB_LINES_H
#define TEXT_VOCAB_LINES_H

#include "text/lines.h"
#include "text/tokens.h"

/* Appends the token of each line, in order. False on failure: a line that no tokenizer would take for one token, JSON,
 * YAML, a list of SentencePiece. */
bool vocab_lines_read(Lines *lines, Tokens *out, Err *err);

#endif
