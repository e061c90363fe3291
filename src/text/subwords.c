#include "text/subwords.h"

#include <string.h>

#include "base/io.h"
#include "base/utf8.h"
#include "text/tokenizer.h"

enum { LARGEST_MODEL = 1 << 28 }; /* bytes */

/* The lines of a parallel text on their way to the library. */
typedef struct Reading {
  const SubwordsOptions *options;
  Pairs *pairs;
  Pair pair;
  bool target_due; /* the target of the present pair comes next */
  Str line;
  long n;  /* lines given */
  int got; /* what pairs_next said last */
  Err *err;
} Reading;

static bool is_blank(const char *line, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (line[i] != ' ' && (line[i] < '\t' || line[i] > '\r')) return false;
  return true;
}

static bool next_pair(Reading *r) {
  do r->got = pairs_next(r->pairs, &r->pair, r->err);
  while (r->got == 1 && (is_blank(r->pair.source, r->pair.n_source) || is_blank(r->pair.target, r->pair.n_target)));
  return r->got == 1;
}

static bool next_line(void *ctx, const char **line, size_t *n) {
  Reading *r = ctx;
  if (!r->target_due && !next_pair(r)) return false;
  bool target = r->target_due || !r->options->source;
  r->target_due = !target && r->options->target;
  tokenizer_prepare(r->options->lowercase, target ? r->pair.target : r->pair.source,
                    target ? r->pair.n_target : r->pair.n_source, &r->line);
  *line = str_text(&r->line);
  *n = r->line.n;
  r->n++;
  return true;
}

/* A text without pairs is what is wrong, whatever the library says. */
static void explain(const Reading *r, const char *name) {
  if (r->n > 0) return;
  err_clear(r->err);
  (void)err_set(r->err, ERR_FILE, "%s: the training text holds no pair to learn pieces from", name);
}

Sentencepiece *subwords_learn(const PairFiles *files, const SubwordsOptions *options, Err *err) {
  Err of_library = {0};
  Reading r = {.options = options, .err = err};
  r.pairs = pairs_open(files, NULL, err);
  if (r.pairs == NULL) return NULL;
  Sentencepiece *sp =
      sentencepiece_learn((SentencepieceText){next_line, &r}, options->type, options->size, options->name, &of_library);
  if (r.got < 0) {
    sentencepiece_free(sp);
    sp = NULL;
  } else if (sp == NULL) {
    *err = of_library;
    explain(&r, options->name);
  }
  pairs_close(r.pairs);
  str_free(&r.line);
  return sp;
}

static bool is_list(const char *text, size_t n) { return utf8_valid(text, n) && memchr(text, '\n', n) != NULL; }

Sentencepiece *subwords_read(const char *path, Err *err) {
  Str bytes = {0};
  Sentencepiece *sp = NULL;
  if (io_read_all(&bytes, path, LARGEST_MODEL, err)) sp = sentencepiece_load(str_text(&bytes), bytes.n, path, err);
  if (bytes.n > 0 && sp == NULL && is_list(str_text(&bytes), bytes.n)) {
    err_clear(err);
    (void)err_set(
        err, ERR_FILE,
        "%s: not a SentencePiece model, but text; beside a list of pieces (.vocab) there is a .model file: name that",
        path);
  }
  str_free(&bytes);
  return sp;
}
