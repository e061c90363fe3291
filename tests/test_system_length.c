/* Outputs that are longer than a limit allows, through the program: what says so, from training to the page. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

#define TRAIN                                                                                                  \
  "$A train c.json --set data.train.source=d/train.src --set data.train.target=d/train.tgt --log l "           \
  "--set data.valid.source=d/valid.src --set data.valid.target=d/valid.tgt --set vocab.source.tokenizer=char " \
  "--set vocab.target.tokenizer=char --set train.epochs=1 --set train.metric=accuracy "

/* Numbers to words, letter by letter. awk counts the pairs over a ratio (-v r=R) and what would do for all. */
#define COUNT(part, r)                                                                                    \
  "paste d/" part ".src d/" part ".tgt | awk -F '\\t' -v r=" r                                            \
  " '{s = length($1); t = length($2); l = r * s; l = (l > int(l) ? int(l) + 1 : l) + 10; n += t > l;"     \
  " x = t > 10 ? int(10 * (t - 11) / s) + 1 : 0; if (x > m) m = x} END {print n \" of \" NR, m / 10}' > " \
  "want && "                                                                                              \
  "read n of all m < want && "

static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(str_text(&scratch.folder));
  session_must(str_text(&scratch.folder), "$A toy numbers-en d --n 300");
}

static void tear_down(void) { scratch_close(&scratch); }

static const char *folder(void) { return str_text(&scratch.folder); }

/* Where nothing is said the training text says it, and the model keeps it. */
START_TEST(the_training_text_sets_the_limit) {
  session_must(folder(), TRAIN "2> said && " COUNT("train", "2") "test $n -gt 100 && "
               "grep -q \"translate.max_length_ratio: $m, as the training text needs (with the usual 2, $n of $all \" said && "
               "! grep -q 'are longer than' said && grep -q \"\\\"max_length_ratio\\\":$m\" l && "
               "$A info --json out/m.safetensors | grep -q \"\\\"max_length_ratio\\\": $m\"");
  session_must(folder(), TRAIN
               "--resume --set train.epochs=2 && $A compare c.json -o cmp --quiet --vary train.seed=1 "
               "--set data.train.source=d/train.src --set data.train.target=d/train.tgt --set train.epochs=1 "
               "--set vocab.source.tokenizer=char --set vocab.target.tokenizer=char && "
               "$A compare c.json -o cmp --quiet --vary train.seed=1 --set data.train.source=d/train.src "
               "--set data.train.target=d/train.tgt --set train.epochs=1 --set vocab.source.tokenizer=char "
               "--set vocab.target.tokenizer=char");
}
END_TEST

/* Where a limit is said that cuts references, how many and what would do. */
START_TEST(a_limit_that_cuts_references) {
  session_must(folder(), TRAIN "--set translate.max_length_ratio=2.5 2> said && " COUNT("train", "2.5")
               "grep -q \"warning: $n of $all training targets are longer than translate.max_length_ratio 2.5 allows\" said && "
               "grep 'training targets' said | grep -q \"; $m would do\" && " COUNT("valid", "2.5")
               "grep 'validation targets' said | grep -q \"warning: $n of $all .*; $m would do\" && "
               "grep -q '\"max_length_ratio\":2.5' l && ! grep -q 'as the training text needs' said");
  session_must(folder(),
               "$A train c.json --overwrite 2> said && ! grep -q 'max_length_ratio' said && "
               "$A info --json out/m.safetensors | grep -q '\"max_length_ratio\": 2,$'");
}
END_TEST

/* A model that has hardly begun writes on and on. */
START_TEST(a_translation_that_is_cut) {
  session_must(folder(), TRAIN
               "--set translate.max_length_ratio=1 --report r.html 2> said && "
               "n=$(tail -n 4 l | sed -n 's/.*\"cut\":\\([0-9]*\\),.*/\\1/p' | head -n 1) && test \"$n\" -gt 0 && "
               "grep -q \", $n of [0-9]* translations cut at their limit\" said && grep -q '\"k\":1' r.html && grep -q "
               "\"\\\"cut\\\":$n[,}]\" r.html");
  session_must(
      folder(),
      "for i in 1 2 3 4 5 6; do cat d/valid.src; done | head -n 40 > in && "
      "$A translate -m out/m.safetensors -b 1 --format jsonl --heatmaps h < in > out.jsonl 2> said && "
      "n=$(grep -c '\"target_cut\":true' out.jsonl) && test $n -gt 10 && "
      "test $(grep -c 'the translation was cut at' said) = 10 && "
      "grep -q \"$((n - 10)) more lines* whose translation was cut\" said && "
      "test $(grep -o '\"k\":1' h/index.html | wc -l) = $n && "
      "k=$(grep -n -m 1 '\"target_cut\":true' out.jsonl | cut -d : -f 1) && "
      "s=$(sed -n ${k}p in | tr -d '\\n' | wc -m) && "
      "grep -q \"standard input:$k: the translation was cut at $((s + 10)) tokens, the most for $s of source\" said && "
      "$A translate -m out/m.safetensors -b 1 --format jsonl --max-length 2 < in 2> said | "
      "grep -c '\"source_cut\":true' > got && awk 'length($0) > 2' in | wc -l > want && "
      "test $(cat got) = $(cat want)");
}
END_TEST

/* Words that the model does not know are marked in every line. */
START_TEST(unknown_words_are_marked) {
  session_must(folder(),
               "$A train c.json --quiet && printf 'a zz b\\nyy\\n' | "
               "$A translate -m out/m.safetensors --format jsonl 2> said > o && "
               "test \"$(grep -o '\"source_unknown\":[^]]*]' o | tr '\\n' ' ')\" = "
               "'\"source_unknown\":[1] \"source_unknown\":[0] '");
}
END_TEST

Suite *test_system_length(void);
Suite *test_system_length(void) {
  Suite *s = suite_create("system: length");
  TCase *t = tcase_create("system: length");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 300);
  tcase_add_test(t, the_training_text_sets_the_limit);
  tcase_add_test(t, a_limit_that_cuts_references);
  tcase_add_test(t, a_translation_that_is_cut);
  tcase_add_test(t, unknown_words_are_marked);
  suite_add_tcase(s, t);
  return s;
}
