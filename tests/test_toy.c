#include "text/toy.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "text/region_file.h"
#include "text/toy_draw.h"

static const char *const files[] = {"train.src",   "train.tgt", "train.align", "valid.src",  "valid.tgt",
                                    "valid.align", "test.src",  "test.tgt",    "test.align", "config.json"};
enum { N_FILES = sizeof files / sizeof *files };

static char *new_folder(void) {
  const char *tmp = getenv("TMPDIR");
  Str path = {0};
  str_addf(&path, "%s/test_toy.XXXXXX", tmp == NULL ? "/tmp" : tmp);
  ck_assert_ptr_nonnull(mkdtemp(path.at));
  return path.at;
}

static void read_file(Str *out, const char *folder, const char *name) {
  Str path = {0};
  Err err = {0};
  str_addf(&path, "%s/%s", folder, name);
  ck_assert_msg(io_read_all(out, path.at, 1 << 28, &err), "%s", err.text);
  str_free(&path);
}

static bool is_any(void *ctx, const char *name) {
  (void)ctx;
  (void)name;
  return true;
}

static void remove_folder(char *folder) {
  Str path = {0};
  Err err = {0};
  str_addf(&path, "%s/images", folder);
  if (io_is_folder(path.at)) {
    ck_assert(io_sweep(path.at, is_any, NULL, &err));
    ck_assert_int_eq(remove(path.at), 0);
  }
  for (int i = 0; i < N_FILES; i++) {
    str_clear(&path);
    str_addf(&path, "%s/%s", folder, files[i]);
    (void)remove(path.at);
  }
  static const char *const graphs[] = {"train.graph", "valid.graph", "test.graph"}; /* of some toys */
  for (int i = 0; i < 3; i++) {
    str_clear(&path);
    str_addf(&path, "%s/%s", folder, graphs[i]);
    (void)remove(path.at);
  }
  ck_assert_int_eq(remove(folder), 0);
  str_free(&path);
  mem_free(folder);
}

static int count_lines(const Str *text) {
  int n = 0;
  for (size_t i = 0; i < text->n; i++) n += text->at[i] == '\n';
  return n;
}

/* Cuts the next line off *at, without its end. */
static char *next_line(char **at) {
  char *line = *at, *end = strchr(line, '\n');
  ck_assert_ptr_nonnull(end);
  *end = '\0';
  *at = end + 1;
  return line;
}

static bool by_characters(const char *name) { return strcmp(name, "dates") == 0 || strncmp(name, "numbers", 7) == 0; }

/* Patches of that size of the image that a line names. */
static int count_patches(const char *path, int patch) {
  RegionFile file = {0};
  Err err = {0};
  ck_assert_msg(region_file_read(&file, &(RegionForm){.patch = patch, .max_side = 10}, path, &err), "%s", err.text);
  int n = file.regions.n;
  region_file_free(&file);
  return n;
}

static int count_tokens(const char *name, const char *line) {
  if (strstr(line, ".pgm") != NULL) return count_patches(line, strcmp(name, "parity") == 0 ? 3 : 4);
  if (by_characters(name)) return (int)utf8_count(line, strlen(line));
  int n = 1;
  for (; *line != '\0'; line++) n += *line == ' ';
  return n;
}

/* Links in range, in order, none twice. Returns how many. */
static int check_links(const char *links, int n_source, int n_target) {
  int n = 0, last_source = -1, last_target = -1, source, target, used;
  char kind;
  for (; sscanf(links, "%d%c%d%n", &source, &kind, &target, &used) == 3; n++) {
    ck_assert(kind == '-' || kind == '?');
    ck_assert(source >= 0 && source < n_source && target >= 0 && target < n_target);
    ck_assert(source > last_source || (source == last_source && target > last_target));
    last_source = source, last_target = target;
    links += used;
    if (*links == ' ') links++;
  }
  ck_assert_msg(*links == '\0', "left over: '%s'", links);
  return n;
}

