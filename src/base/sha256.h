/* sha256.h - SHA-256 (FIPS 180-4), for telling whether a corpus file has changed. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>

/* The digest of at[0..n) as 64 hexadecimal digits and a NUL. */
void sha256_hex(const void *at, size_t n, char hex[65]);

#endif
