#include "base/not_text.h"

#include <string.h>

typedef struct Signature {
  const char *bytes;
  size_t n;
  const char *what, *remedy; /* remedy: a command, given the file's name */
} Signature;

#define SIGNATURE(bytes, what, remedy) \
  { bytes, sizeof bytes - 1, what, remedy }
/* The longer of two that begin alike comes first. */
static const Signature signatures[] = {
    SIGNATURE("\xFF\xFE\0\0", "UTF-32 text", "iconv -f UTF-32 -t UTF-8"),
    SIGNATURE("\0\0\xFE\xFF", "UTF-32 text", "iconv -f UTF-32 -t UTF-8"),
    SIGNATURE("\xFF\xFE", "UTF-16 text", "iconv -f UTF-16 -t UTF-8"),
    SIGNATURE("\xFE\xFF", "UTF-16 text", "iconv -f UTF-16 -t UTF-8"),
    SIGNATURE("\x1F\x8B\x08", "compressed with gzip", "gzip -dc"),
    SIGNATURE("BZh", "compressed with bzip2", "bzip2 -dc"),
    SIGNATURE("\xFD"
              "7zXZ\0",
              "compressed with xz", "xz -dc"),
    SIGNATURE("\x28\xB5\x2F\xFD", "compressed with zstd", "zstd -dc"),
    SIGNATURE("\x04\x22\x4D\x18", "compressed with lz4", "lz4 -dc"),
    SIGNATURE("\x1F\x9D", "compressed with compress", "gzip -dc"),
    SIGNATURE("PK\x03\x04", "a zip archive (or an office document)", "unzip -p"),
    SIGNATURE("PK\x05\x06", "an empty zip archive", "unzip -p"),
    SIGNATURE("7z\xBC\xAF\x27\x1C", "a 7z archive", "7z x -so"),
    SIGNATURE("%PDF-", "a PDF document", "pdftotext"),
};

/* After BZh and a level come the digits of pi, or of its root in an empty file: a text may begin with BZh. */
static bool is_bzip2(const char *at, size_t n) {
  return n >= 10 && at[3] >= '1' && at[3] <= '9' &&
         (memcmp(at + 4, "1AY&SY", 6) == 0 || memcmp(at + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

static bool begins(const Signature *s, const char *at, size_t n) {
  return n >= s->n && memcmp(at, s->bytes, s->n) == 0 && (s->bytes[0] != 'B' || is_bzip2(at, n));
}

/* Text of ASCII characters in UTF-16 without a mark: every other byte is NUL, odd ones in the little-endian form. */
static const char *bare_utf16(const char *at, size_t n) {
  size_t pairs = n < NOT_TEXT_WANTED ? n / 2 : NOT_TEXT_WANTED / 2;
  bool little = pairs >= 2, big = pairs >= 2;
  for (size_t i = 0; i < pairs; i++) {
    little = little && at[2 * i] != '\0' && at[2 * i + 1] == '\0';
    big = big && at[2 * i] == '\0' && at[2 * i + 1] != '\0';
  }
  return little ? "iconv -f UTF-16LE -t UTF-8" : big ? "iconv -f UTF-16BE -t UTF-8" : NULL;
}

static bool refuse(const char *name, const char *what, const char *remedy, Err *err) {
  return err_set(err, ERR_FILE, "%s: %s; plain UTF-8 text is wanted: %s FILE makes it", name, what, remedy);
}

bool not_text_check(const char *name, const char *at, size_t n, Err *err) {
  for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
    if (begins(&signatures[i], at, n)) return refuse(name, signatures[i].what, signatures[i].remedy, err);
  const char *remedy = bare_utf16(at, n);
  return remedy == NULL || refuse(name, "UTF-16 text", remedy, err);
}
