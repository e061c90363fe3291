#include "eval/heatmap_html.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "eval/heatmap.h"

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
};

HeatmapHtml *heatmap_html_new(const char *title, const char *theme) {
  HeatmapHtml *h = mem_zero(1, sizeof *h, "heatmap page");
  h->title = mem_text(title, strlen(title));
  h->theme = mem_text(theme, strlen(theme));
  return h;
}

void heatmap_html_free(HeatmapHtml *h) {
  if (h == NULL) return;
  mem_free(h->title);
  mem_free(h->theme);
  str_free(&h->data);
  mem_free(h);
}

int heatmap_html_count(const HeatmapHtml *h) { return h->n; }

/* --- data --- */

/* JSON inside <script>: without < nothing can end the element or open a comment. */
static void add_string(Str *out, const char *text) {
  Str quoted = {0};
  json_quote(&quoted, text);
  for (const char *at = str_text(&quoted); *at != '\0'; at++) {
    if (*at == '<') str_adds(out, "\\u003c");
    else str_addc(out, *at);
  }
  str_free(&quoted);
}

static void add_tokens(Str *out, const char *key, const char *const *tokens, int n) {
  str_addf(out, "\"%s\":[", key);
  for (int i = 0; i < n; i++) {
    if (i > 0) str_addc(out, ',');
    add_string(out, tokens[i]);
  }
  str_addc(out, ']');
}

/* Positions of unknown words. */
static void add_unknown(Str *out, const Alignment *a, int n, bool (*unknown)(const Alignment *a, int i)) {
  const char *between = "";
  str_adds(out, ",\"u\":[");
  for (int i = 0; i < n; i++)
    if (unknown(a, i)) {
      str_addf(out, "%s%d", between, i);
      between = ",";
    }
  str_addc(out, ']');
}

static int thousandths(double share) {
  if (!(share > 0)) return 0;
  return share >= 1 ? 1000 : (int)(1000 * share + 0.5);
}

/* Thousandths; as many noughts as a negative number says; none at the end. */
static void add_row(Str *out, const float *row, int n) {
  int noughts = 0;
  const char *between = "";
  str_addc(out, '[');
  for (int s = 0; s < n; s++) {
    int weight = thousandths((double)row[s]);
    noughts += weight == 0;
    if (weight == 0) continue;
    if (noughts > 0) str_addf(out, "%s%d,%d", between, -noughts, weight);
    else str_addf(out, "%s%d", between, weight);
    noughts = 0;
    between = ",";
  }
  str_addc(out, ']');
}

static void add_output(Str *out, const Alignment *a) {
  str_addc(out, '{');
  add_tokens(out, "t", a->target, a->n_target);
  add_unknown(out, a, a->n_target, alignment_target_unknown);
  if (a->text[0] != '\0') {
    str_adds(out, ",\"x\":");
    add_string(out, a->text);
  }
  if (isfinite(a->score)) str_addf(out, ",\"c\":%.4g", a->score);
  if (a->token_logprob != NULL) str_adds(out, ",\"p\":[");
  for (int t = 0; a->token_logprob != NULL && t < a->n_target; t++)
    str_addf(out, "%s%d", t == 0 ? "" : ",", thousandths(exp(a->token_logprob[t])));
  if (a->token_logprob != NULL) str_addc(out, ']');
  str_adds(out, ",\"w\":[");
  for (int t = 0; t < a->n_target; t++) {
    if (t > 0) str_addc(out, ',');
    add_row(out, a->weights + (size_t)t * (size_t)a->n_source, a->n_source);
  }
  str_adds(out, "]}");
}

static void add_gold(Str *out, const PharaohLinks *gold) {
  str_adds(out, ",\"g\":[");
  for (int i = 0; i < gold->n; i++)
    str_addf(out, "%s%d,%d,%d", i == 0 ? "" : ",", gold->at[i].source, gold->at[i].target, gold->at[i].sure);
  str_addc(out, ']');
}

void heatmap_html_add(HeatmapHtml *h, const Alignment *a, const PharaohLinks *gold) {
  Str *out = &h->data;
  if (h->n > 0 && a->rank > 1 && a->id == h->id) {
    str_addc(out, ',');
  } else {
    str_addf(out, "%s{\"n\":%ld,", h->n == 0 ? "" : "]},\n", (long)a->id + 1);
    add_tokens(out, "s", a->source, a->n_source);
    add_unknown(out, a, a->n_source, alignment_source_unknown);
    if (gold != NULL) add_gold(out, gold);
    str_adds(out, ",\"o\":[");
    h->id = a->id;
    h->n++;
  }
  add_output(out, a);
}

/* --- the page --- */

static void add_scale(Str *out, const char *name, HeatmapTheme theme) {
  enum { LAST = 8 };
  str_addf(out, "\"%s\":[", name);
  for (int i = 0; i <= LAST; i++) {
    HeatmapColour c = heatmap_colour(theme, i / (double)LAST);
    str_addf(out, "%s[%d,%d,%d]", i == 0 ? "" : ",", c.red, c.green, c.blue);
  }
  str_addc(out, ']');
}

static void add_data(Str *out, const HeatmapHtml *h) {
  str_adds(out, "{\"theme\":");
  add_string(out, h->theme);
  str_adds(out, ",\"scales\":{");
  add_scale(out, "light", HEATMAP_LIGHT);
  str_addc(out, ',');
  add_scale(out, "dark", HEATMAP_DARK);
  str_adds(out, "},\"sentences\":[\n");
  str_add(out, str_text(&h->data), h->data.n);
  str_adds(out, h->n > 0 ? "]}\n]}" : "]}");
}

static void add_escaped(Str *out, const char *text) {
  for (; *text != '\0'; text++) {
    if (*text == '<') str_adds(out, "&lt;");
    else if (*text == '&') str_adds(out, "&amp;");
    else str_addc(out, *text);
  }
}

/* What stands for @NAME@; false when name is no such word. */
static bool add_part(Str *out, const HeatmapHtml *h, const char *name, size_t n) {
  if (n == 5 && memcmp(name, "TITLE", n) == 0) add_escaped(out, h->title);
  else if (n == 5 && memcmp(name, "STYLE", n) == 0) str_add(out, (const char *)page_css, sizeof page_css);
  else if (n == 4 && memcmp(name, "DATA", n) == 0) add_data(out, h);
  else if (n == 6 && memcmp(name, "SCRIPT", n) == 0) str_add(out, (const char *)page_js, sizeof page_js);
  else return false;
  return true;
}

void heatmap_html_end(HeatmapHtml *h, Str *out) {
  const char *at = (const char *)page_html, *end = at + sizeof page_html;
  while (at < end) {
    const char *open = memchr(at, '@', (size_t)(end - at));
    if (open == NULL) open = end;
    str_add(out, at, (size_t)(open - at));
    if (open == end) break;
    const char *close = memchr(open + 1, '@', (size_t)(end - open - 1));
    bool known = close != NULL && add_part(out, h, open + 1, (size_t)(close - open - 1));
    CHECK(known, "heatmap_page.html: an @ that names no part");
    at = close + 1;
  }
  heatmap_html_free(h);
}
