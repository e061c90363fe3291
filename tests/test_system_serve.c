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
#include "serve/http.h"
#include "session.h"

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

static void begin(const char *options) {
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

static void begin_usual(void) { begin(""); }
static void begin_narrow(void) { begin("--max-waiting 2 --max-texts 4 --max-body 1000 --max-beam 6"); }

static void end(void) {
  if (!ended) ck_assert_int_eq(kill(service.pid, SIGTERM), 0);
  Ran ran = session_wait(&service);
  ck_assert_int_eq(ran.status, 0);
  session_end(&ran);
  scratch_close(&scratch);
}

static int dial(void) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
  return fd;
}

static void put(int fd, const char *text) {
  ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (int)strlen(text));
}

/* All that comes until the service closes. */
static Str hear(int fd) {
  Str all = {0};
  char some[4096];
  for (ssize_t n; (n = recv(fd, some, sizeof some, 0)) > 0;) str_add(&all, some, (size_t)n);
  (void)close(fd);
  return all;
}

static void put_request(int fd, const char *method, const char *path, const char *type, const char *body) {
  Str text = {0};
  str_addf(&text, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
           method, path, type, strlen(body), body);
  put(fd, str_text(&text));
  str_free(&text);
}

static const char JSON[] = "application/json", FORM[] = "application/x-www-form-urlencoded";

static Str ask(const char *method, const char *path, const char *type, const char *body) {
  int fd = dial();
  put_request(fd, method, path, type, body);
  return hear(fd);
}

/* Fails unless the answer has the status, and ends with `ends`. */
static void expect(Str answer, int status, const char *ends) {
  char head[32];
  (void)snprintf(head, sizeof head, "HTTP/1.1 %d ", status);
  ck_assert_msg(strncmp(str_text(&answer), head, strlen(head)) == 0, "%s", str_text(&answer));
  size_t n = strlen(ends);
  ck_assert_msg(answer.n >= n && strcmp(answer.at + answer.n - n, ends) == 0, "%s\nwanted: %s", str_text(&answer),
                ends);
  str_free(&answer);
}

static void expect_holds(Str answer, const char *what) {
  ck_assert_msg(strstr(str_text(&answer), what) != NULL, "%s\nlacks: %s", str_text(&answer), what);
  str_free(&answer);
}

START_TEST(texts_are_translated) {
  expect(ask("POST", "/translate", FORM, "q=may+3+1994&source=en&target=xx"), 200,
         "\r\n\r\n{\"translatedText\":\"1994-05-03\"}");
  expect(ask("POST", "/translate", JSON, "{\"q\":[\"may 3 1994\",\"\"],\"source\":\"en\",\"target\":\"xx\"}"), 200,
         "{\"translatedText\":[\"1994-05-03\",\"\"]}");
  expect_holds(ask("POST", "/translate", JSON, "{\"text\":\"the king is rich .\",\"model\":\"b\"}"),
               "{\"model\":\"b\",\"outputs\":[[{\"text\":\"le roi est riche .\",\"score\":-");
  expect(ask("POST", "/translate", JSON, "{\"text\":[]}"), 200, "{\"model\":\"a\",\"outputs\":[]}");
}
END_TEST

/* Objects are those of the command line. */
START_TEST(answers_are_those_of_the_commands) {
  session_must(
      scratch.folder.at,
      "echo 'may 3 1994' > s; echo '1994-05-04' > t; $A translate -m a.safetensors --format jsonl --n-best 2 < s > n; "
      "$A score -m a.safetensors s t --format jsonl > p");
  Str n_best = session_read(scratch.folder.at, "n"), pair = session_read(scratch.folder.at, "p"), want = {0};
  *strchr(n_best.at, '\n') = ',';
  str_addf(&want, "{\"model\":\"a\",\"outputs\":[[%.*s]]}", (int)n_best.n - 1, n_best.at);
  expect(ask("POST", "/translate", JSON, "{\"text\":\"may 3 1994\",\"n_best\":2,\"attention\":1}"), 200,
         str_text(&want));
  str_clear(&want);
  str_addf(&want, "{\"model\":\"a\",\"outputs\":[[%.*s]]}", (int)pair.n - 1, pair.at);
  expect(ask("POST", "/score", JSON, "{\"source\":\"may 3 1994\",\"target\":\"1994-05-04\",\"attention\":1}"), 200,
         str_text(&want));
  str_free(&n_best);
  str_free(&pair);
  str_free(&want);
}
END_TEST

