/* cmd_align.c - one word alignment from those of two directions. */
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "eval/symmetrise.h"
#include "text/lines.h"

typedef struct Options {
  int method;
} Options;

static const Option table[] = {
    OPT_CHOICE(Options, method, "method", 0, symmetrise_names, "grow-diag-final-and",
               "which links of the two directions are taken"),
};

static void notes(Str *out) { str_adds(out, "\nFORWARD has links source-target, REVERSE target-source.\n"); }

enum { N_SIDES = 2 };

/* Both files, line by line. */
typedef struct Sides {
  Lines *lines[N_SIDES];
  PharaohLinks links[N_SIDES]; /* of the present line */
} Sides;

static bool read_links(Sides *s, int side, const char *line, size_t n, Err *err) {
  Lines *lines = s->lines[side];
  PharaohLinks *links = &s->links[side];
  if (!pharaoh_parse(links, line, n, lines_path(lines), lines_number(lines), err)) return false;
  for (int i = 0; i < links->n; i++)
    if (!links->at[i].sure)
      return err_set(err, ERR_FILE, "%s:%ld: %d?%d: only a reference has possible links; write %d-%d",
                     lines_path(lines), lines_number(lines), links->at[i].source, links->at[i].target,
                     links->at[i].source, links->at[i].target);
  return true;
}

/* One file has ended before the other: counts the lines of both. */
static bool unequal(const Sides *s, Err *err) {
  const char *line;
  size_t n;
  for (int side = 0; side < N_SIDES; side++) {
    int got;
    while ((got = lines_next(s->lines[side], &line, &n, err)) == 1) continue;
    if (got < 0) return false;
  }
  return err_set(err, ERR_FILE, "%s: %ld lines, %s: %ld lines; they must be alignments of the same text",
                 lines_path(s->lines[0]), lines_number(s->lines[0]), lines_path(s->lines[1]),
                 lines_number(s->lines[1]));
}

/* 1: links of both files. 0: their end. -1: an error. */
static int next(Sides *s, Err *err) {
  int got[N_SIDES];
  for (int side = 0; side < N_SIDES; side++) {
    const char *line;
    size_t n;
    got[side] = lines_next(s->lines[side], &line, &n, err);
    if (got[side] < 0 || (got[side] == 1 && !read_links(s, side, line, n, err))) return -1;
  }
  if (got[0] == got[1]) return got[0];
  (void)unequal(s, err);
  return -1;
}

static void align(Sides *s, SymmetriseMethod method, Err *err) {
  Symmetrise room = {0};
  PharaohLinks links = {0};
  Str line = {0};
  while (next(s, err) == 1) {
    symmetrise(&room, method, &s->links[0], &s->links[1], &links);
    str_clear(&line);
    pharaoh_print(&line, &links);
    str_addc(&line, '\n');
    if (!output_write(str_text(&line), line.n, err)) break;
  }
  str_free(&line);
  pharaoh_free(&links);
  symmetrise_free(&room);
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  (void)n_arguments;
  const Options *o = options;
  Warnings warnings = {.warn = output_warn};
  Sides sides = {0};
  if (strcmp(arguments[0], "-") == 0 && strcmp(arguments[1], "-") == 0) {
    (void)err_set(err, ERR_USAGE, "align: only one of the files can be standard input (\"-\")");
    return (int)err->kind;
  }
  sides.lines[0] = lines_open(arguments[0], &warnings, err);
  if (sides.lines[0] != NULL) sides.lines[1] = lines_open(arguments[1], &warnings, err);
  if (sides.lines[1] != NULL) align(&sides, (SymmetriseMethod)o->method, err);
  warnings_end(&warnings);
  for (int side = 0; side < N_SIDES; side++) {
    lines_close(sides.lines[side]);
    pharaoh_free(&sides.links[side]);
  }
  return (int)err->kind;
}

const Command cmd_align = {
    .name = "align",
    .arguments = "FORWARD REVERSE",
    .summary = "Make one word alignment of those of two directions",
    .notes = notes,
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 2,
    .max_arguments = 2,
    .size = sizeof(Options),
    .run = run,
};
