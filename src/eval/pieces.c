#include "eval/pieces.h"

#include "base/mem.h"
#include "base/unicode.h"
#include "base/utf8.h"

void pieces_clear(Pieces *pieces) {
  str_clear(&pieces->text);
  pieces->n = 0;
}

static void append(Pieces *p, const char *at, size_t n) {
  if (p->n == p->cap) {
    p->cap = p->cap == 0 ? 64 : 2 * p->cap;
    p->from = mem_grow(p->from, (size_t)p->cap, sizeof *p->from, "tokens");
    p->to = mem_grow(p->to, (size_t)p->cap, sizeof *p->to, "tokens");
  }
  p->from[p->n] = p->text.n;
  str_add(&p->text, at, n);
  p->to[p->n++] = p->text.n;
}

void pieces_add(Pieces *pieces, const char *at, size_t n) {
  if (pieces->n > 0) str_addc(&pieces->text, ' ');
  append(pieces, at, n);
}

void pieces_words(Pieces *pieces, const char *at, size_t n, bool (*space)(uint32_t scalar)) {
  pieces_clear(pieces);
  size_t start = 0;
  for (size_t i = 0, step; i <= n; i += step) {
    uint32_t scalar = ' ';
    bool valid;
    step = i < n ? utf8_next(at + i, n - i, &scalar, &valid) : 1;
    if (i < n && !space(scalar)) continue;
    if (i > start) pieces_add(pieces, at + start, i - start);
    start = i + step;
  }
}

void pieces_scalars(Pieces *pieces, const char *at, size_t n) {
  pieces_clear(pieces);
  for (size_t i = 0, step; i < n; i += step) {
    uint32_t scalar;
    bool valid;
    step = utf8_next(at + i, n - i, &scalar, &valid);
    if (!unicode_space(scalar)) append(pieces, at + i, step);
  }
}

bool pieces_blank(uint32_t scalar) { return scalar == ' ' || (scalar >= '\t' && scalar <= '\r'); }

void pieces_ids(const Pieces *pieces, StrMap *known, int **ids, int *cap) {
  if (pieces->n > *cap) {
    *cap = 2 * pieces->n;
    *ids = mem_grow(*ids, (size_t)*cap, sizeof **ids, "tokens");
  }
  for (int i = 0; i < pieces->n; i++) {
    int *id = strmap_at(known, pieces->text.at + pieces->from[i], pieces->to[i] - pieces->from[i]);
    if (*id == 0) *id = (int)known->n;
    (*ids)[i] = *id;
  }
}

void pieces_free(Pieces *pieces) {
  str_free(&pieces->text);
  mem_free(pieces->from);
  mem_free(pieces->to);
  *pieces = (Pieces){0};
}
