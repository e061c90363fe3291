/* cmd_heatmap.c - draws the alignment of one sentence in the terminal. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/output.h"
#include "eval/alignment_reader.h"
#include "eval/heatmap_terminal.h"

typedef struct Options {
  int64_t sentence;
} Options;

static const Option table[] = {
    OPT_INT(Options, sentence, "sentence", 0, "N", NULL, 1, 999999999,
            "the sentence to draw, from 1, of a folder or file of several; else the first"),
};

/* Standard output; 80 columns when a terminal does not tell. */
static HeatmapTerminal describe(void) {
  HeatmapTerminalEnvironment environment = {isatty(STDOUT_FILENO) == 1, getenv("NO_COLOR"), getenv("COLORTERM"),
                                            getenv("TERM")};
  HeatmapTerminal terminal = {heatmap_terminal_colours(&environment), 0};
  struct winsize size = {0};
  if (!environment.is_terminal) return terminal;
  bool told = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  terminal.columns = told ? size.ws_col : 80;
  return terminal;
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  (void)n_arguments;
  const Options *o = options;
  HeatmapTerminal terminal = describe();
  AlignmentFile file;
  Str text = {0};
  if (!alignment_reader_read(&file, arguments[0], (long)o->sentence, err)) return (int)err->kind;
  heatmap_terminal_draw(&text, &file.view, &terminal);
  (void)output_write(str_text(&text), text.n, err);
  str_free(&text);
  alignment_reader_free(&file);
  return (int)err->kind;
}

const Command cmd_heatmap = {
    .name = "heatmap",
    .arguments = "ALIGNMENT",
    .summary = "Draw what a sentence attended to, in the terminal",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 1,
    .max_arguments = 1,
    .size = sizeof(Options),
    .run = run,
};
