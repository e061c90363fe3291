#include "eval/heatmap_html.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "eval/alignment_reader.h"
#include "eval/gold.h"
#include "samples.h"
#include "scratch.h"

#define OPEN "<script type=\"application/json\" id=\"data\">"

/* The data inside a page, parsed. */
static Json *data_of(const Str *page) {
  Err err = {0};
  const char *at = strstr(str_text(page), OPEN);
  ck_assert_ptr_nonnull(at);
  at += strlen(OPEN);
  const char *end = strstr(at, "</script>");
  ck_assert_ptr_nonnull(end);
  Json *data = json_parse(at, (size_t)(end - at), "page", ERR_FILE, &err);
  ck_assert_msg(data != NULL, "%s", err.text);
  return data;
}

static Json *item(const Json *array, int i) {
  Json *at = json_first(array);
  while (i-- > 0) at = json_next(at);
  return at;
}

static void expect_json(const Json *json, const char *want) {
  Str text = {0};
  json_print(&text, json, false);
  ck_assert_str_eq(str_text(&text), want);
  str_free(&text);
}

START_TEST(data_in_the_page) {
  Str page = {0};
  HeatmapHtml *html = heatmap_html_new("A text", "dark");
  PharaohLinks gold = {0};
  pharaoh_add(&gold, (PharaohLink){1, 0, true});
  pharaoh_add(&gold, (PharaohLink){0, 1, false});
  heatmap_html_add(html, &sample_quoted, NULL);
  heatmap_html_add(html, &sample_empty, NULL);
  heatmap_html_add(html, &sample_ties, &gold);
  ck_assert_int_eq(heatmap_html_count(html), 3);
  heatmap_html_end(html, &page);
  Json *data = data_of(&page), *all = json_get(data, "sentences");
  ck_assert_str_eq(json_string(json_get(data, "theme")), "dark");
  ck_assert_int_eq(json_count(json_get(json_get(data, "scales"), "light")), 9);
  /* Thousandths, runs of noughts negative; probabilities exp(-1), exp(-0.5), ... */
  expect_json(
      item(all, 0),
      "{\"n\":1,\"s\":[\"a,b\",\"\\\"x\",\"</s>\"],\"u\":[],\"o\":[{\"t\":[\"c\\nd\",\"\xE7\x8C\xAB\",\"</s>\"],"
      "\"u\":[],\"x\":\"c\\nd \xE7\x8C\xAB\",\"c\":-0.25,\"p\":[882,717,1000],\"w\":[[100,900],[333,500,167],[-2,"
      "1000]]}]}");
  expect_json(item(all, 1), "{\"n\":2,\"s\":[\"</s>\"],\"u\":[],\"o\":[{\"t\":[],\"u\":[],\"c\":0,\"w\":[]}]}");
  expect_json(json_get(item(all, 2), "g"), "[1,0,1,0,1,0]");
  expect_json(json_get(json_first(json_get(item(all, 2), "o")), "w"),
              "[[250,500,250],[125,375,125,375],[-1,250,250,500],[500,-1,500],[1000]]");
  json_free(data);
  pharaoh_free(&gold);
  str_free(&page);
}
END_TEST

START_TEST(entries_of_a_list) {
  Str page = {0};
  HeatmapHtml *html = heatmap_html_new("", "auto");
  Alignment a = sample_ties;
  for (a.rank = 1; a.rank <= 3; a.rank++) heatmap_html_add(html, &a, NULL);
  a.id++;
  for (a.rank = 1; a.rank <= 2; a.rank++) heatmap_html_add(html, &a, NULL);
  a.rank = 0;
  heatmap_html_add(html, &a, NULL);
  heatmap_html_end(html, &page);
  Json *data = data_of(&page), *all = json_get(data, "sentences");
  ck_assert_int_eq(json_count(all), 3);
  for (int i = 0; i < 3; i++) ck_assert_int_eq(json_count(json_get(item(all, i), "o")), 3 - i);
  json_free(data);
  str_free(&page);
}
END_TEST

static int count(const char *text, const char *what) {
  int n = 0;
  for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) n++;
  return n;
}

