/* Files of links in the forms that other programs write, what is refused, what is warned of. */
#include "eval/link_file.h"

#include <check.h>
#include <string.h>

#include "scratch.h"

static Scratch scratch;
static Str said;

static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) {
  scratch_close(&scratch);
  str_free(&said);
}

static void hear(void *ctx, const char *text) {
  (void)ctx;
  str_addf(&said, "%s\n", text);
}

/* Lengths for every sentence; ends with a negative one. */
typedef struct Case {
  const char *file;
  bool from_1;
  LinkLengths lengths[3]; /* all 0: not known */
  const char *want;       /* sentences with / after each, or a part of the error */
  const char *said;       /* a part of the warnings; "" when there must be none */
} Case;

static const Case cases[] = {
    {"0-0 1-2\n\n2?1 0p0\n", false, {{0}}, "0-0 1-2//0?0 2?1/", ""},
    /* awesome-align's gold: from 1, p for possible. */
    {"1-1 2p3\n2-2\n", true, {{0}}, "0-0 1?2/1-1/", ""},
    {"1-1 2p3\n2-2\n",
     false,
     {{0}},
     "1-1 2?3/2-2/",
     "position 0 occurs in none of its 3 links: if they count from 1, do so"},
    {"1-1 0-3\n", true, {{0}}, "f:1: the link 0-3 has position 0: these links count from 0", ""},
    /* SimAlign: the number of the sentence, from 0 or 1. */
    {"0\t0-0 1p0\n1\t\n2\t1-0\n", false, {{0}}, "0-0 1?0//1-0/", ""},
    {"1\t0-0\n2\t1-0\n", false, {{0}}, "0-0/1-0/", ""},
    {"1\t0-0\n3\t1-0\n", false, {{0}}, "f:2: sentence 3, where 2 should stand", ""},
    {"7\t0-0\n", false, {{0}}, "f:1: sentence 7, where 0 should stand", ""},
    {"0\t0-0\n1-0\n", false, {{0}}, "f:2: \"1-0\" has no number and tab before it", ""},
    {"0-0\n1\t1-0\n", false, {{0}}, "f:2: \"1-0\" has a number before it", ""},
    {"0\t0-0\n\n", false, {{0}}, "f:2: an empty line", ""},
    /* NAACL 2003 (WPT): a link a line, from 1; sentences without links have no line; 0 is the null word. */
    {"0001 1 1 S\n0001 2 3 P\n0003 1 2\n", false, {{0}}, "0-0 1?2//0-1/", ""},
    {"0001 1 1 S 0.9\n0001 1 2 0.5\n", false, {{0}}, "0-0 0-1/", ""},
    {"1\t1\t1\tS\n2\t1\t1\n", false, {{0}}, "0-0/0-0/", ""},
    {"0001 0 1 S\n0001 2 0 P\n0001 1 1 S\n",
     false,
     {{0}},
     "0-0/",
     "2 links of the null word (position 0) are left out"},
    {"0002 1 1 S\n0001 1 1 S\n", false, {{0}}, "f:2: sentence 1 after sentence 2", ""},
    {"0000 1 1 S\n", false, {{0}}, "f:1: \"0000 1 1 S\" is not a link", ""},
    {"0001 1 1 X\n", false, {{0}}, "is not a link; write SENTENCE I J [S|P] [CONFIDENCE]", ""},
    {"0001 1 1 S 2\n", false, {{0}}, "is not a link; write SENTENCE", ""},
    {"0001 1 1 S 1 1\n", false, {{0}}, "is not a link; write SENTENCE", ""},
    {"0001 1 1 S\n0001 1\n", false, {{0}}, "f:2: \"0001 1\" is not a link; write SENTENCE", ""},
    {"0001 1 1 S\n\n0001 1 2 S\n", false, {{0}}, "f:2: an empty line", ""},
    {"\n0001 1 1 S\n", false, {{0}}, "f:2: \"0001 1 1 S\" stands after empty lines", ""},
    {"0001 3 1 S\n",
     false,
     {{2, 2}},
     "f:1: the link 3 1 is outside its pair, which has 2 words of source and 2 of target",
     ""},
    {"9999999 1 1\n", false, {{0}}, "f:1: sentence 9999999 after sentence 0", ""},
    /* A file of one form. */
    {"0-0\n0001 1 1 S\n", false, {{0}}, "f:2: \"0001 1 1 S\" looks like a link a line", ""},
    {"0001 1 1 S\n0-0\n", false, {{0}}, "f:2: \"0-0\" is not a link; write SENTENCE", ""},
    {"0-0\n1,0 0,1\n", false, {{0}}, "f:2: \"1,0 0,1\" looks like a soft alignment", ""},
    {"1,0 0,1\n0-0\n", false, {{0}}, "f:2: \"0-0\" is not a row of a soft alignment", ""},
    {"0-0:1\n", false, {{0}}, "f:1: \"0-0:1\" is not a link; write i-j (sure) or i?j (possible)", ""},
    {"5\n", false, {{0}}, "f:1: \"5\" is not a link", ""},
    {"1 1\n", false, {{0}}, "f:1: \"1\" is not a link", ""},
    /* Marian: links of `</s>` at the end, after the text where the decoder prints them. */
    {"0-0 1-1 2-2\n0-0 1-1\n",
     false,
     {{2, 2}, {1, 1}},
     "0-0 1-1/0-0/",
     "f: 2 links of </s>, as Marian writes them, are left out"},
    {"0-0 0-1 2-2 1-3\n\n0-0 0-1\n",
     false,
     {{2, 3}, {0, 0}, {1, 1}},
     "0-0 0-1/"
     "/0-0/",
     "3 links of </s>"},
    {"a ||| b ||| 0-0 1-1 1-2\n ||| 0-0 1-1\n", false, {{1, 2}, {1, 1}}, "0-0/0-0/", "3 links of </s>"},
    {"a ||| 0-0\n0-0\n", false, {{0}}, "f:2: \"0-0\" has no text and ||| before it", ""},
    {"0-0\na ||| 0-0\n", false, {{0}}, "f:2: \" 0-0\" has a text before it", ""},
    /* The first line settles that there are none. */
    {"0-0 1-1\n0-0 1-1\n",
     false,
     {{2, 2}, {1, 1}},
     "f:2: the link 1-1 is outside its pair, which has 1 words of source and 1",
     ""},
    {"0-1 1-2\n", false, {{2, 2}}, "f:1: the link 1-2 is outside its pair", ""},
    {"0-0 1-1 3-3\n", false, {{2, 2}}, "f:1: the link 3-3 is outside its pair", ""},
    /* From 1 without a word: the texts tell. */
    {"1-1 2-2\n", false, {{2, 2}}, "if they count from 1, do so", ""},
    {"1-1 2-2\n", true, {{2, 2}}, "0-0 1-1/", ""},
    {"1-1 3-2\n",
     true,
     {{2, 2}},
     "the link 3-2 is outside its pair, which has 2 words of source and 2 of target; positions count from 1",
     ""},
    {"0-0 1-3\n", false, {{4, 2}}, "it would fit target first: `attn-seq2seq align --turn FILE`", ""},
    /* Marian's soft alignments: a row a target token, `</s>` on both sides; the lower of equal weights. */
    {".9,.1,0 0.2,0.2,0.6 0,5e-1,.5 0,0,1\n1 1\n\n", false, {{0}}, "0-0 1-2///", ""},
    {"a b ||| .9,.1 .1,.9\n", false, {{1, 1}}, "0-0/", ""},
    {".9,.1 .1,.9\n",
     false,
     {{2, 1}},
     "f:1: 2 rows of 2 weights for 1 words of target and 2 of source; each side has one more",
     ""},
    {".9,.1 1\n", false, {{0}}, "f:1: \"1\" has another number of weights than the rows before", ""},
    {".9,.1 .1,,9\n", false, {{0}}, "f:1: \".1,,9\" is not a row", ""},
    {".9,-.1\n", false, {{0}}, "f:1: \".9,-.1\" is not a row", ""},
    {".9,nan\n", false, {{0}}, "f:1: \".9,nan\" is not a row", ""},
    /* What the row of `</s>` looks at is no link. */
    {".9,.1 .8,.2\n", false, {{0}}, "0-0/", ""},
    {"0,0 1,1\n", false, {{0}}, "f:1: \"0,0\" is not a row of a soft alignment: weights from 0 to 1 with commas", ""},
    {".5,.5 1,1\n", false, {{0}}, "f:1: \"1,1\" is not a row", ""},
    {"0.333333,0.333333,0.333333 1e-05,0,0.999995\n", false, {{0}}, "0-0/", ""},
    {"(0,0) (1,1)\n", false, {{0}}, "f:1: \"(0,0)\" is not a link; write i-j", ""},
    {"{\"id\":0,\"source\":[]}\n", false, {{0}}, "is not a link; write i-j", ""},
    {"2\t0-0\n", false, {{0}}, "f:1: sentence 2, where 0 should stand", ""},
    {"", false, {{0}}, "", ""},
};

