/* Bad corpora and vocabularies, through the program. */
#include <check.h>
#include <stddef.h>

#include "bad.h"

#define TRAIN "$A train c.json --quiet"
#define GUIDED TRAIN " --set data.train.alignment=links"
#define TSV(lines)                                                                                                     \
  "printf '{\"data\":{\"train\":{\"tsv\":\"t.tsv\"},\"valid\":{\"tsv\":\"t.tsv\"}},\"train\":{\"model\":\"out/m\"}}' " \
  "> c.json; "                                                                                                         \
  "printf '" lines "' > t.tsv",                                                                                        \
      TRAIN

static const BadRow rows[] = {
    {"rm t.src", TRAIN, 1, "t.src|No such file"},
    {"rm v.tgt", TRAIN, 1, "v.tgt|No such file"},
    {": > t.src; : > t.tgt", TRAIN, 1, "t.src|t.tgt|empty"},
    {": > v.src; : > v.tgt", TRAIN, 1, "v.src|v.tgt|empty"},
    {"rm t.src; mkdir t.src", TRAIN, 1, "t.src|folder"},
    {"chmod 000 t.tgt", "./attn train c.json", 1, "t.tgt|Permission denied"},
    {"head -299 t.tgt > x; mv x t.tgt", TRAIN, 1, "t.src|t.tgt|300|299"},
    {"echo a >> v.tgt", TRAIN, 1, "v.src|v.tgt|20|21"},
    {"sed 's/.*//' t.src > x; mv x t.src", TRAIN, 1, "t.src|300|empty side"},
    {"sed 's/.*/   /' v.src > x; mv x v.src", TRAIN, 1, "v.src|20|empty side"},
    {NULL, TRAIN " --set data.max_length=1", 1, "t.src|300|data.max_length"},
    {NULL, TRAIN " --set vocab.target.min_count=100000", 2, "vocab.target|min_count"},
    {"gzip -c t.src > t.gz; head -c 200 t.gz > x", TRAIN " --set data.train.source=x", 1, "x: |gzip"},
    {"gzip -c t.src | tr 'a-m' 'n-z' > x", TRAIN " --set data.train.source=x", 1, "x: |gzip"},
    /* One file of pairs. */
    {TSV("a\\tb\\nc d\\n"), 1, "t.tsv:2:|exactly one tab"},
    {TSV("a\\tb\\nc\\td\\te\\n"), 1, "t.tsv:2:|2 tabs"},
    {TSV("\\ta\\nb\\t\\n"), 1, "t.tsv|2 have an empty side"},
    /* Given vocabularies. */
    {NULL, TRAIN " --set vocab.source.file=none.txt", 1, "none.txt|No such file"},
    {": > x", TRAIN " --set vocab.source.file=x", 1, "x: no tokens"},
    {"printf 'a\\nb\\na\\n' > x", TRAIN " --set vocab.source.file=x", 1, "x:3:|\"a\""},
    {"printf 'a\\n\\nb\\n' > x", TRAIN " --set vocab.source.file=x", 1, "x:2:"},
    {"printf 'a\\n<unk>\\n' > x", TRAIN " --set vocab.source.file=x", 1, "x:2:|<unk>"},
    /* Links to follow. */
    {NULL, GUIDED, 1, "links|No such file"},
    {"sed 's/.*/0-0/' t.src > links; echo >> links", GUIDED, 1, "links has 301 lines|has 300"},
    {"sed 's/.*/0-0/' t.src | head -299 > links", GUIDED, 1, "links has 299 lines|has 300"},
    {"sed 's/.*/0-0/; 7s/0-0/0-0 4-1/' t.src > links", GUIDED, 1, "links:7: |4-1|words of source"},
    {"sed 's/.*/0-0/; 9s/-/ /' t.src > links", GUIDED, 1, "links:9: |not a link"},
    {NULL, TRAIN " --set train.guided_alignment.weight=1", 2,
     "train.guided_alignment.weight is 1|data.train.alignment"},
};

/* These train, and say what they met. */
static const BadRow warnings[] = {
    {"printf 'a\\0b\\n' >> t.src; echo a >> t.tgt", "$A train c.json", 0, "attn-seq2seq: warning: t.src:301: |NUL"},
    {"printf 'a\\377b\\n' >> v.tgt; echo a >> v.src", "$A train c.json", 0, "attn-seq2seq: warning: v.tgt:21: |UTF-8"},
    {"for i in 1 2 3 4 5 6 7 8 9 10 11 12; do printf '\\300\\n' >> t.src; echo a >> t.tgt; done", "$A train c.json", 0,
     "t.src:301: |t.src:310: |2 more lines"},
    {"head -c 1000000 /dev/zero | tr '\\0' 'a' >> t.src; echo >> t.src; echo a >> t.tgt", "$A train c.json", 0,
     "301 pairs read;"},
    {"head -c 1000000 /dev/zero | sed 's/\\x00/a /g' >> t.src; echo >> t.src; echo a >> t.tgt", "$A train c.json", 0,
     "301 pairs read, 1 longer than data.max_length"},
    {"{ echo; cat t.src; } > x; mv x t.src; { echo a; cat t.tgt; } > x; mv x t.tgt", "$A train c.json", 0,
     "301 pairs read, 1 with an empty side"},
    {"printf 'a b\\r\\n' >> t.src; printf 'b a' >> t.tgt", "$A train c.json", 0, "vocabularies of 12 and 12,"},
};

START_TEST(bad) { bad_check(&rows[_i], _i); }
END_TEST

START_TEST(warning) { bad_check_warning(&warnings[_i], _i, ""); }
END_TEST

Suite *test_system_corpus(void);
Suite *test_system_corpus(void) {
  Suite *s = suite_create("system: corpora");
  TCase *t = tcase_create("bad");
  tcase_add_unchecked_fixture(t, bad_set_up, bad_tear_down);
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, bad, 0, sizeof rows / sizeof *rows);
  tcase_add_loop_test(t, warning, 0, sizeof warnings / sizeof *warnings);
  suite_add_tcase(s, t);
  return s;
}