/* Whether one of many requests at once had to be refused. */
static bool crowd(void) {
  enum { MANY = 24 };
  int fd[MANY];
  bool full = false;
  for (int i = 0; i < MANY; i++) {
    fd[i] = dial();
    put_request(fd[i], "POST", "/translate", JSON, "{\"text\":[\"may 3 1994\",\"june 4 1995\"]}");
  }
  for (int i = 0; i < MANY; i++) {
    Str answer = hear(fd[i]);
    if (strncmp(str_text(&answer), "HTTP/1.1 429 ", 13) == 0) {
      ck_assert_ptr_nonnull(strstr(str_text(&answer), "\r\nRetry-After: 1\r\n"));
      ck_assert_ptr_nonnull(strstr(str_text(&answer), "{\"error\":\"too many texts wait: try again later\"}"));
      full = true;
    }
    str_free(&answer);
  }
  return full;
}

/* Two texts may wait. */
START_TEST(the_queue_has_an_end) {
  int rounds = 0;
  while (!crowd()) ck_assert_int_lt(++rounds, 50);
}
END_TEST

/* 2,401 x 2,401 weights are allowed, twice as many are not; nor 128 times 5 of up to 101 x 211. */
START_TEST(attention_has_an_end) {
  static const char ends[] = "{\"error\":\"over 8388608 weights of attention: send fewer or shorter texts at a time\"}";
  Str text = {0}, body = {0};
  for (int i = 0; i < 2400; i++) str_addc(&text, 'a');
  str_addf(&body, "{\"source\":[\"%s\",\"\"],\"target\":[\"%s\",\"\"]}", text.at, text.at);
  expect_holds(ask("POST", "/score", JSON, body.at), "HTTP/1.1 200 ");
  str_clear(&body);
  str_addf(&body, "{\"source\":[\"%s\",\"%s\"],\"target\":[\"%s\",\"%s\"]}", text.at, text.at, text.at, text.at);
  expect(ask("POST", "/score", JSON, body.at), 413, ends);
  str_clear(&body);
  str_adds(&body, "{\"n_best\":5,\"attention\":1,\"text\":[");
  for (int i = 0; i < 128; i++) str_addf(&body, "%s\"%.100s\"", i == 0 ? "" : ",", text.at);
  str_adds(&body, "]}");
  expect(ask("POST", "/translate", JSON, body.at), 413, ends);
  str_free(&text);
  str_free(&body);
}
END_TEST

START_TEST(what_cannot_be_done_is_refused) {
  expect_holds(ask("GET", "/translate", JSON, ""), "\r\nAllow: POST\r\n");
  expect_holds(ask("POST", "/info", JSON, ""), "\r\nAllow: GET, HEAD\r\n");
  expect(ask("GET", "/translate", JSON, ""), 405, "{\"error\":\"POST it\"}");
  expect(ask("POST", "/info", JSON, ""), 405, "{\"error\":\"GET it\"}");
  expect(ask("GET", "/../etc/passwd", JSON, ""), 404,
         "{\"error\":\"there are /, /translate, /score, /info, /health and /metrics\"}");
  expect(ask("POST", "/translate", "text/html", "x"), 415,
         "{\"error\":\"Content-Type: application/json or application/x-www-form-urlencoded is wanted\"}");
  expect(ask("POST", "/translate", JSON, "{\"text\":\"a\",\"model\":\"c\"}"), 400,
         "{\"error\":\"model: there is no \\\"c\\\" here; GET /info lists them\"}");
  expect_holds(ask("POST", "/translate", JSON,
                   "{\"text\":\"a\",\"model\":\"012345678901234567890123456789012345678901234567890123456789\"}"),
               "no \\\"012345678901234567890123456789012345678901234567890123456789\\\" here");
  expect_holds(ask("POST", "/translate", JSON,
                   "{\"text\":\"a\",\"model\":\"01234567890123456789012345678901234567890123456789012345678\\u00e9\"}"),
               "45678\xef\xbf\xbd\\\" here"); /* cut, and still UTF-8 */
  expect(ask("POST", "/translate", JSON, "{\"text\":\"a\",\"n_best\":6}"), 400,
         "{\"error\":\"n_best 6 is more than beam_size, 5: give a larger one, or draw with sample\"}");
  expect(ask("POST", "/translate", JSON, "{\"text\":\"a\",\"beam_size\":7}"), 400,
         "{\"error\":\"beam_size: at most 6 here\"}");
  expect_holds(ask("POST", "/translate", JSON, "{\"text\":[\"\",\"\",\"\",\"\",\"\"]}"), "HTTP/1.1 413 ");
  expect(ask("POST", "/translate", JSON, "{\"text\":[\"a\",\"b\",\"c\"]}"), 413,
         "{\"error\":\"more texts than may wait here: send fewer at a time\"}");
  Str large = {0};
  for (int i = 0; i < 1001; i++) str_addc(&large, ' ');
  expect(ask("POST", "/translate", JSON, str_text(&large)), 413, "{\"error\":\"the body is too large\"}");
  str_free(&large);
  expect(ask("POST", "/translate", FORM, "q=may+3+1994"), 200,
         "{\"translatedText\":\"1994-05-03\"}"); /* nothing is lost */
}
END_TEST

