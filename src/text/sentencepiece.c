#include "text/sentencepiece.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "num/ids.h"
#include "text/sentencepiece_shim.h"

struct Sentencepiece {
  SentencepieceShim *shim;
  char *bytes;
  size_t n;
};

static const char SPACE[] = "\xE2\x96\x81"; /* U+2581 */

/* ---- Whether the library is there. HAVE_SENTENCEPIECE is the Makefile's word. */

#if HAVE_SENTENCEPIECE

const char *sentencepiece_missing(void) { return NULL; }

#else

const char *sentencepiece_missing(void) {
  return "this program was built without the SentencePiece library: install it (Debian: libsentencepiece-dev), build "
         "again with make";
}

/* Nothing calls these: without the library there is no model. */
bool sentencepiece_shim_train(const char *const *options, SentencepieceFeeder feed, void *feed_ctx,
                              SentencepieceTaker take, void *take_ctx) {
  (void)options, (void)feed, (void)feed_ctx, (void)take, (void)take_ctx;
  return false;
}
SentencepieceShim *sentencepiece_shim_load(const char *bytes, size_t n) {
  (void)bytes, (void)n;
  return NULL;
}
void sentencepiece_shim_free(SentencepieceShim *shim) { (void)shim; }
int sentencepiece_shim_size(const SentencepieceShim *shim) { return shim == NULL; }
const char *sentencepiece_shim_piece(const SentencepieceShim *shim, int id) {
  (void)shim, (void)id;
  return "";
}
float sentencepiece_shim_score(const SentencepieceShim *shim, int id) {
  (void)shim;
  return (float)id;
}
bool sentencepiece_shim_split(const SentencepieceShim *shim, const char *text, size_t n, SentencepieceTaker take,
                              void *ctx) {
  (void)shim, (void)text, (void)n, (void)take, (void)ctx;
  return false;
}

#endif

/* False, with the error, without the library. */
static bool have_library(const char *name, Err *err) {
  const char *missing = sentencepiece_missing();
  return missing == NULL || err_set(err, ERR_USAGE, "%s: %s", name, missing);
}

/* ---- Models. */

/* The pieces of the first ids must be those that the rest of the program takes them for. */
static bool check_specials(const Sentencepiece *sp, const char *name, Err *err) {
  static const char *const specials[N_SPECIAL] = {"<pad>", "<s>", "</s>", "<unk>"};
  int n = sentencepiece_shim_size(sp->shim);
  bool ok = n > N_SPECIAL;
  for (int id = 0; id < N_SPECIAL && ok; id++) ok = strcmp(sentencepiece_shim_piece(sp->shim, id), specials[id]) == 0;
  return ok || err_set(err, ERR_FILE,
                       "%s: a SentencePiece model whose first pieces are not <pad>, <s>, </s>, <unk>; train it with "
                       "--pad_id=0 --bos_id=1 --eos_id=2 --unk_id=3",
                       name);
}

Sentencepiece *sentencepiece_load(const void *bytes, size_t n, const char *name, Err *err) {
  if (!have_library(name, err)) return NULL;
  SentencepieceShim *shim = sentencepiece_shim_load(bytes, n);
  if (shim == NULL) {
    (void)err_set(err, ERR_FILE, "%s: not a SentencePiece model, or damaged", name);
    return NULL;
  }
  Sentencepiece *sp = mem_zero(1, sizeof *sp, "subword model");
  *sp = (Sentencepiece){shim, mem_text(bytes, n), n};
  if (check_specials(sp, name, err)) return sp;
  sentencepiece_free(sp);
  return NULL;
}

Sentencepiece *sentencepiece_copy(const Sentencepiece *sp) {
  Err err = {0};
  Sentencepiece *copy = sentencepiece_load(sp->bytes, sp->n, "copy", &err);
  CHECK(copy != NULL, "sentencepiece_copy: %s", err.text);
  return copy;
}

void sentencepiece_free(Sentencepiece *sp) {
  if (sp == NULL) return;
  sentencepiece_shim_free(sp->shim);
  mem_free(sp->bytes);
  mem_free(sp);
}

const char *sentencepiece_bytes(const Sentencepiece *sp, size_t *n) {
  *n = sp->n;
  return sp->bytes;
}

void sentencepiece_pieces(const Sentencepiece *sp, Tokens *out) {
  int n = sentencepiece_shim_size(sp->shim);
  for (int id = 0; id < n; id++) {
    const char *piece = sentencepiece_shim_piece(sp->shim, id);
    tokens_add(out, piece, strlen(piece));
  }
}

/* The ranks of merges are whole numbers from 0 down; no piece has probability 1. */
SentencepieceType sentencepiece_type(const Sentencepiece *sp) {
  return sentencepiece_score(sp, N_SPECIAL) == 0 ? SENTENCEPIECE_bpe : SENTENCEPIECE_unigram;
}

