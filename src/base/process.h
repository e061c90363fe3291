/* process.h - tasks in processes of their own, some at a time: one that runs out of memory or fails takes none of the
 * others with it. Whoever calls has no other threads. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdatomic.h>

#include "base/str.h"

enum { PROCESS_BROKEN = 256 }; /* more than any status: ended by a signal, or never begun */

typedef struct ProcessPlan {
  int n_tasks, at_once; /* at_once >= 1 */
  /* In the child: its exit status; what it appends to said comes back. */
  int (*run)(void *ctx, int task, Str *said);
  /* In the caller, in the order in which they end. */
  void (*ended)(void *ctx, int task, int status, const char *said);
  void *ctx;
  const atomic_int *interrupted; /* a signal's number: passed on to those that run; no other begins */
  double deadline;               /* seconds of clock_now after which SIGTERM is; 0: none */
} ProcessPlan;

/* Runs the tasks 0 .. n_tasks-1, begun in this order. False when not all were begun. Children end with the caller,
 * whatever ends that (where the system can: on Linux). */
bool process_each(const ProcessPlan *plan);

#endif
