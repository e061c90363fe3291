/* sha256.h - SHA-256 (FIPS 180-4), for telling whether a corpus file has changed. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* The digest of bytes that come piece by piece. */
typedef struct Sha256 {
  uint32_t h[8];
  unsigned char rest[64]; /* the bytes after the last whole block */
  uint64_t n;             /* bytes in all */
} Sha256;
Sha256 sha256_open(void);
void sha256_add(Sha256 *sha, const void *at, size_t n);
/* As 64 hexadecimal digits and a NUL. */
void sha256_close(Sha256 *sha, char hex[65]);
/* The digest of at[0..n) as 64 hexadecimal digits and a NUL. */
void sha256_hex(const void *at, size_t n, char hex[65]);

#endif
