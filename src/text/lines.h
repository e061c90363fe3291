/* lines.h - text lines as the program takes them: valid UTF-8 without NUL.
 *
 * On top of base/io.h (plain or gzip, "-" for standard input; UTF-16 and the like are an error): a line ends at LF, one
 * CR before it is dropped, and so is a byte-order mark at the start of the file; NUL and each maximal invalid part
 * become U+FFFD, with a warning that names file and line. A Lines belongs to its caller and to one thread. */
#ifndef TEXT_LINES_H
#define TEXT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "text/warnings.h"

typedef struct Lines Lines;
/* warnings outlives the reader, or is NULL. NULL on failure. */
Lines *lines_open(const char *path, Warnings *warnings, Err *err);
/* From now on each line is given with the one of another file joined to it (graph_line.h). Files of unequal length are
 * an error. Once, before the first line. False when the file cannot be opened. */
bool lines_join(Lines *lines, const char *path, Err *err);
/* 1: *line holds the next line, valid until the next call. 0: the end. -1: an error. */
int lines_next(Lines *lines, const char **line, size_t *n, Err *err);
/* True when lines_next would not wait for more input. */
bool lines_ready(Lines *lines);
/* Number of the line given last, from 1; after the end, the number of lines. */
long lines_number(const Lines *lines);
/* The path as messages name it. */
const char *lines_path(const Lines *lines);
void lines_close(Lines *lines); /* lines may be NULL */

#endif
