#include "eval/markup.h"

#include "eval/heatmap.h"

void markup_text(Str *out, const char *text) {
  Str visible = {0};
  heatmap_visible(&visible, text);
  for (const char *at = str_text(&visible); *at != '\0'; at++) {
    if (*at == '<') str_adds(out, "&lt;");
    else if (*at == '>') str_adds(out, "&gt;"); /* ]]> may not stand in text */
    else if (*at == '&') str_adds(out, "&amp;");
    else if (*at == '"') str_adds(out, "&quot;");
    else str_addc(out, *at);
  }
  str_free(&visible);
}
