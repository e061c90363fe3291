#include "eval/heatmap_terminal.h"

#include <string.h>

#include "base/utf8.h"
#include "eval/heatmap.h"

enum { CELL = 2, MOST_LABEL = 24, LEAST_LABEL = 4, LEVELS = 5, LEGEND_COLOURS = 16 };

HeatmapTerminalColours heatmap_terminal_colours(const HeatmapTerminalEnvironment *e) {
  if (!e->is_terminal || (e->no_color != NULL && e->no_color[0] != '\0')) return HEATMAP_TERMINAL_PLAIN;
  if (e->term != NULL && strcmp(e->term, "dumb") == 0) return HEATMAP_TERMINAL_PLAIN;
  if (e->colorterm != NULL && (strcmp(e->colorterm, "truecolor") == 0 || strcmp(e->colorterm, "24bit") == 0))
    return HEATMAP_TERMINAL_TRUECOLOUR;
  return e->term != NULL && strstr(e->term, "256color") != NULL ? HEATMAP_TERMINAL_256 : HEATMAP_TERMINAL_PLAIN;
}

/* --- labels --- */

static double columns_of(void *ctx, const char *text) {
  (void)ctx;
  return utf8_width(text, strlen(text));
}

/* Appends the token cut to at most `most` columns. Returns how many it fills. */
static int add_label(Str *out, const char *token, int most) {
  Str visible = {0};
  size_t before = out->n;
  heatmap_visible(&visible, token);
  heatmap_cut(out, str_text(&visible), most, false, columns_of, NULL);
  str_free(&visible);
  return utf8_width(str_text(out) + before, out->n - before);
}

static int label_width(const char *token, int most) {
  Str label = {0};
  int width = add_label(&label, token, most);
  str_free(&label);
  return width;
}

static int widest(const char *const *tokens, int n, int most) {
  int width = 0;
  for (int i = 0; i < n; i++) {
    int w = label_width(tokens[i], most);
    if (w > width) width = w;
  }
  return width;
}

static void add_blanks(Str *out, int n) {
  for (int i = 0; i < n; i++) str_addc(out, ' ');
}

static void end_line(Str *out) {
  while (out->n > 0 && out->at[out->n - 1] == ' ') out->n--;
  str_addc(out, '\n');
}

/* --- cells --- */

/* mark: stands at the right of the cell. */
static void add_plain(Str *out, double weight, bool mark) {
  static const char *const shades[LEVELS] = {" ", "\xE2\x96\x91", "\xE2\x96\x92", "\xE2\x96\x93", "\xE2\x96\x88"};
  int level = weight > 0 ? (int)(weight * LEVELS) : 0;
  if (level >= LEVELS) level = LEVELS - 1;
  for (int i = 0; i < CELL - mark; i++) str_adds(out, shades[level]);
  if (mark) str_addc(out, '*');
}

static int square(int x) { return x * x; }

static int distance(HeatmapColour a, int red, int green, int blue) {
  return square(a.red - red) + square(a.green - green) + square(a.blue - blue);
}

/* Step 0 .. 5 of xterm's colour cube (0, 95, 135, 175, 215, 255) nearest to a value. */
static int cube_step(int value) { return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40; }
static int cube_value(int step) { return step == 0 ? 0 : 55 + 40 * step; }

/* The nearest colour of the cube (16 .. 231) or of the grey ramp 8, 18, .. 238 (232 .. 255). */
static int nearest_256(HeatmapColour c) {
  int r = cube_step(c.red), g = cube_step(c.green), b = cube_step(c.blue);
  int grey = (c.red + c.green + c.blue) / 3;
  int step = grey < 8 ? 0 : grey > 238 ? 23 : (grey - 3) / 10;
  int ramp = 8 + 10 * step;
  bool in_cube = distance(c, cube_value(r), cube_value(g), cube_value(b)) <= distance(c, ramp, ramp, ramp);
  return in_cube ? 16 + 36 * r + 6 * g + b : 232 + step;
}

/* In a colour that stands out. */
static void add_mark(Str *out, HeatmapColour c, HeatmapTerminalColours colours) {
  HeatmapColour ink = heatmap_ink(c);
  if (colours == HEATMAP_TERMINAL_256) str_addf(out, "\x1b[38;5;%dm *", nearest_256(ink));
  else str_addf(out, "\x1b[38;2;%d;%d;%dm *", ink.red, ink.green, ink.blue);
}

static void add_cell(Str *out, double weight, bool mark, HeatmapTerminalColours colours) {
  HeatmapColour c = heatmap_colour(HEATMAP_DARK, weight);
  if (colours == HEATMAP_TERMINAL_PLAIN) {
    add_plain(out, weight, mark);
    return;
  }
  if (colours == HEATMAP_TERMINAL_256) str_addf(out, "\x1b[48;5;%dm", nearest_256(c));
  else str_addf(out, "\x1b[48;2;%d;%d;%dm", c.red, c.green, c.blue);
  if (mark) add_mark(out, c, colours);
  else add_blanks(out, CELL);
}

