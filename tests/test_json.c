#include "base/json.h"

#include <cJSON.h>
#include <check.h>
#include <string.h>

#include "base/mem.h"

static Json *parse(const char *text, Err *err) { return json_parse(text, strlen(text), "x.json", ERR_USAGE, err); }

static int taken;

static void *take(size_t n) {
  taken++;
  return mem_alloc(n, 1, "JSON");
}

/* cJSON's allocator is the process's: parsing and making values in several threads must leave it alone. */
START_TEST(the_allocator_is_set_once) {
  Err err = {0};
  cJSON_Hooks hooks = {take, mem_free};
  cJSON_InitHooks(&hooks);
  Json *json = parse("[1]", &err);
  json_append(json, json_new_number(2));
  json_append(json, json_new_string("x"));
  json_append(json, json_new_object());
  int before = taken;
  json_append(json, json_new_number(3));
  ck_assert_int_gt(taken, before);
  json_free(json);
}
END_TEST

START_TEST(reads_values) {
  Err err = {0};
  Json *json = parse(
      "\xEF\xBB\xBF { \"a\" : [1, -2.5e3, true, null], \"b\": {\"c\": \"\\u00e9\\n\\\\\"}, \"A\": false}\n", &err);
  ck_assert_msg(json != NULL, "%s", err.text);
  ck_assert_int_eq(json_type(json), JSON_OBJECT);
  ck_assert_int_eq(json_count(json), 3);
  const Json *a = json_get(json, "a");
  ck_assert_int_eq(json_type(a), JSON_ARRAY);
  ck_assert_int_eq(json_count(a), 4);
  const Json *item = json_first(a);
  ck_assert_double_eq(json_number(item), 1);
  item = json_next(item);
  ck_assert_double_eq(json_number(item), -2500);
  item = json_next(item);
  ck_assert(json_type(item) == JSON_BOOL && json_bool(item));
  item = json_next(item);
  ck_assert_int_eq(json_type(item), JSON_NULL);
  ck_assert_ptr_null(json_next(item));
  ck_assert_str_eq(json_string(json_get(json_get(json, "b"), "c")), "\xC3\xA9\n\\");
  ck_assert(!json_bool(json_get(json, "A"))); /* names are told apart by case */
  ck_assert_ptr_null(json_get(json, "C"));
  ck_assert_str_eq(json_key(json_first(json)), "a");
  json_free(json);
}
END_TEST

static const struct {
  const char *text;
  const char *says; /* the whole message */
} refused[] = {
    {"", "x.json:1:1: the JSON text ends too early"},
    {"  \n ", "x.json:2:2: the JSON text ends too early"},
    {"{\n  \"a\": 1,\n  \"b\" 2\n}", "x.json:3:7: this is not JSON"},
    {"{\"a\": [1, 2", "x.json:1:12: the JSON text ends too early"},
    {"The cat\n", "x.json:1:1: this is not JSON, which would begin with { or ["},
    {"{\"a\": \"b\\\"c", "x.json:1:7: the JSON text ends within this string"},
    {"{\"a\": tru}", "x.json:1:7: this is not JSON: keys and texts stand in double quotes"},
    {"{'a': 1}", "x.json:1:2: this is not JSON: keys and texts stand in double quotes, not in single ones"},
    {"[1,]", "x.json:1:4: this is not JSON: no comma stands before a closing bracket; take it out"},
    {"[NaN]", "x.json:1:2: this is not JSON: numbers are finite"},
    {"[Infinity]", "x.json:1:2: this is not JSON: numbers are finite"},
    {"{\n  // rate\n  \"a\": 1}", "x.json:2:3: comments are not JSON; take this one out"},
    {"{\"a\": 1, /* don't \"x */ \"b\": 2}", "x.json:1:10: comments are not JSON; take this one out"},
    {"# a: 1\n", "x.json:1:1: comments are not JSON; take this one out"},
    {"{\"a\": 1,\n}", "x.json:2:1: this is not JSON: no comma stands before a closing bracket; take it out"},
    {"{\"a\": 'x'}", "x.json:1:7: this is not JSON: keys and texts stand in double quotes, not in single ones"},
    {"{\xE2\x80\x9C"
     "a\": 1}",
     "x.json:1:2: this is not JSON: these quotes are curved; write straight ones, \""},
    {"{a: 1}", "x.json:1:2: this is not JSON: keys and texts stand in double quotes"},
    {"{\"a\": True}", "x.json:1:7: this is not JSON: write true, false or null, in small letters"},
    {"[None]", "x.json:1:2: this is not JSON: write true, false or null, in small letters"},
    {"{\"a\": 1\n \"b\": 2}", "x.json:2:2: this is not JSON: a comma or colon is missing before it"},
    {"{\"a\": {} \"b\": 2}", "x.json:1:10: this is not JSON: a comma or colon is missing before it"},
    {"{} {}", "x.json:1:4: this is not JSON: it goes on after its end"},
    {"{}\n\nx", "x.json:3:1: this is not JSON: it goes on after its end"},
    {"[\"\\ud800\"]", "x.json:1:3: this is not JSON"},
    {"[\"\\x\"]", "x.json:1:3: this is not JSON"},
    {"[\"a\\u0000b\"]", "x.json:1:4: \\u0000 in a string"},
    {"[\"a\nb\"]",
     "x.json:1:4: a control character in a string (does its closing quote stand? a line end is written \\n)"},
    {"[\"a\xC3\"]", "x.json:1:4: this is not UTF-8"},
    {"[\"\xED\xA0\x80\"]", "x.json:1:3: this is not UTF-8"},
    {"\xFF\xFE[", "x.json:1:1: this is not UTF-8"},
    {"1e999", "x.json: the number is out of range"},
    {"{\"a\":[0,{\"b\":-1e999}]}", "x.json: a[1].b: the number is out of range"},
    {"{\"a\":1,\"a\":1}", "x.json: a: the key stands twice"},
    {"{\"m\":{\"n\":[{}, {\"k\":1,\"l\":2,\"k\":3}]}}", "x.json: m.n[1].k: the key stands twice"},
    {"{\"\\u0061\":1,\"a\":1}", "x.json: a: the key stands twice"},
};

