/* Links beside a text: what is read of them, what is refused, and how they reach tokens. */
#include "text/graph_line.h"

#include <check.h>
#include <string.h>

#include "scratch.h"
#include "text/lines.h"
#include "text/pairs.h"
#include "text/tokenizer.h"

static void links_of(Str *out, const Tokens *tokens) {
  for (int k = 0; k < tokens->n_links; k++)
    str_addf(out, "%s%d-%d", k > 0 ? " " : "", tokens->links[k].from, tokens->links[k].to);
}

static bool read_line(TokenizerKind kind, const char *line, Str *links, Err *err) {
  Tokenizer *tokenizer = tokenizer_new(kind, false, NULL);
  Tokens tokens = {0};
  bool ok = tokenizer_read(tokenizer, line, strlen(line), &tokens, err);
  links_of(links, &tokens);
  tokens_free(&tokens);
  tokenizer_free(tokenizer);
  return ok;
}

static const struct {
  TokenizerKind kind;
  const char *line, *links;
} good[] = {{TOKENIZER_word, "a b c", ""},
            {TOKENIZER_word, "a b c\xFF", ""},
            {TOKENIZER_word,
             "a b c\xFF"
             "0-2 1-1",
             "0-2 1-1"},
            {TOKENIZER_word, "a  b\xFF  1-0\t0-0 ", "1-0 0-0"},
            {TOKENIZER_char,
             "abcd\xFF"
             "3-0",
             "3-0"},
            {TOKENIZER_word, "\xFF ", ""}};

START_TEST(links_are_read) {
  Err err = {0};
  Str links = {0};
  ck_assert_msg(read_line(good[_i].kind, good[_i].line, &links, &err), "%s", err.text);
  ck_assert_str_eq(str_text(&links), good[_i].links);
  str_free(&links);
}
END_TEST

static const struct {
  const char *line, *says;
} bad[] = {{"a b\xFF"
            "0-2",
            "0-2, but the line has 2 tokens"},
           {"a b\xFF"
            "7-0",
            "7-0, but the line has 2 tokens"},
           {"\xFF"
            "0-0",
            "0-0, but the line has 0 tokens"},
           {"a b\xFF"
            "0-1 01",
            "'01' is no link"},
           {"a b\xFF"
            "0-1x",
            "'0-1x' is no link"},
           {"a b\xFF"
            "-1-1",
            "'-1-1' is no link"},
           {"a b\xFF"
            "0?1",
            "'0?1' is no link"},
           {"a b\xFF"
            "0-99999999999999999999",
            "is no link"}};

START_TEST(what_is_no_link_is_told) {
  Err err = {0};
  Str links = {0};
  ck_assert(!read_line(TOKENIZER_word, bad[_i].line, &links, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, bad[_i].says) != NULL, "%s", err.text);
  str_free(&links);
}
END_TEST

/* Files of lines and of pairs: the text stays what it was, the links are behind it. */
START_TEST(lines_are_joined) {
  Scratch s = {0};
  Err err = {0};
  Pair pair;
  scratch_open(&s);
  const char *graph = scratch_text(&s, "graph", "0-1\n\n");
  const char *tsv = scratch_text(&s, "tsv", "a b\tx\nc\ty\n");
  Pairs *pairs = pairs_open(&(PairFiles){.tsv = tsv, .graph = graph}, NULL, &err);
  ck_assert_msg(pairs != NULL, "%s", err.text);
  ck_assert_int_eq(pairs_next(pairs, &pair, &err), 1);
  ck_assert_uint_eq(pair.n_source, 7);
  ck_assert_int_eq(memcmp(pair.source,
                          "a b\xFF"
                          "0-1",
                          7),
                   0);
  ck_assert_uint_eq(graph_line_text(pair.source, pair.n_source), 3);
  ck_assert(pair.n_target == 1 && pair.target[0] == 'x');
  ck_assert_int_eq(pairs_next(pairs, &pair, &err), 1);
  ck_assert_int_eq(memcmp(pair.source, "c\xFF", 2), 0);
  ck_assert_int_eq(pairs_next(pairs, &pair, &err), 0);
  pairs_close(pairs);
  scratch_close(&s);
}
END_TEST

START_TEST(as_many_lines_as_the_text) {
  static const char *const texts[] = {"a\nb\nc\n", "a\n"};
  Scratch s = {0};
  Err err = {0};
  const char *line;
  size_t n;
  int got = 1;
  scratch_open(&s);
  Lines *lines = lines_open(scratch_text(&s, "text", texts[_i]), NULL, &err);
  ck_assert(lines != NULL && lines_join(lines, scratch_text(&s, "graph", "\n\n"), &err));
  while (got == 1) got = lines_next(lines, &line, &n, &err);
  ck_assert_int_eq(got, -1);
  ck_assert_msg(strstr(err.text, _i == 0 ? "graph has 2 lines, but" : "text has 1 line, but") != NULL, "%s", err.text);
  lines_close(lines);
  scratch_close(&s);
}
END_TEST

Suite *test_graph_line(void);
Suite *test_graph_line(void) {
  Suite *s = suite_create("graph_line");
  TCase *t = tcase_create("graph_line");
  tcase_add_loop_test(t, links_are_read, 0, sizeof good / sizeof *good);
  tcase_add_loop_test(t, what_is_no_link_is_told, 0, sizeof bad / sizeof *bad);
  tcase_add_test(t, lines_are_joined);
  tcase_add_loop_test(t, as_many_lines_as_the_text, 0, 2);
  suite_add_tcase(s, t);
  return s;
}
