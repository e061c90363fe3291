/* Subwords through the program: raw text in, raw text out. In a build without the library: that it says so. */
#include <check.h>
#include <string.h>

#include "scratch.h"
#include "session.h"
#include "text/sentencepiece.h"

#define PIECES                                                                             \
  " --set vocab.source.tokenizer=sentencepiece --set vocab.target.tokenizer=sentencepiece" \
  " --set vocab.source.size=40 --set vocab.target.size=60 --set vocab.target.model_type=unigram"
#define SMALL                                                                                               \
  " --set model.embedding=8 --set model.encoder.hidden=8 --set model.decoder.hidden=8 --set train.epochs=4" \
  " --set train.optimizer.lr=0.01 --set train.metric=loss --set train.model=out/m.safetensors"
#define TRAIN "$A train d/config.json --quiet" SMALL PIECES

static Scratch scratch;
static const char *folder;

static void set_up(void) {
  scratch_open(&scratch);
  folder = str_text(&scratch.folder);
  session_must(folder, "$A toy numbers-en d --n 300");
}

static void tear_down(void) { scratch_close(&scratch); }

static bool have(void) { return sentencepiece_missing() == NULL; }

static void expect(const char *line, const char *words) {
  Ran ran = session_run(folder, line);
  ck_assert_msg(ran.status == 0, "%s: %s", line, str_text(&ran.said));
  ck_assert_msg(strstr(str_text(&ran.out), words) != NULL, "%s gave\n%s", line, str_text(&ran.out));
  session_end(&ran);
}

static void expect_failure(const char *line, int status, const char *words) {
  Ran ran = session_run(folder, line);
  ck_assert_int_eq(ran.status, status);
  ck_assert_msg(strstr(str_text(&ran.said), words) != NULL, "%s said\n%s", line, str_text(&ran.said));
  session_end(&ran);
}

/* Tokens drawn anew in every epoch: the same for any threads, and after going on. */
START_TEST(sampled) {
  if (!have()) return;
#define SAMPLING " --set vocab.source.sampling=0.2 --set vocab.target.sampling=0.4 --set train.validate_every=3"
  session_must(folder, TRAIN " --set train.threads=1 && mv out plain");
  session_must(folder, TRAIN SAMPLING " --set train.threads=1 && mv out whole");
  session_must(folder, TRAIN SAMPLING " --set train.threads=3 --set train.updates=3 && " TRAIN SAMPLING " --resume");
  session_same(folder, "out/m.safetensors", "whole/m.safetensors");
  session_same(folder, "out/m.state.safetensors", "whole/m.state.safetensors");
  expect("cmp -s whole/m.safetensors plain/m.safetensors || echo differ", "differ");
}
END_TEST

START_TEST(trained_stopped_and_resumed) {
  if (!have()) return;
  session_must(folder, TRAIN " --set train.threads=1 && mv out whole");
  session_must(folder, TRAIN " --set train.threads=3 --set train.epochs=2 && " TRAIN " --resume");
  session_same(folder, "out/m.safetensors", "whole/m.safetensors");
  session_same(folder, "out/m.state.safetensors", "whole/m.state.safetensors");
  expect("$A info out/m.safetensors | tr -s ' '", "\n source.sentencepiece U8 [");
  expect("$A info out/m.safetensors | tr -s ' '", "\n target.sentencepiece U8 [");
  expect("$A info out/m.safetensors | tr -s ' '",
         "\n source 40 entries with the 4 special ones, tokenizer sentencepiece");
  expect("$A translate -m out/m.safetensors < d/test.src | wc -l | tr -d ' '", "100\n");
  expect("$A translate -m out/m.safetensors < d/test.src | grep -c '\u2581' || true", "0\n");
  expect("head -3 d/test.src >s; head -3 d/test.tgt >t; $A score -m out/m.safetensors s t | wc -l", "3");
  expect("$A translate -m out/m.safetensors -m whole/m.safetensors < s | wc -l", "3");
  expect("$A average -o mean out/m.safetensors whole/m.safetensors && $A info mean", "target.sentencepiece");
}
END_TEST

/* The model to start from brings its subwords, whatever the text is. */
START_TEST(fine_tuned) {
  if (!have()) return;
#define KINDS                                                                              \
  " --set vocab.source.tokenizer=sentencepiece --set vocab.target.tokenizer=sentencepiece" \
  " --set vocab.target.model_type=unigram --set data.train.source=d/test.src --set data.train.target=d/test.tgt"
  session_must(folder, TRAIN " && mv out base");
  session_must(folder, "$A train d/config.json --quiet" SMALL KINDS
                       " --set train.start_from=base/m.safetensors --set train.optimizer.lr=1e-30"
                       " --set train.updates=1");
  session_must(folder, "for m in out base; do $A score -m $m/m.safetensors d/valid.src d/valid.tgt > $m.score; done");
  session_same(folder, "out.score", "base.score");
}
END_TEST

