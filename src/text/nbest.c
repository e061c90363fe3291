#include "text/nbest.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 99999999, SHOWN = 60 }; /* highest number of a line; bytes of a bad line that a message shows */

static const char BAR[] = "|||";
enum { N_BAR = sizeof BAR - 1 };

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* The first or last bar of at[0..n) that stands alone, or NULL. */
static const char *find_bar(const char *at, size_t n, bool last) {
  const char *found = NULL;
  for (size_t i = 0; i + N_BAR <= n && (last || found == NULL); i++) {
    bool alone = (i == 0 || is_blank(at[i - 1])) && (i + N_BAR == n || is_blank(at[i + N_BAR]));
    if (alone && memcmp(at + i, BAR, N_BAR) == 0) found = at + i;
  }
  return found;
}

static void trim(const char **at, size_t *n) {
  while (*n > 0 && is_blank(**at)) {
    ++*at;
    --*n;
  }
  while (*n > 0 && is_blank((*at)[*n - 1])) --*n;
}

static bool is_number(const char *at, size_t n) {
  char text[40], *end;
  if (n == 0 || n >= sizeof text) return false;
  memcpy(text, at, n);
  text[n] = '\0';
  (void)strtod(text, &end);
  return *end == '\0';
}

static bool read_id(const char *at, size_t n, int *id) {
  *id = 0;
  for (size_t i = 0; i < n; i++) {
    if (at[i] < '0' || at[i] > '9') return false;
    *id = *id * 10 + (at[i] - '0');
    if (*id > MOST) return false;
  }
  return n > 0;
}

/* The next word of features at *at, which moves behind it; 0 bytes at the end. */
static const char *word(const char **at, const char *end, size_t *n) {
  while (*at < end && is_blank(**at)) ++*at;
  const char *from = *at;
  while (*at < end && !is_blank(**at)) ++*at;
  *n = (size_t)(*at - from);
  return from;
}

/* Names that end in = (or, of old, in :), each before its values. */
static bool is_features(const char *at, size_t n) {
  const char *end = at + n;
  bool named = false;
  size_t length;
  for (const char *one = word(&at, end, &length); length > 0; one = word(&at, end, &length)) {
    bool name = length > 1 && (one[length - 1] == '=' || one[length - 1] == ':');
    named = named || name;
    if (!name && !(named && is_number(one, length))) return false;
  }
  return true;
}

static bool split(NbestEntry *e, const char *line, size_t n) {
  const char *first = find_bar(line, n, false), *last = find_bar(line, n, true);
  if (first == NULL || first == last) return false;
  const char *id = line, *score = last + N_BAR, *inside = first + N_BAR;
  size_t n_id = (size_t)(first - line), n_score = (size_t)(line + n - score), n_inside = (size_t)(last - inside);
  const char *middle = find_bar(inside, n_inside, true);
  if (middle == NULL) return false;
  e->text = inside;
  e->n_text = (size_t)(middle - inside);
  e->features = middle + N_BAR;
  e->n_features = (size_t)(last - e->features);
  trim(&id, &n_id);
  trim(&score, &n_score);
  trim(&e->text, &e->n_text);
  trim(&e->features, &e->n_features);
  return read_id(id, n_id, &e->id) && is_number(score, n_score) && is_features(e->features, e->n_features);
}

bool nbest_parse(NbestEntry *entry, const char *line, size_t n, const char *path, long number, Err *err) {
  if (split(entry, line, n)) return true;
  return err_set(err, ERR_FILE,
                 "%s:%ld: \"%.*s\" is no entry of an n-best list; write LINE ||| TEXT ||| NAME= VALUE ... ||| SCORE, "
                 "lines counted from 0",
                 path, number, (int)(n > SHOWN ? SHOWN : n), line);
}

int nbest_free_feature(const NbestEntry *e) {
  const char *at = e->features, *end = at + e->n_features;
  int next = 0, k;
  size_t n;
  for (const char *one = word(&at, end, &n); n > 0; one = word(&at, end, &n))
    if (n > 2 && one[0] == 'F' && read_id(one + 1, n - 2, &k) && k >= next) next = k + 1;
  return next;
}
