#define _DEFAULT_SOURCE /* getaddrinfo's numeric hosts */
#include "serve/http.h"

#include <stddef.h>

#if !HAVE_SERVE

const char *http_missing(void) { return "this build has no service (it was made without libmicrohttpd)"; }
const char *http_version(void) { return NULL; }
Http *http_open(const HttpOptions *options, Err *err) {
  (void)options;
  (void)err_set(err, ERR_USAGE, "%s", http_missing());
  return NULL;
}
int http_port(const Http *http) { return http == NULL; }
void http_sweep(Http *http, double now) { (void)http, (void)now; }
void http_quiesce(Http *http) { (void)http; }
int http_active(const Http *http) { return http == NULL; }
void http_close(Http *http) { (void)http; }
const char *http_method(const HttpCall *call) { return call == NULL ? "" : "GET"; }
const char *http_path(const HttpCall *call) { return call == NULL ? "" : "/"; }
bool http_has_query(const HttpCall *call) { return call == NULL; }
const char *http_type(const HttpCall *call) {
  (void)call;
  return NULL;
}
const Str *http_body(const HttpCall *call) {
  (void)call;
  return NULL;
}
void http_wait(HttpCall *call) { (void)call; }
void http_answer(HttpCall *call, const HttpAnswer *answer) { (void)call, (void)answer; }

#else

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/monitor.h"
#include "serve/peers.h"

enum { HEADERS = 16384, DISCARDED = 64 };
/* Some names of statuses differ between versions of the library. */
enum { TOO_LATE = 408, TOO_LARGE = 413, TOO_MANY = 503 };

struct Http {
  HttpOptions options;
  struct MHD_Daemon *daemon;
  Peers *peers; /* a connection each, which is its socket context */
  int port;
  atomic_int active;
  atomic_bool closing;
};

struct HttpCall {
  Http *http;
  struct MHD_Connection *connection;
  Peer *peer;
  char *method, *path; /* NULL until all headers have come */
  Str body;
  size_t n_discarded;
  bool too_large;
  Monitor *answers; /* NULL: nobody waits for an answer */
  bool answered;
  struct MHD_Response *response;
  int status;
  size_t n; /* bytes of the answer */
};

const char *http_missing(void) { return NULL; }
const char *http_version(void) { return MHD_get_version(); }

const char *http_method(const HttpCall *c) { return c->method; }
const char *http_path(const HttpCall *c) { return c->path; }
const char *http_type(const HttpCall *c) {
  return MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
}
bool http_has_query(const HttpCall *c) {
  return MHD_get_connection_values(c->connection, MHD_GET_ARGUMENT_KIND, NULL, NULL) > 0;
}
const Str *http_body(const HttpCall *c) { return &c->body; }

void http_wait(HttpCall *c) { c->answers = monitor_new(); }

static void add_header(struct MHD_Response *response, const char *name, const char *value) {
  if (MHD_add_response_header(response, name, value) != MHD_YES) mem_exhausted("libmicrohttpd", name);
}

