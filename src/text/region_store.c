#include "text/region_store.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/sha256.h"

struct RegionStore {
  Regions *regions; /* [n] */
  int n, cap;
  Arena *arena; /* their numbers */
};

static RegionStore *new_store(void) {
  RegionStore *store = mem_zero(1, sizeof *store, "corpus");
  store->arena = arena_new();
  return store;
}

static size_t count(const Regions *regions) { return (size_t)regions->n * (size_t)regions->size; }

void region_store_add(RegionStore **at, const Regions *regions) {
  if (*at == NULL) *at = new_store();
  RegionStore *store = *at;
  if (store->n == store->cap) {
    store->cap = 2 * store->cap + 1024;
    store->regions = mem_grow(store->regions, (size_t)store->cap, sizeof *store->regions, "corpus");
  }
  float *copy = arena_alloc(store->arena, count(regions), sizeof *copy);
  memcpy(copy, regions->at, count(regions) * sizeof *copy);
  store->regions[store->n] = *regions;
  store->regions[store->n++].at = copy;
}

const Regions *region_store_get(const RegionStore *store, int i) {
  if (store == NULL) return NULL;
  CHECK(i >= 0 && i < store->n, "regions of pair %d of %d", i, store->n);
  return &store->regions[i];
}

void region_store_digest(const RegionStore *store, char hex[65]) {
  Sha256 sha = sha256_open();
  for (int i = 0; i < store->n; i++) {
    const Regions *r = &store->regions[i];
    const int shape[] = {r->n, r->size, r->columns};
    sha256_add(&sha, shape, sizeof shape);
    sha256_add(&sha, r->at, count(r) * sizeof *r->at);
  }
  sha256_close(&sha, hex);
}

size_t region_store_bytes(const RegionStore *store) {
  if (store == NULL) return 0;
  return sizeof *store + (size_t)store->cap * sizeof *store->regions + arena_capacity(store->arena);
}

void region_store_free(RegionStore *store) {
  if (store == NULL) return;
  arena_free(store->arena);
  mem_free(store->regions);
  mem_free(store);
}