START_TEST(it_tells_of_itself) {
  expect(ask("GET", "/health", JSON, ""), 200, "{\"status\":\"ok\"}");
  expect_holds(ask("GET", "/info", JSON, ""), "\"models\":[{\"name\":\"a\",\"encoder\":\"rnn\"");
  expect_holds(ask("GET", "/", JSON, ""), "<textarea id=\"text\"");
  expect(ask("POST", "/translate", FORM, "q=a&q=b"), 200, "]}");
  Str metrics = ask("GET", "/metrics", JSON, "");
  ck_assert_ptr_nonnull(
      strstr(str_text(&metrics), "\nattn_seq2seq_requests_total{path=\"/health\",status=\"200\"} 1\n"));
  ck_assert_ptr_nonnull(strstr(str_text(&metrics), "\nattn_seq2seq_texts_total 2\n"));
  ck_assert_ptr_nonnull(strstr(str_text(&metrics), "\nattn_seq2seq_request_seconds_bucket{le=\"+Inf\"} 1\n"));
  expect_holds(metrics, "text/plain; version=0.0.4");
}
END_TEST

enum { CLIENTS = 40 };

/* Clients that ask at once, each for its own; some with other options; between them some that send half of a request,
 * shut down their half, or go without waiting. */
START_TEST(many_clients_get_their_own) {
  int fds[CLIENTS], broken[CLIENTS];
  char body[200], want[200];
  for (int i = 0; i < CLIENTS; i++) {
    broken[i] = dial();
    put(broken[i], "POST /translate HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{\"text\":");
    if (i % 2 == 0) (void)close(broken[i]);
    fds[i] = dial();
    (void)snprintf(body, sizeof body, "{\"q\":\"may %d 1994\",\"beam_size\":%d}", i % 28 + 1, 4 + i / 10 % 2);
    put_request(fds[i], "POST", "/translate", JSON, body);
    if (i % 3 == 0) (void)shutdown(fds[i], SHUT_WR);
    int gone = dial();
    put_request(gone, "POST", "/translate", JSON, body);
    (void)close(gone);
  }
  for (int i = 0; i < CLIENTS; i++) {
    (void)snprintf(want, sizeof want, "{\"translatedText\":\"1994-05-%02d\"}", i % 28 + 1);
    expect(hear(fds[i]), 200, want);
  }
  for (int i = 1; i < CLIENTS; i += 2) (void)close(broken[i]);
}
END_TEST

/* The same request has the same answer, whoever else asks. */
START_TEST(draws_go_by_the_seed_alone) {
  enum { N = 16 };
  int fds[N];
  Str first = {0};
  for (int i = 0; i < N; i++)
    put_request(fds[i] = dial(), "POST", "/translate", JSON,
                "{\"q\":[\"may 3 1994\",\"\"],\"sample\":1,\"temperature\":3,\"seed\":3}");
  for (int i = 0; i < N; i++) {
    Str answer = hear(fds[i]);
    const char *body = strstr(str_text(&answer), "{\"translatedText\"");
    ck_assert_msg(body != NULL, "%s", str_text(&answer));
    if (i == 0) str_adds(&first, body);
    ck_assert_str_eq(body, str_text(&first));
    str_free(&answer);
  }
  str_free(&first);
}
END_TEST

