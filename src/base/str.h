/* str.h - growable strings, a map from strings to ints, and the nearest of several names.
 *
 * A Str or StrMap belongs to its caller; zero-initialised it is empty and ready, str_free / strmap_free ends it. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Str {
  char *at; /* NUL-terminated; NULL while empty and unused */
  size_t n, cap;
} Str;

void str_add(Str *s, const char *at, size_t n);
void str_adds(Str *s, const char *text);
void str_addc(Str *s, char c);
void str_addf(Str *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void str_clear(Str *s); /* keeps the memory */
void str_free(Str *s);
/* The text, "" when empty. Valid until the next change. */
const char *str_text(const Str *s);

typedef struct StrMap {
  struct StrMapSlot *slots;
  size_t n, cap;
} StrMap;

/* Sets key -> value; copies the key. */
void strmap_put(StrMap *map, const char *key, size_t n, int value);
/* False when the key is not there. */
bool strmap_get(const StrMap *map, const char *key, size_t n, int *value);
/* The place of the value of key, made with value 0 when it was not there. Valid until the next put or at. */
int *strmap_at(StrMap *map, const char *key, size_t n);
/* Calls visit for every entry, in no order that may reach any output. */
void strmap_each(const StrMap *map, void (*visit)(void *ctx, const char *key, size_t n, int value), void *ctx);
void strmap_free(StrMap *map);

/* The one of names (n of them) with the least edit distance to text; if none is near enough to be meant, the shortest
 * that begins with it; else NULL. */
const char *str_nearest(const char *text, const char *const *names, int n);

#endif
