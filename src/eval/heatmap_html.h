/* heatmap_html.h - the alignments of a whole text as one HTML page that needs nothing else: a list of sentences, words
 * that glow, n-best entries, matrix and flow. The page itself is heatmap_page.{html,css,js}; what is put into it is
 * escaped here, and reaches the reader as text only.
 *
 * A HeatmapHtml belongs to its maker and to one thread. */
#ifndef EVAL_HEATMAP_HTML_H
#define EVAL_HEATMAP_HTML_H

#include "base/str.h"
#include "eval/alignment.h"

typedef struct HeatmapHtml HeatmapHtml;

/* theme: "auto" (as the browser says), "light" or "dark". */
HeatmapHtml *heatmap_html_new(const char *title, const char *theme);
/* How large cells and words are at first (1: as usual), and whether weights stand in the cells; a reader changes both.
 */
void heatmap_html_look(HeatmapHtml *html, double scale, bool numbers);
/* Adds an output; entries of one n-best list (rank > 0, the same id) come one after another. Weights are kept to three
 * digits. gold: of the sentence, or NULL; that of the first entry counts. */
void heatmap_html_add(HeatmapHtml *html, const Alignment *a, const PharaohLinks *gold);
/* Sentences so far. */
int heatmap_html_count(const HeatmapHtml *html);
/* Appends the page to out and frees html. */
void heatmap_html_end(HeatmapHtml *html, Str *out);
void heatmap_html_free(HeatmapHtml *html); /* NULL is allowed */

#endif
