/* Drawn segmentations: against the library's best ones, against enumeration, and by hand. */
#include "text/subword_sampler.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "scratch.h"
#include "text/corpus.h"
#include "text/subwords.h"

enum { MOST = 200 };

static bool have(void) { return sentencepiece_missing() == NULL; }

/* A model of some text and what goes with it. */
typedef struct Made {
  Tokenizer *tokenizer;
  Vocab *vocab;
  SubwordSampler *sampler;
  Arena *arena;
} Made;

static bool next(void *ctx, const char **line, size_t *n) {
  const char *const **at = ctx;
  if (**at == NULL) return false;
  *line = *(*at)++;
  *n = strlen(*line);
  return true;
}

static Made make(const char *const *lines, SentencepieceType type, int size, double sampling) {
  Err err = {0};
  Tokens pieces = {0};
  Sentencepiece *sp = sentencepiece_learn((SentencepieceText){next, &lines}, type, size, "vocab.source", &err);
  ck_assert_msg(sp != NULL, "%s", err.text);
  sentencepiece_pieces(sp, &pieces);
  Made m = {.vocab = vocab_from_tokens(&pieces, "vocab", &err), .arena = arena_new()};
  ck_assert_int_eq(sentencepiece_type(sp), type);
  m.sampler = subword_sampler_new(sp, m.vocab, sampling);
  m.tokenizer = tokenizer_new(TOKENIZER_sentencepiece, false, sp);
  tokens_free(&pieces);
  return m;
}

static void unmake(Made *m) {
  subword_sampler_free(m->sampler);
  vocab_free(m->vocab);
  tokenizer_free(m->tokenizer);
  arena_free(m->arena);
}

static Ids best(const Made *m, const char *text, int32_t ids[MOST]) {
  Tokens pieces = {0};
  tokenizer_split(m->tokenizer, text, strlen(text), &pieces);
  ck_assert_int_le(pieces.n, MOST);
  vocab_encode(m->vocab, &pieces, ids);
  Ids got = {ids, pieces.n};
  tokens_free(&pieces);
  return got;
}

static Ids draw(const Made *m, Ids ids, uint64_t key, int32_t out[MOST]) {
  ck_assert_int_le(subword_sampler_room(m->sampler, ids), MOST);
  int n = subword_sampler_draw(m->sampler, ids, key, m->arena, out);
  ck_assert_int_le(n, subword_sampler_room(m->sampler, ids));
  return (Ids){out, n};
}

/* The pieces joined by '|'. */
static void spell(const Made *m, Ids ids, Str *out) {
  str_clear(out);
  for (int i = 0; i < ids.n; i++) str_addf(out, "%s%s", i > 0 ? "|" : "", vocab_token(m->vocab, ids.at[i]));
}

static const char *const rhyme[] = {"the house that jack built",
                                    "this is the malt that lay in the house that jack built",
                                    "this is the rat that ate the malt that lay in the house",
                                    "this is the cat that killed the rat that ate the malt",
                                    "this is the dog that worried the cat that killed the rat",
                                    "this is the cow with the crumpled horn that tossed the dog",
                                    "\u65E5\u672C\u8A9E\u65E5\u672C \u672C\u8A9E\u672C\u65E5",
                                    NULL};

/* Leaving out no merge is the library's own way; so is a unigram model that is sure. */
START_TEST(no_choice_gives_the_best) {
  if (!have()) return;
  Made m = make(rhyme, _i == 0 ? SENTENCEPIECE_bpe : SENTENCEPIECE_unigram, 0, _i == 0 ? 1e-300 : 1e6);
  for (int i = 0; rhyme[i] != NULL; i++) {
    int32_t a[MOST], b[MOST];
    Str want = {0}, got = {0};
    Ids ids = best(&m, rhyme[i], a);
    spell(&m, ids, &want);
    spell(&m, draw(&m, ids, (uint64_t)i, b), &got);
    ck_assert_str_eq(str_text(&got), str_text(&want));
    str_free(&want);
    str_free(&got);
  }
  unmake(&m);
}
END_TEST

/* Whatever is drawn spells the same; the same key draws the same, other keys now and then something else. */
START_TEST(same_text_many_ways) {
  if (!have()) return;
  Made m = make(rhyme, _i == 0 ? SENTENCEPIECE_bpe : SENTENCEPIECE_unigram, 0, 0.3);
  int other = 0;
  for (int i = 0; i < 300; i++) {
    int32_t a[MOST], b[MOST], c[MOST];
    Tokens pieces = {0};
    Str text = {0};
    Ids ids = best(&m, rhyme[i % 7], a), drawn = draw(&m, ids, (uint64_t)i, b), again = draw(&m, ids, (uint64_t)i, c);
    ck_assert_int_eq(drawn.n, again.n);
    ck_assert_mem_eq(b, c, (size_t)drawn.n * sizeof *b);
    other += drawn.n != ids.n || memcmp(a, b, (size_t)ids.n * sizeof *a) != 0;
    vocab_decode(m.vocab, drawn.at, drawn.n, &pieces);
    tokenizer_join(m.tokenizer, &pieces, &text);
    ck_assert_str_eq(str_text(&text), rhyme[i % 7]);
    tokens_free(&pieces);
    str_free(&text);
  }
  ck_assert_int_gt(other, 200);
  unmake(&m);
}
END_TEST

