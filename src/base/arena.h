/* arena.h - a bump arena, 64-byte aligned, for everything that lives as long as one training or decoding step.
 *
 * Memory given out is never freed singly; arena_rewind takes back all that came after a mark. Blocks are kept for
 * reuse, so that after warm-up no step touches the heap. An arena belongs to one thread. Debug builds fill rewound
 * memory with NaN. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

typedef struct Arena Arena;
typedef struct ArenaMark {
  size_t block, used;
} ArenaMark;

Arena *arena_new(void);
void arena_free(Arena *arena);
/* count * size bytes, not cleared. */
void *arena_alloc(Arena *arena, size_t count, size_t size);
/* The same, cleared to zero. */
void *arena_zero(Arena *arena, size_t count, size_t size);
ArenaMark arena_mark(const Arena *arena);
void arena_rewind(Arena *arena, ArenaMark mark);
/* Takes back everything; several blocks become one that holds what they held. */
void arena_reset(Arena *arena);
/* Zeroes all that is given out. */
void arena_clear(Arena *arena);
/* count * size bytes that may have been given out before: for one use, where what stands there does not count yet. */
void *arena_share(Arena *arena, size_t count, size_t size);
/* Bytes of all blocks. */
size_t arena_capacity(const Arena *arena);

#endif
