#include "eval/pharaoh.h"

#include <stdlib.h>

#include "base/mem.h"

enum { MOST = 99999999, SHOWN = 40 }; /* highest position; bytes of a bad link that a message shows */

void pharaoh_add(PharaohLinks *links, PharaohLink link) {
  if (links->n == links->cap) {
    links->cap = links->cap == 0 ? 32 : links->cap * 2;
    links->at = mem_grow(links->at, (size_t)links->cap, sizeof *links->at, "alignment links");
  }
  links->at[links->n++] = link;
}

static int by_position(const void *a, const void *b) {
  const PharaohLink *x = a, *y = b;
  if (x->source != y->source) return x->source < y->source ? -1 : 1;
  if (x->target != y->target) return x->target < y->target ? -1 : 1;
  return y->sure - x->sure;
}

void pharaoh_sort(PharaohLinks *links) {
  int kept = 0;
  if (links->n > 0) qsort(links->at, (size_t)links->n, sizeof *links->at, by_position);
  for (int i = 0; i < links->n; i++) {
    const PharaohLink *last = kept > 0 ? &links->at[kept - 1] : NULL;
    bool again = last != NULL && last->source == links->at[i].source && last->target == links->at[i].target;
    if (!again) links->at[kept++] = links->at[i];
  }
  links->n = kept;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* A position at *at, which moves behind it; false when there is none. */
static bool position(const char **at, const char *end, int *value) {
  const char *from = *at;
  *value = 0;
  while (*at < end && **at >= '0' && **at <= '9') {
    *value = *value * 10 + (**at - '0');
    if (*value > MOST) return false;
    ++*at;
  }
  return *at > from;
}

static bool link_of(const char *at, const char *end, PharaohLink *link) {
  if (!position(&at, end, &link->source)) return false;
  if (at == end || (*at != '-' && *at != '?' && *at != 'p')) return false;
  link->sure = *at++ == '-';
  return position(&at, end, &link->target) && at == end;
}

bool pharaoh_parse(PharaohLinks *links, const char *text, size_t n, const char *path, long line, Err *err) {
  pharaoh_clear(links);
  for (const char *at = text, *end = text + n; at < end;) {
    const char *from = at;
    while (at < end && !is_blank(*at)) at++;
    PharaohLink link;
    int shown = at - from > SHOWN ? SHOWN : (int)(at - from);
    if (at == from) at++;
    else if (link_of(from, at, &link)) pharaoh_add(links, link);
    else
      return err_set(err, ERR_FILE,
                     "%s:%ld: \"%.*s\" is not a link; write i-j (sure) or i?j (possible): source position, target "
                     "position, from 0",
                     path, line, shown, from);
  }
  pharaoh_sort(links);
  return true;
}

void pharaoh_print(Str *out, const PharaohLinks *links) {
  for (int i = 0; i < links->n; i++) {
    const PharaohLink *link = &links->at[i];
    str_addf(out, "%s%d%c%d", i > 0 ? " " : "", link->source, link->sure ? '-' : '?', link->target);
  }
}

void pharaoh_clear(PharaohLinks *links) { links->n = 0; }

void pharaoh_free(PharaohLinks *links) {
  mem_free(links->at);
  *links = (PharaohLinks){0};
}
