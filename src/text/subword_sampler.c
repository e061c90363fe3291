#include "text/subword_sampler.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/utf8.h"

struct SubwordSampler {
  const Vocab *vocab;
  SentencepieceType type;
  double sampling;
  int longest;    /* bytes of the longest piece */
  double *scores; /* [V] */
  int *n_scalars; /* [V] */
  bool *opens;    /* [V] the piece starts a word: it begins with U+2581 */
  bool *closes;   /* [V] the piece ends a word: it ends with U+2581, in a model that marks words so */
  bool *atomic;   /* [V] the piece is never spelled in another way */
};

/* A word: its text, cut into scalars. */
typedef struct Word {
  const char *text;
  int n;             /* scalars */
  const int *starts; /* [n + 1] byte offset of each scalar, then the number of bytes */
} Word;

SubwordSampler *subword_sampler_new(const Sentencepiece *sp, const Vocab *vocab, double sampling) {
  SubwordSampler *s = mem_zero(1, sizeof *s, "subword sampler");
  size_t n = (size_t)vocab_size(vocab);
  *s = (SubwordSampler){.vocab = vocab, .type = sentencepiece_type(sp), .sampling = sampling};
  s->scores = mem_alloc(n, sizeof *s->scores, "subword sampler");
  s->n_scalars = mem_alloc(n, sizeof *s->n_scalars, "subword sampler");
  s->opens = mem_alloc(n, sizeof *s->opens, "subword sampler");
  s->closes = mem_alloc(n, sizeof *s->closes, "subword sampler");
  s->atomic = mem_alloc(n, sizeof *s->atomic, "subword sampler");
  bool suffix = sentencepiece_suffix(sp);
  for (int32_t id = 0; id < vocab_size(vocab); id++) {
    const char *piece = vocab_token(vocab, id);
    size_t length = strlen(piece);
    s->scores[id] = (double)sentencepiece_score(sp, id);
    s->atomic[id] = sentencepiece_atomic(sp, id);
    s->n_scalars[id] = s->atomic[id] ? 1 : (int)utf8_count(piece, length);
    s->opens[id] = !suffix && strncmp(piece, "\xE2\x96\x81", 3) == 0;
    s->closes[id] = suffix && length >= 3 && strcmp(piece + length - 3, "\xE2\x96\x81") == 0;
    if ((int)length > s->longest) s->longest = (int)length;
  }
  return s;
}

void subword_sampler_free(SubwordSampler *s) {
  if (s == NULL) return;
  mem_free(s->scores);
  mem_free(s->n_scalars);
  mem_free(s->opens);
  mem_free(s->closes);
  mem_free(s->atomic);
  mem_free(s);
}

int subword_sampler_room(const SubwordSampler *s, Ids ids) {
  int n = 0;
  for (int i = 0; i < ids.n; i++) n += s->n_scalars[ids.at[i]];
  return n;
}

/* The piece that spells scalars from .. to-1 of the word, or ID_UNK. */
static int32_t piece_of(const SubwordSampler *s, const Word *w, int from, int to) {
  int32_t id = vocab_id(s->vocab, w->text + w->starts[from], (size_t)(w->starts[to] - w->starts[from]));
  return s->atomic[id] ? ID_UNK : id;
}

/* ---- BPE. Symbols are runs of scalars; at each step every possible merge is left out with probability p, and the best
 * of the others is done. */

/* best merge of the n symbols that begin at scalars at[0..n), at[n] being the end; -1: none. */
static int best_merge(const SubwordSampler *s, const int32_t *merged, int n, uint64_t key, uint64_t *drawn) {
  int best = -1;
  for (int i = 0; i + 1 < n; i++) {
    if (merged[i] == ID_UNK || rng_uniform(key, (*drawn)++) < s->sampling) continue;
    if (best < 0 || s->scores[merged[i]] > s->scores[merged[best]]) best = i;
  }
  return best;
}

static int draw_merges(const SubwordSampler *s, const Word *w, uint64_t key, Arena *scratch, int32_t *out) {
  int *at = arena_alloc(scratch, (size_t)w->n + 1, sizeof *at);
  int32_t *merged = arena_alloc(scratch, (size_t)w->n, sizeof *merged); /* what symbols i and i + 1 make */
  int n = w->n;
  uint64_t drawn = 0;
  for (int i = 0; i <= n; i++) at[i] = i;
  for (int i = 0; i + 1 < n; i++) merged[i] = piece_of(s, w, at[i], at[i + 2]);
  for (int i; (i = best_merge(s, merged, n, key, &drawn)) >= 0;) {
    memmove(at + i + 1, at + i + 2, (size_t)(n - i - 1) * sizeof *at);
    memmove(merged + i, merged + i + 1, (size_t)(n - i - 2) * sizeof *merged);
    n--;
    if (i > 0) merged[i - 1] = piece_of(s, w, at[i - 1], at[i + 1]);
    if (i + 1 < n) merged[i] = piece_of(s, w, at[i], at[i + 2]);
  }
  for (int i = 0; i < n; i++) out[i] = piece_of(s, w, at[i], at[i + 1]);
  return n;
}

