#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/lock.h"
#include "base/mem.h"
#include "base/not_text.h"
#include "base/path.h"
#include "base/sha256.h"
#include "base/temporary.h"

static atomic_ulong fail_at; /* counts down; the step that takes it from 1 to 0 fails */
static atomic_bool fatal;    /* ... and the process with it */

void io_fail_after(unsigned long n) {
  atomic_store(&fatal, false);
  atomic_store(&fail_at, n);
}

void io_die_after(unsigned long n) {
  atomic_store(&fatal, true);
  atomic_store(&fail_at, n);
}

/* True when a test asked for this step to fail; then errno says so. */
static bool injected(void) {
  unsigned long now = atomic_load(&fail_at);
  if (now == 0) return false;
  atomic_store(&fail_at, now - 1);
  if (now > 1) return false;
  if (atomic_load(&fatal)) (void)raise(SIGKILL);
  errno = ENOSPC;
  return true;
}

static bool fail(Err *err, const char *path, const char *doing) {
  return err_set(err, ERR_FILE, "%s: cannot %s: %s", path, doing, strerror(errno));
}

bool io_read_all(Str *out, const char *path, size_t max, Err *err) {
  int fd = strcmp(path, "-") == 0 ? dup(0) : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(err, path, "open");
  char buffer[1 << 16];
  ssize_t got = 0;
  bool small = true;
  while (small && (got = read(fd, buffer, sizeof buffer)) > 0) {
    str_add(out, buffer, (size_t)got);
    small = out->n <= max;
  }
  if (got < 0) (void)fail(err, path, "read");
  if (!small) (void)err_set(err, ERR_FILE, "%s: larger than %zu bytes", path, max);
  (void)close(fd);
  return got == 0 && small;
}

struct IoLines {
  char *path;
  int fd;     /* standard input, or -1 */
  gzFile gz;  /* a file, plain or gzip */
  Str buffer; /* bytes read and not yet given out, from `from` on */
  size_t from;
  size_t seen; /* bytes after `from` known to hold no LF */
  long number;
  bool ended;
};

IoLines *io_lines_open(const char *path, Err *err) {
  IoLines *lines = mem_zero(1, sizeof *lines, "line reader");
  bool standard = strcmp(path, "-") == 0;
  lines->path = mem_text(standard ? "standard input" : path, strlen(standard ? "standard input" : path));
  lines->fd = -1;
  if (standard) {
    lines->fd = 0;
    return lines;
  }
  if (io_is_folder(path)) {
    (void)err_set(err, ERR_FILE, "%s: is a folder; name a text file", path);
  } else {
    errno = 0;
    lines->gz = gzopen(path, "rbe");
    if (lines->gz == NULL) (void)fail(err, path, "open");
  }
  if (lines->gz != NULL) {
    (void)gzbuffer(lines->gz, 1 << 17);
    return lines;
  }
  io_lines_close(lines);
  return NULL;
}

/* What zlib says of the file, without the path that it puts in front. */
static const char *reason(IoLines *lines, int *code) {
  const char *why = gzerror(lines->gz, code);
  size_t n = strlen(lines->path);
  return strncmp(why, lines->path, n) == 0 && strncmp(why + n, ": ", 2) == 0 ? why + n + 2 : why;
}

/* Bytes read into chunk, 0 at the end, -1 for an error. */
static long read_gz(IoLines *lines, char *chunk, unsigned size, Err *err) {
  int got = gzread(lines->gz, chunk, size);
  if (got > 0) return got;
  int code = Z_OK;
  const char *why = reason(lines, &code);
  if (got == 0 && code != Z_BUF_ERROR) return 0; /* Z_BUF_ERROR: the stream was cut short */
  if (code == Z_ERRNO) (void)fail(err, lines->path, "read");
  else (void)err_set(err, ERR_FILE, "%s: damaged gzip file: %s", lines->path, why);
  return -1;
}

