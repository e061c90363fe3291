#include "eval/csv.h"

#include <string.h>

#include "base/utf8.h"

void csv_quote(Str *out, const char *field) {
  if (strpbrk(field, ",\"\r\n") == NULL) {
    str_adds(out, field);
    return;
  }
  str_addc(out, '"');
  for (const char *c = field; *c != '\0'; c++) {
    if (*c == '"') str_addc(out, '"');
    str_addc(out, *c);
  }
  str_addc(out, '"');
}

CsvReader csv_open(const char *path, const char *text, size_t n) {
  size_t mark = n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  return (CsvReader){.path = path, .at = text + mark, .end = text + n, .next_line = 1};
}

void csv_close(CsvReader *reader) {
  tokens_free(&reader->fields);
  str_free(&reader->field);
}

static bool fail(const CsvReader *reader, const char *what, Err *err) {
  return err_set(err, ERR_FILE, "%s:%ld: %s", reader->path, reader->next_line, what);
}

static bool keep(CsvReader *reader, const char *at, size_t n, Err *err) {
  if (!utf8_valid(at, n)) return fail(reader, "this is not UTF-8 text", err);
  tokens_add(&reader->fields, at, n);
  return true;
}

static bool plain_field(CsvReader *reader, Err *err) {
  const char *from = reader->at, *at = from;
  while (at < reader->end && *at != ',' && *at != '\n') {
    if (*at == '"') return fail(reader, "a quote inside a field that does not begin with one (RFC 4180)", err);
    at++;
  }
  reader->at = at;
  bool ends_line = at == reader->end || *at == '\n';
  size_t n = (size_t)(at - from);
  if (ends_line && n > 0 && at[-1] == '\r') n--;
  return keep(reader, from, n, err);
}

/* The text up to the closing quote; at stands after the opening one. */
static bool quoted_text(CsvReader *reader, Err *err) {
  const char *at = reader->at;
  long line = reader->next_line;
  for (;; at++) {
    if (at >= reader->end) return fail(reader, "the quote that begins in this record is never closed", err);
    if (*at == '"' && (at + 1 == reader->end || at[1] != '"')) break;
    if (*at == '"') at++;
    line += *at == '\n';
    str_addc(&reader->field, *at);
  }
  reader->at = at + 1;
  reader->next_line = line;
  return true;
}

static bool quoted_field(CsvReader *reader, Err *err) {
  reader->at++;
  str_clear(&reader->field);
  if (!quoted_text(reader, err)) return false;
  if (reader->at + 1 < reader->end && reader->at[0] == '\r' && reader->at[1] == '\n') reader->at++;
  if (reader->at < reader->end && *reader->at != ',' && *reader->at != '\n')
    return fail(reader, "text after a closing quote (RFC 4180)", err);
  return keep(reader, str_text(&reader->field), reader->field.n, err);
}

int csv_next(CsvReader *reader, Err *err) {
  tokens_clear(&reader->fields);
  if (reader->at >= reader->end) return 0;
  reader->line = reader->next_line;
  for (;;) {
    bool quoted = reader->at < reader->end && *reader->at == '"';
    if (!(quoted ? quoted_field(reader, err) : plain_field(reader, err))) return -1;
    if (reader->at == reader->end) return 1;
    if (*reader->at++ == '\n') break;
  }
  reader->next_line++;
  return 1;
}
