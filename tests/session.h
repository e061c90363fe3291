/* session.h - the built program as a user runs it: command lines of the shell, in a folder of their own.
 *
 * In a line $A is the program under test, by an absolute path; standard input is empty. A Ran belongs to its caller and
 * ends with session_end. */
#ifndef TESTS_SESSION_H
#define TESTS_SESSION_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"

/* A line of text that is running. */
typedef struct Session {
  pid_t pid;
  int out, said; /* ends of pipes */
} Session;

/* More than any exit status. */
enum { SESSION_KILLED = 256 };

/* What a line left behind. */
typedef struct Ran {
  int status; /* exit status, or SESSION_KILLED + the signal */
  Str out;    /* standard output */
  Str said;   /* standard error */
} Ran;

/* Runs line in folder to its end; as nobody: without any rights, when the tests have those of root. */
Ran session_run(const char *folder, const char *line);
Ran session_run_as_nobody(const char *folder, const char *line);
/* Runs it; the test fails unless its status is 0. */
void session_must(const char *folder, const char *line);
/* Only begins it, with `exec` before the line's last command if signals are to reach it; then waits for its end. */
Session session_start(const char *folder, const char *line);
Ran session_wait(Session *session);
void session_end(Ran *ran);

/* Waits until the file is there; the test fails when it does not come. */
void session_await(const char *folder, const char *name);

/* The folder's files, its folders' too, a line each, in order. */
void session_files(Str *out, const char *folder);
/* The bytes of folder/name; the test fails when it cannot be read. */
Str session_read(const char *folder, const char *name);
void session_write(const char *folder, const char *name, const char *text);
/* Fails the test, naming both, unless the two files hold the same bytes. */
void session_same(const char *folder, const char *a, const char *b);

/* Writes t.src and t.tgt (300 lines: two to four of the letters a to h, the same in reverse order), v.src, v.tgt
 * (20 lines) and c.json, the config of a tiny model out/m.safetensors on them. */
void session_corpus(const char *folder);

#endif
