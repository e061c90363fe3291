#include "pdf.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "scratch.h"
#include "session.h"

/* Where word begins at or after at; NULL: nowhere. */
static const char *find(const Str *in, const char *at, const char *word) {
  size_t n = strlen(word);
  for (; at + n <= in->at + in->n; at++)
    if (memcmp(at, word, n) == 0) return at;
  return NULL;
}

/* Adds what the zlib stream at `at` holds, as far as it is one. */
static void add_inflated(Str *out, const Str *pdf, const char *at) {
  unsigned char piece[4096];
  z_stream z = {.avail_in = (uInt)(pdf->at + pdf->n - at)};
  memcpy(&z.next_in, &at, sizeof at); /* zlib's pointer is not const */
  ck_assert_int_eq(inflateInit(&z), Z_OK);
  for (int status = Z_OK; status == Z_OK;) {
    z.next_out = piece;
    z.avail_out = sizeof piece;
    status = inflate(&z, Z_NO_FLUSH);
    str_add(out, (const char *)piece, sizeof piece - z.avail_out);
  }
  (void)inflateEnd(&z);
}

static int count_objects(const Str *pdf) {
  static const char start[] = "stream\n", page[] = "/Type /Page";
  Str all = {0};
  int n = 0;
  str_add(&all, pdf->at, pdf->n);
  for (const char *at = pdf->at; (at = find(pdf, at, start)) != NULL;) {
    at += sizeof start - 1;
    add_inflated(&all, pdf, at);
  }
  for (const char *at = all.at; (at = find(&all, at, page)) != NULL;) {
    at += sizeof page - 1;
    n += *at != 's'; /* the tree's nodes are of type /Pages */
  }
  str_free(&all);
  return n;
}

int pdf_pages(const Str *pdf) {
  Scratch scratch = {0};
  int n = count_objects(pdf), told;
  scratch_open(&scratch);
  scratch_bytes(&scratch, "a.pdf", pdf->at, pdf->n);
  Ran ran = session_run(str_text(&scratch.folder),
                        "! command -v pdfinfo > /dev/null || pdfinfo a.pdf | sed -n 's/^Pages: *//p'");
  ck_assert_msg(ran.status == 0, "pdfinfo: %s", str_text(&ran.said));
  if (sscanf(str_text(&ran.out), "%d", &told) == 1) ck_assert_int_eq(told, n);
  session_end(&ran);
  scratch_close(&scratch);
  return n;
}
