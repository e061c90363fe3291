/* serve_page.h - the page of a service: a sentence is typed, and its translations, what they attended to, and what a
 * model thinks of another translation are seen. It asks nobody but the service it came from. */
#ifndef SERVE_SERVE_PAGE_H
#define SERVE_SERVE_PAGE_H

#include "base/str.h"

/* Appends the page. info: of serve_info_add. */
void serve_page_add(Str *out, const Str *info);

#endif
