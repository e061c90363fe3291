#include "text/pgm.h"

#include <string.h>

enum { MOST_VALUE = 65535 };

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r'; }

/* White space, and comments from # to the end of their line. */
static void skip_blanks(Pgm *p) {
  while (p->at < p->end && (is_blank(*p->at) || *p->at == '#')) {
    if (*p->at == '#')
      while (p->at < p->end && *p->at != '\n') p->at++;
    else p->at++;
  }
}

/* The next number, up to high, in decimal digits. what: for messages. */
static bool read_number(Pgm *p, int high, const char *what, int *value, Err *err) {
  skip_blanks(p);
  const char *from = p->at;
  *value = 0;
  for (; p->at < p->end && *p->at >= '0' && *p->at <= '9' && *value <= high; p->at++)
    *value = 10 * *value + (*p->at - '0');
  if (p->at == from)
    return err_set(err, ERR_FILE, "%s: %s is missing: %s", p->name, what,
                   from == p->end ? "the file ends there" : "no number stands there");
  return *value <= high || err_set(err, ERR_FILE, "%s: %s is over %d", p->name, what, high);
}

/* Other pictures, and how they become one that is read. */
static bool complain(const char *name, const char *at, size_t n, Err *err) {
  const char *is = "no PGM image (it does not begin with P2 or P5)";
  if (n >= 2 && at[0] == 'P' && strchr("1346", at[1]) != NULL) is = "a PBM or PPM image, not one of greys";
  if (n >= 8 && memcmp(at, "\x89PNG\r\n\x1a\n", 8) == 0) is = "a PNG image";
  if (n >= 3 && memcmp(at, "\xFF\xD8\xFF", 3) == 0) is = "a JPEG image";
  if (n >= 4 && memcmp(at, "GIF8", 4) == 0) is = "a GIF image";
  return err_set(err, ERR_FILE,
                 "%s: %s; `magick %s -colorspace Gray NEW.pgm` or a tool like it makes a PGM of an image", name, is,
                 name);
}

static size_t pixels(const Pgm *p) { return (size_t)p->width * (size_t)p->height; }

/* Bytes that the pixels take at least: of numbers a digit, and what parts it from the one before. */
static size_t least_bytes(const Pgm *p) {
  if (p->plain) return 2 * pixels(p) - 1;
  return p->most > 255 ? 2 * pixels(p) : pixels(p);
}

bool pgm_open(Pgm *p, const char *name, const char *at, size_t n, Err *err) {
  if (n < 2 || at[0] != 'P' || (at[1] != '2' && at[1] != '5')) return complain(name, at, n, err);
  *p = (Pgm){.plain = at[1] == '2', .name = name, .at = at + 2, .end = at + n};
  if (!read_number(p, PGM_MOST_SIDE, "its width", &p->width, err) ||
      !read_number(p, PGM_MOST_SIDE, "its height", &p->height, err) ||
      !read_number(p, MOST_VALUE, "its greatest value", &p->most, err))
    return false;
  if (p->width == 0 || p->height == 0)
    return err_set(err, ERR_FILE, "%s: an image of %d by %d pixels", name, p->width, p->height);
  if (p->most == 0) return err_set(err, ERR_FILE, "%s: its greatest value is 0, so that nothing is white", name);
  if (p->at == p->end || !is_blank(*p->at))
    return err_set(err, ERR_FILE, "%s: no white space behind its greatest value", name);
  p->at++;
  size_t left = (size_t)(p->end - p->at), least = least_bytes(p);
  return left >= least ||
         err_set(err, ERR_FILE, "%s: %d by %d pixels take %zu bytes at least, but %zu are left: cut off", name,
                 p->width, p->height, least, left);
}

bool pgm_next(Pgm *p, float *value, Err *err) {
  int grey = 0;
  if (p->plain) {
    if (!read_number(p, MOST_VALUE, "a pixel", &grey, err)) return false;
  } else {
    for (int k = p->most > 255 ? 2 : 1; k > 0; k--) grey = 256 * grey + (unsigned char)*p->at++;
  }
  *value = (float)grey / (float)p->most;
  return grey <= p->most ||
         err_set(err, ERR_FILE, "%s: a pixel is %d, over its greatest value, %d", p->name, grey, p->most);
}

bool pgm_close(const Pgm *pgm, Err *err) {
  Pgm rest = *pgm;
  if (rest.plain) skip_blanks(&rest);
  return rest.at == rest.end || err_set(err, ERR_FILE, "%s: %zu bytes follow its last pixel; a file is one image",
                                        rest.name, (size_t)(rest.end - rest.at));
}
