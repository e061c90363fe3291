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
  bool token_count, count_token, yaml, joined, quoted, pieces, indented;
  int n; /* lines that are not empty */
} Forms;

/* A number beside a mark that is no white space: "hello,7", "7:hello", "hello=7". */
static bool is_joined(Field f) {
  size_t first = 0, last = f.n;
  while (first < f.n && strchr(",:=;|", f.at[first]) == NULL) first++;
  while (last > 0 && strchr(",:=;|", f.at[last - 1]) == NULL) last--;
  bool before = first > 0 && first + 1 < f.n && is_number((Field){f.at, first});
  return before || (last > 1 && last < f.n && is_number((Field){f.at + last, f.n - last}));
}

static bool is_quoted(Field f) { return f.n > 2 && f.at[0] == '"' && f.at[f.n - 1] == '"'; }

static void look_at(Forms *f, const char *line) {
  Field fields[2];
  int n = cut(line, fields);
  if (n == 0) return;
  f->n++;
  bool last = n == 2 && is_number(fields[1]);
  f->token_count = f->token_count && last;
  f->count_token = f->count_token && n == 2 && is_number(fields[0]);
  f->yaml = f->yaml && last && fields[0].n > 1 && fields[0].at[fields[0].n - 1] == ':';
  f->joined = f->joined && n == 1 && is_joined(fields[0]);
  f->quoted = f->quoted && n == 1 && is_quoted(fields[0]);
  f->pieces = f->pieces || strncmp(fields[0].at, "\xE2\x96\x81", 3) == 0;
  f->indented = f->indented && is_space(line[0]);
}

static Forms forms_of(const Tokens *lines) {
  Forms f = {.token_count = true, .count_token = true, .yaml = true, .joined = true, .quoted = true, .indented = true};
  for (int i = 0; i < lines->n; i++) look_at(&f, tokens_get(lines, i, NULL));
  return f;
}

/* The last line that is not empty; lines->n > 0. */
static const char *last_line(const Tokens *lines) {
  int last = lines->n - 1;
  while (last > 0 && *tokens_get(lines, last, NULL) == '\0') last--;
  return tokens_get(lines, last, NULL);
}

/* An opening bracket alone may be a token: then the last line closes it. */
static bool is_json(const Tokens *lines) {
  const char *first = tokens_get(lines, 0, NULL), *last = last_line(lines);
  if (*first != '{' && *first != '[') return false;
  bool alone = first[1] == '\0';
  const char *second = alone && lines->n > 1 ? tokens_get(lines, 1, NULL) : first + 1;
  bool closed = last[0] == (*first == '{' ? '}' : ']') && last[1] == '\0';
  if (alone && !is_space(*second) && !(closed && second[0] != '\0' && second[1] != '\0')) return false;
  return second[strspn(second, " \t")] == '"';
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
  if (f.n > 1 && f.joined)
    return err_set(err, ERR_FILE,
                   "%s:1: a token and a number with no white space between, on every line; a vocabulary file holds one "
                   "token a line",
                   path);
  if (f.n > 1 && f.quoted)
    return err_set(
        err, ERR_FILE,
        "%s:1: every line stands in quotes, which no token of a text does; a vocabulary file holds tokens as "
        "they are: tr -d '\"' takes them off",
        path);
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

/* Line i, from 0, is no token. Where it is one with its count, the first line that is not is the odd one. */
static bool refuse(const Tokens *lines, int i, const char *path, Err *err) {
  Field fields[2];
  const char *line = tokens_get(lines, i, NULL);
  int odd = i;
  if (cut(line, fields) == 2 && is_number(fields[1]))
    while (odd < lines->n && (cut(tokens_get(lines, odd, NULL), fields) % 2 == 0)) odd++;
  if (odd > i && odd < lines->n)
    return err_set(err, ERR_FILE, "%s:%d: \"%.40s\" is no token and its count, as line %d is; a file is of one form",
                   path, odd + 1, tokens_get(lines, odd, NULL), i + 1);
  return err_set(
      err, ERR_FILE,
      "%s:%d: \"%.40s\" holds white space, which no token does; a vocabulary file holds one token a line, or "
      "on every line a token and its count",
      path, i + 1, line);
}

static bool take(const Tokens *lines, Form form, const char *path, Tokens *out, Err *err) {
  for (int i = 0; i < lines->n; i++) {
    size_t n;
    const char *line = tokens_get(lines, i, &n);
    Field fields[2] = {{line, n}, {line, n}};
    if (form == PLAIN && has_space(line)) return refuse(lines, i, path, err);
    if (form != PLAIN) (void)cut(line, fields);
    const Field *f = &fields[form == COUNT_TOKEN];
    tokens_add(out, f->at, f->n);
  }
  return true;
}

/* Whether lines end with the head of a SentencePiece model: a field of so many bytes, in it the piece of so many. */
static bool is_model(const Tokens *lines) {
  if (lines->n != 3 || *tokens_get(lines, 0, NULL) != '\0') return false;
  const char *field = tokens_get(lines, 1, NULL), *piece = tokens_get(lines, 2, NULL);
  int rest = field[0] - piece[0]; /* the score and the type, which may be missing, and what announces them */
  return piece[0] > 0 && piece[0] < ' ' && rest >= 2 && rest <= 9 && field[1] == '\0' && strlen(piece) > (size_t)*piece;
}

static bool add_line(Tokens *all, const char *at, size_t n, const char *path, Err *err) {
  tokens_add(all, at, n);
  return !is_model(all) ||
         err_set(err, ERR_FILE, "%s: a SentencePiece model: set the tokenizer to \"sentencepiece\"", path);
}

bool vocab_lines_read(Lines *lines, Tokens *out, Err *err) {
  Tokens all = {0};
  Form form = PLAIN;
  const char *at;
  size_t n;
  int got = 0;
  bool ok = true;
  while (ok && (got = lines_next(lines, &at, &n, err)) == 1) ok = add_line(&all, at, n, lines_path(lines), err);
  ok = ok && got == 0 && choose_form(&all, lines_path(lines), &form, err) &&
       take(&all, form, lines_path(lines), out, err);
  tokens_free(&all);
  return ok;
}
