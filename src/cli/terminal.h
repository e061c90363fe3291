/* terminal.h - what is known of the terminal that standard output may be. For the main thread. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "eval/heatmap_terminal.h"

/* Its colours after the environment, and its width: 80 columns when it does not tell, 0 (no limit) when standard output
 * is no terminal. */
HeatmapTerminal terminal_describe(void);

#endif
