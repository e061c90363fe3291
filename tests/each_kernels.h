/* each_kernels.h - the same tests with every set of kernels that the processor has. */
#ifndef TESTS_EACH_KERNELS_H
#define TESTS_EACH_KERNELS_H

#include <check.h>

/* Adds to s a case a set, to which fill adds its tests. */
void each_kernels(Suite *s, void (*fill)(TCase *t));

#endif
