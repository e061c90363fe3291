#include "eval/svg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_title(Str *out, const char *title) {
  if (title[0] == '\0') return;
  str_adds(out, "\n<title>");
  for (; *title != '\0'; title++) {
    if (*title == '<') str_adds(out, "&lt;");
    else if (*title == '&') str_adds(out, "&amp;");
    else str_addc(out, *title);
  }
  str_adds(out, "</title>");
}

/* Appends the number at `at` with at most two decimals. Returns its end. */
static const char *add_rounded(Str *out, const char *at) {
  char *end, text[64];
  int n = snprintf(text, sizeof text, "%.2f", strtod(at, &end));
  while (text[n - 1] == '0') n--;
  if (text[n - 1] == '.') n--;
  str_add(out, text, (size_t)n);
  return end;
}

/* Copies up to the character `stop`, numbers rounded. Returns where it is. */
static const char *add_numbers(Str *out, const char *at, char stop) {
  while (*at != stop && *at != '\0') {
    if ((*at >= '0' && *at <= '9') || *at == '-') at = add_rounded(out, at);
    else str_addc(out, *at++);
  }
  return at;
}

static bool starts(const char *at, const char *with) { return strncmp(at, with, strlen(with)) == 0; }

void svg_tidy(Str *out, const Str *svg, const char *title) {
  static const char path[] = " d=\"", colour[] = "rgb(", group[] = "<g id=\"surface";
  const char *at = str_text(svg);
  bool titled = false, nameless = false, root = false;
  while (*at != '\0') {
    root = root || starts(at, "<svg");
    if (starts(at, path) || starts(at, colour)) {
      str_add(out, at, 4);
      at = add_numbers(out, at + 4, *at == 'r' ? ')' : '"');
    } else if (!nameless && starts(at, group)) {
      nameless = true;
      str_adds(out, "<g");
      at += strcspn(at, ">");
    } else if (root && !titled && *at == '>') {
      titled = true;
      str_addc(out, *at++);
      add_title(out, title);
    } else {
      str_addc(out, *at++);
    }
  }
}
