#include "text/sentencepiece.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "num/ids.h"
#include "text/sentencepiece_proto.h"
#include "text/sentencepiece_shim.h"

struct Sentencepiece {
  SentencepieceShim *shim;
  char *bytes;
  size_t n;
  SentencepieceProto proto;
  int *library; /* [n_pieces] the library's id of each piece, -1: the model has no such special */
  int n_pieces;
};

static const char *const specials[N_SPECIAL] = {"<pad>", "<s>", "</s>", "<unk>"};

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
void sentencepiece_shim_exhausted(void (*end)(void)) { (void)end; }
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
void sentencepiece_shim_specials(const SentencepieceShim *shim, int ids[4]) { (void)shim, (void)ids; }
bool sentencepiece_shim_split(const SentencepieceShim *shim, const char *text, size_t n, SentencepiecePieceTaker take,
                              void *ctx) {
  (void)shim, (void)text, (void)n, (void)take, (void)ctx;
  return false;
}
bool sentencepiece_shim_join(const SentencepieceShim *shim, const char *const *pieces, int n, SentencepieceTaker take,
                             SentencepieceTaker whole, void *ctx) {
  (void)shim, (void)pieces, (void)n, (void)take, (void)whole, (void)ctx;
  return false;
}

#endif

static void exhausted(void) { mem_exhausted("SentencePiece", ""); }

/* False, with the error, without the library. */
static bool have_library(const char *name, Err *err) {
  const char *missing = sentencepiece_missing();
  if (mem_trapped() == NULL) sentencepiece_shim_exhausted(exhausted); /* one for the whole process */
  return missing == NULL || err_set(err, ERR_USAGE, "%s: %s", name, missing);
}

/* ---- Models. */

static bool is_special(const char *piece) {
  for (int i = 0; i < N_SPECIAL; i++)
    if (strcmp(piece, specials[i]) == 0) return true;
  return false;
}

/* Whether the library's id has a place among ours of its own. */
static bool is_other(const Sentencepiece *sp, int id) {
  const char *piece = sentencepiece_shim_piece(sp->shim, id);
  for (int i = 0; i < N_SPECIAL; i++)
    if (sp->library[i] == id) return false;
  return !is_special(piece) && strchr(piece, '\n') == NULL;
}

static void number_pieces(Sentencepiece *sp) {
  int n = sentencepiece_shim_size(sp->shim);
  sp->library = mem_alloc((size_t)n + N_SPECIAL, sizeof *sp->library, "subword model");
  sentencepiece_shim_specials(sp->shim, sp->library);
  sp->n_pieces = N_SPECIAL;
  for (int id = 0; id < n; id++)
    if (is_other(sp, id)) sp->library[sp->n_pieces++] = id;
}

Sentencepiece *sentencepiece_load(const void *bytes, size_t n, const char *name, Err *err) {
  if (!have_library(name, err)) return NULL;
  Sentencepiece *sp = mem_zero(1, sizeof *sp, "subword model");
  *sp = (Sentencepiece){.shim = sentencepiece_shim_load(bytes, n), .bytes = mem_text(bytes, n), .n = n};
  if (sp->shim != NULL && sentencepiece_proto_read(&sp->proto, bytes, n) &&
      sp->proto.n_pieces == sentencepiece_shim_size(sp->shim)) {
    number_pieces(sp);
    return sp;
  }
  (void)err_set(err, ERR_FILE, "%s: not a SentencePiece model, or damaged", name);
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
  sentencepiece_proto_free(&sp->proto);
  mem_free(sp->library);
  mem_free(sp->bytes);
  mem_free(sp);
}

const char *sentencepiece_bytes(const Sentencepiece *sp, size_t *n) {
  *n = sp->n;
  return sp->bytes;
}

void sentencepiece_pieces(const Sentencepiece *sp, Tokens *out) {
  for (int id = 0; id < sp->n_pieces; id++) {
    const char *piece = id < N_SPECIAL ? specials[id] : sentencepiece_shim_piece(sp->shim, sp->library[id]);
    tokens_add(out, piece, strlen(piece));
  }
}

SentencepieceType sentencepiece_type(const Sentencepiece *sp) {
  static const SentencepieceType types[] = {
      [1] = SENTENCEPIECE_unigram, [2] = SENTENCEPIECE_bpe, [3] = SENTENCEPIECE_WORD, [4] = SENTENCEPIECE_CHAR};
  int type = sp->proto.model_type;
  return type >= 1 && type <= 4 ? types[type] : SENTENCEPIECE_unigram;
}

bool sentencepiece_suffix(const Sentencepiece *sp) { return sp->proto.suffix; }

float sentencepiece_score(const Sentencepiece *sp, int id) {
  return sp->library[id] < 0 ? 0 : sp->proto.scores[sp->library[id]];
}

bool sentencepiece_atomic(const Sentencepiece *sp, int id) {
  return id < N_SPECIAL || sp->proto.kinds[sp->library[id]] != SENTENCEPIECE_NORMAL;
}

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

typedef struct Splitting {
  const char *line;
  bool suffix;
  Tokens *out;
  Words *words; /* or NULL */
} Splitting;

