#include "search/score_lines.h"

#include "base/ranks.h"
#include "search/fit.h"
#include "search/spread.h"

enum { READ_AHEAD = 20 }; /* batches */

/* Pairs read ahead. */
typedef struct Ahead {
  Session *session;
  Pairs *pairs;
  int batch_size;
  int first; /* id of the first pair */
  Fit source_fit, target_fit;
  Str shared; /* with other ranks: source and target of each pair */
} Ahead;

static bool ahead_add(Ahead *a, const Pair *pair, Err *err) {
  int at = session_count(a->session);
  bool of_target;
  if (!session_add_pair(a->session, pair, &of_target, err))
    return err_prefix(err, "%s:%ld: ", of_target ? pairs_target_path(a->pairs) : pairs_path(a->pairs),
                      pairs_number(a->pairs));
  const Tokenized *source = session_source(a->session, at), *target = session_target(a->session, at);
  fit_add(&a->source_fit, source, source->tokens.n);
  fit_add(&a->target_fit, target, target->tokens.n);
  return true;
}

/* Adds the next pairs; 1, 0 at the end, -1 on error, as pairs_next. */
static int ahead_take(Ahead *a, Err *err) {
  Pair pair;
  int got = 1;
  int64_t most = (int64_t)READ_AHEAD * a->batch_size;
  str_clear(&a->shared);
  while (got == 1 && session_count(a->session) < most) {
    got = pairs_next(a->pairs, &pair, err);
    if (got == 1 && !ahead_add(a, &pair, err)) got = -1;
    if (got == 1 && ranks_count() > 1) {
      spread_add_line(&a->shared, pair.source, pair.n_source);
      spread_add_line(&a->shared, pair.target, pair.n_target);
    }
  }
  return got;
}

/* Replaces the pairs by the next ones, which rank 0 reads, on all ranks; returns as ahead_take. */
static int ahead_read(Ahead *a, Err *err) {
  size_t at = 0;
  Pair pair;
  a->first += session_count(a->session);
  session_clear(a->session);
  int got = ranks_me() == 0 ? ahead_take(a, err) : 1;
  if (ranks_count() == 1) return got;
  spread_text(&a->shared, &got);
  while (ranks_me() > 0 && spread_next_line(&a->shared, &at, &pair.source, &pair.n_source)) {
    (void)spread_next_line(&a->shared, &at, &pair.target, &pair.n_target);
    if (!ahead_add(a, &pair, err)) return -1;
  }
  return got;
}

bool score_lines(const Ensemble *ensemble, Pool *pool, Pairs *pairs, const ScoreOptions *options,
                 bool (*line)(void *ctx, const SessionLine *line, Err *err), void *ctx, Err *err) {
  Ahead a = {.session = session_new(ensemble, pool), .pairs = pairs, .batch_size = options->batch_size};
  session_spread(a.session);
  a.source_fit = fit_new(ensemble->members[0], false);
  a.target_fit = fit_new(ensemble->members[0], true);
  int got = 1;
  bool ok = true;
  while (ok && got == 1) {
    got = ahead_read(&a, err);
    if (err->kind != ERR_NONE && ranks_me() > 0) break;
    ok = session_score(a.session, options, err);
    for (int i = 0; ok && i < session_count(a.session) && ranks_me() == 0; i++)
      ok = line(ctx, &(SessionLine){a.first + i, a.session, i}, err);
    ok = ranks_max(!ok) == 0; /* the output of rank 0 may have been closed */
  }
  ok = ok && got == 0;
  if (ok)
    fit_warn_pair(&a.source_fit, pairs_path(pairs), &a.target_fit, pairs_target_path(pairs), pairs_warnings(pairs));
  fit_free(&a.source_fit);
  fit_free(&a.target_fit);
  str_free(&a.shared);
  session_free(a.session);
  return ok;
}
