/* mem.h - the counted heap. Every allocation of the program goes through here.
 *
 * Out of memory ends the program in one place with size and purpose (exit status 1), so no caller checks for NULL. A
 * library, whose process is not its own, sets a trap instead.
 * Readers of foreign files check sizes before they allocate. All functions are safe from any thread. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <setjmp.h>
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

/* Where out of memory leads a thread instead: to back (setjmp), with a text of one line. What was under way is lost,
 * and what it had taken is not given back. */
typedef struct MemTrap {
  jmp_buf back;
  char text[160];
} MemTrap;
/* Sets the trap of this thread, NULL: none. Returns the one before. */
MemTrap *mem_trap(MemTrap *trap);
/* That of this thread. */
MemTrap *mem_trapped(void);
/* Leads there again, from a trap on the way, which has the text. */
void mem_trap_on(MemTrap *trap, const char *text) __attribute__((noreturn));

/* Ends the program likewise, for what a library could not get. */
void mem_exhausted(const char *library, const char *details) __attribute__((noreturn));

/* Number of allocations so far in this process. */
unsigned long mem_calls(void);
/* For tests: the nth allocation from now on fails as if memory had run out; 0 turns it off. */
void mem_fail_after(unsigned long n);

#endif