static void check_part(const char *name, const char *folder, int part, int n_lines, StrMap *seen) {
  Str text[3] = {{0}, {0}, {0}};
  char *at[3];
  for (int k = 0; k < 3; k++) {
    read_file(&text[k], folder, files[3 * part + k]);
    ck_assert_int_eq(count_lines(&text[k]), n_lines);
    at[k] = text[k].at;
  }
  int ratio = strncmp(name, "numbers", 7) == 0 ? 15 : strncmp(name, "repeat-copy", 11) == 0 ? 5 : 2;
  for (int i = 0; i < n_lines; i++) {
    char *source = next_line(&at[0]), *target = next_line(&at[1]), *links = next_line(&at[2]);
    ck_assert(utf8_valid(source, strlen(source)) && utf8_valid(target, strlen(target)));
    int n_source = count_tokens(name, source), n_target = count_tokens(name, target);
    ck_assert_int_ge(check_links(links, n_source, n_target), 1);
    /* The search of the config's translate.max_length_ratio can reach the target, and nothing is cut. */
    ck_assert_int_le(n_target, ratio * n_source + 10);
    ck_assert(n_source <= 100 && n_target <= 100);
    int *times = strmap_at(seen, source, strlen(source));
    ck_assert_msg(++*times == 1, "'%s' twice", source);
  }
  for (int k = 0; k < 3; k++) str_free(&text[k]);
}

START_TEST(files_of_every_toy) {
  const char *name = toy_name(_i);
  char *folder = new_folder();
  Err err = {0};
  StrMap seen = {0};
  ck_assert_msg(toy_write(name, folder, 3000, 1, true, &err), "%s", err.text);
  check_part(name, folder, 0, 3000, &seen);
  check_part(name, folder, 1, 150, &seen);
  check_part(name, folder, 2, 150, &seen);
  ck_assert_uint_eq(seen.n, 3300);
  strmap_free(&seen);
  remove_folder(folder);
}
END_TEST

static void all_bytes(Str *out, const char *folder) {
  for (int i = 0; i < N_FILES - 1; i++) read_file(out, folder, files[i]);
}

START_TEST(seed_decides_the_bytes) {
  const char *name = _i == 0 ? "numbers-fr" : "en-fr";
  char *folder = new_folder();
  Str one = {0}, same = {0}, other = {0};
  Err err = {0};
  ck_assert(toy_write(name, folder, 200, 5, true, &err));
  all_bytes(&one, folder);
  ck_assert(toy_write(name, folder, 200, 5, true, &err));
  all_bytes(&same, folder);
  ck_assert(toy_write(name, folder, 200, 6, true, &err));
  all_bytes(&other, folder);
  ck_assert_str_eq(one.at, same.at);
  ck_assert_str_ne(one.at, other.at);
  str_free(&one), str_free(&same), str_free(&other);
  remove_folder(folder);
}
END_TEST

static const char *get_string(const Json *json, const char *a, const char *b, const char *c) {
  return json_string(json_get(json_get(json_get(json, a), b), c));
}

START_TEST(config_names_the_files) {
  char *folder = new_folder();
  Str text = {0}, path = {0}, given = {0};
  Err err = {0};
  str_addf(&given, "%s//", folder);
  ck_assert(toy_write("numbers-zh", given.at, 1, 1, true, &err));
  read_file(&text, folder, "config.json");
  Json *json = json_parse(text.at, text.n, "config.json", ERR_USAGE, &err);
  ck_assert_msg(json != NULL, "%s", err.text);
  str_addf(&path, "%s/train.src", folder);
  ck_assert_str_eq(get_string(json, "data", "train", "source"), path.at);
  str_clear(&path);
  str_addf(&path, "%s/valid.tgt", folder);
  ck_assert_str_eq(get_string(json, "data", "valid", "target"), path.at);
  ck_assert_str_eq(get_string(json, "vocab", "source", "tokenizer"), "char");
  ck_assert_str_eq(get_string(json, "vocab", "target", "tokenizer"), "char");
  str_clear(&path);
  str_addf(&path, "%s/model.safetensors", folder);
  ck_assert_str_eq(json_string(json_get(json_get(json, "train"), "model")), path.at);
  json_free(json);
  str_clear(&text);
  read_file(&text, folder, "valid.src");
  ck_assert_int_eq(count_lines(&text), 100);
  str_free(&text), str_free(&path), str_free(&given);
  remove_folder(folder);
}
END_TEST