/* A mark stands for all that the model drops between two words, and it may drop words. What is beside a piece's only
 * mark is of one word: after it the last of the range, before it, with suffix, the first. A mark alone is of the word
 * after it, with suffix of the one before. */
static ByteRange narrow(const char *line, bool suffix, const char *piece, ByteRange r) {
  static const char mark[] = "\xE2\x96\x81";
  size_t k = sizeof mark - 1, n = strlen(piece);
  bool first = n >= k && memcmp(piece, mark, k) == 0, last = n >= k && memcmp(piece + n - k, mark, k) == 0;
  if (n == k && first && !suffix) return (ByteRange){r.end, r.end};
  if (n == k && first) {
    while (r.begin > 0 && line[r.begin - 1] == ' ') r.begin--;
    return r.begin == 0 ? (ByteRange){0, 0} : (ByteRange){r.begin - 1, r.begin - 1};
  }
  if (!suffix && first && strstr(piece + k, mark) == NULL) {
    size_t begin = r.end;
    while (begin > r.begin && line[begin - 1] != ' ') begin--;
    r.begin = begin;
  }
  if (suffix && last && strstr(piece, mark) == piece + n - k) {
    size_t end = r.begin;
    while (end < r.end && line[end] != ' ') end++;
    if (end > r.begin) r.end = end;
  }
  return r;
}

static void take_piece(void *ctx, const char *at, size_t n, size_t begin, size_t end) {
  const Splitting *s = ctx;
  tokens_add(s->out, at, n);
  if (s->words != NULL) words_add(s->words, narrow(s->line, s->suffix, at, (ByteRange){begin, end}));
}

/* The library fails where a model of words meets the name of a control symbol: words, which it then does not know. */
static void split_words(Splitting *s) {
  for (const char *at = s->line + strspn(s->line, " "); *at != '\0'; at += strspn(at, " ")) {
    size_t n = strcspn(at, " "), begin = (size_t)(at - s->line);
    take_piece(s, at, n, begin, begin + n);
    at += n;
  }
}

void sentencepiece_split(const Sentencepiece *sp, const char *text, size_t n, Tokens *out) {
  Str line = {0};
  plain_spaces(&line, text, n);
  Splitting splitting = {str_text(&line), sentencepiece_suffix(sp), out, out->n == 0 ? tokens_make_words(out) : NULL};
  if (!sentencepiece_shim_split(sp->shim, str_text(&line), line.n, take_piece, &splitting)) split_words(&splitting);
  if (splitting.words != NULL) words_find(splitting.words, str_text(&line), line.n);
  str_free(&line);
}

typedef struct Joining {
  const char *const *pieces;
  int i; /* the piece whose part comes next */
  bool suffix;
  bool apart; /* a special has been written out */
  Str *out;
  size_t start; /* where in out the text begins */
  Str whole;
  Words *words; /* or NULL */
} Joining;

/* What would end a line of output, or its text. */
static void add_part(Str *out, const char *at, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (at[i] == '\0') str_adds(out, "\xEF\xBF\xBD");
    else str_addc(out, at[i] == '\n' || at[i] == '\r' ? ' ' : at[i]);
  }
}

static void take_part(void *ctx, const char *at, size_t n) {
  Joining *j = ctx;
  size_t begin = j->out->n - j->start;
  const char *piece = j->pieces[j->i++];
  bool special = is_special(piece);
  if (special) str_adds(j->out, piece);
  else add_part(j->out, at, n);
  j->apart = j->apart || special;
  if (j->words != NULL)
    words_add(j->words,
              narrow(str_text(j->out) + j->start, j->suffix, piece, (ByteRange){begin, j->out->n - j->start}));
}

static void take_whole(void *ctx, const char *at, size_t n) {
  Joining *j = ctx;
  add_part(&j->whole, at, n);
}

/* A model that changes the decoded text has the last word, but for specials, which it does not know in the text. */
static void end_join(Joining *j) {
  bool same =
      j->whole.n == j->out->n - j->start && memcmp(str_text(&j->whole), str_text(j->out) + j->start, j->whole.n) == 0;
  if (same || j->apart) {
    if (j->words != NULL) words_find(j->words, str_text(j->out) + j->start, j->out->n - j->start);
    return;
  }
  j->out->n = j->start;
  str_add(j->out, str_text(&j->whole), j->whole.n);
  if (j->words != NULL) words_clear(j->words);
}

void sentencepiece_join(const Sentencepiece *sp, const Tokens *pieces, Str *out, Words *words) {
  if (words != NULL) words_clear(words);
  if (pieces->n == 0) return;
  const char **texts = mem_alloc((size_t)pieces->n, sizeof *texts, "pieces");
  for (int i = 0; i < pieces->n; i++) texts[i] = tokens_get(pieces, i, NULL);
  Joining joining = {.pieces = texts, .suffix = sentencepiece_suffix(sp), .out = out, .start = out->n, .words = words};
  bool ok = sentencepiece_shim_join(sp->shim, texts, pieces->n, take_part, take_whole, &joining);
  CHECK(ok, "sentencepiece_join: the library refuses %d pieces", pieces->n);
  end_join(&joining);
  str_free(&joining.whole);
  mem_free(texts);
}
