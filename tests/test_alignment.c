#include "eval/alignment.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "samples.h"

static void expect(Str *got, const char *want) {
  ck_assert_str_eq(str_text(got), want);
  str_free(got);
}

START_TEST(matrix) {
  Str out = {0};
  alignment_matrix(&out, &sample_quoted);
  expect(&out,
         ",\"a,b\",\"\"\"x\",</s>\n"
         "\"c\nd\",0.100000001,0.899999976,0\n"
         "\xE7\x8C\xAB,0.333333343,0.5,0.166666672\n"
         "</s>,9.99999996e-13,0,1\n");
  alignment_matrix(&out, &sample_empty);
  expect(&out, ",</s>\n");
}
END_TEST

START_TEST(tidy) {
  Str out = {0};
  alignment_tidy_header(&out, false);
  alignment_tidy(&out, &sample_empty, false);
  expect(&out, "sentence,target_position,target_token,source_position,source_token,weight\n");
  alignment_tidy(&out, &sample_quoted, false);
  expect(&out,
         "1,0,\"c\nd\",0,\"a,b\",0.100000001\n1,0,\"c\nd\",1,\"\"\"x\",0.899999976\n1,0,\"c\nd\",2,</s>,0\n"
         "1,1,\xE7\x8C\xAB,0,\"a,b\",0.333333343\n1,1,\xE7\x8C\xAB,1,\"\"\"x\",0.5\n"
         "1,1,\xE7\x8C\xAB,2,</s>,0.166666672\n"
         "1,2,</s>,0,\"a,b\",9.99999996e-13\n1,2,</s>,1,\"\"\"x\",0\n1,2,</s>,2,</s>,1\n");
}
END_TEST

START_TEST(tidy_of_a_list) {
  Str out = {0};
  Alignment a = sample_ties;
  a.rank = 2;
  a.n_target = 1;
  alignment_tidy_header(&out, true);
  alignment_tidy(&out, &a, true);
  expect(&out,
         "sentence,target_position,target_token,source_position,source_token,weight,rank\n"
         "3,0,p,0,x,0.25,2\n3,0,p,1,y,0.5,2\n3,0,p,2,z,0.25,2\n3,0,p,3,</s>,0,2\n");
}
END_TEST

START_TEST(jsonl) {
  Str out = {0};
  alignment_jsonl(&out, &sample_quoted, false);
  expect(&out,
         "{\"id\":0,\"source\":[\"a,b\",\"\\\"x\",\"</s>\"],\"target\":[\"c\\nd\",\"\xE7\x8C\xAB\",\"</s>\"],"
         "\"text\":\"c\\nd \xE7\x8C\xAB\",\"score\":-0.25,\"token_logprob\":[-0.125,-0.333333333,-1e-10],"
         "\"alignment\":[[0.100000001,0.899999976,0],[0.333333343,0.5,0.166666672],[9.99999996e-13,0,1]]"
         ",\"source_unknown\":[],\"target_unknown\":[],\"source_cut\":false,\"target_cut\":false}\n");
  alignment_jsonl(&out, &sample_empty, false);
  expect(&out,
         "{\"id\":1,\"source\":[\"</s>\"],\"target\":[],\"text\":\"\",\"score\":0,\"token_logprob\":[],"
         "\"alignment\":[],\"source_unknown\":[],\"target_unknown\":[],\"source_cut\":false,\"target_cut\":false}\n");
}
END_TEST

/* What the model does not know, a line that was not read whole, an output that was cut. */
START_TEST(jsonl_with_marks) {
  Str out = {0};
  Alignment a = sample_quoted;
  a.source_unknown = (const bool[]){true, true, false};
  a.target_unknown = (const bool[]){false, true, false};
  a.source_cut = a.target_cut = true;
  alignment_jsonl(&out, &a, false);
  ck_assert_ptr_nonnull(strstr(str_text(&out),
                               ",\"source_unknown\":[0,1],\"target_unknown\":[1],\"source_cut\":true,"
                               "\"target_cut\":true}\n"));
  str_free(&out);
}
END_TEST

START_TEST(jsonl_of_a_list) {
  Str out = {0};
  Alignment a = sample_empty;
  a.rank = 3;
  a.score = -(double)INFINITY;
  alignment_jsonl(&out, &a, true);
  expect(&out,
         "{\"id\":1,\"source\":[\"</s>\"],\"target\":[],\"text\":\"\",\"score\":null,\"token_logprob\":[],"
         "\"alignment\":[],\"source_unknown\":[],\"target_unknown\":[],\"source_cut\":false,\"target_cut\":false,"
         "\"rank\":3}\n");
}
END_TEST

/* What was chosen is what a word is linked to, whatever else has more weight. */
START_TEST(chosen) {
  Alignment a = sample_ties;
  Str out = {0};
  a.chosen = (const int[]){2, 0, 3, 2, 0};
  alignment_pharaoh(&out, &a);
  expect(&out, "0-1 2-0 2-3\n");
  alignment_jsonl(&out, &a, true);
  ck_assert_ptr_nonnull(strstr(str_text(&out), ",\"target_cut\":false,\"chosen\":[2,0,3,2,0],\"rank\":0}"));
  str_free(&out);
}
END_TEST

START_TEST(links) {
  Str out = {0};
  alignment_pharaoh(&out, &sample_ties);
  expect(&out, "0-3 1-0 1-1\n");
  alignment_pharaoh(&out, &sample_quoted);
  expect(&out, "1-0 1-1\n");
  alignment_pharaoh(&out, &sample_empty);
  expect(&out, "\n");
  Alignment only_end = sample_ties;
  only_end.n_target = 1;
  alignment_pharaoh(&out, &only_end);
  expect(&out, "\n");
}
END_TEST

Suite *test_alignment(void);
Suite *test_alignment(void) {
  Suite *s = suite_create("alignment");
  TCase *t = tcase_create("alignment");
  tcase_add_test(t, matrix);
  tcase_add_test(t, tidy);
  tcase_add_test(t, tidy_of_a_list);
  tcase_add_test(t, jsonl);
  tcase_add_test(t, jsonl_with_marks);
  tcase_add_test(t, jsonl_of_a_list);
  tcase_add_test(t, chosen);
  tcase_add_test(t, links);
  suite_add_tcase(s, t);
  return s;
}
