#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, madvise */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/temporary.h"

static _Thread_local MemTrap *trap; /* of this thread; NULL: none */
static atomic_ulong n_calls;
static atomic_ulong fail_at; /* value of n_calls at which an allocation fails; 0 = never */

/* Several threads may run out of memory at once: the first says so and ends the process. */
static void claim(void) {
  static atomic_flag told = ATOMIC_FLAG_INIT;
  while (atomic_flag_test_and_set(&told)) (void)pause();
  temporary_unlink();
}

/* What libraries do at an exit would wait for threads that are still at work, or pull away what they use. */
_Noreturn static void leave(void) {
  (void)fflush(stdout);
  _exit(1);
}

MemTrap *mem_trap(MemTrap *to) {
  MemTrap *before = trap;
  trap = to;
  return before;
}

MemTrap *mem_trapped(void) { return trap; }

void mem_trap_on(MemTrap *to, const char *text) {
  (void)snprintf(to->text, sizeof to->text, "%s", text);
  longjmp(to->back, 1);
}

_Noreturn static void end_with(const char *text) {
  if (trap != NULL) mem_trap_on(trap, text);
  claim();
  (void)fprintf(stderr, "attn-seq2seq: %s\n", text);
  leave();
}

_Noreturn static void out_of_memory(size_t count, size_t size, const char *what) {
  char text[160];
  (void)snprintf(text, sizeof text, "out of memory: %zu x %zu bytes for %s", count, size, what);
  end_with(text);
}

void mem_exhausted(const char *library, const char *details) {
  char text[160];
  (void)snprintf(text, sizeof text, "out of memory in %s%s%s", library, details[0] == '\0' ? "" : ": ", details);
  end_with(text);
}

static size_t bytes(size_t count, size_t size, const char *what) {
  if (size != 0 && count > (SIZE_MAX / 2) / size) out_of_memory(count, size, what);
  return count * size > 0 ? count * size : 1;
}

static void *checked(void *at, size_t count, size_t size, const char *what) {
  unsigned long call = atomic_fetch_add(&n_calls, 1) + 1;
  if (at == NULL || call == atomic_load(&fail_at)) out_of_memory(count, size, what);
  return at;
}

void *mem_alloc(size_t count, size_t size, const char *what) {
  return checked(malloc(bytes(count, size, what)), count, size, what);
}

void *mem_zero(size_t count, size_t size, const char *what) {
  return checked(calloc(1, bytes(count, size, what)), count, size, what);
}

void *mem_grow(void *at, size_t count, size_t size, const char *what) {
  return checked(realloc(at, bytes(count, size, what)), count, size, what);
}

void *mem_aligned(size_t count, size_t size, const char *what) {
  size_t n = (bytes(count, size, what) + 63) / 64 * 64;
  return checked(aligned_alloc(64, n), count, size, what);
}

void mem_free(void *at) { free(at); }

void *mem_pages(size_t count, size_t size, const char *what) {
  size_t n = bytes(count, size, what);
  void *at = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return checked(at == MAP_FAILED ? NULL : at, count, size, what);
}

void mem_pages_free(void *at, size_t count, size_t size) {
  if (at != NULL) (void)munmap(at, count * size > 0 ? count * size : 1);
}

#ifdef __linux__

void mem_pages_clear(void *at, size_t n) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), before = (page - (uintptr_t)at % page) % page;
  char *start = (char *)at + before;
  size_t whole = n > before ? (n - before) / page * page : 0;
  if (whole == 0 || madvise(start, whole, MADV_DONTNEED) != 0) {
    memset(at, 0, n);
    return;
  }
  memset(at, 0, before);
  memset(start + whole, 0, n - before - whole);
}

#else

void mem_pages_clear(void *at, size_t n) { memset(at, 0, n); }

#endif

char *mem_text(const char *at, size_t n) {
  char *copy = mem_alloc(n + 1, 1, "text");
  if (n > 0) memcpy(copy, at, n);
  copy[n] = '\0';
  return copy;
}

unsigned long mem_calls(void) { return atomic_load(&n_calls); }

void mem_fail_after(unsigned long n) { atomic_store(&fail_at, n == 0 ? 0 : atomic_load(&n_calls) + n); }
