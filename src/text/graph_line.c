#include "text/graph_line.h"

#include <string.h>

#include "text/words.h"

size_t graph_line_text(const char *line, size_t n) {
  const char *mark = memchr(line, GRAPH_LINE_MARK, n);
  return mark == NULL ? n : (size_t)(mark - line);
}

/* A position in at[0..n), whose bytes read are left out; -1: there is none. */
static int take_number(const char **at, const char *end) {
  int number = 0;
  const char *first = *at;
  for (; *at < end && **at >= '0' && **at <= '9'; (*at)++) {
    if (number > 100000000) return -1;
    number = 10 * number + (**at - '0');
  }
  return *at == first ? -1 : number;
}

/* Links the tokens of two words. */
static void link_words(Tokens *tokens, const Words *words, int from, int to) {
  for (int i = 0; i < tokens->n; i++) {
    if (words->spans[i].first > from || words->spans[i].last < from) continue;
    for (int j = 0; j < tokens->n; j++)
      if (words->spans[j].first <= to && words->spans[j].last >= to) tokens_link(tokens, (TokenLink){i, j});
  }
}

static bool take_link(const char **at, const char *end, TokenLink *link) {
  link->from = take_number(at, end);
  if (link->from < 0 || *at == end || **at != '-') return false;
  ++*at;
  link->to = take_number(at, end);
  return link->to >= 0 && (*at == end || **at == ' ' || **at == '\t');
}

bool graph_line_links(const char *line, size_t n, Tokens *tokens, Err *err) {
  size_t text = graph_line_text(line, n);
  if (text == n) return true;
  const Words *words = tokens_words(tokens);
  int n_words = words == NULL ? tokens->n : words->texts.n;
  const char *at = line + text + 1, *end = line + n;
  for (int w = 0; words != NULL && w < n_words; w++) link_words(tokens, words, w, w);
  while (at < end) {
    TokenLink link;
    const char *first = at;
    if (*at == ' ' || *at == '\t') {
      at++;
      continue;
    }
    if (!take_link(&at, end, &link))
      return err_set(err, ERR_FILE, "its links: '%.*s' is no link; they are written 0-3 2-5, positions from 0",
                     (int)strcspn(first, " \t"), first);
    if (link.from >= n_words || link.to >= n_words)
      return err_set(err, ERR_FILE, "its links: %d-%d, but the line has %d %s, counted from 0", link.from, link.to,
                     n_words, words == NULL ? "tokens" : "words");
    if (words == NULL) tokens_link(tokens, link);
    else link_words(tokens, words, link.from, link.to);
  }
  return true;
}
