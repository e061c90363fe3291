/* service.h - `attn-seq2seq serve` as its clients meet it: the built program with models/tiny-dates as a and
 * models/tiny-en-fr as b, at a free port of this machine. One at a time; an fd belongs to the test. */
#ifndef TESTS_SERVICE_H
#define TESTS_SERVICE_H

#include "base/str.h"

extern const char SERVICE_JSON[], SERVICE_FORM[]; /* Content-Types */

/* Starts it with more options, in a folder of its own; waits until it listens. */
void service_begin(const char *options);
/* Sends a signal; after SIGTERM service_end sends none. */
void service_signal(int number);
/* Ends it; the test fails unless its status is 0. */
void service_end(void);
const char *service_folder(void);
int service_port(void);

int service_dial(void);
/* To any port of this machine. */
int service_dial_port(int port);
void service_put(int fd, const char *text);
void service_request(int fd, const char *method, const char *path, const char *type, const char *body);
/* All that comes until the service closes; closes fd. */
Str service_hear(int fd);
/* POST of JSON. */
void service_send(int fd, const char *path, const char *body);
/* On a connection of its own. */
Str service_ask(const char *method, const char *path, const char *type, const char *body);
Str service_post(const char *path, const char *body);
Str service_get(const char *path);

/* The test fails unless the answer has the status, and ends with `ends`; or holds a text. Frees it. */
void service_expect(Str answer, int status, const char *ends);
void service_expect_holds(Str answer, const char *what);

#endif
