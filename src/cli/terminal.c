#include "cli/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

HeatmapTerminal terminal_describe(void) {
  HeatmapTerminalEnvironment environment = {isatty(STDOUT_FILENO) == 1, getenv("NO_COLOR"), getenv("COLORTERM"),
                                            getenv("TERM")};
  HeatmapTerminal terminal = {heatmap_terminal_colours(&environment), 0};
  struct winsize size = {0};
  if (!environment.is_terminal) return terminal;
  bool told = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  terminal.columns = told ? size.ws_col : 80;
  return terminal;
}
