#include "service.h"

#include <arpa/inet.h>
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "scratch.h"
#include "session.h"

const char SERVICE_JSON[] = "application/json", SERVICE_FORM[] = "application/x-www-form-urlencoded";

static Scratch scratch;
static Session service;
static int port;
static bool ended; /* asked to */

/* The port that the service tells once it listens. */
static int find_port(void) {
  for (int i = 0; i < 3000; i++) {
    Str said = session_read(scratch.folder.at, "said");
    const char *sign = strstr(str_text(&said), "/ ; Ctrl-C ends");
    const char *at = sign;
    while (at != NULL && at > said.at && at[-1] != ':') at--;
    int found = at == NULL ? 0 : (int)strtol(at, NULL, 10);
    str_free(&said);
    if (found > 0) return found;
    (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  }
  ck_abort_msg("the service does not say where it listens");
  return 0;
}

void service_begin(const char *options) {
  ended = false;
  char here[4096];
  Str line = {0};
  scratch_open(&scratch);
  ck_assert_ptr_nonnull(getcwd(here, sizeof here));
  str_addf(&line,
           "ln -s '%s/models/tiny-dates.safetensors' a.safetensors; ln -s '%s/models/tiny-en-fr.safetensors' "
           "b.safetensors; : > said",
           here, here);
  session_must(scratch.folder.at, str_text(&line));
  str_clear(&line);
  str_addf(&line, "exec $A serve -m a.safetensors -m b.safetensors --port 0 %s 2> said", options);
  service = session_start(scratch.folder.at, str_text(&line));
  port = find_port();
  str_free(&line);
}

void service_signal(int number) {
  ck_assert_int_eq(kill(service.pid, number), 0);
  ended = ended || number == SIGTERM;
}

void service_end(void) {
  if (!ended) service_signal(SIGTERM);
  Ran ran = session_wait(&service);
  ck_assert_int_eq(ran.status, 0);
  session_end(&ran);
  scratch_close(&scratch);
}

const char *service_folder(void) { return scratch.folder.at; }
int service_port(void) { return port; }

int service_dial_port(int at) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)at)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
  return fd;
}

int service_dial(void) { return service_dial_port(port); }

void service_put(int fd, const char *text) {
  ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (int)strlen(text));
}

Str service_hear(int fd) {
  Str all = {0};
  char some[4096];
  for (ssize_t n; (n = recv(fd, some, sizeof some, 0)) > 0;) str_add(&all, some, (size_t)n);
  (void)close(fd);
  return all;
}

void service_request(int fd, const char *method, const char *path, const char *type, const char *body) {
  Str text = {0};
  str_addf(&text, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
           method, path, type, strlen(body), body);
  service_put(fd, str_text(&text));
  str_free(&text);
}

void service_send(int fd, const char *path, const char *body) { service_request(fd, "POST", path, SERVICE_JSON, body); }

Str service_ask(const char *method, const char *path, const char *type, const char *body) {
  int fd = service_dial();
  service_request(fd, method, path, type, body);
  return service_hear(fd);
}

Str service_post(const char *path, const char *body) { return service_ask("POST", path, SERVICE_JSON, body); }
Str service_get(const char *path) { return service_ask("GET", path, SERVICE_JSON, ""); }

void service_expect(Str answer, int status, const char *ends) {
  char head[32];
  (void)snprintf(head, sizeof head, "HTTP/1.1 %d ", status);
  ck_assert_msg(strncmp(str_text(&answer), head, strlen(head)) == 0, "%s", str_text(&answer));
  size_t n = strlen(ends);
  ck_assert_msg(answer.n >= n && strcmp(answer.at + answer.n - n, ends) == 0, "%s\nwanted: %s", str_text(&answer),
                ends);
  str_free(&answer);
}

void service_expect_holds(Str answer, const char *what) {
  ck_assert_msg(strstr(str_text(&answer), what) != NULL, "%s\nlacks: %s", str_text(&answer), what);
  str_free(&answer);
}
