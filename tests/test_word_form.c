/* How the words of a text are written, counted by hand. */
#include "text/word_form.h"

#include <check.h>
#include <string.h>

#include "scratch.h"
#include "session.h"
#include "text/sentencepiece.h"

static const struct {
  const char *lines; /* each ends in LF */
  int n_words, n_attached, n_pieces;
  bool unspaced;
  const char *warning, *pieces; /* parts, NULL: none */
} cases[] = {
    {"the cat , he said .\nl' \u00E9t\u00E9 is well-known - don't\n", 12, 0, 0, false, NULL, NULL},
    {"\"Sure.\" Where is the service?\n", 5, 2, 0, false, "punctuation is attached to 40 % of the words of the target",
     NULL},
    {"\u00BFQu\u00E9? \u00ABoui\u00BB 3,5 5. ... a\n", 6, 2, 0, false,
     "punctuation is attached to 33 % of the words of the target", NULL},
    {"the mar@@ ket is lo@@ w\n", 6, 0, 2, false, "made of pieces of words (33 % have the mark @@)",
     "x: made of pieces of words (33 % have the mark @@)"},
    {"\u2581the \u2581mar ket \u2581 is\n", 5, 0, 3, false, "(60 % have the mark \u2581)",
     "(60 % have the mark \u2581)"},
    {"un ##want ##ed # ## a@b @@\n", 7, 0, 2, false, "(29 % have the mark ##)", "(29 % have the mark ##)"},
    {"mar \uFFEDket \uFFED, a\n", 4, 0, 2, false, "(50 % have the mark \uFFED)", "(50 % have the mark \uFFED)"},
    {"\u732B\u304C\u5EAD\u306B\u3044\u307E\u3059\u3002\n\u72AC\u3082\u5EAD\u306B\u3044\u307E\u3059\n", 2, 1, 0, true,
     "the target is written without blanks between words (7.5 characters a word)", NULL},
    {"\u732B \u304C \u5EAD \u306B \u3044 \u307E\u3059 \u3002\n", 7, 0, 0, false, NULL, NULL},
    {"\u0E09\u0E31\u0E19\u0E23\u0E31\u0E01\u0E04\u0E38\u0E13 A\n", 2, 0, 0, false, NULL, NULL},
    {"\u0E09\u0E31\u0E19\u0E23\u0E31\u0E01\u0E04\u0E38\u0E13\u0E21\u0E32\u0E01\n", 1, 0, 0, true, "without blanks",
     NULL},
    {"Donaudampfschiff Windschutzscheibe\n", 2, 0, 0, false, NULL, NULL},
    {"", 0, 0, 0, false, NULL, NULL},
};

static void expect_part(const Str *text, const char *part) {
  if (part == NULL) ck_assert_str_eq(str_text(text), "");
  else ck_assert_msg(strstr(str_text(text), part) != NULL, "%s", str_text(text));
}

