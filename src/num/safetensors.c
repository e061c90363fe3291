#include "num/safetensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are stored as they lie in memory");

enum { LENGTH_BYTES = 8, ALIGN = 64, MAX_HEADER = 100000000 };
static const char METADATA[] = "__metadata__";

static const struct {
  const char *name;
  size_t size;
} types[] = {
#define SAFETENSORS_ROW(name, size) {#name, size},
    SAFETENSORS_TYPES(SAFETENSORS_ROW)
#undef SAFETENSORS_ROW
};

const char *safetensors_type_name(SafeTensorType type) { return types[type].name; }

/* ---- Reader ---- */

struct SafeTensors {
  Map *map;     /* NULL when the bytes are the caller's */
  Json *header; /* owns names and metadata texts */
  SafeTensor *tensors;
  int n;
  StrMap by_name;
};

/* What follows the header. */
typedef struct Data {
  const char *at;
  size_t n;
} Data;

/* True for a whole number of 0 .. 2^53. */
static bool whole(const Json *json, size_t *out) {
  if (json_type(json) != JSON_NUMBER) return false;
  double value = json_number(json);
  if (!(value >= 0 && value <= 0x1p53) || value != floor(value)) return false;
  *out = (size_t)value;
  return true;
}

static bool read_type(SafeTensor *t, const Json *json, Err *err) {
  if (json == NULL || json_type(json) != JSON_STRING) return err_set(err, ERR_FILE, "dtype is missing or not a string");
  for (t->type = 0; t->type < SAFETENSORS_N_TYPES; t->type++)
    if (strcmp(json_string(json), types[t->type].name) == 0) return true;
  return err_set(err, ERR_FILE, "dtype \"%.40s\" is unknown", json_string(json));
}

/* Fills rank, shape, n and n_bytes. */
static bool read_shape(SafeTensor *t, const Json *json, Err *err) {
  if (json == NULL || json_type(json) != JSON_ARRAY) return err_set(err, ERR_FILE, "shape is missing or not an array");
  if (json_count(json) > SAFETENSORS_MAX_RANK)
    return err_set(err, ERR_FILE, "shape has %d dimensions, over %d", json_count(json), SAFETENSORS_MAX_RANK);
  t->n = 1;
  for (const Json *c = json_first(json); c != NULL; c = json_next(c)) {
    size_t size;
    if (!whole(c, &size)) return err_set(err, ERR_FILE, "dimension %d of shape is not a whole number >= 0", t->rank);
    if (size > 0 && t->n > SIZE_MAX / size) return err_set(err, ERR_FILE, "shape has too many elements");
    t->shape[t->rank++] = size;
    t->n *= size;
  }
  if (t->n > SIZE_MAX / types[t->type].size) return err_set(err, ERR_FILE, "shape has too many elements");
  t->n_bytes = t->n * types[t->type].size;
  return true;
}

static bool read_offsets(SafeTensor *t, const Json *json, Data data, Err *err) {
  size_t begin, end;
  if (json == NULL || json_type(json) != JSON_ARRAY || json_count(json) != 2 || !whole(json_first(json), &begin) ||
      !whole(json_next(json_first(json)), &end))
    return err_set(err, ERR_FILE, "data_offsets are not two whole numbers >= 0");
  if (begin > end) return err_set(err, ERR_FILE, "data_offsets end (%zu) before they begin (%zu)", end, begin);
  if (end > data.n)
    return err_set(err, ERR_FILE, "data end at byte %zu, but the file holds %zu bytes of data (was it cut short?)", end,
                   data.n);
  if (end - begin != t->n_bytes)
    return err_set(err, ERR_FILE, "data_offsets span %zu bytes, but dtype and shape need %zu", end - begin, t->n_bytes);
  t->data = data.at + begin;
  return true;
}

static bool read_tensor(SafeTensor *t, const Json *json, Data data, Err *err) {
  t->name = json_key(json);
  if (json_type(json) != JSON_OBJECT)
    return err_set(err, ERR_FILE, "is described by %s, not by an object", json_type_name(json_type(json)));
  return read_type(t, json_get(json, "dtype"), err) && read_shape(t, json_get(json, "shape"), err) &&
         read_offsets(t, json_get(json, "data_offsets"), data, err);
}