/* ---- Unigram: forward sums over all segmentations, then drawn backwards. */

static double log_add(double a, double b) {
  double high = a > b ? a : b, low = a > b ? b : a;
  return low == -HUGE_VAL ? high : high + log1p(exp(low - high));
}

/* alpha times the log-probability of the piece of scalars from .. to-1; minus infinity when it is none. */
static double weight(const SubwordSampler *s, const Word *w, int from, int to) {
  int32_t id = piece_of(s, w, from, to);
  return id == ID_UNK ? -HUGE_VAL : s->sampling * s->scores[id];
}

static bool reaches(const SubwordSampler *s, const Word *w, int from, int to) {
  return from >= 0 && w->starts[to] - w->starts[from] <= s->longest;
}

/* The start of the last piece before scalar `to`. */
static int draw_start(const SubwordSampler *s, const Word *w, const double *forward, int to, double uniform) {
  int last = to - 1;
  double left = uniform;
  for (int from = to - 1; reaches(s, w, from, to); from--) {
    double p = exp(forward[from] + weight(s, w, from, to) - forward[to]);
    if (p > 0) last = from;
    if ((left -= p) < 0) break;
  }
  return last;
}

static int draw_segments(const SubwordSampler *s, const Word *w, uint64_t key, Arena *scratch, int32_t *out) {
  double *forward = arena_alloc(scratch, (size_t)w->n + 1, sizeof *forward);
  forward[0] = 0;
  for (int to = 1; to <= w->n; to++) {
    forward[to] = -HUGE_VAL;
    for (int from = to - 1; reaches(s, w, from, to); from--)
      if (forward[from] > -HUGE_VAL) forward[to] = log_add(forward[to], forward[from] + weight(s, w, from, to));
  }
  if (forward[w->n] == -HUGE_VAL) return 0;
  int n = 0;
  for (int to = w->n; to > 0;) {
    int from = draw_start(s, w, forward, to, rng_uniform(key, (uint64_t)n));
    out[n++] = piece_of(s, w, from, to);
    to = from;
  }
  for (int i = 0; i < n / 2; i++) {
    int32_t keep = out[i];
    out[i] = out[n - 1 - i];
    out[n - 1 - i] = keep;
  }
  return n;
}

/* ---- Words of a sentence: pieces that open no word belong to the one before; unknown and atomic ones stand alone. */

static int word_length(const SubwordSampler *s, const int32_t *at, int n) {
  int k = 1;
  if (s->atomic[at[0]]) return 1;
  while (k < n && !s->atomic[at[k]] && !s->opens[at[k]] && !s->closes[at[k - 1]]) k++;
  return k;
}

static Word spell(const SubwordSampler *s, const int32_t *at, int n, Arena *scratch) {
  size_t n_bytes = 0;
  for (int i = 0; i < n; i++) n_bytes += strlen(vocab_token(s->vocab, at[i]));
  char *text = arena_alloc(scratch, n_bytes + 1, 1);
  int *starts = arena_alloc(scratch, n_bytes + 1, sizeof *starts);
  size_t end = 0;
  for (int i = 0; i < n; i++) {
    size_t k = strlen(vocab_token(s->vocab, at[i]));
    memcpy(text + end, vocab_token(s->vocab, at[i]), k);
    end += k;
  }
  int n_scalars = 0;
  for (size_t i = 0; i < end; i++)
    if (((unsigned char)text[i] & 0xC0) != 0x80) starts[n_scalars++] = (int)i;
  starts[n_scalars] = (int)end;
  return (Word){text, n_scalars, starts};
}

static bool all_known(const int32_t *ids, int n) {
  for (int i = 0; i < n; i++)
    if (ids[i] == ID_UNK) return false;
  return n > 0;
}

/* One word; where the model has no piece for one of its scalars alone, it stays as it is. */
static int draw_word(const SubwordSampler *s, const int32_t *at, int n, uint64_t key, Arena *scratch, int32_t *out) {
  if (!s->atomic[at[0]]) {
    Word w = spell(s, at, n, scratch);
    int drawn =
        s->type == SENTENCEPIECE_bpe ? draw_merges(s, &w, key, scratch, out) : draw_segments(s, &w, key, scratch, out);
    if (all_known(out, drawn)) return drawn;
  }
  memcpy(out, at, (size_t)n * sizeof *out);
  return n;
}

int subword_sampler_draw(const SubwordSampler *s, Ids ids, uint64_t key, Arena *scratch, int32_t *out) {
  int n = 0;
  ArenaMark mark = arena_mark(scratch);
  for (int i = 0; i < ids.n;) {
    int k = word_length(s, ids.at + i, ids.n - i);
    n += draw_word(s, ids.at + i, k, rng_subkey(key, (uint64_t)i), scratch, out + n);
    arena_rewind(scratch, mark);
    i += k;
  }
  return n;
}
