/* child.h - runs what is meant to end the process in a process of its own, whether or not Check forks. */
#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

#include <stddef.h>

/* Calls run(ctx) in a child and then leaves with status 0. Returns the child's exit status, or 128 + the signal that
 * ended it; said receives what it wrote to stderr, cut to size - 1 bytes. */
int child_run(void (*run)(void *ctx), void *ctx, char *said, size_t size);

#endif