static bool check_metadata(const Json *json, const char *name, Err *err) {
  if (json == NULL) return true;
  if (json_type(json) != JSON_OBJECT) return err_set(err, ERR_FILE, "%s: %s is not an object", name, METADATA);
  for (const Json *c = json_first(json); c != NULL; c = json_next(c))
    if (json_type(c) != JSON_STRING)
      return err_set(err, ERR_FILE, "%s: %s: \"%.200s\" is %s, not a string", name, METADATA, json_key(c),
                     json_type_name(json_type(c)));
  return true;
}

static bool read_tensors(SafeTensors *st, Data data, const char *name, Err *err) {
  st->tensors = mem_zero((size_t)json_count(st->header), sizeof *st->tensors, "tensor list");
  for (const Json *c = json_first(st->header); c != NULL; c = json_next(c)) {
    if (strcmp(json_key(c), METADATA) == 0) continue;
    if (!read_tensor(&st->tensors[st->n], c, data, err))
      return err_prefix(err, "%s: tensor \"%.200s\": ", name, json_key(c));
    strmap_put(&st->by_name, json_key(c), strlen(json_key(c)), st->n++);
  }
  return true;
}

/* By place; of two at one place the empty one first. */
static int by_place(const void *left, const void *right) {
  const SafeTensor *a = *(const SafeTensor *const *)left, *b = *(const SafeTensor *const *)right;
  uintptr_t from_a = (uintptr_t)a->data, from_b = (uintptr_t)b->data;
  if (from_a != from_b) return from_a < from_b ? -1 : 1;
  if (a->n_bytes != b->n_bytes) return a->n_bytes < b->n_bytes ? -1 : 1;
  return strcmp(a->name, b->name);
}

/* Every byte of data must belong to exactly one tensor. */
static bool check_places(const SafeTensor *const *sorted, int n, Data data, const char *name, Err *err) {
  const char *at = data.at;
  for (int i = 0; i < n; i++) {
    const char *from = sorted[i]->data;
    if (from < at)
      return err_set(err, ERR_FILE, "%s: tensors \"%.200s\" and \"%.200s\" overlap", name, sorted[i - 1]->name,
                     sorted[i]->name);
    if (from > at)
      return err_set(err, ERR_FILE, "%s: %zu bytes before tensor \"%.200s\" belong to no tensor", name,
                     (size_t)(from - at), sorted[i]->name);
    at = from + sorted[i]->n_bytes;
  }
  size_t left = data.n - (size_t)(at - data.at);
  if (left > 0) return err_set(err, ERR_FILE, "%s: %zu bytes at the end belong to no tensor", name, left);
  return true;
}

static bool check_layout(const SafeTensors *st, Data data, const char *name, Err *err) {
  const SafeTensor **sorted = mem_alloc((size_t)st->n, sizeof *sorted, "tensor list");
  for (int i = 0; i < st->n; i++) sorted[i] = &st->tensors[i];
  if (st->n > 1) qsort(sorted, (size_t)st->n, sizeof *sorted, by_place);
  bool ok = check_places(sorted, st->n, data, name, err);
  mem_free(sorted);
  return ok;
}

static bool looks_like_json(const unsigned char *at, size_t n) {
  size_t i = 0;
  while (i < n && (at[i] == ' ' || (at[i] >= '\t' && at[i] <= '\r'))) i++;
  return i < n && at[i] == '{';
}

/* A length that could be true has zeros. */
static bool looks_like_text(const unsigned char *at) {
  for (int i = 0; i < LENGTH_BYTES; i++)
    if (at[i] == 0x7F || (at[i] < ' ' && (at[i] < '\t' || at[i] > '\r'))) return false;
  return true;
}

/* Length of the header, 0 when this cannot be a safetensors file. */
static size_t header_length(const unsigned char *at, size_t n, const char *name, Err *err) {
  uint64_t length = 0;
  if (n < LENGTH_BYTES) {
    (void)err_set(err, ERR_FILE, "%s: not a safetensors file: %s", name, n == 0 ? "empty" : "shorter than 8 bytes");
    return 0;
  }
  for (int i = 0; i < LENGTH_BYTES; i++) length |= (uint64_t)at[i] << 8 * i;
  size_t left = n - LENGTH_BYTES;
  if (length > left && looks_like_json(at, n))
    (void)err_set(
        err, ERR_FILE,
        "%s: not a safetensors file but JSON, a config perhaps; train writes the model where its config says, as "
        "train.model",
        name);
  else if (length > left && length > MAX_HEADER && looks_like_text(at))
    (void)err_set(err, ERR_FILE, "%s: not a safetensors file but text", name);
  else if (length > left || length > MAX_HEADER)
    (void)err_set(err, ERR_FILE,
                  "%s: not a safetensors file, or cut short: the header would be %" PRIu64 " bytes, over %zu", name,
                  length, left < MAX_HEADER ? left : (size_t)MAX_HEADER);
  else if (length == 0 || at[LENGTH_BYTES] != '{')
    (void)err_set(err, ERR_FILE, "%s: not a safetensors file: the header does not start with {", name);
  else return (size_t)length;
  return 0;
}

