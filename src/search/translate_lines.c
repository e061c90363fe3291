#include "search/translate_lines.h"

#include "base/ranks.h"
#include "search/fit.h"
#include "search/spread.h"

enum { READ_AHEAD = 20 }; /* batches */

/* Lines read ahead. */
typedef struct Ahead {
  const Ensemble *ensemble;
  Session *session;
  Lines *lines;
  Warnings *warnings;
  const TranslateOptions *options;
  int first; /* id of the first line */
  Fit fit;
  Str shared; /* with other ranks: the lines */
} Ahead;

/* A reader has nothing to look for in a line without a query, and says some word of it; of one without a document it
 * says nothing. */
static void warn_of_half(const Ahead *a, const Ids *ids) {
  const Config *c = &a->ensemble->members[0]->config;
  int at = 0;
  if (c->model.decoder.type != DECODER_reader || ids->n == 0) return;
  while (at < ids->n && ids->at[at] != c->model.separator) at++;
  if (at > 0 && at + 1 < ids->n) return;
  warnings_add(a->warnings, WARNING_QUERY,
               "%s:%ld: no %s: a reader wants a document, %s and a query (data.query_separator)", lines_path(a->lines),
               lines_number(a->lines), at == 0 ? "document" : "query", c->data.query_separator);
}

static void warn_of_length(const Ahead *a, const Tokens *tokens) {
  int max = a->options->max_length, can = a->ensemble->longest.source.tokens;
  if (tokens->n > max || tokens->n > can)
    warnings_add(a->warnings, WARNING_CUT, "%s:%ld: %d tokens, cut to the first %d (%s%s)", lines_path(a->lines),
                 lines_number(a->lines), tokens->n, max < can ? max : can,
                 max < can ? "--max-length changes that" : "the model has no positions for more: ",
                 max < can ? "" : a->ensemble->longest.source.key);
}

static bool ahead_add(Ahead *a, const char *line, size_t n, Err *err) {
  int at = session_count(a->session);
  if (!session_add(a->session, line, n, a->options, err))
    return err_prefix(err, "%s:%ld: ", lines_path(a->lines), lines_number(a->lines));
  const Tokenized *text = session_source(a->session, at);
  const Ids *ids = &session_ids(a->session, at)->source;
  warn_of_length(a, &text->tokens);
  warn_of_half(a, ids);
  fit_add(&a->fit, text, ids->n);
  return true;
}

/* Adds the next lines; 1, 0 at the end, -1 on error, as lines_next. */
static int ahead_take(Ahead *a, Err *err) {
  const char *line;
  size_t n;
  int got = 1;
  int64_t most = (int64_t)READ_AHEAD * a->options->batch_size;
  str_clear(&a->shared);
  do {
    got = lines_next(a->lines, &line, &n, err);
    if (got == 1 && !ahead_add(a, line, n, err)) got = -1;
    if (got == 1 && ranks_count() > 1) spread_add_line(&a->shared, line, n);
  } while (got == 1 && session_count(a->session) < most && lines_ready(a->lines));
  return got;
}

/* Replaces the lines by the next ones, which rank 0 reads, on all ranks; returns as ahead_take. */
static int ahead_read(Ahead *a, Err *err) {
  size_t at = 0, n;
  const char *line;
  a->first += session_count(a->session);
  session_clear(a->session);
  int got = ranks_me() == 0 ? ahead_take(a, err) : 1;
  if (ranks_count() == 1) return got;
  spread_text(&a->shared, &got);
  while (ranks_me() > 0 && spread_next_line(&a->shared, &at, &line, &n))
    if (!ahead_add(a, line, n, err)) return -1;
  return got;
}

/* An output that the length alone has ended says less than the source. */
static void ahead_warn_of_cut(const Ahead *a, int i) {
  const BeamResult result = session_result(a->session, i);
  if (result.n == 0 || !result.best[0].cut) return;
  const ModelLimit *longest = &a->ensemble->longest.target;
  int n = result.best[0].n_target - 1;
  if (n == longest->tokens)
    warnings_add(a->warnings, WARNING_OUTPUT,
                 "%s:%ld: the translation was cut at %d tokens, the most that the model has positions for (%s)",
                 lines_path(a->lines), (long)a->first + i + 1, n, longest->key);
  else
    warnings_add(
        a->warnings, WARNING_OUTPUT,
        "%s:%ld: the translation was cut at %d tokens, the most for %d of source (--max-length-ratio changes that)",
        lines_path(a->lines), (long)a->first + i + 1, n, session_ids(a->session, i)->source.n);
}

static bool ahead_give(const Ahead *a, const TranslateSink *sink, Err *err) {
  for (int i = 0; i < session_count(a->session); i++) {
    SessionLine line = {a->first + i, a->session, i};
    ahead_warn_of_cut(a, i);
    if (!sink->line(sink->ctx, &line, err)) return false;
  }
  return sink->flush(sink->ctx, err);
}

bool translate_lines(const Ensemble *ensemble, Pool *pool, Lines *lines, Warnings *warnings,
                     const TranslateOptions *options, const TranslateSink *sink, Err *err) {
  Ahead a = {.ensemble = ensemble, .lines = lines, .warnings = warnings, .options = options};
  a.session = session_new(ensemble, pool);
  session_spread(a.session);
  a.fit = fit_new(ensemble->members[0], false);
  int got = 1;
  bool ok = true;
  while (ok && got == 1) {
    got = ahead_read(&a, err);
    if (err->kind != ERR_NONE && ranks_me() > 0) break;
    ok = session_translate(a.session, (uint64_t)a.first, options, err) && (ranks_me() > 0 || ahead_give(&a, sink, err));
    ok = ranks_max(!ok) == 0; /* the output of rank 0 may have been closed */
  }
  ok = ok && got == 0;
  if (ok) fit_warn(&a.fit, lines_path(lines), warnings);
  fit_free(&a.fit);
  str_free(&a.shared);
  session_free(a.session);
  return ok;
}
