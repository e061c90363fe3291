/* pool.h - a fixed set of worker threads. The caller of pool_run is worker 0; the others sleep between runs. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

typedef struct Pool Pool;

/* n_workers >= 1; at most 1024 are made, and fewer where the system gives no more. Threads block all signals but those
 * of their own faults, so that the main thread handles them. */
Pool *pool_new(int n_workers);
void pool_free(Pool *pool);
int pool_size(const Pool *pool);
/* Calls run(ctx, task, worker) once for each task 0 .. n_tasks-1, tasks taken in order, worker in 0 .. size-1, and
 * returns when all are done. One run at a time. The caller's trap for memory that runs out (mem.h) is sprung by any
 * worker, when all have come to an end. */
void pool_run(Pool *pool, int n_tasks, void (*run)(void *ctx, int task, int worker), void *ctx);
/* Number of processors this process may use. */
int pool_cores(void);

#endif
