/* thread.h - a thread beside the main one. It blocks all signals but those of its own faults, so that the main thread
 * handles them. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <stdbool.h>

typedef struct Thread Thread;

/* Runs run(ctx). NULL: the system gives no more threads. */
Thread *thread_start(void (*run)(void *ctx), void *ctx);
/* Waits until it has come to its end, and frees it. NULL is allowed. */
void thread_join(Thread *thread);
/* Blocks the signals of this thread, and so of those that it starts from now on. */
void thread_block_signals(void);
/* Lets this thread have them again. */
void thread_take_signals(void);

#endif
