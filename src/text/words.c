#include "text/words.h"

#include "base/err.h"
#include "base/mem.h"

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

void words_clear(Words *w) {
  tokens_clear(&w->texts);
  w->n = 0;
}

void words_add(Words *w, ByteRange range) {
  if (w->n == w->cap) {
    w->cap = 2 * w->cap + 64;
    w->spans = mem_grow(w->spans, (size_t)w->cap, sizeof *w->spans, "words");
    w->ranges = mem_grow(w->ranges, (size_t)w->cap, sizeof *w->ranges, "words");
  }
  w->ranges[w->n++] = range;
}

static void add_word(Words *w, const char *text, ByteRange place) {
  if (w->texts.n == w->cap_places) {
    w->cap_places = 2 * w->cap_places + 64;
    w->places = mem_grow(w->places, (size_t)w->cap_places, sizeof *w->places, "words");
  }
  w->places[w->texts.n] = place;
  tokens_add(&w->texts, text + place.begin, place.end - place.begin);
}

static void cut(Words *w, const char *text, size_t n) {
  for (size_t at = 0; at < n;) {
    while (at < n && is_space(text[at])) at++;
    ByteRange word = {at, at};
    while (at < n && !is_space(text[at])) at++;
    word.end = at;
    if (word.end > word.begin) add_word(w, text, word);
  }
  if (w->texts.n == 0) add_word(w, text, (ByteRange){0, 0});
}

static bool is_blank(const char *text, ByteRange r) {
  while (r.begin < r.end && is_space(text[r.begin])) r.begin++;
  return r.begin == r.end;
}

void words_find(Words *w, const char *text, size_t n) {
  cut(w, text, n);
  int first = 0, n_words = w->texts.n;
  for (int i = 0; i < w->n; i++) {
    ByteRange r = w->ranges[i];
    CHECK(r.begin <= r.end && r.end <= n, "token %d: bytes %zu..%zu of %zu", i, r.begin, r.end, n);
    while (first + 1 < n_words && w->places[first].end <= r.begin) first++;
    int last = first;
    if (!is_blank(text, r))
      while (last + 1 < n_words && w->places[last + 1].begin < r.end) last++;
    w->spans[i] = (WordSpan){first, last};
  }
}

int words_count(const Words *w, int n_tokens) {
  if (n_tokens >= w->n) return w->texts.n;
  int n = 0;
  for (int i = 0; i < n_tokens; i++)
    if (w->spans[i].last >= n) n = w->spans[i].last + 1;
  return n;
}

void words_free(Words *w) {
  tokens_free(&w->texts);
  mem_free(w->spans);
  mem_free(w->ranges);
  mem_free(w->places);
  *w = (Words){0};
}
