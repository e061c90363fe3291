#include "text/lines.h"

#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { LONGEST = 1 << 30 }; /* bytes of a line: its tokens can be counted in an int */

struct Lines {
  IoLines *io;
  Warnings *warnings;
  Str repaired; /* the present line, when it was not valid */
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

int lines_next(Lines *lines, const char **line, size_t *n, Err *err) {
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

bool lines_ready(Lines *lines) { return io_lines_ready(lines->io); }

long lines_number(const Lines *lines) { return io_lines_number(lines->io); }

const char *lines_path(const Lines *lines) { return io_lines_path(lines->io); }

void lines_close(Lines *lines) {
  if (lines == NULL) return;
  io_lines_close(lines->io);
  str_free(&lines->repaired);
  mem_free(lines);
}