/* No text can end its element, open another one or become markup. */
START_TEST(hostile_texts) {
  static const char *const evil = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>";
  Str page = {0}, plain = {0};
  Alignment a = sample_ties;
  a.source = (const char *const[]){evil, "\xE2\x80\xA8", "<unk>", "</s>"};
  a.target = (const char *const[]){evil, "&lt;", "\\", "'\"", "</s>"};
  a.text = evil;
  HeatmapHtml *html = heatmap_html_new(evil, "auto");
  heatmap_html_add(html, &a, NULL);
  heatmap_html_end(html, &page);
  heatmap_html_end(heatmap_html_new("", "auto"), &plain);
  ck_assert_int_eq(count(str_text(&page), "<script"), count(str_text(&plain), "<script"));
  ck_assert_int_eq(count(str_text(&page), "</script"), count(str_text(&plain), "</script"));
  ck_assert_int_eq(count(str_text(&page), "<!--"), 0);
  ck_assert_int_eq(count(str_text(&page), "<img"), 0);
  ck_assert_ptr_nonnull(strstr(str_text(&page), "<title>&lt;/script&gt;&lt;script&gt;alert(1)"));
  Json *data = data_of(&page);
  const Json *sentence = json_first(json_get(data, "sentences"));
  ck_assert_str_eq(json_string(json_first(json_get(sentence, "s"))), evil);
  expect_json(json_get(sentence, "u"), "[2]");
  json_free(data);
  str_free(&page);
  str_free(&plain);
}
END_TEST

START_TEST(positions) {
  Alignment a = sample_ties;
  Str page = {0};
  a.position = (const double[]){0, 1.5, 0.1, 3.99, 2};
  a.window = 4;
  a.chosen = (const int[]){2, 0, 3, 1, 0};
  a.steps.target = (const double[]){1, 2.5, 1, 10, 3};
  HeatmapHtml *html = heatmap_html_new("", "auto");
  heatmap_html_add(html, &a, NULL);
  heatmap_html_look(html, 2, true);
  heatmap_html_end(html, &page);
  Json *data = data_of(&page);
  const Json *output = json_first(json_get(json_first(json_get(data, "sentences")), "o"));
  expect_json(json_get(output, "l"), "[0,1500,100,3990,2000]");
  expect_json(json_get(output, "d"), "4");
  expect_json(json_get(output, "a"), "[2,0,3,1,0]");
  expect_json(json_get(output, "j"), "[100,250,100,1000,300]");
  ck_assert_ptr_null(json_get(json_first(json_get(data, "sentences")), "j"));
  expect_json(json_get(data, "scale"), "2");
  expect_json(json_get(data, "numbers"), "true");
  json_free(data);
  str_free(&page);
}
END_TEST

/* Heads of an output with it, those of the encoder with the sentence; both only where they are. */
START_TEST(heads_in_the_page) {
  static const float of_heads[] = {0.5F, 0.25F, 0.25F, 0, 0, 1, 1, 0, 0}, of_self[] = {0, 0, 1, 0, 1, 0, 1, 0, 0};
  static const float of_own[] = {1, 0, 0, 0.5F, 0.5F, 0, 0, 0, 1};
  Alignment a = sample_quoted;
  Str page = {0};
  a.heads.of[HEADS_CROSS] = (HeadWeights){1, (const HeadName[]){{2, 3}}, of_heads};
  a.heads.of[HEADS_ENCODER] = (HeadWeights){1, (const HeadName[]){{4, 1}}, of_self};
  a.heads.of[HEADS_DECODER] = (HeadWeights){1, (const HeadName[]){{1, 2}}, of_own};
  HeatmapHtml *html = heatmap_html_new("", "auto");
  for (a.rank = 1; a.rank <= 2; a.rank++) heatmap_html_add(html, &a, NULL);
  heatmap_html_end(html, &page);
  Json *data = data_of(&page);
  const Json *sentence = json_first(json_get(data, "sentences"));
  expect_json(json_get(sentence, "e"), "[[4,1,[[-2,1000],[-1,1000],[1000]]]]");
  expect_json(json_get(item(json_get(sentence, "o"), 0), "h"), "[[2,3,[[500,250,250],[-2,1000],[1000]]]]");
  expect_json(json_get(item(json_get(sentence, "o"), 1), "h"), "[[2,3,[[500,250,250],[-2,1000],[1000]]]]");
  expect_json(json_get(item(json_get(sentence, "o"), 1), "r"), "[[1,2,[[1000],[500,500],[-2,1000]]]]");
  ck_assert_ptr_null(json_get(item(json_get(sentence, "o"), 1), "e"));
  json_free(data);
  str_free(&page);
}
END_TEST