/* What makes a page that asks nobody but this server, and no other page this page's. */
static void add_headers(const HttpCall *c, const HttpAnswer *a) {
  add_header(c->response, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
  add_header(c->response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  add_header(c->response, "X-Content-Type-Options", "nosniff");
  add_header(c->response, "Content-Security-Policy",
             "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
             "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'");
  char seconds[24];
  (void)snprintf(seconds, sizeof seconds, "%d", a->retry);
  if (a->retry > 0) add_header(c->response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
  if (a->allow != NULL) add_header(c->response, MHD_HTTP_HEADER_ALLOW, a->allow);
  if (atomic_load(&c->http->closing)) add_header(c->response, MHD_HTTP_HEADER_CONNECTION, "close");
}

void http_answer(HttpCall *c, const HttpAnswer *a) {
  c->response = MHD_create_response_from_buffer(a->n, (void *)(uintptr_t)a->body, MHD_RESPMEM_MUST_COPY);
  if (c->response == NULL) mem_exhausted("libmicrohttpd", "an answer");
  c->status = a->status;
  c->n = a->n;
  add_headers(c, a);
  if (c->answers == NULL) return;
  monitor_enter(c->answers);
  c->answered = true;
  monitor_wake(c->answers);
  monitor_leave(c->answers); /* now the call may be gone */
}

static void wait_for_answer(HttpCall *c) {
  monitor_enter(c->answers);
  while (!c->answered) monitor_wait(c->answers);
  monitor_leave(c->answers);
}

static void refuse(HttpCall *c, int status, const char *text) {
  c->http->options.refused(c->http->options.ctx, c->path, status);
  http_answer(c, &(HttpAnswer){.status = status, .type = "application/json", .body = text, .n = strlen(text)});
}

/* ---- Connections. */

static void notice(void *ctx, struct MHD_Connection *connection, void **peer,
                   enum MHD_ConnectionNotificationCode what) {
  Http *h = ctx;
  if (what == MHD_CONNECTION_NOTIFY_STARTED) {
    *peer = peers_add(h->peers, MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
  } else { /* and the library closes its socket only then */
    peers_remove(h->peers, *peer);
    *peer = NULL;
  }
}

/* Sends what it can of an answer to no request, or to one that has not come whole. */
static void tell(int fd, const char *status, const char *retry, const char *error) {
  Str text = {0};
  str_addf(&text,
           "HTTP/1.1 %s\r\nConnection: close\r\n%sContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
           status, retry, strlen(error), error);
  (void)send(fd, text.at, text.n, MSG_DONTWAIT);
  str_free(&text);
}

static void tell_late(int fd, int seconds) {
  Str error = {0};
  str_addf(&error, "{\"error\":\"the request took longer than %d s to come\"}", seconds);
  tell(fd, "408 Request Timeout", "", error.at);
  str_free(&error);
}

/* The thread that serves it finds the connection at its end. That thread sends nothing as long as a request comes; and
 * a client that has had an answer would take another for that of its next request. */
static void cut_off(void *ctx, const Peer *peer, bool for_room) {
  Http *h = ctx;
  const HttpOptions *o = &h->options;
  bool asks = peer->at == PEER_ASKS, told = asks || (for_room && peer->path.n == 0);
  if (told && for_room)
    tell(peer->fd, "503 Service Unavailable", "Retry-After: 1\r\n",
         "{\"error\":\"too many clients: try again later\"}");
  if (told && !for_room) tell_late(peer->fd, o->seconds);
  if (told || peer->at != PEER_RESTS)
    o->refused(o->ctx, str_text(&peer->path), !told ? 0 : for_room ? TOO_MANY : TOO_LATE);
  (void)shutdown(peer->fd, SHUT_RDWR);
}

void http_sweep(Http *h, double now) { peers_sweep(h->peers, now); }

/* ---- Requests. */

/* The first line of a request has come. */
static void *begin(void *ctx, const char *uri, struct MHD_Connection *connection) {
  Http *h = ctx;
  HttpCall *c = mem_zero(1, sizeof *c, "request");
  const char *path = uri == NULL ? "" : uri;
  c->http = h;
  c->connection = connection;
  c->peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
  peers_ask(h->peers, c->peer, path, strcspn(path, "?"));
  (void)atomic_fetch_add(&h->active, 1);
  return c;
}

static void take_headers(HttpCall *c, const char *path, const char *method) {
  c->method = mem_text(method, strlen(method));
  c->path = mem_text(path, strlen(path));
  const char *length = MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  c->too_large = length != NULL && strtoull(length, NULL, 10) > c->http->options.body;
}

/* Takes some bytes of a body. One that is too large is read to some extent, so that the client reads the answer. */
static enum MHD_Result take_bytes(HttpCall *c, const char *at, size_t *n) {
  const size_t most = c->http->options.body;
  c->too_large = c->too_large || c->body.n + *n > most;
  if (c->too_large) {
    c->n_discarded += *n;
    str_free(&c->body);
  } else {
    str_add(&c->body, at, *n);
  }
  *n = 0;
  if (c->n_discarded / DISCARDED <= most) return MHD_YES;
  c->http->options.refused(c->http->options.ctx, c->path, TOO_LARGE);
  return MHD_NO;
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *at, size_t *n, void **call) {
  Http *h = ctx;
  HttpCall *c = *call;
  (void)version;
  if (c->method == NULL) {
    take_headers(c, path, method);
    return MHD_YES;
  }
  if (*n > 0) return take_bytes(c, at, n);
  if (!peers_wait(h->peers, c->peer)) return MHD_NO;
  if (c->too_large) refuse(c, TOO_LARGE, "{\"error\":\"the body is too large\"}");
  else h->options.take(h->options.ctx, c);
  if (c->answers != NULL) wait_for_answer(c);
  peers_read(h->peers, c->peer, c->n);
  return MHD_queue_response(connection, (unsigned int)c->status, c->response);
}

static void completed(void *ctx, struct MHD_Connection *connection, void **call, enum MHD_RequestTerminationCode why) {
  Http *h = ctx;
  HttpCall *c = *call;
  (void)connection, (void)why;
  if (c == NULL) return;
  peers_rest(h->peers, c->peer);
  if (c->response != NULL) MHD_destroy_response(c->response);
  str_free(&c->body);
  monitor_free(c->answers);
  mem_free(c->method);
  mem_free(c->path);
  mem_free(c);
  *call = NULL;
  (void)atomic_fetch_sub(&h->active, 1);
}

/* The address; NULL with the reason. */
static struct addrinfo *find_address(const HttpOptions *o, Err *err) {
  struct addrinfo *found, hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
  char port[16];
  const char *host = strcmp(o->host, "localhost") == 0 ? "127.0.0.1" : o->host;
  hints.ai_flags |= AI_NUMERICHOST | AI_PASSIVE;
  (void)snprintf(port, sizeof port, "%d", o->port);
  int code = getaddrinfo(host, port, &hints, &found);
  if (code == 0) return found;
  (void)err_set(err, ERR_USAGE, "--host %s: %s; an address is wanted, as 127.0.0.1, 0.0.0.0 (every network) or ::1",
                o->host, gai_strerror(code));
  return NULL;
}

static struct MHD_Daemon *start(Http *h, const struct sockaddr *address) {
  enum { STACK = 1 << 20 };
  unsigned int flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
                       (address->sa_family == AF_INET6 ? MHD_USE_IPv6 : 0U);
  return MHD_start_daemon(flags, 0, NULL, NULL, handle, h, MHD_OPTION_NOTIFY_CONNECTION, notice, h,
                          MHD_OPTION_URI_LOG_CALLBACK, begin, h, MHD_OPTION_NOTIFY_COMPLETED, completed, h,
                          MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_CONNECTION_LIMIT,
                          (unsigned int)(h->options.connections + HTTP_SPARE), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                          (size_t)HEADERS, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK, MHD_OPTION_END);
}

static void drop(Http *h) {
  peers_free(h->peers);
  mem_free(h);
}

Http *http_open(const HttpOptions *options, Err *err) {
  struct addrinfo *address = find_address(options, err);
  if (address == NULL) return NULL;
  Http *h = mem_zero(1, sizeof *h, "service");
  h->options = *options;
  h->peers = peers_new(&(PeersOptions){options->connections, options->seconds, h, cut_off});
  errno = 0;
  h->daemon = start(h, address->ai_addr);
  int failed = errno;
  freeaddrinfo(address);
  if (h->daemon != NULL) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT);
    h->port = info == NULL ? options->port : info->port;
    return h;
  }
  drop(h);
  (void)err_set(err, ERR_FILE, "cannot listen at %s, port %d: %s%s", options->host, options->port,
                failed == 0 ? "no reason is given" : strerror(failed),
                failed == EADDRINUSE ? "; name another with --port" : "");
  return NULL;
}

int http_port(const Http *h) { return h->port; }
int http_active(const Http *h) { return atomic_load(&((Http *)(uintptr_t)h)->active); }

void http_quiesce(Http *h) {
  atomic_store(&h->closing, true);
  MHD_socket fd = MHD_quiesce_daemon(h->daemon);
  if (fd != MHD_INVALID_SOCKET) (void)close(fd);
}

void http_close(Http *h) {
  MHD_stop_daemon(h->daemon);
  drop(h);
}

#endif