START_TEST(unknown_stays) {
  if (!have()) return;
  Made m = make(rhyme, _i == 0 ? SENTENCEPIECE_bpe : SENTENCEPIECE_unigram, 0, 0.5);
  int32_t a[MOST], b[MOST];
  Ids ids = best(&m, "the \u00E9\u00E8 rat\u00FFcat \u00E9", a);
  for (int i = 0; i < 50; i++) {
    Ids drawn = draw(&m, ids, (uint64_t)i, b);
    int n = 0;
    for (int k = 0; k < drawn.n; k++) n += drawn.at[k] == ID_UNK;
    ck_assert_int_eq(n, 3);
    ck_assert_int_eq(drawn.at[drawn.n - 1], ID_UNK);
  }
  ck_assert_int_eq(draw(&m, (Ids){a, 0}, 1, b).n, 0);
  unmake(&m);
}
END_TEST

/* Sum over the segmentations of text[at..) of exp(alpha * score of its pieces). */
static double total(const Made *m, const char *text, double alpha) {
  double sum = 0;
  size_t n = strlen(text);
  if (n == 0) return 1;
  for (size_t k = 1; k <= n; k++) {
    int32_t id = vocab_id(m->vocab, text, k);
    if (id != ID_UNK)
      sum += exp(alpha * (double)sentencepiece_score(tokenizer_model(m->tokenizer), id)) * total(m, text + k, alpha);
  }
  return sum;
}

/* Probability that the text is spelled like the pieces. */
static double probability(const Made *m, Ids ids, double alpha) {
  Str text = {0};
  double logp = 0;
  for (int i = 0; i < ids.n; i++) {
    str_adds(&text, vocab_token(m->vocab, ids.at[i]));
    logp += alpha * (double)sentencepiece_score(tokenizer_model(m->tokenizer), ids.at[i]);
  }
  double p = exp(logp) / total(m, str_text(&text), alpha);
  str_free(&text);
  return p;
}

/* As often as p^alpha says, over all segmentations: each seen one within 5 standard deviations, and their
 * probabilities sum to nearly 1. */
START_TEST(unigram_draws_by_probability) {
  static const char *const lines[] = {"aab aab abb ab ab abab baab", "aab ab ab aabb abab", "ba baa aab", NULL};
  enum { DRAWS = 4000, WAYS = 100 };
  if (!have()) return;
  Made m = make(lines, SENTENCEPIECE_unigram, 0, 0.4);
  int32_t a[MOST], b[MOST];
  int seen[WAYS] = {0}, n_ways = 0;
  double p[WAYS], sum = 0;
  StrMap ways = {0};
  Ids ids = best(&m, "abab", a);
  for (int i = 0; i < DRAWS; i++) {
    Str name = {0};
    Ids drawn = draw(&m, ids, rng_key(1, RNG_TEST, (uint64_t)i, 0), b);
    spell(&m, drawn, &name);
    int *way = strmap_at(&ways, name.at, name.n);
    if (*way == 0) {
      p[n_ways] = probability(&m, drawn, 0.4);
      *way = ++n_ways;
    }
    seen[*way - 1]++;
    str_free(&name);
  }
  ck_assert_int_ge(n_ways, 4);
  for (int k = 0; k < n_ways; k++) {
    sum += p[k];
    ck_assert_double_le(fabs(seen[k] - DRAWS * p[k]), 5 * sqrt(DRAWS * p[k] * (1 - p[k])) + 1);
  }
  ck_assert_double_ge(sum, 0.99);
  strmap_free(&ways);
  unmake(&m);
}
END_TEST

/* Of U+2581, x, a, b only a and b can be merged, which is left out with p: three pieces with 1 - p, else four. */
START_TEST(bpe_leaves_out_merges) {
  static const char *const lines[] = {"xab yab zab ab", "qab wab", NULL};
  enum { DRAWS = 20000 };
  if (!have()) return;
  Made m = make(lines, SENTENCEPIECE_bpe, 13, 0.25); /* U+2581 a b q w x y z, ab, and the specials */
  int32_t a[MOST], b[MOST];
  int merged = 0;
  ck_assert_int_ne(vocab_id(m.vocab, "ab", 2), ID_UNK);
  Ids ids = best(&m, "xab", a);
  ck_assert_int_eq(ids.n, 3);
  for (int i = 0; i < DRAWS; i++) merged += draw(&m, ids, rng_key(2, RNG_TEST, (uint64_t)i, 0), b).n == 3;
  ck_assert_double_le(fabs(merged - 0.75 * DRAWS), 5 * sqrt(DRAWS * 0.75 * 0.25));
  unmake(&m);
}
END_TEST