START_TEST(refuses) {
  Err err = {0};
  ck_assert_ptr_null(parse(refused[_i].text, &err));
  ck_assert_str_eq(err.text, refused[_i].says);
  ck_assert_int_eq(err.kind, ERR_USAGE);
}
END_TEST

START_TEST(refuses_nul) {
  Err err = {0};
  ck_assert_ptr_null(json_parse("{\"a\0b\":1}", 9, "x.json", ERR_FILE, &err));
  ck_assert_str_eq(err.text, "x.json:1:4: a NUL byte in JSON");
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_ptr_null(json_parse("{}\0", 3, "x.json", ERR_FILE, &err));
  ck_assert_str_eq(err.text, "x.json:1:3: a NUL byte in JSON");
  ck_assert_ptr_null(json_parse(NULL, 0, "x.json", ERR_FILE, &err));
}
END_TEST

/* depth times [ and depth times ]. */
static bool nests(int depth, Err *err) {
  Str text = {0};
  for (int i = 0; i < depth; i++) str_addc(&text, '[');
  for (int i = 0; i < depth; i++) str_addc(&text, ']');
  Json *json = json_parse(text.at, text.n, "x.json", ERR_USAGE, err);
  json_free(json);
  str_free(&text);
  return json != NULL;
}

START_TEST(limits_depth) {
  Err err = {0};
  ck_assert(nests(64, &err));
  ck_assert(!nests(65, &err));
  ck_assert_str_eq(err.text, "x.json:1:65: nested more than 64 levels deep");
  ck_assert(!nests(1000000, &err));
  Json *json = parse("{\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\": 1}", &err);
  ck_assert_msg(json != NULL, "%s", err.text);
  json_free(json);
}
END_TEST

/* Every prefix of a text is refused without reading past its end. */
START_TEST(refuses_every_cut) {
  static const char text[] = "{\"a\\u00e9\\\"\xE4\xBD\xA0\":[1.5e-3,true,null,{\"b\":\"\\ud83d\\ude00\"}]}";
  size_t n = sizeof text - 1;
  for (size_t cut = 0; cut <= n; cut++) {
    Err err = {0};
    Str copy = {0};
    str_add(&copy, text, cut);
    Json *json = json_parse(copy.at, cut, "x.json", ERR_USAGE, &err);
    ck_assert_int_eq(json != NULL, cut == n);
    ck_assert_int_eq(err.kind, cut == n ? ERR_NONE : ERR_USAGE);
    json_free(json);
    str_free(&copy);
  }
}
END_TEST

