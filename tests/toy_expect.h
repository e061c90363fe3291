/* toy_expect.h - what a toy makes of a number. */
#ifndef TESTS_TOY_EXPECT_H
#define TESTS_TOY_EXPECT_H

#include <stdint.h>

/* Pair `index` of a stratum of the toy has these texts, and links as " 0-1 2-0". */
void toy_expect(const char *toy, int stratum, uint64_t index, const char *source, const char *target,
                const char *links);

#endif
