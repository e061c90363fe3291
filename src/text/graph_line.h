/* graph_line.h - links between the tokens of a text: `0-3 2-5`, positions of words from 0 (of tokens where the
 * tokenizer has characters or regions). They stand in a file of their own and go with their line of text to whoever
 * splits it (lines_join). */
#ifndef TEXT_GRAPH_LINE_H
#define TEXT_GRAPH_LINE_H

#include <stdbool.h>

#include "base/err.h"
#include "text/tokens.h"

/* What stands between a line and what is joined to it; a line of text has no such byte. */
static const char GRAPH_LINE_MARK = '\xFF';
/* Bytes of a line that are text: all n unless it is joined. */
size_t graph_line_text(const char *line, size_t n);
/* Gives the tokens of a line's text the links that are joined to it: of words of pieces, all pieces of one with all of
 * the other; and the pieces of a word with each other. What is no link, and a position that the text does not have, is
 * an error. */
bool graph_line_links(const char *line, size_t n, Tokens *tokens, Err *err);

#endif
