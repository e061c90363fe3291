/* heatmap_terminal.h - an alignment drawn with characters: source tokens across, target tokens down, two columns a
 * weight. Pure functions on texts; what is known of the terminal is passed in. */
#ifndef EVAL_HEATMAP_TERMINAL_H
#define EVAL_HEATMAP_TERMINAL_H

#include <stdbool.h>

#include "base/str.h"
#include "eval/alignment.h"

typedef enum HeatmapTerminalColours {
  HEATMAP_TERMINAL_PLAIN,     /* blank and three shades and full block, a fifth of the scale each */
  HEATMAP_TERMINAL_256,       /* the nearest of xterm's 256 colours */
  HEATMAP_TERMINAL_TRUECOLOUR /* 24 bits */
} HeatmapTerminalColours;

/* What the environment says; NULL: not set. */
typedef struct HeatmapTerminalEnvironment {
  bool is_terminal;
  const char *no_color, *colorterm, *term; /* $NO_COLOR (https://no-color.org), $COLORTERM, $TERM */
} HeatmapTerminalEnvironment;
HeatmapTerminalColours heatmap_terminal_colours(const HeatmapTerminalEnvironment *environment);

typedef struct HeatmapTerminal {
  HeatmapTerminalColours colours;
  int columns; /* matrices that are wider are drawn in several blocks; 0: no limit */
} HeatmapTerminal;

/* Appends the drawing and a legend, lines without trailing blanks. Long tokens end in an ellipsis; control characters
 * are shown as pictures, so that no token can speak to the terminal. */
void heatmap_terminal_draw(Str *out, const Alignment *a, const HeatmapTerminal *terminal);

#endif