START_TEST(builds_and_prints) {
  Json *json = json_new_object(), *list = json_new_array();
  json_append(list, json_new_number(0.1));
  json_append(list, json_new_number(65536));
  json_append(list, json_new_string("a\"b\\c\n\x01\xC3\xA9"));
  json_set(json, "list", list);
  json_set(json, "yes", json_new_bool(false));
  json_set(json, "yes", json_new_bool(true));
  json_set(json, "gone", json_new_bool(true));
  json_remove(json, "gone");
  json_remove(json, "never");
  Json *copy = json_copy(json);
  json_free(json);
  Str out = {0};
  json_print(&out, copy, false);
  ck_assert_str_eq(out.at, "{\"list\":[0.1,65536,\"a\\\"b\\\\c\\n\\u0001\xC3\xA9\"],\"yes\":true}");
  str_clear(&out);
  json_print(&out, copy, true);
  Err err = {0};
  Json *again = json_parse(out.at, out.n, "printed", ERR_FILE, &err);
  ck_assert_msg(again != NULL, "%s", err.text);
  ck_assert_int_eq(json_count(again), 2);
  json_free(again);
  json_free(copy);
  str_clear(&out);
  json_quote(&out, "\"\t");
  ck_assert_str_eq(out.at, "\"\\\"\\t\"");
  str_free(&out);
}
END_TEST

START_TEST(numbers_read_back_the_same) {
  static const double values[] = {9007199254740991.0,
                                  1e15 + 1,
                                  -123456789012345678.0,
                                  0.1,
                                  0.30000000000000004,
                                  1.0 / 3,
                                  1e-8,
                                  1e300,
                                  5e-324,
                                  -2.5,
                                  0};
  static const char *const texts[] = {"9007199254740991",
                                      "1000000000000001",
                                      "-1.2345678901234568e+17",
                                      "0.1",
                                      "0.30000000000000004",
                                      "0.3333333333333333",
                                      "1e-08",
                                      "1e+300",
                                      "4.94065645841247e-324",
                                      "-2.5",
                                      "0"};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    Json *json = json_new_number(values[i]);
    Str out = {0};
    Err err = {0};
    json_print(&out, json, true);
    ck_assert_str_eq(out.at, texts[i]);
    Json *again = json_parse(out.at, out.n, "printed", ERR_FILE, &err);
    ck_assert(json_number(again) == values[i]);
    str_free(&out);
    json_free(again);
    json_free(json);
  }
}
END_TEST

START_TEST(prints_over_lines) {
  const char text[] = "{\"a\":{\"b\":[1,{\"c\":null}],\"d\":{},\"e\":[]}}";
  Err err = {0};
  Str out = {0};
  Json *json = parse(text, &err);
  json_print(&out, json, true);
  ck_assert_str_eq(
      out.at, "{\n  \"a\": {\n    \"b\": [1, {\n      \"c\": null\n    }],\n    \"d\": {},\n    \"e\": []\n  }\n}");
  str_clear(&out);
  json_print(&out, json, false);
  ck_assert_str_eq(out.at, text);
  str_free(&out);
  json_free(json);
}
END_TEST

START_TEST(names_types) {
  ck_assert_str_eq(json_type_name(JSON_NULL), "null");
  ck_assert_str_eq(json_type_name(JSON_BOOL), "true or false");
  ck_assert_str_eq(json_type_name(JSON_NUMBER), "a number");
  ck_assert_str_eq(json_type_name(JSON_STRING), "a string");
  ck_assert_str_eq(json_type_name(JSON_ARRAY), "an array");
  ck_assert_str_eq(json_type_name(JSON_OBJECT), "an object");
}
END_TEST

Suite *test_json(void);
Suite *test_json(void) {
  Suite *s = suite_create("json");
  TCase *t = tcase_create("json");
  tcase_add_test(t, reads_values);
  tcase_add_test(t, the_allocator_is_set_once);
  tcase_add_loop_test(t, refuses, 0, sizeof refused / sizeof *refused);
  tcase_add_test(t, refuses_nul);
  tcase_add_test(t, limits_depth);
  tcase_add_test(t, refuses_every_cut);
  tcase_add_test(t, builds_and_prints);
  tcase_add_test(t, numbers_read_back_the_same);
  tcase_add_test(t, prints_over_lines);
  tcase_add_test(t, names_types);
  suite_add_tcase(s, t);
  return s;
}
