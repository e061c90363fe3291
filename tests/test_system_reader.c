/* A reader through the program: trained, resumed, asked, scored, in lists; and what it cannot do. */
#include <check.h>
#include <string.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

#define TRAIN "$A train d/config.json --quiet --set train.epochs=2 "

static void set_up(void) {
  scratch_open(&scratch);
  session_must(scratch.folder.at, "$A toy cloze d --n 600 && " TRAIN "--set train.threads=1 --log log");
}

static void tear_down(void) { scratch_close(&scratch); }

static void must(const char *line) { session_must(scratch.folder.at, line); }

/* One answer a line, of the line's own words; links are of the answer's place; the list of scores is that of `score`.
 */
START_TEST(answers) {
  must(
      "$A translate -m d/model.safetensors < d/test.src > out && test $(wc -l < out) = 100 && "
      "paste -d ' ' out d/test.src | awk '{sub(/ \\|\\|\\|.*/, \"\"); for (i = 2; i <= NF; i++) if ($i == $1) next; "
      "exit 1}'");
  must(
      "$A translate -m d/model.safetensors --alignments links.txt < d/test.src > again && cmp out again && "
      "test $(grep -c -x '[0-9]*-0' links.txt) = 100");
  must("$A translate -m d/model.safetensors --threads 4 --batch-size 7 < d/test.src | cmp - out");
  must(
      "$A translate -m d/model.safetensors --n-best 4 --beam-size 4 < d/test.src > list && "
      "sed 's/ ||| /\\t/;s/ ||| F0= /\\t/;s/ ||| .*//' list > tsv && "
      "awk -F '\\t' '{print $2}' tsv > words && awk -F '\\t' '{print $3}' tsv > wanted && "
      "awk -F '\\t' 'NR == FNR {line[FNR - 1] = $0; next} {print line[$1]}' d/test.src tsv > lines && "
      "$A score -m d/model.safetensors lines words > got && paste got wanted | "
      "awk '{d = $1 - $2; if (d > 1e-4 || d < -1e-4) exit 1}'");
  must("$A translate -m d/model.safetensors -m d/model.safetensors < d/test.src | cmp - out");
  must(
      "$A evaluate accuracy out d/test.tgt > figure && $A translate -m d/model.safetensors --attention all "
      "--heatmaps maps < d/test.src > again && cmp again out && test -s maps/index.html");
}
END_TEST

START_TEST(same_bytes) {
  must("cp d/model.safetensors one && " TRAIN "--set train.threads=4 --overwrite && cmp one d/model.safetensors");
  must("$A train d/config.json --quiet --set train.epochs=1 --overwrite && " TRAIN
       "--resume && "
       "cmp one d/model.safetensors");
}
END_TEST

/* What is no document, is no question, or asks for what is not there. */
START_TEST(odd_lines) {
  must(
      "printf 'anna put the red ball into the box .\\n\\n||| who\\nanna ||| \\na b ||| c ||| d\\n' > odd && "
      "$A translate -m d/model.safetensors < odd > out 2> said && test $(wc -l < out) = 5 && "
      "sed -n 2,3p out | tr -d '\\n' | cmp - /dev/null && grep -q 'input:1: no query: .* |||' said && "
      "test $(grep -c 'no query' said) = 2 && grep -q 'input:3: no document: ' said && test $(grep -c ': no ' said) = "
      "3");
  must(
      "printf 'anna ||| who\\nanna ||| who\\n' > s && printf 'ben\\nanna\\n' > t && "
      "$A score -m d/model.safetensors s t | tr '\\n' ' ' | grep -qx -- '-inf 0.000000 '");
  must("head -n 3 d/test.src | $A translate -m d/model.safetensors --min-length 2 | wc -l | grep -qx 3");
  must("echo 'x y ||| z' | $A translate -m d/model.safetensors --no-unknown --sample --n-best 3 | wc -l | grep -qx 3");
}
END_TEST

/* Pairs that no reader could answer are left out, counted, and told of where none is left. */
START_TEST(left_out) {
  must(
      "mkdir e && cp d/* e && sed -i 's#d/#e/#' e/config.json && sed -i '1s/.*/nowhere/;2s/.*/red ball/' e/train.tgt "
      "&& "
      "sed -i '3s/ ||| .*//' e/train.src && $A train e/config.json --set train.epochs=1 --overwrite --log log2 2> said "
      "&& "
      "grep -q 'training: 600 pairs read, 3 without a query, or whose target is no single word' said && "
      "grep -q '\"unanswered\":3' log2 && ! grep -q unanswered log");
  Ran ran = session_run(scratch.folder.at, "$A train e/config.json --overwrite --set data.query_separator=::");
  ck_assert_int_eq(ran.status, 1);
  ck_assert_msg(strstr(str_text(&ran.said), "data.query_separator names the word") != NULL, "%s", str_text(&ran.said));
  session_end(&ran);
  ran = session_run(scratch.folder.at,
                    "printf 'the\\nred\\n' > v && $A train e/config.json --overwrite --set "
                    "vocab.source.file=v --set vocab.target.file=v");
  ck_assert_int_eq(ran.status, 1);
  ck_assert_msg(strstr(str_text(&ran.said), "is not in the source vocabulary") != NULL, "%s", str_text(&ran.said));
  session_end(&ran);
  ran = session_run(scratch.folder.at, "$A translate -m d/model.safetensors --shortlist x < d/test.src");
  ck_assert_int_eq(ran.status, 2);
  ck_assert_msg(strstr(str_text(&ran.said), "--shortlist is about an output layer") != NULL, "%s", str_text(&ran.said));
  session_end(&ran);
  ran = session_run(scratch.folder.at, "$A shortlist -m d/model.safetensors -o x d/test.src d/test.tgt");
  ck_assert_int_eq(ran.status, 2);
  ck_assert_msg(strstr(str_text(&ran.said), "a list is for an output layer") != NULL, "%s", str_text(&ran.said));
  session_end(&ran);
}
END_TEST

Suite *test_system_reader(void);
Suite *test_system_reader(void) {
  Suite *s = suite_create("system: reader");
  TCase *t = tcase_create("reader");
  tcase_add_unchecked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 60);
  tcase_add_test(t, answers);
  tcase_add_test(t, same_bytes);
  tcase_add_test(t, odd_lines);
  tcase_add_test(t, left_out);
  suite_add_tcase(s, t);
  return s;
}