/* Nothing is fetched from anywhere. */
START_TEST(self_contained) {
  Str page = {0};
  heatmap_html_end(heatmap_html_new("", "auto"), &page);
  static const char *const signs[] = {" src=", " href=\"h", "url(", "@import", "fetch(", "innerHTML", "import "};
  for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
    ck_assert_msg(strstr(str_text(&page), signs[i]) == NULL, "%s", signs[i]);
  str_free(&page);
}
END_TEST

/* 1,000 sentences of 30 by 30 tokens where every weight counts. */
START_TEST(size_of_a_large_text) {
  enum { N = 30 };
  const char *tokens[N];
  float weights[N * N];
  Str page = {0};
  for (int i = 0; i < N; i++) tokens[i] = "token";
  for (int i = 0; i < N * N; i++) weights[i] = 1.0f / N;
  Alignment a = {
      .source = tokens, .n_source = N, .target = tokens, .n_target = N, .text = "a text", .weights = weights};
  HeatmapHtml *html = heatmap_html_new("", "auto");
  for (a.id = 0; a.id < 1000; a.id++) heatmap_html_add(html, &a, NULL);
  heatmap_html_end(html, &page);
  ck_assert_uint_lt(page.n, 5000000);
  str_free(&page);
}
END_TEST

START_TEST(gold_file) {
  Scratch scratch;
  Err err = {0};
  Str text = {0};
  scratch_open(&scratch);
  Gold *gold = gold_read(scratch_text(&scratch, "g", "0-0 1?2\n\n0-1\n"), false, NULL, &err);
  ck_assert_msg(gold != NULL, "%s", err.text);
  pharaoh_print(&text, gold_get(gold, 0, &err));
  ck_assert_str_eq(str_text(&text), "0-0 1?2");
  ck_assert_int_eq(gold_get(gold, 1, &err)->n, 0);
  ck_assert_int_eq(gold_get(gold, 2, &err)->n, 1);
  ck_assert_ptr_null(gold_get(gold, 3, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "3 lines of gold links; there is none for sentence 4"));
  ck_assert(gold_fits(gold, 3) && !gold_fits(gold, 4) && !gold_fits(gold, 2));
  ck_assert(gold_check(gold, 0, &(LinkLengths){2, 3}, &err) && !gold_check(gold, 0, &(LinkLengths){2, 2}, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "/g: sentence 1: the link from word 2 to word 3 is outside its pair"));
  gold_free(gold);
  ck_assert_ptr_null(gold_read(scratch_text(&scratch, "g", "0-0 1?2\n\n0-x\n"), false, NULL, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "/g:3"));
  ck_assert_ptr_null(gold_read(scratch_path(&scratch, "none"), false, NULL, &err));
  str_free(&text);
  scratch_close(&scratch);
}
END_TEST

Suite *test_heatmap_html(void);
Suite *test_heatmap_html(void) {
  Suite *s = suite_create("heatmap_html");
  TCase *t = tcase_create("heatmap_html");
  tcase_add_test(t, data_in_the_page);
  tcase_add_test(t, entries_of_a_list);
  tcase_add_test(t, hostile_texts);
  tcase_add_test(t, positions);
  tcase_add_test(t, heads_in_the_page);
  tcase_add_test(t, self_contained);
  tcase_add_test(t, size_of_a_large_text);
  tcase_add_test(t, gold_file);
  suite_add_tcase(s, t);
  return s;
}
