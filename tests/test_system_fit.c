/* Texts that do not fit the model they are given to: every command says so. */
#include <check.h>
#include <string.h>

#include "scratch.h"
#include "session.h"
#include "text/sentencepiece.h"

static Scratch scratch;

/* Source words of the letters a to h, target words of i to p: languages with nothing in common. */
#define LANGUAGES                                                                                            \
  "set -e; for f in t v; do sed 'y/abcdefgh/ijklmnop/' $f.tgt > $f.far; done; TRAIN='$A train c.json --set " \
  "data.train.target=t.far --set data.valid.target=v.far --set train.epochs=1'; "

#define PIECES                                                                             \
  "--set vocab.source.tokenizer=sentencepiece --set vocab.target.tokenizer=sentencepiece " \
  "--set vocab.source.size=20 --set vocab.target.size=20"
static const char *const tokenizers[] = {"", "--set vocab.source.tokenizer=char --set vocab.target.tokenizer=char",
                                         PIECES, "--set vocab.target.tokenizer=char"};
enum { N_TRIED = sizeof tokenizers / sizeof *tokenizers };

static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(str_text(&scratch.folder));
}

static void tear_down(void) { scratch_close(&scratch); }

static const char *folder(void) { return str_text(&scratch.folder); }

static bool can(const char *options) {
  return strstr(options, "sentencepiece") == NULL || sentencepiece_missing() == NULL;
}

/* Trains with the tokenizers, then runs line; M is `-m` and the model. */
static void must(const char *options, const char *line) {
  Str text = {0};
  str_addf(&text,
           LANGUAGES "M='-m out/m.safetensors'; eval \"$TRAIN %s\" 2> said; test $(grep -c warning said) = 0; %s",
           options, line);
  session_must(folder(), str_text(&text));
  str_free(&text);
}

START_TEST(sides_are_exchanged) {
  if (!can(tokenizers[_i])) return;
  must(tokenizers[_i],
       "$A translate $M < v.far 2> said > o; grep -q 'standard input: .*: is the text in the target language?' said; "
       "$A score $M v.far v.src 2> said > o; grep -q 'v.far and v.src: .* are source and target exchanged?' said; "
       "test $(grep -c 'tokens' said) = 1; "
       "awk '{print NR - 1 \" ||| \" $0 \" ||| F0= 0 ||| 0\"}' v.src > list; $A score $M --n-best list v.far 2> said > "
       "o; "
       "grep -q 'v.far and list: .* are source and target exchanged?' said; "
       "$A shortlist $M -o list v.far v.src 2> said; grep -q 'v.far and v.src: .* are source and target exchanged?' "
       "said; "
       "eval \"$TRAIN --set data.valid.source=v.far --set data.valid.target=v.src --set train.model=o.safetensors\" 2> "
       "said; "
       "grep -q 'the validation source and the validation target: .*exchanged?' said");
}
END_TEST

START_TEST(sides_are_right) {
  if (!can(tokenizers[_i])) return;
  must(tokenizers[_i],
       "$A translate $M --max-length-ratio 9 < v.src 2> said > o; ! grep -q 'language' said; "
       "$A score $M v.src v.far 2> said > o; ! grep -q warning said; "
       "$A shortlist $M -o list v.src v.far 2> said; ! grep -q warning said");
}
END_TEST

/* Another text, and another case: named by the file that it is in. */
START_TEST(a_side_is_unknown) {
  must("",
       "tr a-h r-y < v.src > odd; tr i-p I-P < v.far > upper; "
       "$A score $M odd v.far 2> said > o; test $(grep -c warning said) = 1; "
       "grep -q 'odd: 100 % of the tokens are unknown to the model: is the text in the source language' said; "
       "$A shortlist $M -o list odd v.far 2> said; grep -q 'odd: 100 % of the tokens are unknown' said; "
       "$A score $M v.src upper 2> said > o; test $(grep -c warning said) = 1; "
       "grep -q 'upper: 100 % of the tokens .* known in lower case: .*(vocab.target.lowercase)' said; "
       "tr a-h A-H < v.src | $A translate $M 2> said > o; "
       "grep -q 'standard input: 100 % of the tokens .*(vocab.source.lowercase)' said; "
       "sed -E 's/([a-h]) ([a-h])/\"\\1 \\2./g' v.src | $A translate $M 2> said > o; "
       "grep -q 'are known without the punctuation attached to them: is the text split as the training text?$' said; "
       "sed -E 's/([a-h]) ([a-h])/\\U\\1 \\E\\2./g' v.src | $A translate $M 2> said > o; "
       "grep -q 'in lower case or without the punctuation .*: is the text split and cased as the training text? (v' "
       "said; "
       "sed 's/[a-h]/\\U&,/g' v.src | $A translate $M 2> said > o; grep -q 'known without the punctuation' said");
}
END_TEST

Suite *test_system_fit(void);
Suite *test_system_fit(void) {
  Suite *s = suite_create("system: fit");
  TCase *t = tcase_create("system: fit");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 300);
  tcase_add_loop_test(t, sides_are_exchanged, 0, N_TRIED);
  tcase_add_loop_test(t, sides_are_right, 0, N_TRIED);
  tcase_add_test(t, a_side_is_unknown);
  suite_add_tcase(s, t);
  return s;
}
