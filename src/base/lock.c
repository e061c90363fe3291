#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/temporary.h"

/* Times that another process may take the file away between its making and its locking. */
enum { TRIES = 100 };

struct Lock {
  int fd, number; /* temporary_note's */
  char *name;
};

static bool fail(const char *path, const char *doing, Err *err) {
  return err_set(err, ERR_FILE, "%s: cannot %s: %s", path, doing, strerror(errno));
}

static struct flock whole_file(void) { return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET}; }

static bool busy(int fd, const char *path, Err *err) {
  struct flock lock = whole_file();
  bool known = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0;
  if (!known)
    return err_set(err, ERR_FILE, "%s: another process is writing it; wait for its end, or name another file", path);
  return err_set(err, ERR_FILE, "%s: process %ld is writing it; wait for its end, or name another file", path,
                 (long)lock.l_pid);
}

bool lock_file(int fd, const char *path, Err *err) {
  struct flock lock = whole_file();
  if (fcntl(fd, F_SETLK, &lock) == 0) return true;
  return errno == EACCES || errno == EAGAIN ? busy(fd, path, err) : true;
}

/* True when the descriptor's file still has this name. */
static bool has_name(int fd, const char *name) {
  struct stat a, b;
  return fstat(fd, &a) == 0 && lstat(name, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool remove_left_behind(const char *name, const char *path, Err *err) {
  struct stat st;
  if (lstat(name, &st) != 0) return errno == ENOENT || fail(name, "read", err);
  if (!S_ISREG(st.st_mode))
    return err_set(err, ERR_FILE, "%s: is %s and in the way of %s; remove it", name,
                   S_ISLNK(st.st_mode) ? "a symbolic link" : "not a file", path);
  int fd = open(name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT || fail(name, "write", err);
  bool ok = lock_file(fd, path, err);
  if (ok && has_name(fd, name)) ok = unlink(name) == 0 || fail(name, "remove", err);
  (void)close(fd);
  return ok;
}

int lock_create(const char *name, const char *path, Err *err) {
  if (temporary_is_noted(name)) {
    (void)err_set(err, ERR_FILE, "%s: is already being written by this command; name another file", path);
    return -1;
  }
  for (int i = 0; i < TRIES; i++) {
    Err ignored = {0};
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd >= 0 && lock_file(fd, path, &ignored) && has_name(fd, name)) return fd;
    if (fd >= 0) (void)close(fd);
    if (fd < 0 && errno != EEXIST) {
      (void)fail(name, "write", err);
      return -1;
    }
    if (fd < 0 && !remove_left_behind(name, path, err)) return -1;
  }
  (void)err_set(err, ERR_FILE, "%s: other processes keep writing it; name another file", path);
  return -1;
}

static char *name_of(const char *path) {
  Str name = {0};
  str_addf(&name, "%s.lock", path);
  return name.at;
}

/* For whoever finds the file; the lock itself knows its process. */
static void write_process(int fd) {
  Str text = {0};
  str_addf(&text, "%ld\n", (long)getpid());
  if (write(fd, text.at, text.n) != (ssize_t)text.n) (void)ftruncate(fd, 0);
  str_free(&text);
}

Lock *lock_take(const char *path, Err *err) {
  char *file = path_follow(path, err);
  if (file == NULL) return NULL;
  char *name = name_of(file);
  int fd = lock_create(name, path, err);
  mem_free(file);
  if (fd < 0) {
    mem_free(name);
    return NULL;
  }
  Lock *lock = mem_zero(1, sizeof *lock, "lock");
  *lock = (Lock){fd, temporary_note(name), name};
  write_process(fd);
  return lock;
}

void lock_release(Lock *lock) {
  if (lock == NULL) return;
  (void)unlink(lock->name);
  temporary_forget(lock->number);
  (void)close(lock->fd);
  mem_free(lock->name);
  mem_free(lock);
}

/* Opening and closing the file of a lock of one's own would give it up. */
bool lock_is_free(const char *path, Err *err) {
  char *name = name_of(path);
  int fd = temporary_is_noted(name) ? -1 : open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  struct flock lock = whole_file();
  bool ok = fd < 0 || fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK || busy(fd, path, err);
  if (fd >= 0) (void)close(fd);
  mem_free(name);
  return ok;
}
