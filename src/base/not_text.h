/* not_text.h - files that are no plain UTF-8 text, told by their first bytes. Pure. */
#ifndef BASE_NOT_TEXT_H
#define BASE_NOT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { NOT_TEXT_WANTED = 16 }; /* bytes that tell every format */

/* False, with an error that names the format and how to make text of it, when at[0..n), the start of the file `name`,
 * begins a text in another encoding, a compressed file or a document. Fewer than NOT_TEXT_WANTED bytes: the file ends
 * there. */
bool not_text_check(const char *name, const char *at, size_t n, Err *err);

#endif
