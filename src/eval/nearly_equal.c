#include "eval/nearly_equal.h"

#include <string.h>

#include "base/unicode.h"
#include "base/utf8.h"

static bool same(const char *a, size_t n_a, const char *b, size_t n_b) { return n_a == n_b && memcmp(a, b, n_a) == 0; }
static bool same_text(const Str *a, const Str *b) { return same(str_text(a), a->n, str_text(b), b->n); }

/* Runs of white space as one blank, none at the ends. */
static void fold(Str *out, const char *at, size_t n) {
  bool blank = false;
  str_clear(out);
  for (size_t i = 0, step; i < n; i += step) {
    uint32_t scalar;
    bool valid;
    step = utf8_next(at + i, n - i, &scalar, &valid);
    bool space = unicode_space(scalar);
    if (!space && blank && out->n > 0) str_addc(out, ' ');
    if (!space) str_add(out, at + i, step);
    blank = space;
  }
}

static void lower(Str *out, const char *at, size_t n) {
  str_clear(out);
  unicode_lower(out, at, n);
}

typedef enum Difference { BY_CASE = 1, BY_BLANKS = 2, BY_BOTH = 4 } Difference;

static int compare(NearlyEqual *e, MetricText h, MetricText r) {
  lower(&e->lowered[0], h.at, h.n);
  lower(&e->lowered[1], r.at, r.n);
  if (same_text(&e->lowered[0], &e->lowered[1])) return BY_CASE;
  fold(&e->folded[0], h.at, h.n);
  fold(&e->folded[1], r.at, r.n);
  if (same_text(&e->folded[0], &e->folded[1])) return BY_BLANKS;
  fold(&e->folded[0], str_text(&e->lowered[0]), e->lowered[0].n);
  fold(&e->folded[1], str_text(&e->lowered[1]), e->lowered[1].n);
  return same_text(&e->folded[0], &e->folded[1]) ? BY_BOTH : 0;
}

void nearly_equal_add(NearlyEqual *e, MetricText hypothesis, const MetricText *references, int n_references) {
  int ways = 0;
  e->n_lines++;
  for (int i = 0; i < n_references; i++)
    if (same(hypothesis.at, hypothesis.n, references[i].at, references[i].n)) return;
  for (int i = 0; i < n_references; i++) ways |= compare(e, hypothesis, references[i]);
  if (ways & BY_CASE) e->by_case++;
  else if (ways & BY_BLANKS) e->by_blanks++;
  else if (ways & BY_BOTH) e->by_both++;
}

void nearly_equal_tell(const NearlyEqual *e, const char *path, bool blanks, Warnings *warnings) {
  long by_blanks = blanks ? e->by_blanks : 0, by_both = blanks ? e->by_both : 0;
  Str text = {0};
  if (e->by_case > 0) str_addf(&text, ", %ld by case alone (--lowercase compares in lower case)", e->by_case);
  if (by_blanks > 0) str_addf(&text, ", %ld by blanks alone", by_blanks);
  if (by_both > 0) str_addf(&text, ", %ld by case and blanks", by_both);
  if (text.n > 0)
    warnings_tell(warnings, "%s: lines of %ld that differ from their reference by little: %s", path, e->n_lines,
                  str_text(&text) + 2);
  str_free(&text);
}

void nearly_equal_free(NearlyEqual *e) {
  for (int i = 0; i < 2; i++) {
    str_free(&e->folded[i]);
    str_free(&e->lowered[i]);
  }
}
