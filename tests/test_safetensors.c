#include "num/safetensors.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "child.h"
#include "scratch.h"

static Scratch scratch;
static const char *path, *temporary;

static void make_folder(void) {
  scratch_open(&scratch);
  path = scratch_path(&scratch, "m.safetensors");
  temporary = scratch_path(&scratch, "m.safetensors.tmp");
}

static void remove_folder(void) {
  io_fail_after(0);
  scratch_close(&scratch);
}

/* A file of this header and n_data bytes. */
static void build(Str *file, const char *header, size_t n_data) {
  size_t n = strlen(header);
  str_clear(file);
  for (int i = 0; i < 8; i++) str_addc(file, (char)(n >> 8 * i & 0xFF));
  str_add(file, header, n);
  for (size_t i = 0; i < n_data; i++) str_addc(file, (char)i);
}

static const float weights[6] = {1.0f, -2.5f, 3.25f, 0.0f, 1e-30f, 7.0f};
static const unsigned char piece[5] = {1, 2, 3, 254, 255};
static const int64_t counters[2] = {-1, 1234567890123};

static SafeTensorsWriter *small_file(Err *err) {
  SafeTensorsWriter *w = safetensors_create(path, err);
  if (w == NULL) return NULL;
  safetensors_put_metadata(w, "format", "attn-seq2seq 1");
  safetensors_put_metadata(w, "source_vocab", "[\"<pad>\",\"caf\xC3\xA9\",\"\\\\\",\"\\\"\"]");
  safetensors_put(w, "bytes", SAFETENSORS_U8, 1, (const size_t[]){5}, piece);
  safetensors_put(w, "b.weight", SAFETENSORS_F32, 2, (const size_t[]){2, 3}, weights);
  safetensors_put(w, "a.scalar", SAFETENSORS_F32, 0, NULL, weights + 1);
  safetensors_put(w, "none", SAFETENSORS_F32, 2, (const size_t[]){0, 3}, NULL);
  safetensors_put(w, "counters", SAFETENSORS_I64, 1, (const size_t[]){2}, counters);
  return w;
}

static void write_small(Str *bytes) {
  Err err = {0};
  SafeTensorsWriter *w = small_file(&err);
  ck_assert_ptr_nonnull(w);
  ck_assert_msg(safetensors_commit(w, &err), "%s", err.text);
  str_clear(bytes);
  ck_assert(io_read_all(bytes, path, 1 << 20, &err));
}

START_TEST(round_trip) {
  Str bytes = {0};
  write_small(&bytes);
  ck_assert(!io_exists(temporary));
  Err err = {0};
  SafeTensors *st = safetensors_open(path, &err);
  ck_assert_msg(st != NULL, "%s", err.text);
  ck_assert_int_eq(safetensors_count(st), 5);
  const SafeTensor *t = safetensors_find(st, "b.weight");
  ck_assert(t != NULL && t->type == SAFETENSORS_F32 && t->rank == 2 && t->shape[0] == 2 && t->shape[1] == 3);
  ck_assert(t->n == 6 && t->n_bytes == 24);
  float copy[6];
  safetensors_copy_f32(t, copy);
  ck_assert_mem_eq(copy, weights, sizeof copy);
  t = safetensors_find(st, "bytes");
  ck_assert(t != NULL && t->type == SAFETENSORS_U8 && t->n == 5 && memcmp(t->data, piece, 5) == 0);
  t = safetensors_find(st, "counters");
  ck_assert(t != NULL && t->type == SAFETENSORS_I64 && memcmp(t->data, counters, sizeof counters) == 0);
  ck_assert_uint_eq((uintptr_t)t->data % 64, 0); /* the first of the data; maps start at a page */
  t = safetensors_find(st, "a.scalar");
  ck_assert(t != NULL && t->rank == 0 && t->n == 1 && memcmp(t->data, weights + 1, sizeof(float)) == 0);
  t = safetensors_find(st, "none");
  ck_assert(t != NULL && t->n == 0 && t->n_bytes == 0);
  ck_assert_ptr_null(safetensors_find(st, "weight"));
  ck_assert_str_eq(safetensors_metadata(st, "format"), "attn-seq2seq 1");
  ck_assert_str_eq(safetensors_metadata(st, "source_vocab"), "[\"<pad>\",\"caf\xC3\xA9\",\"\\\\\",\"\\\"\"]");
  ck_assert_ptr_null(safetensors_metadata(st, "target_vocab"));
  safetensors_close(st);
  str_free(&bytes);
}
END_TEST

