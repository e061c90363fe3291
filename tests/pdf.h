/* pdf.h - how many pages a PDF has, asked in two ways that do not know each other. */
#ifndef TESTS_PDF_H
#define TESTS_PDF_H

#include "base/str.h"

/* Counts the page objects, also those in compressed object streams (ISO 32000-1, 7.5.7; Cairo writes them
 * since 1.17.6). Where poppler's pdfinfo is there, it is asked too; the test fails when it counts otherwise. */
int pdf_pages(const Str *pdf);

#endif