START_TEST(counted_by_hand) {
  WordForm form = {0};
  Str warning = {0}, pieces = {0};
  for (const char *line = cases[_i].lines, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
    word_form_add_line(&form, line, (size_t)(end - line));
  ck_assert_int_eq(form.n_words, cases[_i].n_words);
  ck_assert_int_eq(form.n_attached, cases[_i].n_attached);
  ck_assert_int_eq(form.n_pieces, cases[_i].n_pieces);
  ck_assert_int_eq(word_form_unspaced(&form), cases[_i].unspaced);
  word_form_warn(&form, "target", &warning);
  word_form_warn_pieces(&form, "x", &pieces);
  expect_part(&warning, cases[_i].warning);
  expect_part(&pieces, cases[_i].pieces);
  str_free(&warning);
  str_free(&pieces);
}
END_TEST

/* ---- Through the program. */

static Scratch scratch;
static const char *folder;

static void set_up(void) {
  scratch_open(&scratch);
  folder = str_text(&scratch.folder);
}

static void tear_down(void) { scratch_close(&scratch); }

static void expect(const char *line, const char *words, bool said) {
  Ran ran = session_run(folder, line);
  ck_assert_msg(ran.status == 0, "%s: %s", line, str_text(&ran.said));
  ck_assert_msg((strstr(str_text(&ran.said), words) != NULL) == said, "%s said\n%s", line, str_text(&ran.said));
  session_end(&ran);
}

static const char config[] =
    "{\"data\":{\"train\":{\"source\":\"s\",\"target\":\"t\"},\"valid\":{\"source\":\"s\",\"target\":\"t\"}},"
    "\"model\":{\"embedding\":8,\"encoder\":{\"hidden\":8},\"decoder\":{\"hidden\":8}},"
    "\"train\":{\"epochs\":1,\"threads\":1}}";
#define RUN "$A train c.json --set train.model="

START_TEST(said_before_training) {
  (void)scratch_text(&scratch, "s", "\"Sure.\" he said\nwhere is it?\n");
  (void)scratch_text(&scratch, "t", "un@@ til\nlo@@ w er\n");
  (void)scratch_text(&scratch, "c.json", config);
  expect(RUN "1.safetensors", "punctuation is attached to 33 % of the words of the source", true);
  expect(RUN "2.safetensors", "the target is made of pieces of words (40 % have the mark @@)", true);
  expect(RUN "3.safetensors --set vocab.source.tokenizer=char", "punctuation is attached", false);
}
END_TEST

START_TEST(said_of_links) {
  (void)scratch_text(&scratch, "s", "the cat\na dog\n");
  (void)scratch_text(&scratch, "t",
                     "\u732B\u304C\u5EAD\u306B\u3044\u307E\u3059\n\u72AC\u3082\u5EAD\u306B\u3044\u307E\n");
  (void)scratch_text(&scratch, "c.json", config);
  expect(RUN "w.safetensors", "the target is written without blanks between words (6.5 characters a word)", true);
  expect("$A score -m w.safetensors s t --alignments l.txt",
         "the target is written without blanks between words, so "
         "that links are of whole clauses: a model of pieces",
         true);
  expect("$A score -m w.safetensors s t --alignments l.csv", "without blanks", false);
  if (sentencepiece_missing() != NULL) return;
  expect(RUN "p.safetensors --set vocab.target.tokenizer=sentencepiece", "--alignment-units token shows pieces", true);
#define LINKS "$A score -m p.safetensors s t --alignments l.txt"
  expect(LINKS, "--alignment-units token makes them of pieces", true);
  expect(LINKS " --alignment-units token", "without blanks", false);
  (void)scratch_text(&scratch, "s", "the c\u2581at\na dog\n");
  expect(RUN "q.safetensors --set vocab.source.tokenizer=sentencepiece",
         "1 word of the validation source with U+2581, which SentencePiece takes for a space", true);
}
END_TEST

START_TEST(said_of_metrics) {
  (void)scratch_text(&scratch, "h", "the mar@@ ket\n");
  (void)scratch_text(&scratch, "r", "the market\n");
  expect("$A evaluate bleu h r", "h: made of pieces of words (33 % have the mark @@)", true);
  expect("$A evaluate bleu h r", "r: made", false);
  expect("$A evaluate wer r h", "h: made of pieces", true);
  expect("$A evaluate wer r r", "made of pieces", false);
}
END_TEST

START_TEST(bare) {
  static const struct {
    const char *word, *left;
  } words[] = {{"house.", "house"},
               {"(\"Sure\",", "Sure"},
               {"\u00BFQu\u00E9?", "Qu\u00E9"},
               {"3,5", "3,5"},
               {"don't", "don't"},
               {"...", ""},
               {"", ""}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t n = strlen(words[i].word);
    const char *at = word_form_bare(words[i].word, &n);
    ck_assert_uint_eq(n, strlen(words[i].left));
    ck_assert_int_eq(memcmp(at, words[i].left, n), 0);
  }
}
END_TEST

Suite *test_word_form(void);
Suite *test_word_form(void) {
  Suite *s = suite_create("word_form");
  TCase *t = tcase_create("word_form");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_loop_test(t, counted_by_hand, 0, sizeof cases / sizeof *cases);
  tcase_add_test(t, said_before_training);
  tcase_add_test(t, said_of_links);
  tcase_add_test(t, said_of_metrics);
  tcase_add_test(t, bare);
  suite_add_tcase(s, t);
  return s;
}