static long read_plain(IoLines *lines, char *chunk, size_t size, Err *err) {
  long got;
  do got = read(lines->fd, chunk, size);
  while (got < 0 && errno == EINTR);
  if (got < 0) (void)fail(err, lines->path, "read");
  return got;
}

/* Forgets the bytes given out already, when that is cheap or frees much. */
static void drop_used(IoLines *lines) {
  size_t left = lines->buffer.n - lines->from;
  if (lines->from == 0 || (left > 0 && lines->from <= (1 << 16))) return;
  memmove(lines->buffer.at, lines->buffer.at + lines->from, left);
  lines->buffer.n = left;
  lines->from = 0;
}

/* Reads more bytes into the buffer; 1: some, 0: the end, -1: an error. */
static int fill(IoLines *lines, Err *err) {
  char chunk[1 << 16];
  long got = lines->gz != NULL ? read_gz(lines, chunk, sizeof chunk, err) : read_plain(lines, chunk, sizeof chunk, err);
  if (got <= 0) return (int)got;
  drop_used(lines);
  str_add(&lines->buffer, chunk, (size_t)got);
  return 1;
}

/* The LF that ends the next line, or NULL when it is not in the buffer yet. */
static const char *line_end(IoLines *lines) {
  if (lines->buffer.n == 0) return NULL;
  const char *at = lines->buffer.at + lines->from;
  size_t n = lines->buffer.n - lines->from;
  const char *end = memchr(at + lines->seen, '\n', n - lines->seen);
  lines->seen = end == NULL ? n : 0;
  return end;
}

/* Of the first line, when it or more is in the buffer. A byte-order mark is no part of it. */
static bool check_start(IoLines *lines, Err *err) {
  const char *at = str_text(&lines->buffer);
  if (!not_text_check(lines->path, at, lines->buffer.n, err)) return false;
  if (lines->buffer.n >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) lines->from = 3;
  return true;
}

int io_lines_next(IoLines *lines, const char **line, size_t *n, Err *err) {
  const char *end;
  while ((end = line_end(lines)) == NULL && !lines->ended) {
    int got = fill(lines, err);
    if (got < 0) return -1;
    lines->ended = got == 0;
  }
  size_t left = lines->buffer.n - lines->from;
  if (end == NULL && left == 0) return 0;
  if (lines->number == 0) {
    if (!check_start(lines, err)) return -1;
    left = lines->buffer.n - lines->from;
  }
  *line = lines->buffer.at + lines->from;
  *n = end != NULL ? (size_t)(end - *line) : left;
  lines->from += *n + (end != NULL);
  lines->seen = 0;
  lines->number++;
  if (*n > 0 && (*line)[*n - 1] == '\r') --*n;
  return 1;
}

bool io_lines_ready(IoLines *lines) {
  if (lines->ended || lines->gz != NULL || line_end(lines) != NULL) return true;
  struct pollfd p = {.fd = lines->fd, .events = POLLIN};
  return poll(&p, 1, 0) != 0;
}

long io_lines_number(const IoLines *lines) { return lines->number; }

const char *io_lines_path(const IoLines *lines) { return lines->path; }

void io_lines_close(IoLines *lines) {
  if (lines == NULL) return;
  if (lines->gz != NULL) (void)gzclose(lines->gz);
  str_free(&lines->buffer);
  mem_free(lines->path);
  mem_free(lines);
}

struct IoOut {
  char *name; /* as it was given */
  char *path; /* where links lead */
  char *temporary;
  FILE *file;
  int number;    /* temporary_note's */
  bool standard; /* the standard output: nothing is renamed */
  bool quick;    /* not made to last through a power cut */
};

static void out_free(IoOut *out) {
  if (out->file != NULL) (void)fclose(out->file);
  if (!out->standard) temporary_forget(out->number);
  mem_free(out->name);
  mem_free(out->path);
  mem_free(out->temporary);
  mem_free(out);
}

/* A rename would put a file where a folder, a device or a pipe stands. name: what the path was given as. */
static bool can_replace(const char *path, const char *name, Err *err) {
  struct stat st;
  if (stat(path, &st) != 0 || S_ISREG(st.st_mode)) return true;
  return err_set(err, ERR_FILE, "%s: is %s; name a file to write", name,
                 S_ISDIR(st.st_mode) ? "a folder" : "not a file but a device or pipe");
}

