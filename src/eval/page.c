#include "eval/page.h"

#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "eval/heatmap.h"
#include "eval/markup.h"

static const unsigned char common_html[] = {
#include "src/eval/page.html.inc"
};
static const unsigned char common_css[] = {
#include "src/eval/page.css.inc"
};
static const unsigned char common_js[] = {
#include "src/eval/page.js.inc"
};

static const char DATA_BEGINS[] = "<script type=\"application/json\" id=\"data\">", DATA_ENDS[] = "</script>";

static void add_text(Str *out, PageText text) { str_add(out, (const char *)text.at, text.n); }

static void add_scale(Str *out, const char *name, HeatmapTheme theme) {
  enum { LAST = 8 };
  str_addf(out, "\"%s\":[", name);
  for (int i = 0; i <= LAST; i++) {
    HeatmapColour c = heatmap_colour(theme, i / (double)LAST);
    str_addf(out, "%s[%d,%d,%d]", i == 0 ? "" : ",", c.red, c.green, c.blue);
  }
  str_addc(out, ']');
}

/* JSON has a < only in strings; without it nothing can end the element or open a comment. */
static void add_json(Str *out, const Str *data) {
  const char *at = str_text(data), *end = at + data->n;
  while (at < end) {
    const char *sign = memchr(at, '<', (size_t)(end - at));
    if (sign == NULL) sign = end;
    str_add(out, at, (size_t)(sign - at));
    if (sign < end) str_adds(out, "\\u003c");
    at = sign + 1;
  }
}

static void add_data(Str *out, const char *theme, const Str *data) {
  str_adds(out, DATA_BEGINS);
  str_adds(out, "{\"theme\":");
  json_quote(out, theme);
  str_adds(out, ",\"scales\":{");
  add_scale(out, "light", HEATMAP_LIGHT);
  str_addc(out, ',');
  add_scale(out, "dark", HEATMAP_DARK);
  str_adds(out, data->n > 0 ? "},\n" : "}");
  add_json(out, data);
  str_addc(out, '}');
  str_adds(out, DATA_ENDS);
}

/* The script of a page sees what is common, and nothing outside sees either. */
static void add_script(Str *out, const Page *page) {
  str_adds(out, "<script>\n'use strict';\n(() => {\n");
  str_add(out, (const char *)common_js, sizeof common_js);
  add_text(out, page->js);
  str_adds(out, "})();\n</script>");
}

static void add_style(Str *out, const Page *page) {
  str_adds(out, "<style>\n");
  str_add(out, (const char *)common_css, sizeof common_css);
  add_text(out, page->css);
  str_adds(out, "</style>");
}

static bool is(const char *name, size_t n, const char *word) { return strlen(word) == n && memcmp(name, word, n) == 0; }

void page_fill(Str *out, const Page *page, const char *title, const char *theme, const Str *data) {
  const char *at = (const char *)common_html, *end = at + sizeof common_html;
  while (at < end) {
    const char *open = memchr(at, '@', (size_t)(end - at));
    if (open == NULL) open = end;
    str_add(out, at, (size_t)(open - at));
    if (open == end) break;
    const char *close = memchr(open + 1, '@', (size_t)(end - open - 1)), *name = open + 1;
    CHECK(close != NULL, "page: an @ that stands alone");
    size_t n = (size_t)(close - name);
    if (is(name, n, "TITLE")) markup_text(out, title);
    else if (is(name, n, "ANCHOR")) str_adds(out, page->anchor);
    else if (is(name, n, "MAIN")) str_adds(out, page->main);
    else if (is(name, n, "BODY")) add_text(out, page->html);
    else if (is(name, n, "STYLE")) add_style(out, page);
    else if (is(name, n, "DATA")) add_data(out, theme, data);
    else if (is(name, n, "SCRIPT")) add_script(out, page);
    else CHECK(false, "page: @%.*s@ names no part", (int)n, name);
    at = close + 1;
  }
}

/* The first place of word in text[0..n), or NULL. */
static const char *find(const char *text, size_t n, const char *word) {
  size_t k = strlen(word);
  for (const char *at = text, *end = text + n; at < end; at++) {
    at = memchr(at, word[0], (size_t)(end - at));
    if (at == NULL || (size_t)(end - at) < k) return NULL;
    if (memcmp(at, word, k) == 0) return at;
  }
  return NULL;
}

bool page_data(const char *text, size_t n, const char **data, size_t *n_data) {
  const char *begins = find(text, n, DATA_BEGINS);
  if (begins == NULL) return false;
  *data = begins + sizeof DATA_BEGINS - 1;
  const char *ends = find(*data, n - (size_t)(*data - text), DATA_ENDS);
  *n_data = ends == NULL ? 0 : (size_t)(ends - *data);
  return ends != NULL;
}
