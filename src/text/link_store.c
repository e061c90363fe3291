#include "text/link_store.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

struct LinkStore {
  TokenLink *links;
  size_t n, cap;
  size_t *ends; /* [n_sent] where the links of a sentence end */
  int n_sent, cap_sent;
};

void link_store_add(LinkStore **store, int i, const TokenLink *links, int n) {
  if (*store == NULL) *store = mem_zero(1, sizeof **store, "links");
  LinkStore *s = *store;
  CHECK(i >= s->n_sent, "links of sentence %d after %d", i, s->n_sent);
  if (i >= s->cap_sent) {
    s->cap_sent = 2 * i + 1024;
    s->ends = mem_grow(s->ends, (size_t)s->cap_sent, sizeof *s->ends, "links");
  }
  if (s->n + (size_t)n > s->cap) {
    s->cap = 2 * (s->n + (size_t)n);
    s->links = mem_grow(s->links, s->cap, sizeof *s->links, "links");
  }
  while (s->n_sent < i) s->ends[s->n_sent++] = s->n;
  memcpy(s->links + s->n, links, (size_t)n * sizeof *links);
  s->n += (size_t)n;
  s->ends[s->n_sent++] = s->n;
}

const TokenLink *link_store_get(const LinkStore *s, int i, int *n) {
  *n = 0;
  if (s == NULL || i >= s->n_sent) return NULL;
  size_t begin = i == 0 ? 0 : s->ends[i - 1];
  *n = (int)(s->ends[i] - begin);
  return s->links + begin;
}

size_t link_store_bytes(const LinkStore *s) {
  return s == NULL ? 0 : sizeof *s + s->cap * sizeof *s->links + (size_t)s->cap_sent * sizeof *s->ends;
}

void link_store_free(LinkStore *s) {
  if (s == NULL) return;
  mem_free(s->links);
  mem_free(s->ends);
  mem_free(s);
}
