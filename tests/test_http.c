#include "serve/http.h"

#include <check.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "service.h"

enum { SECONDS = 30, LARGE = 1 << 24, CONNECTIONS = 4 };
static const double LATER = 1e6; /* than any time that is given */

/* The one call that waits, and what has been refused. */
typedef struct Taken {
  _Atomic(HttpCall *) call;
  atomic_int refused, status;
} Taken;

static void answer(HttpCall *call, const char *body, size_t n) {
  http_answer(call, &(HttpAnswer){.status = 200, .type = "text/plain", .body = body, .n = n});
}

static void take(void *ctx, HttpCall *call) {
  Taken *taken = ctx;
  if (strcmp(http_path(call), "/large") == 0) {
    char *body = mem_zero(LARGE, 1, "body");
    answer(call, body, LARGE);
    mem_free(body);
  } else if (strcmp(http_path(call), "/later") == 0) {
    http_wait(call);
    atomic_store(&taken->call, call);
  } else {
    answer(call, "well", 4);
  }
}

static void refused(void *ctx, const char *path, int status) {
  Taken *taken = ctx;
  ck_assert_str_eq(path, status == 0 ? "/large" : "/score");
  (void)atomic_fetch_add(&taken->refused, 1);
  atomic_store(&taken->status, status);
}

static Taken taken;
static Http *http;

static void begin(void) {
  Err err = {0};
  atomic_store(&taken.call, NULL);
  atomic_store(&taken.refused, 0);
  atomic_store(&taken.status, 0);
  HttpOptions options = {.host = "127.0.0.1",
                         .body = 1000,
                         .seconds = SECONDS,
                         .connections = CONNECTIONS,
                         .ctx = &taken,
                         .take = take,
                         .refused = refused};
  http = http_open(&options, &err);
  ck_assert_msg(http != NULL, "%s", err.text);
}

static void end(void) { http_close(http); }

static int begin_request(const char *text) {
  int fd = service_dial_port(http_port(http));
  service_put(fd, text);
  return fd;
}

static void await_active(int n) {
  while (http_active(http) != n) (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void hear_well(int fd) {
  char some[4096];
  Str all = {0};
  while (strstr(str_text(&all), "well") == NULL) {
    ssize_t n = recv(fd, some, sizeof some, 0);
    ck_assert_int_gt(n, 0);
    str_add(&all, some, (size_t)n);
  }
  str_free(&all);
}

START_TEST(a_request_that_does_not_come_gets_408) {
  int fd = begin_request("GET /score?x HTTP/1.1\r\nHost: x\r\nA: ");
  await_active(1);
  http_sweep(http, clock_now());
  ck_assert_int_eq(taken.refused, 0);
  http_sweep(http, clock_now() + LATER);
  http_sweep(http, clock_now() + LATER);
  service_expect(service_hear(fd), 408, "{\"error\":\"the request took longer than 30 s to come\"}");
  ck_assert_int_eq(taken.refused, 1);
  ck_assert_int_eq(taken.status, 408);
  await_active(0);
}
END_TEST

START_TEST(a_client_between_requests_is_let_go) {
  int fd = begin_request("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  hear_well(fd);
  await_active(0);
  http_sweep(http, clock_now());
  service_put(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  hear_well(fd);
  await_active(0);
  http_sweep(http, clock_now() + LATER);
  Str rest = service_hear(fd);
  ck_assert_uint_eq(rest.n, 0);
  ck_assert_int_eq(taken.refused, 0);
  str_free(&rest);
}
END_TEST

START_TEST(who_waits_for_an_answer_may_wait) {
  int fd = begin_request("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  while (taken.call == NULL) (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  http_sweep(http, clock_now() + LATER);
  answer(taken.call, "well", 4);
  hear_well(fd);
  (void)close(fd);
  ck_assert_int_eq(taken.refused, 0);
}
END_TEST

START_TEST(an_answer_is_read_at_some_rate) {
  int fd = begin_request("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  char one;
  ck_assert_int_eq(recv(fd, &one, 1, 0), 1);
  http_sweep(http, clock_now() + SECONDS + LARGE / 10240 - 10);
  ck_assert_int_eq(taken.refused, 0);
  http_sweep(http, clock_now() + LATER);
  ck_assert_int_eq(taken.refused, 1);
  Str rest = service_hear(fd);
  ck_assert_uint_lt(rest.n, LARGE);
  str_free(&rest);
}
END_TEST

/* Nobody is kept out by those who do not come to the end of a request; only where all wait is one refused. */
START_TEST(a_new_client_finds_room) {
  int slow[CONNECTIONS], fd;
  for (int i = 0; i < CONNECTIONS; i++) {
    slow[i] = begin_request("GET /score HTTP/1.1\r\nHost: x\r\n");
    await_active(i + 1);
  }
  hear_well(fd = begin_request("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  (void)close(fd);
  service_expect(service_hear(slow[0]), 503, "{\"error\":\"too many clients: try again later\"}");
  ck_assert_int_eq(taken.refused, 1);
  ck_assert_int_eq(taken.status, 503);
  for (int i = 1; i < CONNECTIONS; i++) {
    service_put(slow[i], "\r\n");
    hear_well(slow[i]);
    (void)close(slow[i]);
  }
}
END_TEST

START_TEST(without_the_library_nothing_opens) {
  Err err = {0};
  ck_assert_ptr_null(http_open(&(HttpOptions){.host = "127.0.0.1"}, &err));
  ck_assert_str_eq(err.text, http_missing());
}
END_TEST

static void add_with(Suite *suite) {
  TCase *with = tcase_create("with");
  tcase_add_checked_fixture(with, begin, end);
  tcase_add_test(with, a_request_that_does_not_come_gets_408);
  tcase_add_test(with, a_client_between_requests_is_let_go);
  tcase_add_test(with, who_waits_for_an_answer_may_wait);
  tcase_add_test(with, an_answer_is_read_at_some_rate);
  tcase_add_test(with, a_new_client_finds_room);
  suite_add_tcase(suite, with);
}

static void add_without(Suite *suite) {
  TCase *without = tcase_create("without");
  tcase_add_test(without, without_the_library_nothing_opens);
  suite_add_tcase(suite, without);
}

Suite *test_http(void);
Suite *test_http(void) {
  Suite *suite = suite_create("http");
  if (http_missing() == NULL) add_with(suite);
  else add_without(suite);
  return suite;
}
