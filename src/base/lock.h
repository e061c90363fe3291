/* lock.h - one process at a time on a file.
 *
 * A file is held by an advisory record lock (fcntl), which ends with its process, whatever ends that: a lock is never
 * stale, and a file without its lock was left behind and is taken over. Such locks reach other machines over NFS; where
 * a file system has none, nothing is locked and nothing refused. A process does not lock itself out, and closing any
 * descriptor of the file gives the lock up. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <stdbool.h>

#include "base/err.h"

/* Locks an open file; false when another process holds it, with an error that names path and process. */
bool lock_file(int fd, const char *path, Err *err);
/* Makes the file `name`, new, empty and locked, for work on path; gives its descriptor, for reading and writing, or -1.
 * What an ended process has left there is removed; a symbolic link or what is no regular file is an error. */
int lock_create(const char *name, const char *path, Err *err);

/* PATH.lock, with the process's number in it, from lock_take to lock_release; beside the file that links lead to. */
typedef struct Lock Lock;
Lock *lock_take(const char *path, Err *err);
void lock_release(Lock *lock); /* lock may be NULL */
/* False when another process has taken the lock of path, which is no link. */
bool lock_is_free(const char *path, Err *err);

#endif
