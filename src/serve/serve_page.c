#include "serve/serve_page.h"

#include "eval/page.h"

/* The files of the page, made by the Makefile. */
static const unsigned char page_html[] = {
#include "src/serve/serve_page.html.inc"
};
static const unsigned char page_css[] = {
#include "src/serve/serve_page.css.inc"
};
static const unsigned char page_js[] = {
#include "src/serve/serve_page.js.inc"
};

void serve_page_add(Str *out, const Str *info) {
  static const Page page = {PAGE_TEXT(page_html), PAGE_TEXT(page_css), PAGE_TEXT(page_js), "text", "sentence"};
  Str data = {0};
  str_addf(&data, "\"info\":%s", str_text(info));
  page_fill(out, &page, "attn-seq2seq", "auto", &data);
  str_free(&data);
}