/* ---- In a corpus. */

static Corpus *load(const Made *m, Scratch *scratch) {
  Str text = {0};
  Err err = {0};
  for (int i = 0; i < 70; i++) str_addf(&text, "%s\n", rhyme[i % 7]);
  PairFiles files = {.source = scratch_text(scratch, "s", str_text(&text)),
                     .target = scratch_text(scratch, "t", str_text(&text))};
  CorpusOptions options = {.source = m->tokenizer, .target = m->tokenizer};
  Corpus *corpus = corpus_load(&files, &options, m->vocab, m->vocab, &err);
  ck_assert_msg(corpus != NULL, "%s", err.text);
  str_free(&text);
  return corpus;
}

static void all_ids(const Corpus *corpus, Str *out) {
  str_clear(out);
  for (int i = 0; i < corpus_size(corpus); i++) {
    IdPair pair = corpus_pair(corpus, i);
    ck_assert_int_eq(pair.source.n, (int)corpus_lengths(corpus)[i].source);
    ck_assert_int_eq(pair.target.n, (int)corpus_lengths(corpus)[i].target);
    for (int k = 0; k < pair.source.n; k++) str_addf(out, "%d ", (int)pair.source.at[k]);
    for (int k = 0; k < pair.target.n; k++) str_addf(out, "%d ", (int)pair.target.at[k]);
    str_addc(out, '\n');
  }
}

START_TEST(corpus_any_threads) {
  if (!have()) return;
  Scratch scratch;
  Str base = {0}, first = {0}, got = {0};
  scratch_open(&scratch);
  Made m = make(rhyme, SENTENCEPIECE_unigram, 0, 0.3);
  Corpus *corpus = load(&m, &scratch);
  all_ids(corpus, &base);
  corpus = corpus_sampled(corpus, &(CorpusSampling){.source = m.sampler, .target = m.sampler, .seed = 3});
  all_ids(corpus, &got);
  ck_assert_str_eq(str_text(&got), str_text(&base));
  for (int threads = 1; threads <= 3; threads++) {
    Pool *pool = pool_new(threads);
    corpus_draw(corpus, pool, 2);
    all_ids(corpus, threads == 1 ? &first : &got);
    if (threads > 1) ck_assert_str_eq(str_text(&got), str_text(&first));
    ck_assert_str_ne(str_text(&first), str_text(&base));
    corpus_draw(corpus, pool, 3);
    all_ids(corpus, &got);
    ck_assert_str_ne(str_text(&got), str_text(&first));
    pool_free(pool);
  }
  corpus_free(corpus);
  unmake(&m);
  scratch_close(&scratch);
  str_free(&base);
  str_free(&first);
  str_free(&got);
}
END_TEST

/* One side alone; never over the limit. */
START_TEST(corpus_one_side_and_limits) {
  if (!have()) return;
  Scratch scratch;
  scratch_open(&scratch);
  Made m = make(rhyme, SENTENCEPIECE_bpe, 0, 0.5);
  Corpus *plain = load(&m, &scratch), *corpus = load(&m, &scratch);
  Pool *pool = pool_new(2);
  int same = 0, longer = 0;
  corpus = corpus_sampled(corpus, &(CorpusSampling){.target = m.sampler, .max_target = 20, .seed = 3});
  corpus_draw(corpus, pool, 1);
  for (int i = 0; i < corpus_size(corpus); i++) {
    IdPair a = corpus_pair(plain, i), b = corpus_pair(corpus, i);
    ck_assert_int_eq(a.source.n, b.source.n);
    ck_assert_mem_eq(a.source.at, b.source.at, (size_t)a.source.n * sizeof *a.source.at);
    ck_assert_int_le(b.target.n, 20);
    same += b.target.n == a.target.n;
    longer += b.target.n > a.target.n;
  }
  ck_assert_int_gt(same, 10);
  ck_assert_int_gt(longer, 10);
  corpus_draw(plain, pool, 1); /* nothing to draw */
  pool_free(pool);
  corpus_free(plain);
  corpus_free(corpus);
  unmake(&m);
  scratch_close(&scratch);
}
END_TEST

Suite *test_subword_sampler(void);
Suite *test_subword_sampler(void) {
  Suite *s = suite_create("subword_sampler");
  TCase *t = tcase_create("subword_sampler");
  tcase_add_loop_test(t, no_choice_gives_the_best, 0, 2);
  tcase_add_loop_test(t, same_text_many_ways, 0, 2);
  tcase_add_loop_test(t, unknown_stays, 0, 2);
  tcase_add_test(t, unigram_draws_by_probability);
  tcase_add_test(t, bpe_leaves_out_merges);
  tcase_add_test(t, corpus_any_threads);
  tcase_add_test(t, corpus_one_side_and_limits);
  suite_add_tcase(s, t);
  return s;
}
