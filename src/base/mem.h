/* mem.h - the counted heap. Every allocation of the program goes through here.
 *
 * Out of memory ends the program in one place with size and purpose (exit status 1), so no caller checks for NULL.
 * Readers of foreign files check sizes before they allocate. All functions are safe from any thread. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* count * size bytes for `what` (named in the out-of-memory message); never NULL. Owned by the caller, freed by
 * mem_free. */
void *mem_alloc(size_t count, size_t size, const char *what);
void *mem_zero(size_t count, size_t size, const char *what);
/* Like realloc; at may be NULL. */
void *mem_grow(void *at, size_t count, size_t size, const char *what);
/* Like mem_alloc, aligned to 64 bytes. */
void *mem_aligned(size_t count, size_t size, const char *what);
void mem_free(void *at);
/* count * size bytes of zeros in whole pages, which take memory only once they are written to. Owned by the caller,
 * freed by mem_pages_free with the same count and size. */
void *mem_pages(size_t count, size_t size, const char *what);
void mem_pages_free(void *at, size_t count, size_t size);
/* Zeroes n bytes of them; what are whole pages, or all but the ends, takes no memory any more. */
void mem_pages_clear(void *at, size_t n);
/* A copy of n bytes with a closing NUL. */
char *mem_text(const char *at, size_t n);

/* Ends the program likewise, for what a library could not get. */
_Noreturn void mem_exhausted(const char *library, const char *details);

/* Number of allocations so far in this process. */
unsigned long mem_calls(void);
/* For tests: the nth allocation from now on fails as if memory had run out; 0 turns it off. */
void mem_fail_after(unsigned long n);

#endif
