#include "serve/reply.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "eval/alignment.h"

static void add_number(Str *out, const char *key, double value) {
  if (isfinite(value)) str_addf(out, ",\"%s\":%.9g", key, value);
  else str_addf(out, ",\"%s\":null", key);
}

/* As a line of `translate --format jsonl` where something of attention was asked for. */
static void add_output(Str *out, const SearchOptions *options, const Entry *entry, double logprob) {
  const Alignment *a = &entry->alignment;
  if (options->attention == SEARCH_NO_ATTENTION) {
    str_adds(out, "{\"text\":");
    json_quote(out, a->text);
    add_number(out, "score", a->score);
    add_number(out, "logprob", logprob);
    if (a->source_cut) str_adds(out, ",\"source_cut\":true");
    if (a->target_cut) str_adds(out, ",\"target_cut\":true");
    str_addc(out, '}');
    return;
  }
  alignment_jsonl(out, a, a->rank > 0);
  out->n--; /* the line end */
}

static void add_outputs(Str *out, const Request *r, const SearchOptions *options, Session *session, int i, int id) {
  const BeamResult result = session_result(session, i);
  int n = result.n == 0 ? 1 : result.n;
  str_addc(out, '[');
  for (int k = 0; k < n; k++) {
    bool ranked = r->kind == REQUEST_TRANSLATE && options->translate.beam.n_best > 1;
    if (k > 0) str_addc(out, ',');
    add_output(out, options, session_entry(session, i, k, id, ranked), result.n == 0 ? 0 : result.best[k].logprob);
  }
  str_addc(out, ']');
}

static void add_own(Str *out, const Request *r, const SearchOptions *options, const char *model, Session *session,
                    int first) {
  str_adds(out, "{\"model\":");
  json_quote(out, model);
  str_adds(out, ",\"outputs\":[");
  for (int i = 0; i < r->n; i++) {
    if (i > 0) str_addc(out, ',');
    add_outputs(out, r, options, session, first + i, i);
  }
  str_adds(out, "]}");
}

static void add_best(Str *out, Session *session, int i) {
  json_quote(out, session_entry(session, i, 0, 0, false)->alignment.text);
}

static void add_alternatives(Str *out, Session *session, int i) {
  str_addc(out, '[');
  for (int k = 1; k < session_result(session, i).n; k++) {
    if (k > 1) str_addc(out, ',');
    json_quote(out, session_entry(session, i, k, 0, false)->alignment.text);
  }
  str_addc(out, ']');
}

static void add_each(Str *out, const Request *r, Session *session, int first,
                     void (*add)(Str *out, Session *session, int i)) {
  if (r->list) str_addc(out, '[');
  for (int i = 0; i < r->n; i++) {
    if (i > 0) str_addc(out, ',');
    add(out, session, first + i);
  }
  if (r->list) str_addc(out, ']');
}

/* Besides what LibreTranslate says, that a text or a translation was cut, if one was. */
static void add_libre(Str *out, const Request *r, const SearchOptions *options, Session *session, int first) {
  bool source_cut = false, target_cut = false;
  for (int i = 0; i < r->n; i++) {
    const Alignment *a = &session_entry(session, first + i, 0, i, false)->alignment;
    source_cut = source_cut || a->source_cut;
    target_cut = target_cut || a->target_cut;
  }
  str_adds(out, "{\"translatedText\":");
  add_each(out, r, session, first, add_best);
  if (options->translate.beam.n_best > 1) {
    str_adds(out, ",\"alternatives\":");
    add_each(out, r, session, first, add_alternatives);
  }
  if (source_cut) str_adds(out, ",\"source_cut\":true");
  if (target_cut) str_adds(out, ",\"target_cut\":true");
  str_addc(out, '}');
}

void reply_add(Str *out, const Request *r, const SearchOptions *options, const char *model, Session *session,
               int first) {
  if (r->libre) add_libre(out, r, options, session, first);
  else add_own(out, r, options, model, session, first);
}

/* What the text says of a request may have been cut within a character. */
void reply_error(Str *out, const char *text) {
  Str line = {0};
  (void)utf8_repair(&line, text, strlen(text));
  str_adds(out, "{\"error\":");
  json_quote(out, str_text(&line));
  str_addc(out, '}');
  str_free(&line);
}
