/* page.h - HTML pages that need nothing else: a body, its style and script, and data as JSON, in one file. What all
 * pages share (head, colours, matrices, curves) is page.html, page.css and page.js.
 *
 * Pure functions; texts of a Page are constants. */
#ifndef EVAL_PAGE_H
#define EVAL_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Bytes of a file, made by the Makefile. */
typedef struct PageText {
  const unsigned char *at;
  size_t n;
} PageText;
#define PAGE_TEXT(array) \
  { (array), sizeof(array) }

typedef struct Page {
  PageText html, css, js;    /* html: what stands in the body, below title and theme button */
  const char *anchor, *main; /* where readers of keyboards may skip to: id, and what is there */
} Page;

/* Appends the page. theme: "auto" (as the browser says), "light" or "dark". data: members of a JSON object, which
 * reaches the script with "theme" and "scales" before them; no text in it can end its element or become markup. */
void page_fill(Str *out, const Page *page, const char *title, const char *theme, const Str *data);

/* Finds the data of a page that page_fill made, as a view; false when text is no such page. */
bool page_data(const char *text, size_t n, const char **data, size_t *n_data);

#endif
