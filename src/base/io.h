/* io.h - files: reading whole, reading by lines (plain or gzip), and writing so that a crash leaves either the
 * old file or the new one.
 *
 * Every object belongs to its caller and to one thread. Errors name the path. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

/* Appends the whole file to out; refuses files over max bytes. */
bool io_read_all(Str *out, const char *path, size_t max, Err *err);

/* Lines of a file; "-" is standard input; gzip is recognised by its magic number (not on standard input). Other
 * encodings than UTF-8, other compression and documents are an error (not_text.h); a byte-order mark at the start is
 * dropped. */
typedef struct IoLines IoLines;
IoLines *io_lines_open(const char *path, Err *err);
/* 1: *line holds the next line without LF and without one CR before it (raw bytes, NULs possible), valid until the next
 * call. 0: the end. -1: an error. A last line without LF counts. */
int io_lines_next(IoLines *lines, const char **line, size_t *n, Err *err);
/* True when io_lines_next would not wait for more input: a line is buffered, bytes can be read, or the end is reached.
 */
bool io_lines_ready(IoLines *lines);
/* Number of the line given last, from 1. */
long io_lines_number(const IoLines *lines);
const char *io_lines_path(const IoLines *lines);
void io_lines_close(IoLines *lines);

/* A file being written as PATH.tmp, a name that this process alone has meanwhile (lock.h) and that does not outlive it
 * but by SIGKILL; then the next to write PATH takes it over. Nothing is seen at PATH before io_commit. A symbolic link
 * at PATH stays: what it leads to is written. A folder, device or pipe at PATH is refused, and so is what another
 * process has locked. "-" is the standard output; when its reader has gone, functions fail and err stays empty. */
typedef struct IoOut IoOut;
IoOut *io_create(const char *path, Err *err);
bool io_write(IoOut *out, const void *at, size_t n, Err *err);
/* Flushes and fsyncs; PATH.tmp stays complete on disk until io_publish renames it. Both free out on failure. */
bool io_finish(IoOut *out, Err *err);
/* True when a file stands at PATH and holds other bytes than the finished one. */
bool io_changes(const IoOut *out);
/* Renames a finished file into place and fsyncs its folder. Frees out. */
bool io_publish(IoOut *out, Err *err);
/* io_finish and io_publish. */
bool io_commit(IoOut *out, Err *err);
/* Closes and removes the temporary file; out may be NULL. */
void io_abandon(IoOut *out);
/* Removes the file at path; none there is no error. */
bool io_remove(const char *path, Err *err);

/* Writes text to PATH as io_create .. io_commit do. */
bool io_write_file(const char *path, const char *at, size_t n, Err *err);
/* The same without waiting for the disk, for many small files that can be made again: a crash of the program leaves the
 * old file or the new one, a power cut may not. */
bool io_write_quick(const char *path, const char *at, size_t n, Err *err);
/* Creates the folder that path would stand in, when only that last level is missing. */
bool io_make_parent(const char *path, Err *err);
/* Creates the folder itself, when only its last level is missing. */
bool io_make_folder(const char *path, Err *err);
bool io_is_folder(const char *path);
bool io_exists(const char *path);
/* True for a regular file, which can be read twice. */
bool io_is_file(const char *path);
/* Removes the regular files of a folder for whose names stale says so. */
bool io_sweep(const char *folder, bool (*stale)(void *ctx, const char *name), void *ctx, Err *err);
/* True when both are there and are one file, however it is named. */
bool io_same(const char *path, const char *other);
/* True when a file could be written at path: its folder exists (created, one level, if need be) and is writable. */
bool io_check_target(const char *path, Err *err);

/* SHA-256 of a file's bytes as 64 hexadecimal digits and a NUL. */
bool io_sha256(const char *path, char hex[65], Err *err);

/* For tests: the nth write, flush, fsync, rename or removal from now on fails with ENOSPC; 0 turns it off. */
void io_fail_after(unsigned long n);
/* The same, and the process is killed there. */
void io_die_after(unsigned long n);

#endif
