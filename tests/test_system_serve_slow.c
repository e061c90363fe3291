#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "serve/http.h"
#include "service.h"

static void begin_small(void) { service_begin("--max-connections 4"); }
static void begin_hasty(void) { service_begin("--timeout 1"); }

static bool readable(int fd, int milliseconds) {
  struct pollfd one = {.fd = fd, .events = POLLIN};
  return poll(&one, 1, milliseconds) > 0;
}

/* As many clients as there may be send a header now and then; others are answered. */
START_TEST(slow_clients_keep_nobody_out) {
  enum { MANY = 4 };
  int slow[MANY];
  for (int i = 0; i < MANY; i++) service_put(slow[i] = service_dial(), "GET /info HTTP/1.1\r\nHost: x\r\n");
  for (int i = 0; i < MANY; i++) {
    service_expect(service_post("/translate", "{\"q\":\"may 3 1994\"}"), 200, "{\"translatedText\":\"1994-05-03\"}");
    if (!readable(slow[MANY - 1], 0)) service_put(slow[MANY - 1], "A: b\r\n");
  }
  for (int i = 0; i < MANY; i++) (void)close(slow[i]);
}
END_TEST

START_TEST(headers_that_do_not_end_get_408) {
  int fd = service_dial();
  service_put(fd, "GET /info HTTP/1.1\r\nHost: x\r\n");
  for (int rounds = 0; !readable(fd, 20); rounds++) {
    ck_assert_int_lt(rounds, 1500);
    service_put(fd, "A: b\r\n");
  }
  service_expect(service_hear(fd), 408, "{\"error\":\"the request took longer than 1 s to come\"}");
  service_expect_holds(service_get("/metrics"), "_requests_total{path=\"/info\",status=\"408\"} 1\n");
}
END_TEST

START_TEST(a_body_that_does_not_come_gets_408) {
  int fd = service_dial();
  service_put(fd, "POST /translate HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{\"text\":");
  service_expect(service_hear(fd), 408, "{\"error\":\"the request took longer than 1 s to come\"}");
  service_expect_holds(service_get("/metrics"), "_requests_total{path=\"/translate\",status=\"408\"} 1\n");
}
END_TEST

/* Requests that cannot be worked on together; the service stands still for longer than they may wait. Whether one of
 * them waited then. */
static bool waited_too_long(void) {
  enum { MANY = 24 };
  int fds[MANY];
  char body[200], one;
  bool found = false;
  for (int i = 0; i < MANY; i++) {
    (void)snprintf(body, sizeof body, "{\"text\":[\"may 3 1994\",\"june 4 1995\",\"july 5 1996\"],\"beam_size\":%d}",
                   i + 1);
    service_send(fds[i] = service_dial(), "/translate", body);
  }
  ck_assert_int_eq(recv(fds[0], &one, 1, MSG_PEEK), 1);
  service_signal(SIGSTOP);
  (void)nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 100000000}, NULL);
  service_signal(SIGCONT);
  for (int i = 0; i < MANY; i++) {
    Str answer = service_hear(fds[i]);
    bool late = strstr(str_text(&answer), "{\"error\":\"waited for too long: try again later\"}") != NULL;
    if (late) ck_assert_ptr_eq(strstr(answer.at, "HTTP/1.1 503 "), answer.at);
    if (late) ck_assert_ptr_nonnull(strstr(answer.at, "\r\nRetry-After: 1\r\n"));
    found = found || late;
    str_free(&answer);
  }
  return found;
}

START_TEST(a_text_that_waits_for_too_long_gets_503) {
  int rounds = 0;
  while (!waited_too_long()) ck_assert_int_lt(++rounds, 20);
  service_expect_holds(service_get("/metrics"), "_requests_total{path=\"/translate\",status=\"503\"} ");
}
END_TEST

Suite *test_system_serve_slow(void);
Suite *test_system_serve_slow(void) {
  Suite *suite = suite_create("system: slow clients of serve");
  if (http_missing() != NULL) return suite;
  TCase *small = tcase_create("small"), *hasty = tcase_create("hasty");
  tcase_add_checked_fixture(small, begin_small, service_end);
  tcase_add_checked_fixture(hasty, begin_hasty, service_end);
  tcase_add_test(small, slow_clients_keep_nobody_out);
  tcase_add_test(hasty, headers_that_do_not_end_get_408);
  tcase_add_test(hasty, a_body_that_does_not_come_gets_408);
  tcase_add_test(hasty, a_text_that_waits_for_too_long_gets_503);
  suite_add_tcase(suite, small);
  suite_add_tcase(suite, hasty);
  return suite;
}