/* Back to the terminal's own colours after a row of cells. */
static void end_cells(Str *out, HeatmapTerminalColours colours) {
  if (colours != HEATMAP_TERMINAL_PLAIN) str_adds(out, "\x1b[0m");
}

/* --- the drawing --- */

/* Source positions from .. to - 1 of a matrix, one under another with the other blocks. */
typedef struct Block {
  const Alignment *a;
  const HeatmapTerminal *terminal;
  int side;  /* columns of the target tokens at the left */
  int label; /* most columns of a source token above */
  int from, to;
} Block;

/* Each source token on a line of its own, with a rule from it down to its column:
 *     the
 *     | cat
 *     | | </s>
 */
static void draw_stairs(Str *out, const Block *b) {
  for (int s = b->from; s < b->to; s++) {
    add_blanks(out, b->side + 1);
    for (int before = b->from; before < s; before++) str_adds(out, "\xE2\x94\x82 ");
    (void)add_label(out, b->a->source[s], b->label);
    end_line(out);
  }
}

/* Tokens no wider than a cell stand right above it. */
static void draw_heads(Str *out, const Block *b) {
  add_blanks(out, b->side + 1);
  for (int s = b->from; s < b->to; s++) add_blanks(out, CELL - add_label(out, b->a->source[s], CELL));
  end_line(out);
}

static void draw_row(Str *out, const Block *b, int t) {
  Str label = {0};
  int width = add_label(&label, b->a->target[t], b->side);
  add_blanks(out, b->side - width);
  str_adds(out, str_text(&label));
  str_addc(out, ' ');
  str_free(&label);
  const float *row = b->a->weights + (size_t)t * (size_t)b->a->n_source;
  for (int s = b->from; s < b->to; s++)
    add_cell(out, (double)row[s], b->a->chosen != NULL && b->a->chosen[t] == s, b->terminal->colours);
  end_cells(out, b->terminal->colours);
  end_line(out);
}

static void draw_block(Str *out, const Block *b) {
  if (b->from > 0) str_addc(out, '\n');
  if (b->to - b->from < b->a->n_source)
    str_addf(out, "source tokens %d to %d of %d\n", b->from + 1, b->to, b->a->n_source);
  if (widest(b->a->source + b->from, b->to - b->from, b->label) <= CELL) draw_heads(out, b);
  else draw_stairs(out, b);
  for (int t = 0; t < b->a->n_target; t++) draw_row(out, b, t);
}

/* Where the block that begins at b->from must end for its cells and tokens to fit; always one position at least. */
static int block_end(const Block *b) {
  int columns = b->terminal->columns, s = b->from;
  for (; s < b->a->n_source; s++) {
    int width = label_width(b->a->source[s], b->label);
    int right = b->side + 1 + CELL * (s - b->from) + (width > CELL ? width : CELL);
    if (columns > 0 && right > columns && s > b->from) break;
  }
  return s;
}

/* Colours of the scale that fit beside its words; two at least. */
static int legend_colours(int columns) {
  enum { WORDS = sizeof "weight 0  1" - 1 };
  int n = columns > 0 ? (columns - WORDS) / CELL : LEGEND_COLOURS;
  return n > LEGEND_COLOURS ? LEGEND_COLOURS : n < 2 ? 2 : n;
}

static void draw_legend(Str *out, const HeatmapTerminal *terminal, bool marked) {
  bool plain = terminal->colours == HEATMAP_TERMINAL_PLAIN;
  int n = plain ? LEVELS : legend_colours(terminal->columns);
  str_adds(out, "weight 0 ");
  for (int i = 0; i < n; i++) add_cell(out, plain ? (i + 0.5) / n : i / (n - 1.0), false, terminal->colours);
  end_cells(out, terminal->colours);
  str_adds(out, marked ? " 1\n* looked at\n" : " 1\n");
}

/* A third of the terminal at most is for labels. */
static int most_label(int columns) {
  int third = columns > 0 ? columns / 3 : MOST_LABEL;
  return third > MOST_LABEL ? MOST_LABEL : third < LEAST_LABEL ? LEAST_LABEL : third;
}

void heatmap_terminal_draw(Str *out, const Alignment *a, const HeatmapTerminal *terminal) {
  Block block = {.a = a, .terminal = terminal, .label = most_label(terminal->columns)};
  block.side = widest(a->target, a->n_target, block.label);
  for (; block.to < a->n_source; block.from = block.to) {
    block.to = block_end(&block);
    draw_block(out, &block);
  }
  str_addc(out, '\n');
  draw_legend(out, terminal, a->chosen != NULL);
}
