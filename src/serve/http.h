/* http.h - HTTP/1.1, the one door to libmicrohttpd.
 *
 * Each connection has a thread, which reads requests and writes answers. A request that has come whole is handed to
 * take, on that thread, which answers it at once or has it answered later, from any thread. Slow clients, half-closed
 * ones and those that go away cost a connection and the bytes that they have sent, until http_sweep finds that their
 * time is up (peers.h). (One thread for all connections, which it suspends, is what the library could do for less: but
 * it drops a suspended client that has shut down its half.) */
#ifndef SERVE_HTTP_H
#define SERVE_HTTP_H

#include "base/err.h"
#include "base/str.h"

typedef struct Http Http;
/* One request. Its own until it is answered; then nobody's. */
typedef struct HttpCall HttpCall;

typedef struct HttpAnswer {
  int status;
  const char *type; /* of the body, a constant */
  const char *body;
  size_t n;
  int retry;         /* seconds after which to try again; 0: nothing is said of that */
  const char *allow; /* the methods of a path that has not the one asked for, a constant; or NULL */
} HttpAnswer;

/* Connections beyond those that may be, which end as others have come: with an answer that says so, or without. */
enum { HTTP_SPARE = 64 };

typedef struct HttpOptions {
  const char *host; /* an address, or localhost */
  int port;         /* 0: any that is free */
  size_t body;      /* most bytes of a request */
  int seconds; /* that a request may take to come from its first line on, a client may be silent before it, and besides
                  what PEERS_RATE gives it, an answer may be read */
  int connections; /* one more takes the place of another (peers.h) */
  void *ctx;
  /* Takes a request: http_answer is called now, or http_wait now and http_answer later. */
  void (*take)(void *ctx, HttpCall *call);
  /* Told of what http itself refuses, from any thread. status 0: an answer was read too slowly and has been cut. */
  void (*refused)(void *ctx, const char *path, int status);
} HttpOptions;

/* What this build lacks, or NULL. */
const char *http_missing(void);
/* The library's version, or NULL. */
const char *http_version(void);
/* NULL on failure. */
Http *http_open(const HttpOptions *options, Err *err);
int http_port(const Http *http);
/* Ends the connections whose time is up at `now` (clock_now): those whose request has begun to come get 408. To be
 * called about once a second. */
void http_sweep(Http *http, double now);
/* Takes no new connections; those that are there get `Connection: close` with their next answer. */
void http_quiesce(Http *http);
/* Requests that have begun to come and are not yet answered whole. */
int http_active(const Http *http);
/* All calls have been answered. */
void http_close(Http *http);

const char *http_method(const HttpCall *call);
const char *http_path(const HttpCall *call);
/* Whether something stands after a question mark. */
bool http_has_query(const HttpCall *call);
/* The Content-Type, or NULL. */
const char *http_type(const HttpCall *call);
const Str *http_body(const HttpCall *call);
/* Says that the answer comes later. From take. */
void http_wait(HttpCall *call);
/* Copies the answer and sends it. The call is nobody's afterwards. */
void http_answer(HttpCall *call, const HttpAnswer *answer);

#endif
