#include "text/vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/lines.h"

typedef struct Reader {
  Lines *lines;
  const Vocab *vocab;
  Tensor *embedding;
  bool *found; /* [V] */
  int n_found;
  long n_words, n_read; /* words that the first line promises, -1: none does; vectors so far */
  long n_larger;        /* of these, those that could be vectors of more numbers */
  Str line;             /* NUL-terminated, blanks at its ends cut off */
  bool indented;        /* it began with a blank */
  Err *err;
} Reader;

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static void take_line(Reader *r, const char *at, size_t n) {
  while (n > 0 && is_blank(at[n - 1])) n--;
  size_t skip = 0;
  while (skip < n && is_blank(at[skip])) skip++;
  str_clear(&r->line);
  str_add(&r->line, at + skip, n - skip);
  r->indented = skip > 0;
}

/* Start of the last `fields` fields of the line, NULL when it has fewer. *left: fields before it. */
static char *last_fields(const Reader *r, int fields, int *left) {
  char *at = r->line.at + r->line.n, *start = NULL;
  int n = 0;
  while (at > r->line.at) {
    while (at > r->line.at && !is_blank(at[-1])) at--;
    if (++n == fields) start = at;
    while (at > r->line.at && is_blank(at[-1])) at--;
  }
  *left = n - fields;
  return start;
}

static bool read_number(Reader *r, char **at, real *out) {
  char *end;
  double value = strtod(*at, &end);
  bool ok = end != *at && (*end == '\0' || is_blank(*end)) && isfinite((real)value);
  if (!ok) {
    size_t n = strcspn(*at, " \t");
    return err_set(r->err, ERR_FILE, "%s:%ld: \"%.*s\" is not a number", lines_path(r->lines), lines_number(r->lines),
                   n < 40 ? (int)n : 40, *at);
  }
  *out = (real)value;
  *at = end + strspn(end, " \t");
  return true;
}

static bool wrong_size(Reader *r, int n) {
  return err_set(r->err, ERR_FILE, "%s:%ld: a word and %d numbers, but model.embedding is %d", lines_path(r->lines),
                 lines_number(r->lines), n, r->embedding->cols);
}

/* A first line of two whole numbers: how many words there are, and the size of their vectors. */
static bool read_header(Reader *r, bool *is_header) {
  char *end;
  long words = strtol(str_text(&r->line), &end, 10);
  bool first = end != r->line.at && is_blank(*end);
  long size = first ? strtol(end, &end, 10) : 0;
  *is_header = first && *end == '\0' && words >= 0 && size >= 1 && r->embedding->cols > 1;
  if (!*is_header) return true;
  r->n_words = words;
  if (size == r->embedding->cols) return true;
  return err_set(r->err, ERR_FILE, "%s:1: vectors of %ld numbers, but model.embedding is %d", lines_path(r->lines),
                 size, r->embedding->cols);
}

/* All fields but the first are numbers. */
static bool only_numbers(const Reader *r) {
  const char *at = r->line.at + strcspn(r->line.at, " \t");
  while (*(at += strspn(at, " \t")) != '\0') {
    char *end;
    (void)strtod(at, &end);
    if (end == at || (*end != '\0' && !is_blank(*end))) return false;
    at = end;
  }
  return true;
}

/* More fields than wanted make a word with blanks, which no vocabulary has; but on a first line that no other told the
 * size, a vector of another size. No field before the numbers of an indented line is the empty word. */
static bool read_vector(Reader *r) {
  int left, size = r->embedding->cols;
  char *at = last_fields(r, size, &left);
  bool blanks = left > 1 && (r->n_read > 0 || r->n_words >= 0), empty = left == 0 && r->indented;
  if (left != 1 && !blanks && !empty) return wrong_size(r, size + left - 1);
  r->n_read++;
  r->n_larger += blanks && only_numbers(r);
  int32_t id = vocab_id(r->vocab, r->line.at, strcspn(r->line.at, " \t"));
  if (left != 1 || id == ID_UNK || r->found[id]) return true;
  real *row = tensor_row(r->embedding, id);
  for (int i = 0; i < size; i++)
    if (!read_number(r, &at, &row[i])) return false;
  r->found[id] = true;
  r->n_found++;
  return true;
}

static bool read_line(Reader *r) {
  bool header = false;
  if (lines_number(r->lines) == 1 && !read_header(r, &header)) return false;
  return header || r->line.n == 0 || read_vector(r);
}

static bool check_end(const Reader *r) {
  if (r->n_words > r->n_read)
    return err_set(r->err, ERR_FILE, "%s:%ld: ends after %ld of the %ld vectors that its first line names",
                   lines_path(r->lines), lines_number(r->lines), r->n_read, r->n_words);
  if (r->n_read > 0 && r->n_larger == r->n_read)
    return err_set(r->err, ERR_FILE, "%s: no vector of the %d numbers that its first line names, all have more",
                   lines_path(r->lines), r->embedding->cols);
  return r->n_read > 0 ||
         err_set(r->err, ERR_FILE, "%s: no vectors; lines of a word and its numbers are wanted", lines_path(r->lines));
}

static bool read_lines(Reader *r) {
  const char *at;
  size_t n;
  int got;
  while ((got = lines_next(r->lines, &at, &n, r->err)) == 1) {
    take_line(r, at, n);
    if (!read_line(r)) return false;
  }
  return got == 0 && check_end(r);
}

int vectors_read(const char *path, const Vocab *vocab, Tensor *embedding, Warnings *warnings, Err *err) {
  CHECK(embedding->rows == vocab_size(vocab), "%d rows for %d words", embedding->rows, vocab_size(vocab));
  Reader r = {.lines = lines_open(path, warnings, err), .vocab = vocab, .embedding = embedding, .n_words = -1};
  r.err = err;
  if (r.lines == NULL) return -1;
  r.found = mem_zero((size_t)embedding->rows, sizeof *r.found, "word vectors");
  bool ok = read_lines(&r);
  lines_close(r.lines);
  mem_free(r.found);
  str_free(&r.line);
  return ok ? r.n_found : -1;
}