float sentencepiece_score(const Sentencepiece *sp, int id) { return sentencepiece_shim_score(sp->shim, id); }

/* ---- Learning. */

/* The library takes no white space for one but the space. */
static void plain_spaces(Str *out, const char *line, size_t n) {
  str_clear(out);
  str_add(out, line, n);
  for (size_t i = 0; i < out->n; i++)
    if (out->at[i] >= '\t' && out->at[i] <= '\r') out->at[i] = ' ';
}

typedef struct Feeding {
  SentencepieceText text;
  Str line;
} Feeding;

static bool feed(void *ctx, const char **at, size_t *n) {
  Feeding *f = ctx;
  if (!f->text.next(f->text.ctx, at, n)) return false;
  plain_spaces(&f->line, *at, *n);
  *at = str_text(&f->line);
  *n = f->line.n;
  return true;
}

static void take_bytes(void *ctx, const char *at, size_t n) { str_add(ctx, at, n); }

/* The number after the last occurrence of mark, 0 when there is none. */
static long number_after(const char *text, const char *mark) {
  const char *last = NULL;
  for (const char *at = strstr(text, mark); at != NULL; at = strstr(at + 1, mark)) last = at;
  return last == NULL ? 0 : strtol(last + strlen(mark), NULL, 10);
}

/* What the library says, as what the user can do. */
static void explain(const char *said, int size, const char *name, Err *err) {
  long most = number_after(said, "to a value <= "), least = number_after(said, " vs ");
  if (most > 0)
    (void)err_set(err, ERR_USAGE,
                  "%s.size is %d, but the training text gives at most %ld pieces: set it to %ld or less", name, size,
                  most, most);
  else if (least > 0)
    (void)err_set(
        err, ERR_USAGE,
        "%s.size is %d, but the characters of the training text need at least %ld pieces: set it to %ld or more", name,
        size == 0 ? SENTENCEPIECE_USUAL : size, least, least);
  else (void)err_set(err, ERR_FILE, "%s: SentencePiece cannot learn from the training text: %.200s", name, said);
}

Sentencepiece *sentencepiece_learn(SentencepieceText text, SentencepieceType type, int size, const char *name,
                                   Err *err) {
  if (!have_library(name, err)) return NULL;
  Str number = {0}, got = {0};
  str_addf(&number, "%d", size == 0 ? SENTENCEPIECE_USUAL : size);
  /* One thread: the sums of the others would depend on their number. */
  const char *const options[] = {"model_type",
                                 type == SENTENCEPIECE_bpe ? "bpe" : "unigram",
                                 "vocab_size",
                                 str_text(&number),
                                 "hard_vocab_limit",
                                 size == 0 ? "false" : "true",
                                 "pad_id",
                                 "0",
                                 "bos_id",
                                 "1",
                                 "eos_id",
                                 "2",
                                 "unk_id",
                                 "3",
                                 "normalization_rule_name",
                                 "identity",
                                 "character_coverage",
                                 "1",
                                 "shuffle_input_sentence",
                                 "false",
                                 "max_sentence_length",
                                 "1000000000",
                                 "num_threads",
                                 "1",
                                 "minloglevel",
                                 "3",
                                 NULL};
  Feeding feeding = {.text = text};
  Sentencepiece *sp = NULL;
  if (!sentencepiece_shim_train(options, feed, &feeding, take_bytes, &got)) explain(str_text(&got), size, name, err);
  else sp = sentencepiece_load(str_text(&got), got.n, name, err);
  str_free(&feeding.line);
  str_free(&number);
  str_free(&got);
  return sp;
}

/* ---- Text to pieces and back. */

static void take_piece(void *ctx, const char *at, size_t n) { tokens_add(ctx, at, n); }

void sentencepiece_split(const Sentencepiece *sp, const char *text, size_t n, Tokens *out) {
  Str line = {0};
  plain_spaces(&line, text, n);
  bool ok = sentencepiece_shim_split(sp->shim, str_text(&line), line.n, take_piece, out);
  CHECK(ok, "sentencepiece_split: the library refuses %zu bytes", n);
  str_free(&line);
}

void sentencepiece_join(const Tokens *pieces, Str *out) {
  for (int i = 0; i < pieces->n; i++) {
    const char *at = tokens_get(pieces, i, NULL);
    for (const char *space; (space = strstr(at, SPACE)) != NULL; at = space + sizeof SPACE - 1) {
      str_add(out, at, (size_t)(space - at));
      if (i > 0 || space != tokens_get(pieces, 0, NULL)) str_addc(out, ' ');
    }
    str_adds(out, at);
  }
}