static IoOut *open_standard(Err *err) {
  int fd = dup(STDOUT_FILENO);
  if (fd < 0) {
    (void)fail(err, "standard output", "write");
    return NULL;
  }
  IoOut *out = mem_zero(1, sizeof *out, "output file");
  *out = (IoOut){.name = mem_text("standard output", 15), .file = fdopen(fd, "wb"), .standard = true};
  return out;
}

/* Opens PATH.tmp; its lock keeps other processes away until out is freed. */
static bool open_temporary(IoOut *out, Err *err) {
  Str name = {0};
  str_addf(&name, "%s.tmp", out->path);
  out->temporary = name.at;
  out->number = -1;
  if (!lock_is_free(out->path, err)) return false;
  int fd = lock_create(out->temporary, out->name, err);
  if (fd < 0) return false;
  out->number = temporary_note(out->temporary);
  out->file = fdopen(fd, "wb");
  return true;
}

IoOut *io_create(const char *path, Err *err) {
  if (strcmp(path, "-") == 0) return open_standard(err);
  char *end = path_follow(path, err);
  if (end == NULL) return NULL;
  IoOut *out = mem_zero(1, sizeof *out, "output file");
  *out = (IoOut){.name = mem_text(path, strlen(path)), .path = end, .number = -1};
  if (io_make_parent(end, err) && can_replace(end, path, err) && open_temporary(out, err)) return out;
  out_free(out);
  return NULL;
}

/* Of the standard output whose reader has gone there is nothing to say. */
static bool out_failed(const IoOut *out, Err *err) {
  if (out->standard && errno == EPIPE) return false;
  return fail(err, out->name, "write");
}

bool io_write(IoOut *out, const void *at, size_t n, Err *err) {
  if (injected() || (n > 0 && fwrite(at, 1, n, out->file) != n)) return out_failed(out, err);
  return true;
}

/* To the disk; files that are not to last go to the system alone and are closed, as some errors only show there. */
static bool settle(IoOut *out) {
  if (injected() || fflush(out->file) != 0) return false;
  if (out->standard) return true;
  if (!out->quick) return fsync(fileno(out->file)) == 0;
  FILE *file = out->file;
  out->file = NULL;
  return fclose(file) == 0;
}

bool io_finish(IoOut *out, Err *err) {
  if (settle(out)) return true;
  (void)out_failed(out, err);
  io_abandon(out);
  return false;
}

static bool same_bytes(int a, int b) {
  char x[1 << 14], y[1 << 14];
  off_t at = 0;
  for (;;) {
    ssize_t n = pread(a, x, sizeof x, at), m = pread(b, y, sizeof y, at);
    if (n < 0 || n != m || memcmp(x, y, (size_t)n) != 0) return false;
    if (n == 0) return true;
    at += n;
  }
}

bool io_changes(const IoOut *out) {
  int old = out->standard ? -1 : open(out->path, O_RDONLY | O_CLOEXEC);
  if (old < 0) return false;
  bool same = same_bytes(old, fileno(out->file));
  (void)close(old);
  return !same;
}

/* Makes a change in the folder of path last through a power cut; file systems that cannot are passed over, and folders
 * that may be written but not read. */
static bool sync_folder(const char *path) {
  char *folder = path_folder(path);
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  mem_free(folder);
  if (fd < 0) return errno == EACCES || errno == EPERM;
  bool ok = !injected() && (fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EBADF);
  int why = errno;
  (void)close(fd);
  errno = why;
  return ok;
}

bool io_publish(IoOut *out, Err *err) {
  bool ok = out->standard || (!injected() && rename(out->temporary, out->path) == 0);
  if (!ok) {
    (void)fail(err, out->name, "write");
    io_abandon(out);
    return false;
  }
  ok = out->standard || out->quick || sync_folder(out->path) || fail(err, out->name, "make it last on the disk");
  out_free(out);
  return ok;
}

