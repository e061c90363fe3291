#include "text/vocab_lines.h"

#include <stdlib.h>
#include <string.h>

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

typedef struct Field {
  const char *at;
  size_t n;
} Field;

/* The first two fields between white space; returns how many there are, 3 for more. */
static int cut(const char *line, Field fields[2]) {
  int n = 0;
  for (const char *at = line;; n++) {
    while (is_space(*at)) at++;
    if (*at == '\0' || n == 3) return n;
    const char *start = at;
    while (*at != '\0' && !is_space(*at)) at++;
    if (n < 2) fields[n] = (Field){start, (size_t)(at - start)};
  }
}

static bool is_number(Field f) {
  char *end;
  if (strspn(f.at, "+-.0123456789eE") < f.n) return false;
  (void)strtod(f.at, &end);
  return end == f.at + f.n;
}

/* ---- What all lines have in common. */

typedef enum Form { PLAIN, TOKEN_COUNT, COUNT_TOKEN } Form;

typedef struct Forms {
  bool token_count, count_token, yaml, comma, pieces, indented;
  int n; /* lines that are not empty */
} Forms;

static void look_at(Forms *f, const char *line) {
  Field fields[2];
  int n = cut(line, fields);
  if (n == 0) return;
  f->n++;
  bool last = n == 2 && is_number(fields[1]);
  f->token_count = f->token_count && last;
  f->count_token = f->count_token && n == 2 && is_number(fields[0]);
  f->yaml = f->yaml && last && fields[0].n > 1 && fields[0].at[fields[0].n - 1] == ':';
  const char *comma = strrchr(line, ',');
  f->comma = f->comma && n == 1 && comma > line && comma[1] != '\0' && is_number((Field){comma + 1, strlen(comma + 1)});
  f->pieces = f->pieces || strncmp(fields[0].at, "\xE2\x96\x81", 3) == 0;
  f->indented = f->indented && is_space(line[0]);
}

static Forms forms_of(const Tokens *lines) {
  Forms f = {true, true, true, true, false, true, 0};
  for (int i = 0; i < lines->n; i++) look_at(&f, tokens_get(lines, i, NULL));
  return f;
}

static bool is_json(const Tokens *lines) {
  const char *first = tokens_get(lines, 0, NULL);
  if (*first != '{' && *first != '[') return false;
  const char *second = first[1] == '\0' && lines->n > 1 ? tokens_get(lines, 1, NULL) : first + 1;
  bool apart = first[1] == '\0' ? *second == ' ' || *second == '\t' : true;
  return apart && second[strspn(second, " \t")] == '"';
}

static bool choose_form(const Tokens *lines, const char *path, Form *form, Err *err) {
  Forms f = forms_of(lines);
  if (lines->n > 0 && is_json(lines))
    return err_set(err, ERR_FILE,
                   "%s:1: JSON; a vocabulary file holds one token a line: jq -r '.[]' makes it of an array, jq -r "
                   "'to_entries | sort_by(.value)[].key' of an object of ids",
                   path);
  if (f.n > 0 && f.yaml)
    return err_set(err, ERR_FILE, "%s:1: YAML; a vocabulary file holds one token a line, without an id", path);
  if (f.n > 1 && f.comma)
    return err_set(err, ERR_FILE, "%s:1: a number after a comma; a vocabulary file holds one token a line", path);
  if (f.n > 0 && f.token_count && f.pieces)
    return err_set(err, ERR_FILE,
                   "%s:1: the pieces of a SentencePiece model, for people to read; name the .model file beside it and "
                   "set the tokenizer to \"sentencepiece\"",
                   path);
  *form = f.n == 0                                          ? PLAIN
          : f.count_token && (!f.token_count || f.indented) ? COUNT_TOKEN
          : f.token_count                                   ? TOKEN_COUNT
                                                            : PLAIN;
  return true;
}

/* A control character alone may be a character of a text. */
static bool has_space(const char *token) {
  if (*token != ' ' && token[0] != '\0' && token[1] == '\0') return false;
  while (*token != '\0' && !is_space(*token)) token++;
  return *token != '\0';
}

static bool take(const Tokens *lines, Form form, const char *path, Tokens *out, Err *err) {
  for (int i = 0; i < lines->n; i++) {
    size_t n;
    const char *line = tokens_get(lines, i, &n);
    Field fields[2] = {{line, n}, {line, n}};
    if (form == PLAIN && has_space(line))
      return err_set(err, ERR_FILE,
                     "%s:%d: \"%.40s\" holds white space, which no token does; a vocabulary file holds one token a "
                     "line, or on every line a token and its count",
                     path, i + 1, line);
    if (form != PLAIN) (void)cut(line, fields);
    const Field *f = &fields[form == COUNT_TOKEN];
    tokens_add(out, f->at, f->n);
  }
  return true;
}

bool vocab_lines_read(Lines *lines, Tokens *out, Err *err) {
  Tokens all = {0};
  Form form = PLAIN;
  const char *at;
  size_t n;
  int got;
  while ((got = lines_next(lines, &at, &n, err)) == 1) tokens_add(&all, at, n);
  bool ok =
      got == 0 && choose_form(&all, lines_path(lines), &form, err) && take(&all, form, lines_path(lines), out, err);
  tokens_free(&all);
  return ok;
}
