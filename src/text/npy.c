#include "text/npy.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"

enum { MAGIC = 6, START = 10, MOST_SIDE = 1 << 30 }; /* bytes of the magic number; before the header */

bool npy_is(const char *at, size_t n) { return n >= MAGIC && memcmp(at, "\x93NUMPY", MAGIC) == 0; }

static const char *skip_blanks(const char *at) { return at + strspn(at, " "); }

/* What stands behind 'KEY': in the header; NULL: nothing. */
static const char *find(const char *header, const char *key) {
  Str name = {0};
  str_addf(&name, "'%s':", key);
  const char *at = strstr(header, str_text(&name));
  if (at != NULL) at = skip_blanks(at + name.n);
  str_free(&name);
  return at;
}

static bool starts(const char *at, const char *with) { return strncmp(at, with, strlen(with)) == 0; }

/* A length and the comma behind it, if there is one. False: there is no length. */
static bool read_length(const char **at, size_t *length) {
  const char *from = *at;
  *length = 0;
  for (; **at >= '0' && **at <= '9' && *length < MOST_SIDE; ++*at) *length = 10 * *length + (size_t)(**at - '0');
  bool ok = *at > from && *length < MOST_SIDE;
  *at = skip_blanks(*at);
  if (**at == ',') *at = skip_blanks(*at + 1);
  return ok;
}

static bool read_shape(Npy *npy, const char *name, const char *shape, Err *err) {
  const char *at = *shape == '(' ? skip_blanks(shape + 1) : "";
  if (read_length(&at, &npy->rows) && read_length(&at, &npy->cols) && *at == ')') return true;
  return err_set(err, ERR_FILE, "%s: its shape is %.*s, not that of a matrix, (rows, columns)", name,
                 (int)strcspn(shape, ")}\n") + (shape[strcspn(shape, ")}\n")] == ')'), shape);
}

static bool read_header(Npy *npy, const char *name, const char *header, Err *err) {
  const char *type = find(header, "descr"), *order = find(header, "fortran_order"), *shape = find(header, "shape");
  if (type == NULL || order == NULL || shape == NULL)
    return err_set(err, ERR_FILE, "%s: its header does not name descr, fortran_order and shape: damaged", name);
  if (!starts(type, "'<f4'"))
    return err_set(err, ERR_FILE, "%s: numbers of type %.*s, not '<f4'; numpy.save(NEW, A.astype(\"<f4\")) makes such",
                   name, (int)strcspn(type, ",}\n"), type);
  if (!starts(order, "False"))
    return err_set(err, ERR_FILE,
                   "%s: column by column (fortran_order); numpy.save(NEW, numpy.ascontiguousarray(A)) makes rows",
                   name);
  return read_shape(npy, name, shape, err);
}

bool npy_open(Npy *npy, const char *name, const char *at, size_t n, Err *err) {
  if (n < START || at[MAGIC] != 1)
    return err_set(err, ERR_FILE,
                   "%s: version %d of NumPy's format, not 1; numpy.lib.format.write_array(FILE, A, (1, 0))"
                   " writes that",
                   name, n > MAGIC ? (unsigned char)at[MAGIC] : 0);
  size_t length = (size_t)(unsigned char)at[8] + 256 * (size_t)(unsigned char)at[9];
  if (length > n - START) return err_set(err, ERR_FILE, "%s: ends within its header", name);
  Str header = {0};
  str_add(&header, at + START, length);
  bool ok = read_header(npy, name, str_text(&header), err);
  str_free(&header);
  if (!ok) return false;
  npy->at = at + START + length;
  size_t left = n - START - length, wanted = npy->rows * npy->cols; /* each side is below 2^30 */
  return (left % 4 == 0 && left / 4 == wanted) ||
         err_set(err, ERR_FILE, "%s: %zu by %zu numbers of 4 bytes are said to follow, but %zu bytes do", name,
                 npy->rows, npy->cols, left);
}

float npy_get(const Npy *npy, size_t i) {
  const unsigned char *at = (const unsigned char *)npy->at + 4 * i;
  uint32_t bits = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
