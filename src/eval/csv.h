/* csv.h - comma-separated values after RFC 4180: quoting a field, and reading records from memory.
 *
 * A CsvReader keeps views of path and text, which outlive it; it owns the fields of the record read last. It belongs to
 * its caller and to one thread. */
#ifndef EVAL_CSV_H
#define EVAL_CSV_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "text/tokens.h"

/* Appends field, between quotes when it holds a comma, a quote or a line end. */
void csv_quote(Str *out, const char *field);

typedef struct CsvReader {
  const char *path; /* for messages */
  const char *at, *end;
  long next_line; /* the line at which `at` stands, from 1 */
  long line;      /* the line at which the record read last began */
  Tokens fields;
  Str field; /* the quoted field being read */
} CsvReader;

/* Reads text[0..n); a byte-order mark at its start is passed over. */
CsvReader csv_open(const char *path, const char *text, size_t n);
/* 1: reader->fields holds the next record, at least one field. 0: the end. -1: an error, which names file and line.
 * Strict: valid UTF-8 without NUL, no quote inside an unquoted field; a line may end with CR LF. */
int csv_next(CsvReader *reader, Err *err);
void csv_close(CsvReader *reader);

#endif
