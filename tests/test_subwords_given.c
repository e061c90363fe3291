/* Training with subword models made by others: pieces drawn anew, links between words, and through the program. */
#include <check.h>
#include <string.h>

#include "foreign.h"
#include "scratch.h"
#include "session.h"
#include "text/corpus.h"
#include "text/subword_sampler.h"
#include "train/guide.h"

static bool have(void) { return sentencepiece_missing() == NULL; }

/* ---- Drawing and links. */

typedef struct Made {
  Sentencepiece *sp;
  Vocab *vocab;
  SubwordSampler *sampler;
  Arena *arena;
} Made;

static Made make(const char *const *options, double sampling) {
  Err err = {0};
  Tokens pieces = {0};
  Made m = {.sp = foreign_model(foreign_rhyme, options), .arena = arena_new()};
  sentencepiece_pieces(m.sp, &pieces);
  m.vocab = vocab_from_tokens(&pieces, "vocab", &err);
  ck_assert_msg(m.vocab != NULL, "%s", err.text);
  m.sampler = subword_sampler_new(m.sp, m.vocab, sampling);
  tokens_free(&pieces);
  return m;
}

static void unmake(Made *m) {
  subword_sampler_free(m->sampler);
  vocab_free(m->vocab);
  sentencepiece_free(m->sp);
  arena_free(m->arena);
}

/* The atomic pieces among n, and all that they spell. */
static void describe(const Made *m, const int32_t *ids, int n, Str *atoms, Str *text) {
  Tokens pieces = {0};
  str_clear(atoms);
  str_clear(text);
  for (int i = 0; i < n; i++)
    if (sentencepiece_atomic(m->sp, ids[i])) str_addf(atoms, " %d", (int)ids[i]);
  vocab_decode(m->vocab, ids, n, &pieces);
  sentencepiece_join(m->sp, &pieces, text, NULL);
  tokens_free(&pieces);
}

/* Bytes and symbols of the user stay; what else is drawn spells the same, now and then in another way; and a unigram
 * model with such pieces, whose scores are 0, is drawn from as one: with a high power, its best spelling. */
START_TEST(atomic_pieces_stay) {
  if (!have()) return;
  enum { MOST = 300 };
  const char *line = "that <ph>rat<ph> \u20AC is [X]built <0x41> \u00E9\u00A5the house";
  Made m = make(foreign_atoms[_i], 0.3), sure = make(foreign_atoms[_i], _i == 0 ? 1e6 : 1e-300);
  int32_t ids[MOST], drawn[MOST];
  Tokens pieces = {0};
  Str atoms = {0}, text = {0}, got_atoms = {0}, got = {0};
  sentencepiece_split(m.sp, line, strlen(line), &pieces);
  vocab_encode(m.vocab, &pieces, ids);
  describe(&m, ids, pieces.n, &atoms, &text);
  ck_assert_str_eq(str_text(&text), line);
  ck_assert_uint_gt(atoms.n, 10);
  int other = 0;
  for (uint64_t key = 0; key < 100; key++) {
    Ids all = {ids, pieces.n};
    int room = subword_sampler_room(m.sampler, all), n = subword_sampler_draw(m.sampler, all, key, m.arena, drawn);
    ck_assert(n <= room && room <= MOST);
    describe(&m, drawn, n, &got_atoms, &got);
    ck_assert_str_eq(str_text(&got), line);
    ck_assert_str_eq(str_text(&got_atoms), str_text(&atoms));
    other += n != pieces.n || memcmp(drawn, ids, (size_t)n * sizeof *ids) != 0;
    n = subword_sampler_draw(sure.sampler, all, key, m.arena, drawn);
    ck_assert_int_eq(n, pieces.n);
    ck_assert_mem_eq(drawn, ids, (size_t)n * sizeof *ids);
  }
  ck_assert_int_gt(other, 30);
  tokens_free(&pieces);
  str_free(&atoms);
  str_free(&text);
  str_free(&got_atoms);
  str_free(&got);
  unmake(&m);
  unmake(&sure);
}
END_TEST