START_TEST(walks_in_order) {
  Str bytes = {0};
  write_small(&bytes);
  Err err = {0};
  SafeTensors *st = safetensors_open_bytes(bytes.at, bytes.n, "memory", &err);
  ck_assert_ptr_nonnull(st);
  static const char *const names[] = {"counters", "b.weight", "a.scalar", "none", "bytes"};
  for (int i = 0; i < 5; i++) ck_assert_str_eq(safetensors_at(st, i)->name, names[i]);
  const char *key = safetensors_next_key(st, NULL);
  ck_assert_str_eq(key, "format");
  key = safetensors_next_key(st, key);
  ck_assert_str_eq(key, "source_vocab");
  ck_assert_ptr_null(safetensors_next_key(st, key));
  safetensors_close(st);
  str_free(&bytes);
}
END_TEST

START_TEST(same_puts_same_bytes) {
  Str first = {0}, second = {0};
  write_small(&first);
  write_small(&second);
  ck_assert_uint_eq(first.n, second.n);
  ck_assert_mem_eq(first.at, second.at, first.n);
  const char *start = "{\"__metadata__\":{\"format\":";
  ck_assert_mem_eq(first.at + 8, start, strlen(start));
  str_free(&first);
  str_free(&second);
}
END_TEST

START_TEST(empty_and_metadata_free_files) {
  Err err = {0};
  SafeTensorsWriter *w = safetensors_create(path, &err);
  ck_assert(w != NULL && safetensors_commit(w, &err));
  SafeTensors *st = safetensors_open(path, &err);
  ck_assert_msg(st != NULL, "%s", err.text);
  ck_assert_int_eq(safetensors_count(st), 0);
  ck_assert_ptr_null(safetensors_metadata(st, "format"));
  ck_assert_ptr_null(safetensors_next_key(st, NULL));
  safetensors_close(st);
}
END_TEST

START_TEST(many_tensors_found_by_name) {
  enum { N = 300 };
  Err err = {0};
  SafeTensorsWriter *w = safetensors_create(path, &err);
  ck_assert_ptr_nonnull(w);
  float data[N];
  char name[32];
  for (int i = 0; i < N; i++) {
    data[i] = (float)i;
    (void)snprintf(name, sizeof name, "t%d", i);
    safetensors_put(w, name, SAFETENSORS_F32, 1, (const size_t[]){1}, &data[i]);
  }
  ck_assert(safetensors_commit(w, &err));
  SafeTensors *st = safetensors_open(path, &err);
  ck_assert_msg(st != NULL, "%s", err.text);
  for (int i = 0; i < N; i++) {
    (void)snprintf(name, sizeof name, "t%d", i);
    float value = -1.0f;
    safetensors_copy_f32(safetensors_find(st, name), &value);
    ck_assert(value == (float)i);
  }
  safetensors_close(st);
}
END_TEST

START_TEST(misaligned_foreign_data) {
  Str file = {0};
  build(&file, "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} ", 8); /* 53 bytes */
  const float expect[2] = {0.5f, -8.0f};
  memcpy(file.at + file.n - 8, expect, 8);
  Err err = {0};
  SafeTensors *st = safetensors_open_bytes(file.at, file.n, "memory", &err);
  ck_assert_msg(st != NULL, "%s", err.text);
  const SafeTensor *t = safetensors_find(st, "x");
  ck_assert_uint_ne((uintptr_t)t->data % sizeof(float), 0);
  float got[2];
  safetensors_copy_f32(t, got);
  ck_assert_mem_eq(got, expect, 8);
  safetensors_close(st);
  str_free(&file);
}
END_TEST

START_TEST(tensors_in_any_order_and_foreign_types) {
  Str file = {0};
  build(&file,
        "{\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[4,8]},"
        "\"e\":{\"dtype\":\"F64\",\"shape\":[0],\"data_offsets\":[4,4]},"
        "\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1,1,1,1,1,1,2,2],\"data_offsets\":[0,4]}}",
        8);
  Err err = {0};
  SafeTensors *st = safetensors_open_bytes(file.at, file.n, "memory", &err);
  ck_assert_msg(st != NULL, "%s", err.text);
  ck_assert_str_eq(safetensors_at(st, 0)->name, "b");
  ck_assert_str_eq(safetensors_type_name(safetensors_find(st, "a")->type), "F8_E4M3");
  ck_assert_int_eq(safetensors_find(st, "a")->rank, 8);
  safetensors_close(st);
  str_free(&file);
}
END_TEST

#define ONE(type, shape, offsets) "{\"x\":{\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":" offsets "}}"
#define TWO(offsets_a, shape_b, offsets_b)                             \
  "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" offsets_a \
  "},"                                                                 \
  "\"b\":{\"dtype\":\"U8\",\"shape\":" shape_b ",\"data_offsets\":" offsets_b "}}"

