#include "text/lines.h"

#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "text/graph_line.h"

enum { LONGEST = 1 << 30 }; /* bytes of a line: its tokens can be counted in an int */

struct Lines {
  IoLines *io;
  Warnings *warnings;
  Str repaired;  /* the present line, when it was not valid */
  Lines *joined; /* what is joined to each line; NULL: nothing */
  Str both;      /* the present line with that */
};

Lines *lines_open(const char *path, Warnings *warnings, Err *err) {
  IoLines *io = io_lines_open(path, err);
  if (io == NULL) return NULL;
  Lines *lines = mem_zero(1, sizeof *lines, "text reader");
  *lines = (Lines){.io = io, .warnings = warnings};
  return lines;
}

static void repair(Lines *lines, const char **line, size_t *n) {
  str_clear(&lines->repaired);
  int replaced = utf8_repair(&lines->repaired, *line, *n);
  *line = str_text(&lines->repaired);
  *n = lines->repaired.n;
  warnings_add(lines->warnings, WARNING_TEXT, "%s:%ld: invalid UTF-8 or NUL replaced by U+FFFD (%d %s)",
               lines_path(lines), lines_number(lines), replaced, replaced == 1 ? "place" : "places");
}

bool lines_join(Lines *lines, const char *path, Err *err) {
  lines->joined = lines_open(path, lines->warnings, err);
  return lines->joined != NULL;
}

static int next_line(Lines *lines, const char **line, size_t *n, Err *err) {
  int got = io_lines_next(lines->io, line, n, err);
  if (got != 1) return got;
  if (*n > LONGEST) {
    (void)err_set(err, ERR_FILE, "%s:%ld: a line of %zu bytes; a sentence a line is wanted, at most %d bytes",
                  lines_path(lines), lines_number(lines), *n, LONGEST);
    return -1;
  }
  if (!utf8_valid(*line, *n)) repair(lines, line, n);
  return 1;
}

/* One of two files that belong to each other has ended before the other. */
static int unequal(const Lines *ended, const Lines *other, Err *err) {
  (void)err_set(
      err, ERR_FILE,
      "%s has %ld %s, but %s has more: line for line they must belong to each other; a sentence without links "
      "has an empty line",
      lines_path(ended), lines_number(ended), lines_number(ended) == 1 ? "line" : "lines", lines_path(other));
  return -1;
}

int lines_next(Lines *lines, const char **line, size_t *n, Err *err) {
  const char *joined;
  size_t n_joined;
  int got = next_line(lines, line, n, err);
  if (got < 0 || lines->joined == NULL) return got;
  int beside = next_line(lines->joined, &joined, &n_joined, err);
  if (beside < 0) return -1;
  if (got != beside) return got == 0 ? unequal(lines, lines->joined, err) : unequal(lines->joined, lines, err);
  if (got == 0) return 0;
  str_clear(&lines->both);
  str_add(&lines->both, *line, *n);
  str_addc(&lines->both, GRAPH_LINE_MARK);
  str_add(&lines->both, joined, n_joined);
  *line = str_text(&lines->both);
  *n = lines->both.n;
  return 1;
}

bool lines_ready(Lines *lines) { return io_lines_ready(lines->io); }

long lines_number(const Lines *lines) { return io_lines_number(lines->io); }

const char *lines_path(const Lines *lines) { return io_lines_path(lines->io); }

void lines_close(Lines *lines) {
  if (lines == NULL) return;
  io_lines_close(lines->io);
  str_free(&lines->repaired);
  str_free(&lines->both);
  lines_close(lines->joined);
  mem_free(lines);
}