/* What is spelled like the piece of a byte or of a control symbol is text, and is never drawn as that piece. */
START_TEST(text_like_atomic_pieces) {
  if (!have()) return;
  enum { MOST = 100 };
  static const char *const lines[] = {"<0x41> is <2fr> a", "x a < 0 4 1 > 2 f r", NULL};
  static const char *const options[] = {"model_type", "unigram",         "vocab_size", "300", "byte_fallback",
                                        "true",       "control_symbols", "<2fr>",      NULL};
  Err err = {0};
  Tokens pieces = {0}, split = {0};
  Made m = {.sp = foreign_model(lines, options), .arena = arena_new()};
  int32_t ids[MOST], drawn[MOST];
  Str text = {0}, atoms = {0};
  sentencepiece_pieces(m.sp, &pieces);
  m.vocab = vocab_from_tokens(&pieces, "vocab", &err);
  m.sampler = subword_sampler_new(m.sp, m.vocab, 0.3);
  sentencepiece_split(m.sp, lines[0], strlen(lines[0]), &split);
  vocab_encode(m.vocab, &split, ids);
  describe(&m, ids, split.n, &atoms, &text);
  ck_assert_str_eq(str_text(&atoms), "");
  for (uint64_t key = 0; key < 200; key++) {
    int n = subword_sampler_draw(m.sampler, (Ids){ids, split.n}, key, m.arena, drawn);
    describe(&m, drawn, n, &atoms, &text);
    ck_assert_str_eq(str_text(&atoms), "");
    ck_assert_str_eq(str_text(&text), lines[0]);
  }
  tokens_free(&pieces);
  tokens_free(&split);
  str_free(&text);
  str_free(&atoms);
  unmake(&m);
}
END_TEST

/* Which positions of the source the pieces of a target word are linked with, as the text of the pieces linked. */
static void linked_text(const Guide *guide, const Made *m, const IdPair *pair, int t, Str *out) {
  const Linked *links = guide_links(guide, 0, pair, m->arena);
  str_clear(out);
  for (int k = 0; k < links[t].n; k++) foreign_strip(out, vocab_token(m->vocab, pair->source.at[links[t].at[k]]));
}

/* Links name words of the texts: a word that the model drops has a place, one that it cuts in two has one. The same for
 * pieces drawn anew, and in models that mark the end of a word. */
START_TEST(links_of_the_words_of_the_text) {
  if (!have()) return;
  enum { MOST = 100 };
  Scratch scratch;
  Err err = {0};
  scratch_open(&scratch);
  Made m = make(_i == 0 ? foreign_nfkc : _i == 1 ? foreign_suffix : foreign_phrases, 0.4);
  Tokenizer *tokenizer = tokenizer_new(TOKENIZER_sentencepiece, false, sentencepiece_copy(m.sp));
  const char *source = _i == 0 ? "the\u00A0malt \u200C cat that" : "malt house cat that";
  const char *want[] = {"cat", "that", _i == 0 ? "themalt" : "malt"};
  const char *links = scratch_text(&scratch, "links", _i == 0 ? "2-0 3-1 0-2 1-0 1-1\n" : "2-0 3-1 0-2\n");
  Guide *guide = guide_open(links, tokenizer, tokenizer, NULL, &err);
  Tokens left = {0}, right = {0};
  int32_t ids[2][MOST], drawn[2][MOST];
  tokenizer_split(tokenizer, source, strlen(source), &left);
  tokenizer_split(tokenizer, "rat ate built", 13, &right);
  ck_assert_msg(guide_take(guide, &(CorpusPair){1, &left, &right, true}, &err), "%s", err.text);
  ck_assert_msg(guide_end(guide, &(CorpusStats){.n_lines = 1}, m.vocab, m.vocab, &err), "%s", err.text);
  vocab_encode(m.vocab, &left, ids[0]);
  vocab_encode(m.vocab, &right, ids[1]);
  Str got = {0};
  for (uint64_t key = 0; key < 50; key++) {
    IdPair pair = {{drawn[0], 0}, {drawn[1], 0}};
    pair.source.n = subword_sampler_draw(m.sampler, (Ids){ids[0], left.n}, key, m.arena, drawn[0]);
    pair.target.n = subword_sampler_draw(m.sampler, (Ids){ids[1], right.n}, key, m.arena, drawn[1]);
    Tokens pieces = {0};
    Str text = {0};
    Words words = {0};
    vocab_decode(m.vocab, drawn[1], pair.target.n, &pieces);
    sentencepiece_join(m.sp, &pieces, &text, &words);
    for (int t = 0; t < pair.target.n; t++) {
      linked_text(guide, &m, &pair, t, &got);
      for (int w = words.spans[t].first; w <= words.spans[t].last; w++)
        ck_assert_msg(strstr(str_text(&got), want[w]) != NULL, "%s lacks %s", str_text(&got), want[w]);
      if (_i < 2) ck_assert_str_eq(str_text(&got), want[words.spans[t].first]);
    }
    words_free(&words);
    tokens_free(&pieces);
    str_free(&text);
  }
  str_free(&got);
  tokens_free(&left);
  tokens_free(&right);
  guide_free(guide);
  tokenizer_free(tokenizer);
  unmake(&m);
  scratch_close(&scratch);
}
END_TEST

