#include "text/runs.h"

#include <string.h>

static const char MARK[] = "\xE2\x96\x81";
enum { N_MARK = sizeof MARK - 1 };

/* Where reading has come to. */
typedef struct Runs {
  bool suffix;
  int run;    /* the present one, -1: none yet */
  bool empty; /* it holds marks alone */
  bool ended; /* a mark has come after what it holds */
} Runs;

static void begin(Runs *r) {
  r->run++;
  r->empty = true;
  r->ended = false;
}

static void take_mark(Runs *r) {
  if (r->run < 0 || (!r->suffix && !r->empty)) begin(r);
  else r->ended = !r->empty;
}

static void take_other(Runs *r) {
  if (r->run < 0 || r->ended) begin(r);
  r->empty = false;
}

static WordSpan take_piece(Runs *r, const char *piece) {
  WordSpan span = {-1, -1};
  do {
    bool mark = strncmp(piece, MARK, N_MARK) == 0;
    if (mark) take_mark(r);
    else take_other(r);
    piece += mark ? N_MARK : *piece != '\0';
    span.last = r->run;
    if (span.first < 0) span.first = r->run;
  } while (*piece != '\0');
  return span;
}

int runs_find(const char *const *pieces, int n, bool suffix, WordSpan *spans) {
  Runs r = {.suffix = suffix, .run = -1};
  for (int i = 0; i < n; i++) spans[i] = take_piece(&r, pieces[i]);
  int n_runs = r.run + 1;
  if (n_runs < 2 || !r.empty) return n_runs;
  for (int i = n - 1; i >= 0 && spans[i].last == n_runs - 1; i--) {
    spans[i].last--;
    if (spans[i].first == n_runs - 1) spans[i].first--;
  }
  return n_runs - 1;
}