/* Words by default in links, tokens elsewhere; and the other way round. */
START_TEST(units_of_alignments) {
  if (!have()) return;
  session_must(folder, TRAIN " --set train.epochs=1");
  session_must(folder, "printf '1234 56\\n' >s; printf 'one hundred\\n' >t");
#define SCORE "$A score -m out/m.safetensors s t --alignments "
  session_must(folder, SCORE "a.csv >o && " SCORE "w.csv --alignment-units word >o");
  expect("cut -d, -f5 w.csv | sort -u | tr '\\n' ' '", "1234 56 </s> source_token ");
  expect("cut -d, -f3 w.csv | sort -u | tr '\\n' ' '", "</s> hundred one target_token ");
  expect("grep -c '\u2581' a.csv", "");
  session_must(folder, SCORE "a.txt >o && " SCORE "w.txt --alignment-units word >o && " SCORE
                             "p.txt --alignment-units token >o && cmp a.txt w.txt && ! cmp -s a.txt p.txt");
  expect("$A score -m out/m.safetensors s t --format jsonl --alignment-units word",
         "\"source\":[\"1234\",\"56\",\"</s>\"],\"target\":[\"one\",\"hundred\",\"</s>\"],");
}
END_TEST

/* A target vocabulary of one word leaves nothing but <unk> to say. */
START_TEST(unknown_words_replaced) {
  session_must(folder, "$A toy en-fr e --n 200 && $A train e/config.json --quiet" SMALL
                       " --set train.epochs=3 --set vocab.target.size=5 && printf 'Xylo sees the moon\\n' >s");
#define FIRST "head -1 s | $A translate -m out/m.safetensors "
  expect(FIRST, "<unk>");
  expect(FIRST "--replace-unknown | grep -c '<unk>' || true", "0\n");
  expect("printf 'Xylo\\tWort\\nsees\\tWort\\nthe\\tWort\\nmoon\\tWort\\n' >d.tsv; " FIRST "--replace-unknown d.tsv",
         "Wort");
  expect(FIRST "--replace-unknown=d.tsv --format jsonl", "\"Wort\"");
  expect_failure(FIRST "--replace-unknown s", 1, "s:1: 0 tabs");
  expect_failure(FIRST "--replace-unknown none.tsv", 1, "none.tsv: cannot open");
}
END_TEST

/* One model for both sides is stored once. */
START_TEST(shared_model) {
  if (!have()) return;
  session_must(folder, TRAIN
               " --set vocab.shared=true --set vocab.source.size=60 --set vocab.source.model_type=unigram "
               "--set train.epochs=1");
  expect("$A info out/m.safetensors | tr -s ' '", "\n source.sentencepiece U8 [");
  expect("$A info out/m.safetensors | grep -c '^  target.sentencepiece' || true", "0\n");
  expect("$A translate -m out/m.safetensors < d/test.src | wc -l", "100");
}
END_TEST

START_TEST(what_can_go_wrong) {
  if (!have()) return;
  expect_failure(TRAIN " --set vocab.source.size=9000", 2,
                 "vocab.source.size is 9000, but the training text gives at most ");
  expect_failure(TRAIN " --set vocab.target.size=6", 2,
                 "vocab.target.size is 6, but the characters of the training text");
  expect_failure(TRAIN " --set vocab.source.min_count=2", 2, "vocab.source.min_count is 2, but the pieces of");
  expect_failure(TRAIN " --set vocab.source.sampling=1", 2,
                 "vocab.source.sampling is 1, but of vocab.source.model_type");
  expect_failure("$A train d/config.json --set vocab.source.sampling=0.1", 2,
                 "vocab.source.sampling is 0.1, but only vocab.source.tokenizer \"sentencepiece\"");
  expect_failure(TRAIN " --set vocab.source.file=d/test.src", 1, "d/test.src: not a SentencePiece model, but text");
  session_must(folder, TRAIN " --set train.epochs=1");
  session_must(folder, "sed 's/source.sentencepiece/source.sentencepeace/' out/m.safetensors >bad");
  expect_failure("$A translate -m bad < d/test.src", 1, "bad: unexpected tensor source.sentencepeace");
  session_must(
      folder,
      "sed 's/\\\\\"\u25812\\\\\"/\\\\\"\u2581x\\\\\"/' out/m.safetensors >bad; ! cmp -s out/m.safetensors bad");
  expect_failure("$A translate -m bad < d/test.src", 1,
                 "bad: tensor source.sentencepiece: its pieces are not the vocabulary: damaged");
}
END_TEST

/* The source in capitals is the same to a model that reads it in lower case. */
START_TEST(lower_case) {
  session_must(folder, "$A toy en-fr d --n 200 --overwrite && $A train d/config.json --quiet" SMALL
                       " --set train.epochs=1 --set vocab.source.lowercase=true && head -5 d/test.src >s &&"
                       " tr a-z A-Z <s >S && $A translate -m out/m.safetensors <s >t &&"
                       " $A translate -m out/m.safetensors <S >T");
  session_same(folder, "t", "T");
}
END_TEST

START_TEST(without_the_library) {
  if (have()) return;
  expect_failure(TRAIN, 2,
                 "vocab.source.tokenizer is \"sentencepiece\", but this program was built without the SentencePiece "
                 "library: install it (Debian: libsentencepiece-dev), build again with make, or set "
                 "vocab.source.tokenizer to \"word\" or \"char\"");
}
END_TEST

Suite *test_system_subwords(void);
Suite *test_system_subwords(void) {
  Suite *s = suite_create("system_subwords");
  TCase *t = tcase_create("system_subwords");
  tcase_set_timeout(t, 60);
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, trained_stopped_and_resumed);
  tcase_add_test(t, sampled);
  tcase_add_test(t, fine_tuned);
  tcase_add_test(t, shared_model);
  tcase_add_test(t, units_of_alignments);
  tcase_add_test(t, unknown_words_replaced);
  tcase_add_test(t, what_can_go_wrong);
  tcase_add_test(t, lower_case);
  tcase_add_test(t, without_the_library);
  suite_add_tcase(s, t);
  return s;
}