static Json *read_header(const char *at, size_t n, const char *name, Err *err) {
  Str source = {0};
  str_addf(&source, "%s: header", name);
  Json *json = json_parse(at, n, str_text(&source), ERR_FILE, err);
  str_free(&source);
  return json;
}

SafeTensors *safetensors_open_bytes(const void *bytes, size_t n, const char *name, Err *err) {
  size_t length = header_length(bytes, n, name, err);
  if (length == 0) return NULL;
  const char *header = (const char *)bytes + LENGTH_BYTES;
  Data data = {header + length, n - LENGTH_BYTES - length};
  SafeTensors *st = mem_zero(1, sizeof *st, "safetensors file");
  st->header = read_header(header, length, name, err);
  if (st->header != NULL && check_metadata(json_get(st->header, METADATA), name, err) &&
      read_tensors(st, data, name, err) && check_layout(st, data, name, err))
    return st;
  safetensors_close(st);
  return NULL;
}

SafeTensors *safetensors_open(const char *path, Err *err) {
  Map *map = map_open(path, err);
  if (map == NULL) return NULL;
  SafeTensors *st = safetensors_open_bytes(map->at, map->n, path, err);
  if (st != NULL) st->map = map;
  else map_close(map);
  return st;
}

void safetensors_close(SafeTensors *st) {
  if (st == NULL) return;
  strmap_free(&st->by_name);
  mem_free(st->tensors);
  json_free(st->header);
  map_close(st->map);
  mem_free(st);
}

bool safetensors_unchanged(const SafeTensors *st, Err *err) { return st->map == NULL || map_unchanged(st->map, err); }

int safetensors_count(const SafeTensors *st) { return st->n; }

const SafeTensor *safetensors_at(const SafeTensors *st, int i) {
  CHECK(i >= 0 && i < st->n, "safetensors_at: %d of %d", i, st->n);
  return &st->tensors[i];
}

const SafeTensor *safetensors_find(const SafeTensors *st, const char *name) {
  int i;
  return strmap_get(&st->by_name, name, strlen(name), &i) ? &st->tensors[i] : NULL;
}

const char *safetensors_metadata(const SafeTensors *st, const char *key) {
  const Json *metadata = json_get(st->header, METADATA);
  const Json *text = metadata == NULL ? NULL : json_get(metadata, key);
  return text == NULL ? NULL : json_string(text);
}

const char *safetensors_next_key(const SafeTensors *st, const char *key) {
  const Json *metadata = json_get(st->header, METADATA);
  if (metadata == NULL) return NULL;
  const Json *child = key == NULL ? json_first(metadata) : json_get(metadata, key);
  if (key != NULL && child != NULL) child = json_next(child);
  return child == NULL ? NULL : json_key(child);
}

void safetensors_copy_f32(const SafeTensor *tensor, float *out) {
  CHECK(tensor->type == SAFETENSORS_F32, "safetensors_copy_f32: %s is %s", tensor->name, types[tensor->type].name);
  if (tensor->n > 0) memcpy(out, tensor->data, tensor->n_bytes);
}

/* ---- Writer ---- */

struct SafeTensorsWriter {
  IoOut *out;
  Str metadata; /* "key":"text" with commas between */
  SafeTensor *tensors;
  int n, cap;
  StrMap keys, names;
};

static void writer_free(SafeTensorsWriter *w) {
  for (int i = 0; i < w->n; i++) mem_free((void *)(uintptr_t)w->tensors[i].name);
  mem_free(w->tensors);
  str_free(&w->metadata);
  strmap_free(&w->keys);
  strmap_free(&w->names);
  mem_free(w);
}

SafeTensorsWriter *safetensors_create(const char *path, Err *err) {
  IoOut *out = io_create(path, err);
  if (out == NULL) return NULL;
  SafeTensorsWriter *w = mem_zero(1, sizeof *w, "safetensors writer");
  w->out = out;
  return w;
}

static void put_once(StrMap *map, const char *name) {
  int seen;
  CHECK(!strmap_get(map, name, strlen(name), &seen), "safetensors: %s is put twice", name);
  strmap_put(map, name, strlen(name), 1);
}