START_TEST(forms) {
  const Case *c = &cases[_i];
  Warnings warnings = {.warn = hear};
  LinkFileOptions options = {c->from_1, "do so"};
  Err err = {0};
  Str got = {0};
  PharaohLinks links = {0};
  LinkFile *file = link_file_open(scratch_text(&scratch, "f", c->file), &options, &warnings, &err);
  ck_assert_msg(file != NULL, "%s", err.text);
  bool known = c->lengths[0].source + c->lengths[0].target > 0;
  int more = 1;
  for (int i = 0; (more = link_file_next(file, known ? &c->lengths[i] : NULL, &links, &err)) == 1; i++) {
    pharaoh_print(&got, &links);
    str_addc(&got, '/');
    ck_assert_int_eq(link_file_sentence(file), i + 1);
  }
  if (more == 0) link_file_tell(file);
  bool refused = err.kind != ERR_NONE;
  ck_assert_int_eq(more < 0, refused);
  if (refused) ck_assert_int_eq(err.kind, ERR_FILE);
  if (refused) ck_assert_msg(strstr(err.text, c->want) != NULL, "%s: %s", c->file, err.text);
  else ck_assert_msg(strcmp(str_text(&got), c->want) == 0, "%s: %s, not %s", c->file, str_text(&got), c->want);
  if (c->said[0] == '\0') ck_assert_msg(said.n == 0, "%s: %s", c->file, str_text(&said));
  else ck_assert_msg(strstr(str_text(&said), c->said) != NULL, "%s: %s", c->file, str_text(&said));
  link_file_close(file);
  pharaoh_free(&links);
  str_free(&got);
}
END_TEST

START_TEST(no_file) {
  Err err = {0};
  ck_assert_ptr_null(link_file_open(scratch_path(&scratch, "none"), &(LinkFileOptions){0}, NULL, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
}
END_TEST

Suite *test_link_file(void);
Suite *test_link_file(void) {
  Suite *s = suite_create("link_file");
  TCase *t = tcase_create("link_file");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_loop_test(t, forms, 0, sizeof cases / sizeof *cases);
  tcase_add_test(t, no_file);
  suite_add_tcase(s, t);
  return s;
}
