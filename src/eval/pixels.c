#include "eval/pixels.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

static const char digits[] = "0123456789abcdef";

static int count(const Regions *r) { return r->n * r->size; }

bool pixels_shown(const Regions *r) {
  return r != NULL && r->columns > 0 && r->n <= PIXELS_MOST && r->size <= PIXELS_MOST / r->n;
}

void pixels_add(Str *out, const Regions *r) {
  str_addf(out, "{\"columns\":%d,\"patch\":%.0f,\"pixels\":\"", r->columns, sqrt(r->size));
  for (int i = 0; i < count(r); i++) {
    int grey = (int)(255 * r->at[i] + 0.5F);
    str_addc(out, digits[grey / 16]);
    str_addc(out, digits[grey % 16]);
  }
  str_adds(out, "\"}");
}

/* A whole number from 1 to high, or 0. */
static int whole(const Json *object, const char *key, int high) {
  const Json *value = json_get(object, key);
  double number = value != NULL && json_type(value) == JSON_NUMBER ? json_number(value) : 0;
  return number >= 1 && number <= high && floor(number) == number ? (int)number : 0;
}

static bool read_pixel(const char *at, float *value) {
  const char *high = memchr(digits, at[0], 16), *low = memchr(digits, at[1], 16);
  if (high == NULL || low == NULL) return false;
  *value = (float)(16 * (high - digits) + (low - digits)) / 255;
  return true;
}

bool pixels_read(RegionFile *file, int n, const Json *object) {
  file->regions = (Regions){0};
  if (json_type(object) != JSON_OBJECT) return false;
  int columns = whole(object, "columns", n), patch = whole(object, "patch", 256);
  const Json *pixels = json_get(object, "pixels");
  if (columns == 0 || n % columns != 0 || patch == 0 || pixels == NULL || json_type(pixels) != JSON_STRING)
    return false;
  size_t size = (size_t)patch * (size_t)patch, all = (size_t)n * size;
  const char *text = json_string(pixels);
  if (all > PIXELS_MOST || strlen(text) != 2 * all) return false;
  if (all > file->cap) file->at = mem_grow(file->at, file->cap = all, sizeof *file->at, "pixels of an image");
  for (size_t i = 0; i < all; i++)
    if (!read_pixel(text + 2 * i, &file->at[i])) return false;
  file->regions = (Regions){.at = file->at, .n = n, .size = (int)size, .columns = columns};
  return true;
}
