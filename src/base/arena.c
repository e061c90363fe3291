#include "base/arena.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { ALIGN = 64, MAX_BLOCKS = 64, FIRST_BLOCK = 1 << 16 };

typedef struct Block {
  char *at;
  size_t size;
  size_t used; /* of a block that is full: what it gave out */
} Block;

struct Arena {
  Block blocks[MAX_BLOCKS]; /* each at least twice the size of the one before */
  size_t n_blocks;
  size_t block, used; /* the block being filled, and its bytes given out */
};

Arena *arena_new(void) { return mem_zero(1, sizeof(Arena), "arena"); }

void arena_free(Arena *arena) {
  if (arena == NULL) return;
  for (size_t i = 0; i < arena->n_blocks; i++) mem_free(arena->blocks[i].at);
  mem_free(arena);
}

static void add_block(Arena *arena, size_t need) {
  CHECK(arena->n_blocks < MAX_BLOCKS, "arena: too many blocks");
  size_t size = arena->n_blocks == 0 ? FIRST_BLOCK : 2 * arena->blocks[arena->n_blocks - 1].size;
  if (size < need) size = need;
  arena->blocks[arena->n_blocks++] = (Block){mem_aligned(size, 1, "arena"), size, 0};
}

static size_t rounded(size_t count, size_t size) {
  CHECK(size == 0 || count <= ((size_t)-1 / 4) / size, "arena: %zu x %zu bytes", count, size);
  return (count * size + ALIGN - 1) / ALIGN * ALIGN;
}

void *arena_alloc(Arena *arena, size_t count, size_t size) {
  size_t need = rounded(count, size);
  if (arena->n_blocks == 0) add_block(arena, need);
  while (arena->used + need > arena->blocks[arena->block].size) {
    if (arena->block + 1 == arena->n_blocks) add_block(arena, need);
    arena->blocks[arena->block++].used = arena->used;
    arena->used = 0;
  }
  void *at = arena->blocks[arena->block].at + arena->used;
  arena->used += need;
  return at;
}

void *arena_zero(Arena *arena, size_t count, size_t size) {
  void *at = arena_alloc(arena, count, size);
  if (count * size > 0) memset(at, 0, count * size);
  return at;
}

ArenaMark arena_mark(const Arena *arena) { return (ArenaMark){arena->block, arena->used}; }

/* Use after rewind shows at once in debug builds: 0xFF bytes are NaN as float and as double. */
static void poison(Arena *arena, ArenaMark mark) {
#ifdef DEBUG_FILL
  for (size_t i = mark.block; i <= arena->block && i < arena->n_blocks; i++) {
    size_t from = i == mark.block ? mark.used : 0;
    size_t to = i == arena->block ? arena->used : arena->blocks[i].size;
    if (to > from) memset(arena->blocks[i].at + from, 0xFF, to - from);
  }
#else
  (void)arena;
  (void)mark;
#endif
}

void arena_rewind(Arena *arena, ArenaMark mark) {
  poison(arena, mark);
  arena->block = mark.block;
  arena->used = mark.used;
}

void arena_reset(Arena *arena) {
  arena_rewind(arena, (ArenaMark){0, 0});
  if (arena->n_blocks < 2) return;
  size_t total = arena_capacity(arena);
  for (size_t i = 0; i < arena->n_blocks; i++) mem_free(arena->blocks[i].at);
  arena->n_blocks = 0;
  add_block(arena, total);
}

void arena_clear(Arena *arena) {
  for (size_t i = 0; i <= arena->block && i < arena->n_blocks; i++)
    memset(arena->blocks[i].at, 0, i == arena->block ? arena->used : arena->blocks[i].used);
}

void *arena_share(Arena *arena, size_t count, size_t size) {
  size_t need = rounded(count, size);
  for (size_t i = 0; i < arena->n_blocks; i++)
    if (arena->blocks[i].size >= need) return arena->blocks[i].at;
  add_block(arena, need);
  return arena->blocks[arena->n_blocks - 1].at;
}

size_t arena_capacity(const Arena *arena) {
  size_t total = 0;
  for (size_t i = 0; i < arena->n_blocks; i++) total += arena->blocks[i].size;
  return total;
}
