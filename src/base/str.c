#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static void reserve(Str *s, size_t more) {
  size_t need = s->n + more + 1;
  if (need <= s->cap) return;
  size_t cap = s->cap < 16 ? 32 : s->cap * 2;
  if (cap < need) cap = need;
  s->at = mem_grow(s->at, cap, 1, "text");
  s->cap = cap;
}

void str_add(Str *s, const char *at, size_t n) {
  reserve(s, n);
  if (n > 0) memcpy(s->at + s->n, at, n);
  s->n += n;
  s->at[s->n] = '\0';
}

void str_adds(Str *s, const char *text) { str_add(s, text, strlen(text)); }

void str_addc(Str *s, char c) { str_add(s, &c, 1); }

void str_addf(Str *s, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  CHECK(n >= 0, "str_addf: bad format %s", format);
  reserve(s, (size_t)n);
  (void)vsnprintf(s->at + s->n, (size_t)n + 1, format, again);
  va_end(again);
  s->n += (size_t)n;
}

void str_clear(Str *s) {
  s->n = 0;
  if (s->at != NULL) s->at[0] = '\0';
}

void str_free(Str *s) {
  mem_free(s->at);
  *s = (Str){0};
}

const char *str_text(const Str *s) { return s->at != NULL ? s->at : ""; }

/* Open addressing with linear probing; a slot is free while its key is NULL. */
struct StrMapSlot {
  char *key;
  size_t n;
  uint64_t hash;
  int value;
};

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const char *key, size_t n) {
  uint64_t h = 14695981039346656037u;
  for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)key[i]) * 1099511628211u;
  return h ^ (h >> 32);
}

static struct StrMapSlot *find(const StrMap *map, const char *key, size_t n, uint64_t hash) {
  size_t i = hash & (map->cap - 1);
  for (;; i = (i + 1) & (map->cap - 1)) {
    struct StrMapSlot *slot = &map->slots[i];
    if (slot->key == NULL) return slot;
    if (slot->hash == hash && slot->n == n && memcmp(slot->key, key, n) == 0) return slot;
  }
}

static void grow(StrMap *map) {
  StrMap old = *map;
  map->cap = old.cap == 0 ? 64 : old.cap * 2;
  map->slots = mem_zero(map->cap, sizeof *map->slots, "string map");
  for (size_t i = 0; i < old.cap; i++)
    if (old.slots[i].key != NULL) *find(map, old.slots[i].key, old.slots[i].n, old.slots[i].hash) = old.slots[i];
  mem_free(old.slots);
}

int *strmap_at(StrMap *map, const char *key, size_t n) {
  if (map->n * 3 >= map->cap * 2) grow(map);
  uint64_t hash = hash_of(key, n);
  struct StrMapSlot *slot = find(map, key, n, hash);
  if (slot->key == NULL) {
    *slot = (struct StrMapSlot){mem_text(key, n), n, hash, 0};
    map->n++;
  }
  return &slot->value;
}

void strmap_put(StrMap *map, const char *key, size_t n, int value) { *strmap_at(map, key, n) = value; }

bool strmap_get(const StrMap *map, const char *key, size_t n, int *value) {
  if (map->cap == 0) return false;
  const struct StrMapSlot *slot = find(map, key, n, hash_of(key, n));
  if (slot->key == NULL) return false;
  *value = slot->value;
  return true;
}

void strmap_each(const StrMap *map, void (*visit)(void *ctx, const char *key, size_t n, int value), void *ctx) {
  for (size_t i = 0; i < map->cap; i++)
    if (map->slots[i].key != NULL) visit(ctx, map->slots[i].key, map->slots[i].n, map->slots[i].value);
}

void strmap_free(StrMap *map) {
  for (size_t i = 0; i < map->cap; i++) mem_free(map->slots[i].key);
  mem_free(map->slots);
  *map = (StrMap){0};
}

static char small(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* Levenshtein distance with one row, capital letters of ASCII being no others; texts over 63 bytes count as far from
 * everything. */
static size_t distance(const char *a, const char *b) {
  enum { LONGEST = 63 };
  size_t na = strlen(a), nb = strlen(b), row[LONGEST + 1];
  if (na > LONGEST || nb > LONGEST) return LONGEST;
  for (size_t j = 0; j <= nb; j++) row[j] = j;
  for (size_t i = 1; i <= na; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= nb; j++) {
      size_t best = diagonal + (small(a[i - 1]) != small(b[j - 1]));
      if (row[j] + 1 < best) best = row[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row[nb];
}

/* Of the names that begin with the text, three letters at least. */
static const char *shortest_beginning(const char *text, const char *const *names, int n) {
  const char *shortest = NULL;
  size_t length = strlen(text);
  for (int i = 0; i < n && length >= 3; i++)
    if (strncmp(text, names[i], length) == 0 && (shortest == NULL || strlen(names[i]) < strlen(shortest)))
      shortest = names[i];
  return shortest;
}

const char *str_nearest(const char *text, const char *const *names, int n) {
  const char *nearest = NULL;
  size_t best = (strlen(text) + 1) / 2 + 1; /* about half of what was typed must be right */
  if (best > 4) best = 4;
  for (int i = 0; i < n; i++) {
    size_t d = distance(text, names[i]);
    if (d < best) {
      best = d;
      nearest = names[i];
    }
  }
  return nearest != NULL ? nearest : shortest_beginning(text, names, n);
}