/* ---- Through the program. */

static void expect(const char *folder, const char *line, const char *words) {
  Ran ran = session_run(folder, line);
  ck_assert_msg(ran.status == 0, "%s: %s", line, str_text(&ran.said));
  ck_assert_msg(strstr(str_text(&ran.out), words) != NULL, "%s gave\n%s", line, str_text(&ran.out));
  session_end(&ran);
}

static void expect_failure(const char *folder, const char *line, int status, const char *words) {
  Ran ran = session_run(folder, line);
  ck_assert_int_eq(ran.status, status);
  ck_assert_msg(strstr(str_text(&ran.said), words) != NULL, "%s said\n%s", line, str_text(&ran.said));
  session_end(&ran);
}

static const char *const chars[] = {"model_type", "char", "vocab_size", "60", NULL};

/* A model with bytes and default specials learns to copy: its output is text again, a link's words those of the text.
 * The copy of a line is each time what 400 epochs over it teach. */
START_TEST(trained_with_bytes) {
  if (!have()) return;
  Scratch scratch;
  Str bytes = {0};
  scratch_open(&scratch);
  const char *folder = str_text(&scratch.folder);
  foreign_bytes(foreign_rhyme, foreign_atoms[0], &bytes);
  (void)scratch_bytes(&scratch, "bytes.model", bytes.at, bytes.n);
  (void)scratch_text(&scratch, "t", "rat \u20AC <ph>cat\nthe \u65E5 malt\n");
  (void)scratch_text(&scratch, "c.json",
                     "{\"data\":{\"train\":{\"source\":\"t\",\"target\":\"t\"},\"valid\":{\"source\":\"t\",\"target\":"
                     "\"t\"}},\"vocab\":{\"source\":{\"tokenizer\":\"sentencepiece\",\"file\":\"bytes.model\"},"
                     "\"target\":{\"tokenizer\":\"sentencepiece\",\"file\":\"bytes.model\"}},\"model\":{\"embedding\":"
                     "32,\"dropout\":0,\"encoder\":{\"hidden\":32},\"decoder\":{\"hidden\":64}},\"train\":{\"model\":"
                     "\"m.safetensors\",\"epochs\":400,\"metric\":\"accuracy\",\"early_stop\":0,\"threads\":1,"
                     "\"schedule\":{\"type\":\"constant\"},\"optimizer\":{\"lr\":0.005}}}");
  session_must(folder, "$A train c.json --quiet --log log");
  expect(folder, "$A translate -m m.safetensors --alignments l.txt < t", "rat \u20AC <ph>cat\nthe \u65E5 malt\n");
  expect(folder, "tr ' ' '\\n' < l.txt | sed 's/.*-//' | sort -un | tail -1", "2\n");
  expect(folder, "$A translate -m m.safetensors --format jsonl --alignment-units word < t",
         "\"target\":[\"rat\",\"\u20AC\",\"<ph>cat\",\"</s>\"],\"text\":\"rat \u20AC <ph>cat\"");
  expect(folder, "$A translate -m m.safetensors --n-best 2 < t", "0 ||| rat \u20AC <ph>cat |||");
  expect(folder, "grep '\"valid\"' log | tail -1", "\"metric\":\"accuracy\",\"value\":100");
#define SET " --set vocab.source.file="
  (void)scratch_text(&scratch, "v", "<unk>\t0\n\u2581the\t-2\n");
  expect_failure(
      folder, "$A train c.json --set train.model=n.safetensors" SET "v", 1,
      "v: not a SentencePiece model, but text; beside a list of pieces (.vocab) there is a .model file: name that");
  str_clear(&bytes);
  foreign_bytes(foreign_rhyme, chars, &bytes);
  (void)scratch_bytes(&scratch, "char.model", bytes.at, bytes.n);
  expect_failure(folder,
                 "$A train c.json --set train.model=n.safetensors --set vocab.source.sampling=0.1" SET "char.model", 2,
                 "vocab.source.sampling is 0.1, but the subword model is of type \"char\"");
  str_free(&bytes);
  scratch_close(&scratch);
}
END_TEST

Suite *test_subwords_given(void);
Suite *test_subwords_given(void) {
  Suite *s = suite_create("subwords_given");
  TCase *t = tcase_create("subwords_given");
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, atomic_pieces_stay, 0, 2);
  tcase_add_test(t, text_like_atomic_pieces);
  tcase_add_loop_test(t, links_of_the_words_of_the_text, 0, 3);
  tcase_add_test(t, trained_with_bytes);
  suite_add_tcase(s, t);
  return s;
}