void safetensors_put_metadata(SafeTensorsWriter *w, const char *key, const char *text) {
  put_once(&w->keys, key);
  if (w->metadata.n > 0) str_addc(&w->metadata, ',');
  json_quote(&w->metadata, key);
  str_addc(&w->metadata, ':');
  json_quote(&w->metadata, text);
}

void safetensors_put(SafeTensorsWriter *w, const char *name, SafeTensorType type, int rank, const size_t *shape,
                     const void *data) {
  CHECK(rank >= 0 && rank <= SAFETENSORS_MAX_RANK, "safetensors_put: %s has %d dimensions", name, rank);
  CHECK(strcmp(name, METADATA) != 0, "safetensors_put: %s is not a tensor", name);
  put_once(&w->names, name);
  if (w->n == w->cap) {
    w->cap = w->cap == 0 ? 32 : 2 * w->cap;
    w->tensors = mem_grow(w->tensors, (size_t)w->cap, sizeof *w->tensors, "tensor list");
  }
  SafeTensor t = {.name = mem_text(name, strlen(name)), .type = type, .rank = rank, .n = 1, .data = data};
  for (int i = 0; i < rank; i++) {
    t.shape[i] = shape[i];
    t.n *= shape[i];
  }
  t.n_bytes = t.n * types[type].size;
  w->tensors[w->n++] = t;
}

/* Tensors of larger elements come first, so that all are aligned by themselves; else the order of the puts. */
static void order_by_size(const SafeTensorsWriter *w, const SafeTensor **ordered) {
  int k = 0;
  for (size_t size = 8; size > 0; size /= 2)
    for (int i = 0; i < w->n; i++)
      if (types[w->tensors[i].type].size == size) ordered[k++] = &w->tensors[i];
}

static void add_tensor(Str *header, const SafeTensor *t, size_t begin) {
  json_quote(header, t->name);
  str_addf(header, ":{\"dtype\":\"%s\",\"shape\":[", types[t->type].name);
  for (int i = 0; i < t->rank; i++) str_addf(header, "%s%zu", i > 0 ? "," : "", t->shape[i]);
  str_addf(header, "],\"data_offsets\":[%zu,%zu]}", begin, begin + t->n_bytes);
}

static void add_header(const SafeTensorsWriter *w, const SafeTensor *const *ordered, Str *header) {
  size_t at = 0;
  str_addc(header, '{');
  if (w->metadata.n > 0) str_addf(header, "\"%s\":{%s}", METADATA, str_text(&w->metadata));
  for (int i = 0; i < w->n; i++) {
    if (header->n > 1) str_addc(header, ',');
    add_tensor(header, ordered[i], at);
    at += ordered[i]->n_bytes;
  }
  str_addc(header, '}');
  while ((LENGTH_BYTES + header->n) % ALIGN != 0) str_addc(header, ' ');
}

static bool write_all(SafeTensorsWriter *w, const SafeTensor *const *ordered, const Str *header, Err *err) {
  unsigned char length[LENGTH_BYTES];
  for (int i = 0; i < LENGTH_BYTES; i++) length[i] = (unsigned char)((uint64_t)header->n >> 8 * i);
  bool ok = io_write(w->out, length, sizeof length, err) && io_write(w->out, header->at, header->n, err);
  for (int i = 0; ok && i < w->n; i++) ok = io_write(w->out, ordered[i]->data, ordered[i]->n_bytes, err);
  return ok;
}

bool safetensors_finish(SafeTensorsWriter *w, Err *err) {
  const SafeTensor **ordered = mem_alloc((size_t)w->n, sizeof *ordered, "tensor list");
  Str header = {0};
  order_by_size(w, ordered);
  add_header(w, ordered, &header);
  bool ok = write_all(w, ordered, &header, err);
  if (!ok) io_abandon(w->out);
  ok = ok && io_finish(w->out, err); /* frees on failure */
  str_free(&header);
  mem_free(ordered);
  if (!ok) writer_free(w);
  return ok;
}

bool safetensors_publish(SafeTensorsWriter *w, Err *err) {
  bool ok = io_publish(w->out, err);
  writer_free(w);
  return ok;
}

bool safetensors_changes(const SafeTensorsWriter *w) { return io_changes(w->out); }

bool safetensors_commit(SafeTensorsWriter *w, Err *err) {
  return safetensors_finish(w, err) && safetensors_publish(w, err);
}

void safetensors_abandon(SafeTensorsWriter *w) {
  if (w == NULL) return;
  io_abandon(w->out);
  writer_free(w);
}