/* The kind of model that a toy is for stands in its config, beside what every toy has. */
START_TEST(config_is_of_the_toys_kind) {
  char *folder = new_folder();
  Str text = {0};
  Err err = {0};
  ck_assert(toy_write("saw", folder, 1, 1, true, &err));
  read_file(&text, folder, "config.json");
  Json *json = json_parse(text.at, text.n, "config.json", ERR_USAGE, &err);
  ck_assert_msg(json != NULL, "%s", err.text);
  const Json *encoder = json_get(json_get(json, "model"), "encoder");
  ck_assert_str_eq(json_string(json_get(encoder, "type")), "none");
  ck_assert_double_eq(json_number(json_get(json_get(encoder, "self_attention"), "layers")), 1);
  ck_assert_ptr_null(json_get(encoder, "hidden"));
  ck_assert_str_eq(get_string(json, "model", "decoder", "init"), "zero");
  ck_assert_str_eq(get_string(json, "model", "decoder", "cell"), "gru");
  ck_assert_double_eq(json_number(json_get(json_get(json_get(json, "model"), "attention"), "window")), 0);
  json_free(json);
  str_free(&text);
  remove_folder(folder);
}
END_TEST

START_TEST(errors) {
  Err err = {0};
  ck_assert(!toy_write("numbers-fe", "nowhere", 1, 1, true, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_ptr_nonnull(strstr(err.text, "did you mean 'numbers-"));
  for (int i = 0; i < toy_count(); i++) ck_assert_ptr_nonnull(strstr(err.text, toy_name(i)));
  err_clear(&err);
  ck_assert(!toy_write("elephant", "nowhere", 1, 1, true, &err));
  ck_assert_ptr_null(strstr(err.text, "did you mean"));
  err_clear(&err);
  ck_assert(!toy_write("numbers-en", "nowhere", 909093, 1, true, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_ptr_nonnull(strstr(err.text, "at most 909092"));
  err_clear(&err);
  ck_assert(!toy_write("copy", "nowhere", 0, 1, true, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  err_clear(&err);
  ck_assert(!toy_write("copy", "no/such/folder", 1, 1, true, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert(!io_exists("nowhere") && !io_exists("no"));
}
END_TEST

START_TEST(full_disk_leaves_nothing) {
  char *folder = new_folder();
  Err err = {0};
  io_fail_after(3);
  ck_assert(!toy_write("copy", folder, 10, 1, true, &err));
  io_fail_after(0);
  ck_assert_int_eq(err.kind, ERR_FILE);
  remove_folder(folder); /* fails when a temporary file stayed */
}
END_TEST

/* 1,000,000 numbers; n/20 with at least 100: 909092 + 2 * 45454 = 1,000,000. sort: 30^3 + ... + 30^12. */
START_TEST(sizes) {
  ck_assert_uint_eq(toy_size(toy_find("numbers-de")), 1000000);
  ck_assert_int_eq(toy_most(toy_find("numbers-de")), 909092);
  ck_assert_uint_eq(toy_size(toy_find("sort")), 549766551724137000u);
  /* 73049 days in 200 years; three of the 22 forms leave out 31 * 200 days of May. */
  ck_assert_uint_eq(toy_size(toy_find("dates")), 22u * 73049 - 3 * 6200);
  ck_assert_uint_gt(toy_size(toy_find("en-fr")), 100000);
  ck_assert_ptr_null(toy_find("numbers"));
}
END_TEST

static uint64_t small_size(int stratum) {
  static const uint64_t n[] = {10, 0, 5000, 1};
  return n[stratum];
}

static double small_weight(int stratum) { return stratum == 2 ? 1 : 4; }

START_TEST(draws_everything_once) {
  const Toy toy = {4, small_size, small_weight, NULL};
  ToyDraw *draw = toy_draw_new(&toy, 77);
  bool seen[4][5000] = {{false}};
  int moved = 0;
  for (int i = 0; i < 5011; i++) {
    int stratum;
    uint64_t index, size;
    toy_draw_next(draw, &stratum, &index, &size);
    ck_assert_uint_eq(size, small_size(stratum));
    ck_assert_uint_lt(index, size);
    ck_assert(!seen[stratum][index]);
    seen[stratum][index] = true;
    moved += i < 100 && stratum == 2 && index > 100;
  }
  ck_assert_int_gt(moved, 50); /* not in their order */
  toy_draw_free(draw);
}
END_TEST

static void target_as_sorted(const char *name, int *words, int n) {
  for (int i = 0; i < n; i++)
    for (int j = i + 1; strcmp(name, "sort") == 0 && j < n; j++)
      if (words[j] < words[i]) {
        int keep = words[i];
        words[i] = words[j], words[j] = keep;
      }
  for (int i = 0; strcmp(name, "reverse") == 0 && i < n / 2; i++) {
    int keep = words[i];
    words[i] = words[n - 1 - i], words[n - 1 - i] = keep;
  }
}

/* Words of a line as their scalars. */
static int scalars(const char *line, int *words) {
  int n = 0;
  for (size_t at = 0, end = strlen(line); at < end; at++) {
    uint32_t scalar;
    bool valid;
    at += utf8_next(line + at, end - at, &scalar, &valid);
    words[n++] = (int)scalar;
  }
  return n;
}

START_TEST(symbols) {
  static const char *const names[] = {"copy", "reverse", "sort"};
  const char *name = names[_i];
  const Toy *toy = toy_find(name);
  ToyPair pair = {0};
  for (int i = 0; i < 2000; i++) {
    int stratum = i % toy->n_strata, source[12], target[12], expected[12];
    toy_make(toy, stratum, (uint64_t)i * 104729 % toy->size(stratum), &pair);
    int n = scalars(pair.source.at, source);
    ck_assert_int_eq(n, stratum + 3);
    ck_assert_int_eq(scalars(pair.target.at, target), n);
    memcpy(expected, source, sizeof expected);
    target_as_sorted(name, expected, n);
    ck_assert_int_eq(memcmp(expected, target, (size_t)n * sizeof *target), 0);
    ck_assert_int_eq(pair.n_links, n);
    for (int k = 0; k < n; k++) {
      ck_assert_int_eq(pair.links[k].source, k);
      ck_assert_int_eq(target[pair.links[k].target], source[k]);
      for (int m = 0; m < k; m++) { /* each target once; equal symbols in order, unless reversed */
        ck_assert_int_ne(pair.links[m].target, pair.links[k].target);
        if (source[m] == source[k]) ck_assert((pair.links[m].target < pair.links[k].target) == (_i != 1));
      }
    }
  }
  toy_pair_free(&pair);
}
END_TEST

Suite *test_toy(void);
Suite *test_toy(void) {
  Suite *s = suite_create("toy");
  TCase *t = tcase_create("toy");
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, files_of_every_toy, 0, toy_count());
  tcase_add_loop_test(t, seed_decides_the_bytes, 0, 2);
  tcase_add_test(t, config_names_the_files);
  tcase_add_test(t, config_is_of_the_toys_kind);
  tcase_add_test(t, errors);
  tcase_add_test(t, full_disk_leaves_nothing);
  tcase_add_test(t, sizes);
  tcase_add_test(t, draws_everything_once);
  tcase_add_loop_test(t, symbols, 0, 3);
  suite_add_tcase(s, t);
  return s;
}