bool io_commit(IoOut *out, Err *err) { return io_finish(out, err) && io_publish(out, err); }

void io_abandon(IoOut *out) {
  if (out == NULL) return;
  if (!out->standard) (void)unlink(out->temporary);
  out_free(out);
}

bool io_remove(const char *path, Err *err) {
  if (!injected() && (unlink(path) == 0 || errno == ENOENT)) return true;
  return fail(err, path, "remove");
}

static bool write_whole(const char *path, const char *at, size_t n, bool quick, Err *err) {
  IoOut *out = io_create(path, err);
  if (out == NULL) return false;
  out->quick = quick;
  if (!io_write(out, at, n, err)) {
    io_abandon(out);
    return false;
  }
  return io_commit(out, err);
}

bool io_write_file(const char *path, const char *at, size_t n, Err *err) {
  return write_whole(path, at, n, false, err);
}
bool io_write_quick(const char *path, const char *at, size_t n, Err *err) {
  return write_whole(path, at, n, true, err);
}

bool io_is_folder(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool io_exists(const char *path) {
  struct stat st;
  return stat(path, &st) == 0;
}

bool io_same(const char *path, const char *other) {
  struct stat a, b;
  return stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool io_make_folder(const char *path, Err *err) {
  if (strcmp(path, "-") == 0) return err_set(err, ERR_USAGE, "-: a folder cannot be standard output; give its name");
  if (io_is_folder(path)) return true;
  if (mkdir(path, 0777) == 0) return true;
  return fail(err, path, errno == ENOENT ? "create this folder (its parent does not exist)" : "create this folder");
}

bool io_make_parent(const char *path, Err *err) {
  char *folder = path_folder(path);
  bool ok = io_make_folder(folder, err);
  mem_free(folder);
  return ok;
}

bool io_check_target(const char *path, Err *err) {
  if (strcmp(path, "-") == 0) return true;
  char *end = path_follow(path, err);
  bool ok = end != NULL && io_make_parent(end, err) && can_replace(end, path, err);
  char *folder = path_folder(ok ? end : path);
  if (ok) ok = access(folder, W_OK | X_OK) == 0 || fail(err, folder, "write to this folder");
  mem_free(folder);
  mem_free(end);
  return ok;
}

bool io_sha256(const char *path, char hex[65], Err *err) {
  char chunk[1 << 16];
  Sha256 sha = sha256_open();
  ssize_t got;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(err, path, "open");
  do {
    got = read(fd, chunk, sizeof chunk);
    if (got > 0) sha256_add(&sha, chunk, (size_t)got);
  } while (got > 0 || (got < 0 && errno == EINTR));
  if (got < 0) (void)fail(err, path, "read");
  (void)close(fd);
  if (got == 0) sha256_close(&sha, hex);
  return got == 0;
}

bool io_is_file(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Removes folder/name if it is a regular file. */
static bool remove_file(const char *folder, const char *name, Err *err) {
  Str path = {0};
  struct stat st;
  str_addf(&path, "%s/%s", folder, name);
  bool ok = lstat(path.at, &st) != 0 || !S_ISREG(st.st_mode) || unlink(path.at) == 0 || fail(err, path.at, "remove");
  str_free(&path);
  return ok;
}

bool io_sweep(const char *folder, bool (*stale)(void *ctx, const char *name), void *ctx, Err *err) {
  DIR *entries = opendir(folder);
  if (entries == NULL) return fail(err, folder, "read this folder");
  Str names = {0}; /* of what is to go, each with its NUL */
  const struct dirent *entry;
  while ((entry = readdir(entries)) != NULL)
    if (stale(ctx, entry->d_name)) str_add(&names, entry->d_name, strlen(entry->d_name) + 1);
  (void)closedir(entries);
  bool ok = true;
  for (size_t at = 0; ok && at < names.n; at += strlen(names.at + at) + 1) ok = remove_file(folder, names.at + at, err);
  str_free(&names);
  return ok;
}