static const struct {
  const char *header;
  size_t n_data;
  const char *says;
} refused[] = {
    {"", 8, "does not start with {"},
    {"[]", 0, "does not start with {"},
    {" {}", 0, "does not start with {"},
    {"{", 0, "header:1:2: the JSON text ends too early"},
    {"{\"a\":}", 0, "header:1:6: this is not JSON"},
    {"{} x", 0, "header:1:4: this is not JSON"},
    {"{\"__metadata__\":1}", 0, "__metadata__ is not an object"},
    {"{\"__metadata__\":[\"a\"]}", 0, "__metadata__ is not an object"},
    {"{\"__metadata__\":{\"k\":1}}", 0, "\"k\" is a number, not a string"},
    {"{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "__metadata__.k: the key stands twice"},
    {"{\"x\":7}", 0, "tensor \"x\": is described by a number"},
    {"{\"x\":{}}", 0, "dtype is missing"},
    {"{\"x\":{\"dtype\":1}}", 0, "dtype is missing or not a string"},
    {"{\"x\":{\"dtype\":\"U8\"}}", 0, "shape is missing"},
    {"{\"x\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "data_offsets are not two"},
    {ONE("F33", "[1]", "[0,4]"), 4, "dtype \"F33\" is unknown"},
    {ONE("f32", "[1]", "[0,4]"), 4, "dtype \"f32\" is unknown"},
    {ONE("U8", "4", "[0,4]"), 4, "shape is missing or not an array"},
    {ONE("U8", "[-4]", "[0,4]"), 4, "dimension 0 of shape is not a whole number"},
    {ONE("U8", "[1,4.5]", "[0,4]"), 4, "dimension 1 of shape is not a whole number"},
    {ONE("U8", "[1e300]", "[0,4]"), 4, "dimension 0 of shape is not a whole number"},
    {ONE("U8", "[1e999]", "[0,4]"), 4, "out of range"},
    {ONE("U8", "[\"4\"]", "[0,4]"), 4, "dimension 0 of shape is not a whole number"},
    {ONE("U8", "[1,1,1,1,1,1,1,1,4]", "[0,4]"), 4, "9 dimensions, over 8"},
    {ONE("U8", "[4294967296,4294967296]", "[0,0]"), 0, "too many elements"},
    {ONE("F32", "[4294967296,1073741824]", "[0,0]"), 0, "too many elements"},
    {ONE("U8", "[4]", "[0]"), 4, "data_offsets are not two"},
    {ONE("U8", "[4]", "[0,4,4]"), 4, "data_offsets are not two"},
    {ONE("U8", "[4]", "[-1,3]"), 4, "data_offsets are not two"},
    {ONE("U8", "[4]", "[0.5,4.5]"), 4, "data_offsets are not two"},
    {ONE("U8", "[4]", "{\"a\":0,\"b\":4}"), 4, "data_offsets are not two"},
    {ONE("U8", "[4]", "[4,0]"), 4, "end (0) before they begin (4)"},
    {ONE("U8", "[4]", "[0,4]"), 3, "the file holds 3 bytes"},
    {ONE("U8", "[4]", "[9007199254740988,9007199254740992]"), 4, "the file holds 4 bytes"},
    {ONE("U8", "[4]", "[0,3]"), 4, "span 3 bytes, but dtype and shape need 4"},
    {ONE("F32", "[4]", "[0,4]"), 4, "span 4 bytes, but dtype and shape need 16"},
    {ONE("U8", "[4]", "[0,4]"), 5, "1 bytes at the end belong to no tensor"},
    {ONE("U8", "[4]", "[1,5]"), 5, "1 bytes before tensor \"x\" belong to no tensor"},
    {"{}", 1, "1 bytes at the end belong to no tensor"},
    {TWO("[0,4]", "[4]", "[3,7]"), 7, "\"a\" and \"b\" overlap"},
    {TWO("[0,4]", "[4]", "[0,4]"), 4, "\"a\" and \"b\" overlap"},
    {TWO("[4,8]", "[8]", "[0,8]"), 8, "\"b\" and \"a\" overlap"},
    {TWO("[0,4]", "[4]", "[5,9]"), 9, "1 bytes before tensor \"b\" belong to no tensor"},
    {TWO("[0,4]", "[0]", "[2,2]"), 4, "\"a\" and \"b\" overlap"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
     "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
     2, "a: the key stands twice"},
};

START_TEST(refuses_headers) {
  Str file = {0};
  Err err = {0};
  build(&file, refused[_i].header, refused[_i].n_data);
  ck_assert_ptr_null(safetensors_open_bytes(file.at, file.n, "foreign.st", &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strncmp(err.text, "foreign.st: ", 12) == 0, "%s", err.text);
  ck_assert_msg(strstr(err.text, refused[_i].says) != NULL, "%s: %s", refused[_i].header, err.text);
  str_free(&file);
}
END_TEST

static void refuse_bytes(const char *bytes, size_t n, const char *says) {
  Err err = {0};
  ck_assert_ptr_null(safetensors_open_bytes(bytes, n, "foreign.st", &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, says) != NULL, "%s", err.text);
}

START_TEST(refuses_lengths) {
  refuse_bytes("", 0, "empty");
  refuse_bytes("\2\0\0\0\0\0\0", 7, "shorter than 8 bytes");
  refuse_bytes("\0\0\0\0\0\0\0\0{}", 10, "does not start with {");
  refuse_bytes("\3\0\0\0\0\0\0\0{}", 10, "the header would be 3 bytes, over 2");
  refuse_bytes("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0{}", 10, "72057594037927935 bytes, over 2");
  refuse_bytes("The dog sees", 12, "not a safetensors file but text");
  refuse_bytes("un\tmot\r\n\xC3\xA0", 10, "not a safetensors file but text");
  size_t n = 8 + 100000001; /* a header of 100,000,001 = 0x5F5E101 blanks, all there */
  char *big = mem_alloc(n, 1, "test");
  memset(big, ' ', n);
  memcpy(big, "\x01\xE1\xF5\x05\0\0\0\0{}", 10);
  refuse_bytes(big, n, "100000001 bytes, over 100000000");
  mem_free(big);
}
END_TEST

START_TEST(refuses_paths) {
  Err err = {0};
  ck_assert_ptr_null(safetensors_open(path, &err));
  ck_assert(err.kind == ERR_FILE && strstr(err.text, path) != NULL && strstr(err.text, "No such file") != NULL);
  ck_assert_ptr_null(safetensors_open(str_text(&scratch.folder), &err));
  ck_assert(err.kind == ERR_FILE && strstr(err.text, str_text(&scratch.folder)) != NULL);
  ck_assert(io_write_file(path, "", 0, &err));
  ck_assert_ptr_null(safetensors_open(path, &err));
  ck_assert_msg(strstr(err.text, "empty") != NULL, "%s", err.text);
  ck_assert_int_eq(chmod(path, 0), 0);
  if (geteuid() == 0) return; /* root reads everything */
  ck_assert_ptr_null(safetensors_open(path, &err));
  ck_assert_msg(strstr(err.text, "Permission denied") != NULL, "%s", err.text);
}
END_TEST

/* Opens bytes placed right before the end of a block of their own, so that sanitizers see any step past it. */
static bool opens(const char *bytes, size_t n) {
  char *copy = mem_alloc(n, 1, "test");
  memcpy(copy, bytes, n);
  Err err = {0};
  SafeTensors *st = safetensors_open_bytes(copy, n, "memory", &err);
  if (st == NULL) ck_assert(err.kind == ERR_FILE && err.text[0] != '\0');
  for (int i = 0; st != NULL && i < safetensors_count(st); i++) {
    const SafeTensor *t = safetensors_at(st, i);
    const char *at = t->data;
    ck_assert(at >= copy && t->n_bytes <= n && at + t->n_bytes <= copy + n);
  }
  safetensors_close(st);
  mem_free(copy);
  return st != NULL;
}

START_TEST(survives_truncation) {
  Str bytes = {0};
  write_small(&bytes);
  ck_assert(opens(bytes.at, bytes.n));
  for (size_t n = 0; n < bytes.n; n++) ck_assert_msg(!opens(bytes.at, n), "cut to %zu bytes", n);
  str_free(&bytes);
}
END_TEST

START_TEST(survives_bit_flips) {
  Str bytes = {0};
  write_small(&bytes);
  size_t header = 8 + (size_t)((unsigned char)bytes.at[0] | (unsigned char)bytes.at[1] << 8);
  ck_assert_uint_lt(header, bytes.n);
  int n_valid = 0;
  for (size_t bit = 0; bit < 8 * header; bit++) {
    bytes.at[bit / 8] = (char)(bytes.at[bit / 8] ^ 1 << bit % 8);
    n_valid += opens(bytes.at, bytes.n);
    bytes.at[bit / 8] = (char)(bytes.at[bit / 8] ^ 1 << bit % 8);
  }
  ck_assert_int_gt(n_valid, 0); /* a letter of a name may turn into another */
  ck_assert_int_lt(n_valid, (int)(4 * header));
  str_free(&bytes);
}
END_TEST

START_TEST(failed_writes_leave_nothing) {
  bool done = false;
  int n_failed = 0;
  for (unsigned long n = 1; !done; n++) {
    Err err = {0};
    SafeTensorsWriter *w = small_file(&err);
    ck_assert_ptr_nonnull(w);
    io_fail_after(n);
    done = safetensors_commit(w, &err);
    io_fail_after(0);
    n_failed += !done;
    ck_assert_int_eq(io_exists(path), n_failed == 10 || done);
    ck_assert(!io_exists(temporary));
    if (!done) ck_assert(err.kind == ERR_FILE && strstr(err.text, path) != NULL);
  }
  ck_assert_int_eq(n_failed, 10); /* length, header, five tensors, finish, publish, then the folder's fsync */
}
END_TEST

START_TEST(failed_write_keeps_the_old_file) {
  Str before = {0}, after = {0};
  write_small(&before);
  Err err = {0};
  SafeTensorsWriter *w = safetensors_create(path, &err);
  ck_assert(w != NULL && safetensors_finish(w, &err));
  io_fail_after(1);
  ck_assert(!safetensors_publish(w, &err));
  io_fail_after(0);
  ck_assert(io_read_all(&after, path, 1 << 20, &err));
  ck_assert_uint_eq(before.n, after.n);
  ck_assert_mem_eq(before.at, after.at, before.n);
  ck_assert(!io_exists(temporary));
  str_free(&before);
  str_free(&after);
}
END_TEST

START_TEST(finish_then_publish_or_abandon) {
  Err err = {0};
  SafeTensorsWriter *w = small_file(&err);
  ck_assert(w != NULL && safetensors_finish(w, &err));
  ck_assert(io_exists(temporary) && !io_exists(path));
  safetensors_abandon(w);
  ck_assert(!io_exists(temporary) && !io_exists(path));
  w = small_file(&err);
  ck_assert(w != NULL && safetensors_finish(w, &err) && safetensors_publish(w, &err));
  ck_assert(!io_exists(temporary) && io_exists(path));
  safetensors_abandon(NULL);
}
END_TEST

/* Writes and reads back with the nth allocation failing. */
static void write_and_read(void *ctx) {
  mem_fail_after(*(const unsigned long *)ctx);
  Err err = {0};
  SafeTensorsWriter *w = small_file(&err);
  bool ok = w != NULL && safetensors_commit(w, &err);
  SafeTensors *st = ok ? safetensors_open(path, &err) : NULL;
  if (st == NULL) _exit(3);
  safetensors_close(st);
}

START_TEST(out_of_memory_leaves_no_file) {
  int status = 1;
  unsigned long n = 1;
  bool published = false; /* once the writer is through, later failures are the reader's */
  for (; status != 0; n++) {
    char said[512];
    (void)unlink(path);
    status = child_run(write_and_read, &n, said, sizeof said);
    if (status == 0) break;
    ck_assert_int_eq(status, 1);
    ck_assert_msg(strncmp(said, "attn-seq2seq: out of memory: ", 29) == 0, "%s", said);
    ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
    if (published) ck_assert(io_exists(path));
    published = io_exists(path);
  }
  ck_assert(published);
  ck_assert_uint_gt(n, 50);
}
END_TEST

Suite *test_safetensors(void);
Suite *test_safetensors(void) {
  Suite *s = suite_create("safetensors");
  TCase *t = tcase_create("safetensors");
  tcase_set_timeout(t, 60);
  tcase_add_checked_fixture(t, make_folder, remove_folder);
  tcase_add_test(t, round_trip);
  tcase_add_test(t, walks_in_order);
  tcase_add_test(t, same_puts_same_bytes);
  tcase_add_test(t, empty_and_metadata_free_files);
  tcase_add_test(t, many_tensors_found_by_name);
  tcase_add_test(t, misaligned_foreign_data);
  tcase_add_test(t, tensors_in_any_order_and_foreign_types);
  tcase_add_loop_test(t, refuses_headers, 0, sizeof refused / sizeof *refused);
  tcase_add_test(t, refuses_lengths);
  tcase_add_test(t, refuses_paths);
  tcase_add_test(t, survives_truncation);
  tcase_add_test(t, survives_bit_flips);
  tcase_add_test(t, failed_writes_leave_nothing);
  tcase_add_test(t, failed_write_keeps_the_old_file);
  tcase_add_test(t, finish_then_publish_or_abandon);
  tcase_add_test(t, out_of_memory_leaves_no_file);
  suite_add_tcase(s, t);
  return s;
}