/* What has been asked is answered, and nothing else is begun. */
START_TEST(the_end_waits_for_answers) {
  int fds[8], late = dial();
  for (int i = 0; i < 8; i++) put_request(fds[i] = dial(), "POST", "/translate", JSON, "{\"q\":\"may 3 1994\"}");
  for (int i = 0; i < 8; i++) { /* has begun to come */
    char one;
    ck_assert_int_eq(recv(fds[i], &one, 1, MSG_PEEK), 1);
  }
  put(late,
      "POST /translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"q\":");
  expect(ask("GET", "/health", JSON, ""), 200, "{\"status\":\"ok\"}"); /* that is seen, too */
  ck_assert_int_eq(kill(service.pid, SIGTERM), 0);
  ended = true;
  session_must(scratch.folder.at, "until grep -q 'answering what has been asked' said; do sleep 0.01; done");
  put(late, "\"a\"}");
  expect(hear(late), 503, "{\"error\":\"the service is about to end\"}");
  for (int i = 0; i < 8; i++) expect(hear(fds[i]), 200, "{\"translatedText\":\"1994-05-03\"}");
}
END_TEST

/* $A serve with this says that and ends with 2. */
static const struct {
  const char *options, *says;
  int status;
} bad[] = {
    {"-m none.safetensors", "none.safetensors: cannot open: No such file or directory", 1},
    {"-m a.safetensors --host nowhere", "--host nowhere: ", 2},
    {"-m a.safetensors --port 65536", "--port", 2},
    {"-m a.safetensors --port $P", "cannot listen at 127.0.0.1, port ", 1},
};

START_TEST(what_cannot_be_served_is_said) {
  Str line = {0};
  str_addf(&line, "P=%d; $A serve %s", port, bad[_i].options);
  Ran ran = session_run(scratch.folder.at, str_text(&line));
  ck_assert_int_eq(ran.status, bad[_i].status);
  ck_assert_msg(strstr(str_text(&ran.said), bad[_i].says) != NULL, "%s", str_text(&ran.said));
  session_end(&ran);
  str_free(&line);
}
END_TEST

/* No client says which file is read. */
START_TEST(models_of_images_are_not_served) {
  session_must(
      scratch.folder.at,
      "$A toy digits d --n 20 && $A train d/config.json --quiet --set train.updates=1 --set train.model=i.safetensors");
  Ran ran = session_run(scratch.folder.at, "$A serve -m i.safetensors --port 0");
  ck_assert_int_eq(ran.status, 2);
  ck_assert_ptr_nonnull(strstr(str_text(&ran.said), "its sources are names of files"));
  session_end(&ran);
}
END_TEST

static void open_folder(void) { scratch_open(&scratch); }
static void close_folder(void) { scratch_close(&scratch); }

START_TEST(without_the_library_it_says_so) {
  Ran ran = session_run(scratch.folder.at, "$A serve");
  ck_assert_int_eq(ran.status, 2);
  ck_assert_ptr_nonnull(
      strstr(str_text(&ran.said), "serve: this build has no service (it was made without libmicrohttpd)"));
  session_end(&ran);
}
END_TEST

static void add_service(Suite *suite) {
  TCase *usual = tcase_create("usual"), *narrow = tcase_create("narrow");
  tcase_add_checked_fixture(usual, begin_usual, end);
  tcase_add_checked_fixture(narrow, begin_narrow, end);
  tcase_add_test(usual, texts_are_translated);
  tcase_add_test(usual, answers_are_those_of_the_commands);
  tcase_add_test(usual, it_tells_of_itself);
  tcase_add_test(usual, many_clients_get_their_own);
  tcase_add_test(usual, draws_go_by_the_seed_alone);
  tcase_add_test(usual, the_end_waits_for_answers);
  tcase_add_test(usual, attention_has_an_end);
  tcase_add_loop_test(usual, what_cannot_be_served_is_said, 0, (int)(sizeof bad / sizeof *bad));
  tcase_add_test(usual, models_of_images_are_not_served);
  tcase_add_test(narrow, what_cannot_be_done_is_refused);
  tcase_add_test(narrow, the_queue_has_an_end);
  suite_add_tcase(suite, usual);
  suite_add_tcase(suite, narrow);
}

static void add_without(Suite *suite) {
  TCase *without = tcase_create("without");
  tcase_add_checked_fixture(without, open_folder, close_folder);
  tcase_add_test(without, without_the_library_it_says_so);
  suite_add_tcase(suite, without);
}

Suite *test_system_serve(void);
Suite *test_system_serve(void) {
  Suite *suite = suite_create("system: serve");
  if (http_missing() == NULL) add_service(suite);
  else add_without(suite);
  return suite;
}
