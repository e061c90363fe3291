/* ranks.h - the processes of one job, on one machine or many, that a launcher of MPI has started together (mpirun, srun
 * and whatever else speaks PMIx or PMI); the one door to MPI (MPI: A Message-Passing Interface Standard, version 3.1).
 *
 * A process that no launcher has started, or of a build without MPI, is rank 0 of 1, and all functions are then
 * cheap and do nothing. Rank 0 alone reads standard input and writes.
 *
 * Main thread only, not inside a pool_run. But for those marked "alone" all functions are of all ranks: each calls
 * them in the same order. A failure of the network, or the end of a rank, ends the job: MPI says so. */
#ifndef BASE_RANKS_H
#define BASE_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Name and version of the library, NULL: a build without. Alone. */
const char *ranks_library(void);

/* Joins the job when a launcher has started the process: when the environment has its variables, or
 * ATTN_SEQ2SEQ_MPI=yes; never with ATTN_SEQ2SEQ_MPI=no. False for a job of several processes that the build cannot
 * join. Once. */
bool ranks_start(Err *err);
/* Of a command that works in one process: false when a launcher has started several. Alone. */
bool ranks_refuse(const char *command, Err *err);
/* Waits for all others and leaves the job; does nothing before ranks_start. */
void ranks_end(void);
/* Before a process says what has failed: whether it is of a job of several. All but rank 0 wait for some seconds, in
 * which rank 0, when it has met the same error, says so and ends the job; then they end with the status. Alone. */
bool ranks_fails(int status);
/* Ends all processes of the job with the status. Alone. */
_Noreturn void ranks_abort(int status);

/* Alone: */
int ranks_count(void);
int ranks_me(void);
/* The machine of a rank, a view. */
const char *ranks_host(int rank);
/* Processors for this process: those that it may use, divided by the ranks of its machine that may use the same. */
int ranks_cores(void);
/* Bytes sent to other ranks by this one so far. */
int64_t ranks_sent(void);

/* Numbers [n] become their sums over all ranks; exact where all ranks but one have 0. */
void ranks_sum(double *numbers, size_t n);
/* The greatest of what the ranks give. */
int ranks_max(int value);
/* What rank 0 has at `at`, n bytes, goes to all. */
void ranks_broadcast(void *at, size_t n);
/* Each rank r has the bytes starts[r] .. starts[r + 1] - 1 of the block; afterwards all have all. starts [count + 1].
 */
void ranks_spread(void *block, const size_t *starts);
/* The same, and only rank 0 has all. */
void ranks_gather(void *block, const size_t *starts);
/* The reverse: rank 0 has all, and each rank gets its own. */
void ranks_scatter(void *block, const size_t *starts);

/* Bytes to, or from, another rank; n = 0: none. */
typedef struct RanksPart {
  int rank;
  void *at;
  size_t n;
} RanksPart;
/* Sends and receives all at once. Between two ranks what is sent and what is received match in order and size. */
void ranks_trade(const RanksPart *sent, int n_sent, const RanksPart *received, int n_received);

/* ---- The ranks of one machine; the functions that are not alone are of all of these. */

/* How many, and the number of this one among them, from 0. Alone. */
int ranks_near_count(void);
int ranks_near_me(void);
/* Waits until all are here; what each wrote to shared memory all see. */
void ranks_near_wait(void);
/* What rank 0 of the machine has goes to its others. */
void ranks_near_broadcast(void *at, size_t n);
/* n bytes that all of them see and may write, until ranks_end (freeing them would take all, also where one has failed);
 * NULL, on all, where there is not so much shared memory. */
void *ranks_share(size_t n);

/* Something that must be the same on all ranks. Long texts are compared as a whole and shown in part. */
typedef struct RanksClaim {
  const char *name;
  const char *value;
} RanksClaim;
/* False when the ranks' claims differ, with the same message on all ranks: what differs, and on which machines. Every
 * rank has the same n names. */
bool ranks_agree(const RanksClaim *claims, int n, Err *err);
/* The same of the program's own file, and of the names of its kernels and of its library of products. */
bool ranks_agree_on_program(const char *kernels, const char *blas, Err *err);

#endif
