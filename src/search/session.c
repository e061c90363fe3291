#include "search/session.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "text/graph_line.h"

typedef struct Text {
  Tokenized source, target; /* no target: a line to translate */
} Text;

struct Session {
  const Ensemble *ensemble;
  Pool *pool;
  Translate *translate; /* NULL before the first line */
  Score *score;         /* NULL before the first pair */
  bool spread;          /* over the ranks */
  bool scored;          /* what was done last */
  int n, cap;
  Text *texts;         /* [cap] */
  IdPair *ids;         /* [cap] */
  Ids *sources;        /* [cap] */
  BeamResult *results; /* [cap] of lines */
  Hypothesis *given;   /* [cap] of pairs */
  Entry entry;
};

Session *session_new(const Ensemble *ensemble, Pool *pool) {
  ensemble_pack(ensemble, pool);
  Session *s = mem_zero(1, sizeof *s, "session");
  *s = (Session){.ensemble = ensemble, .pool = pool};
  return s;
}

void session_free(Session *s) {
  if (s == NULL) return;
  for (int i = 0; i < s->cap; i++) {
    tokenized_free(&s->texts[i].source);
    tokenized_free(&s->texts[i].target);
  }
  mem_free(s->texts);
  mem_free(s->ids);
  mem_free(s->sources);
  mem_free(s->results);
  mem_free(s->given);
  entry_free(&s->entry);
  translate_free(s->translate);
  score_free(s->score);
  mem_free(s);
}

void session_spread(Session *s) { s->spread = true; }

void session_clear(Session *s) { s->n = 0; }

void session_drop(Session *s, int n) {
  CHECK(n >= 0 && n <= s->n, "session: %d of %d texts", n, s->n);
  s->n = n;
}

int session_count(const Session *s) { return s->n; }

static void grow(Session *s) {
  if (s->n < s->cap) return;
  int cap = s->cap == 0 ? 64 : 2 * s->cap;
  s->texts = mem_grow(s->texts, (size_t)cap, sizeof *s->texts, "lines");
  memset(s->texts + s->cap, 0, (size_t)(cap - s->cap) * sizeof *s->texts);
  s->ids = mem_grow(s->ids, (size_t)cap, sizeof *s->ids, "lines");
  s->sources = mem_grow(s->sources, (size_t)cap, sizeof *s->sources, "lines");
  s->results = mem_grow(s->results, (size_t)cap, sizeof *s->results, "lines");
  s->given = mem_grow(s->given, (size_t)cap, sizeof *s->given, "lines");
  s->cap = cap;
}

void session_text(Str *out, const char *text, size_t n) {
  str_clear(out);
  if (utf8_valid(text, n)) str_add(out, text, n);
  else (void)utf8_repair(out, text, n);
  for (size_t i = 0; i < out->n; i++)
    if (out->at[i] == '\n' || out->at[i] == '\r') out->at[i] = ' ';
}

static bool is_blank(const char *line, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (strchr(" \t\n\v\f\r", line[i]) == NULL) return false;
  return true;
}

bool session_add(Session *s, const char *line, size_t n, const TranslateOptions *o, Err *err) {
  grow(s);
  const Translator *t = s->ensemble->members[0];
  Tokenized *source = &s->texts[s->n].source;
  int can = s->ensemble->longest.source.tokens;
  size_t blank = is_blank(line, graph_line_text(line, n)) ? graph_line_text(line, n) : 0;
  if (!tokenized_read(source, t->source_tokenizer, t->source_vocab, line + blank, n - blank, err)) return false;
  Ids ids = tokenized_ids(source, o->max_length < can ? o->max_length : can);
  if (ids.n > 0 && !translate_fits(s->ensemble->models, s->ensemble->n, &o->beam, ids.n, err)) return false;
  s->ids[s->n] = (IdPair){.source = ids};
  s->sources[s->n++] = ids;
  return true;
}

bool session_add_pair(Session *s, const Pair *pair, bool *of_target, Err *err) {
  grow(s);
  const Ensemble *e = s->ensemble;
  const Translator *t = e->members[0];
  Tokenized *source = &s->texts[s->n].source, *target = &s->texts[s->n].target;
  *of_target = false;
  if (!tokenized_read(source, t->source_tokenizer, t->source_vocab, pair->source, pair->n_source, err)) return false;
  tokenized_set(target, t->target_tokenizer, t->target_vocab, pair->target, pair->n_target);
  if (!model_knows(&e->longest, source->tokens.n, 0, err)) return false;
  *of_target = !model_knows(&e->longest, 0, target->tokens.n, err);
  if (*of_target || !ensemble_scores(e, source->tokens.n, target->tokens.n, err)) return false;
  s->ids[s->n++] = (IdPair){tokenized_ids(source, source->tokens.n), tokenized_ids(target, target->tokens.n)};
  return true;
}

bool session_translate(Session *s, uint64_t first, const TranslateOptions *o, Err *err) {
  if (s->translate == NULL) s->translate = translate_new(s->ensemble->models, s->ensemble->n, s->pool);
  if (s->spread) translate_spread(s->translate);
  translate_ids(s->translate, s->sources, s->n, first, &o->beam, o->batch_size, s->results);
  s->scored = false;
  return ensemble_unchanged(s->ensemble, err);
}

bool session_score(Session *s, const ScoreOptions *o, Err *err) {
  if (s->score == NULL) s->score = score_new(s->ensemble->models, s->ensemble->n, s->pool);
  if (s->spread) score_spread(s->score);
  score_heads(s->score, o->heads);
  score_pairs(s->score, s->ids, s->n, o->batch_size, s->given);
  s->scored = true;
  return ensemble_unchanged(s->ensemble, err);
}

const Tokenized *session_source(const Session *s, int i) { return &s->texts[i].source; }

const Tokenized *session_target(const Session *s, int i) { return &s->texts[i].target; }

const IdPair *session_ids(const Session *s, int i) { return &s->ids[i]; }

BeamResult session_result(const Session *s, int i) {
  return s->scored ? (BeamResult){.n = 1, .best = &s->given[i]} : s->results[i];
}

Entry *session_entry(Session *s, int i, int rank, int id, bool ranked) {
  const BeamResult result = session_result(s, i);
  const Text *text = &s->texts[i];
  CHECK(rank < result.n || rank == 0, "session: output %d of %d", rank, result.n);
  const Hypothesis *h = result.n == 0 ? NULL : &result.best[rank];
  entry_set(&s->entry, s->ensemble->members[0], id, ranked ? rank + 1 : 0, &text->source.tokens, s->ids[i].source.n,
            s->scored ? &text->target.tokens : NULL, h);
  return &s->entry;
}
