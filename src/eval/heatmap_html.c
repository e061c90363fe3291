#include "eval/heatmap_html.h"

#include <string.h>

#include "base/mem.h"
#include "eval/heatmap_json.h"
#include "eval/page.h"

/* The files of the page, made by the Makefile. */
static const unsigned char page_html[] = {
#include "src/eval/heatmap_page.html.inc"
};
static const unsigned char page_css[] = {
#include "src/eval/heatmap_page.css.inc"
};
static const unsigned char page_js[] = {
#include "src/eval/heatmap_page.js.inc"
};

struct HeatmapHtml {
  char *title, *theme;
  Str data; /* the sentences so far, the last one without its closing brackets */
  int n;
  int id; /* of the last sentence */
  double scale;
  bool numbers;
};

HeatmapHtml *heatmap_html_new(const char *title, const char *theme) {
  HeatmapHtml *h = mem_zero(1, sizeof *h, "heatmap page");
  h->title = mem_text(title, strlen(title));
  h->theme = mem_text(theme, strlen(theme));
  h->scale = 1;
  str_adds(&h->data, "\"sentences\":[\n");
  return h;
}

void heatmap_html_look(HeatmapHtml *h, double scale, bool numbers) {
  h->scale = scale;
  h->numbers = numbers;
}

void heatmap_html_free(HeatmapHtml *h) {
  if (h == NULL) return;
  mem_free(h->title);
  mem_free(h->theme);
  str_free(&h->data);
  mem_free(h);
}

int heatmap_html_count(const HeatmapHtml *h) { return h->n; }

static void begin_sentence(HeatmapHtml *h, const Alignment *a, const PharaohLinks *gold) {
  if (h->n > 0) {
    heatmap_json_close(&h->data);
    str_adds(&h->data, ",\n");
  }
  heatmap_json_open(&h->data, a, gold);
  h->id = a->id;
  h->n++;
}

void heatmap_html_add(HeatmapHtml *h, const Alignment *a, const PharaohLinks *gold) {
  if (h->n > 0 && a->rank > 1 && a->id == h->id) str_addc(&h->data, ',');
  else begin_sentence(h, a, gold);
  heatmap_json_output(&h->data, a);
}

void heatmap_html_end(HeatmapHtml *h, Str *out) {
  static const Page page = {PAGE_TEXT(page_html), PAGE_TEXT(page_css), PAGE_TEXT(page_js), "sentence", "sentence"};
  if (h->n > 0) heatmap_json_close(&h->data);
  str_adds(&h->data, "\n]");
  if (h->scale != 1) str_addf(&h->data, ",\"scale\":%g", h->scale);
  if (h->numbers) str_adds(&h->data, ",\"numbers\":true");
  page_fill(out, &page, h->title, h->theme, &h->data);
  heatmap_html_free(h);
}
