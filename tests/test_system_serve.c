#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scratch.h"
#include "serve/http.h"
#include "service.h"
#include "session.h"

static Scratch scratch; /* where no service runs */

static void begin_usual(void) { service_begin(""); }
static void begin_narrow(void) { service_begin("--max-waiting 2 --max-texts 4 --max-body 1000 --max-beam 6"); }

START_TEST(texts_are_translated) {
  service_expect(service_ask("POST", "/translate", SERVICE_FORM, "q=may+3+1994&source=en&target=xx"), 200,
                 "\r\n\r\n{\"translatedText\":\"1994-05-03\"}");
  service_expect(service_post("/translate", "{\"q\":[\"may 3 1994\",\"\"],\"source\":\"en\",\"target\":\"xx\"}"), 200,
                 "{\"translatedText\":[\"1994-05-03\",\"\"]}");
  service_expect_holds(service_post("/translate", "{\"text\":\"the king is rich .\",\"model\":\"b\"}"),
                       "{\"model\":\"b\",\"outputs\":[[{\"text\":\"le roi est riche .\",\"score\":-");
  service_expect(service_post("/translate", "{\"text\":[]}"), 200, "{\"model\":\"a\",\"outputs\":[]}");
}
END_TEST

/* Objects are those of the command line. */
START_TEST(answers_are_those_of_the_commands) {
  session_must(
      service_folder(),
      "echo 'may 3 1994' > s; echo '1994-05-04' > t; $A translate -m a.safetensors --format jsonl --n-best 2 < s > n; "
      "$A score -m a.safetensors s t --format jsonl > p");
  Str n_best = session_read(service_folder(), "n"), pair = session_read(service_folder(), "p"), want = {0};
  *strchr(n_best.at, '\n') = ',';
  str_addf(&want, "{\"model\":\"a\",\"outputs\":[[%.*s]]}", (int)n_best.n - 1, n_best.at);
  service_expect(service_post("/translate", "{\"text\":\"may 3 1994\",\"n_best\":2,\"attention\":1}"), 200,
                 str_text(&want));
  str_clear(&want);
  str_addf(&want, "{\"model\":\"a\",\"outputs\":[[%.*s]]}", (int)pair.n - 1, pair.at);
  service_expect(service_post("/score", "{\"source\":\"may 3 1994\",\"target\":\"1994-05-04\",\"attention\":1}"), 200,
                 str_text(&want));
  str_free(&n_best);
  str_free(&pair);
  str_free(&want);
}
END_TEST

/* Those of LibreTranslate 1.9.6: a list of texts, or one a text. */
START_TEST(alternatives_are_the_next_best) {
  session_must(service_folder(),
               "echo 'may 3 1994' | $A translate -m a.safetensors --n-best 3 | "
               "sed 's/^0 ||| \\([^|]*\\) |||.*/\"\\1\"/' | paste -s -d , - | tr -d '\\n' > best");
  Str best = session_read(service_folder(), "best"), want = {0};
  const char *others = strchr(str_text(&best), ',') + 1;
  int n = (int)(others - best.at) - 1;
  str_addf(&want, "{\"translatedText\":%.*s,\"alternatives\":[%s]}", n, best.at, others);
  service_expect(service_post("/translate", "{\"q\":\"may 3 1994\",\"source\":\"auto\",\"alternatives\":2}"), 200,
                 str_text(&want));
  str_clear(&want);
  str_addf(&want, "{\"translatedText\":[%.*s,\"\"],\"alternatives\":[[%s],[]]}", n, best.at, others);
  service_expect(service_post("/translate", "{\"q\":[\"may 3 1994\",\"\"],\"alternatives\":2}"), 200, str_text(&want));
  str_free(&best);
  str_free(&want);
}
END_TEST

/* A text of more tokens than the model takes says so in that form, too. */
START_TEST(a_text_that_is_cut_says_so) {
  Str body = {0};
  str_adds(&body, "{\"q\":\"");
  for (int i = 0; i < 2000; i++) str_addc(&body, 'a');
  str_adds(&body, "\"}");
  service_expect_holds(service_post("/translate", body.at), "\",\"source_cut\":true");
  str_free(&body);
}
END_TEST

/* Whether one of many requests at once had to be refused. */
static bool crowd(void) {
  enum { MANY = 24 };
  int fd[MANY];
  bool full = false;
  for (int i = 0; i < MANY; i++) {
    fd[i] = service_dial();
    service_send(fd[i], "/translate", "{\"text\":[\"may 3 1994\",\"june 4 1995\"]}");
  }
  for (int i = 0; i < MANY; i++) {
    Str answer = service_hear(fd[i]);
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
  service_expect_holds(service_post("/score", body.at), "HTTP/1.1 200 ");
  str_clear(&body);
  str_addf(&body, "{\"source\":[\"%s\",\"%s\"],\"target\":[\"%s\",\"%s\"]}", text.at, text.at, text.at, text.at);
  service_expect(service_post("/score", body.at), 413, ends);
  str_clear(&body);
  str_adds(&body, "{\"n_best\":5,\"attention\":1,\"text\":[");
  for (int i = 0; i < 128; i++) str_addf(&body, "%s\"%.100s\"", i == 0 ? "" : ",", text.at);
  str_adds(&body, "]}");
  service_expect(service_post("/translate", body.at), 413, ends);
  str_free(&text);
  str_free(&body);
}
END_TEST

START_TEST(what_cannot_be_done_is_refused) {
  service_expect_holds(service_get("/translate"), "\r\nAllow: POST\r\n");
  service_expect_holds(service_post("/info", ""), "\r\nAllow: GET, HEAD\r\n");
  service_expect(service_get("/translate"), 405, "{\"error\":\"POST it\"}");
  service_expect(service_ask("POST", "/translate?q=a", SERVICE_FORM, "q=a"), 400,
                 "{\"error\":\"nothing is read after \\\"?\\\": texts and options stand in the body\"}");
  service_expect(service_post("/info", ""), 405, "{\"error\":\"GET it\"}");
  service_expect(service_get("/../etc/passwd"), 404,
                 "{\"error\":\"there are /, /translate, /score, /info, /health and /metrics\"}");
  service_expect(service_ask("POST", "/translate", "text/html", "x"), 415,
                 "{\"error\":\"Content-Type: application/json or application/x-www-form-urlencoded is wanted\"}");
  service_expect(service_post("/translate", "{\"text\":\"a\",\"model\":\"c\"}"), 400,
                 "{\"error\":\"model: there is no \\\"c\\\" here; GET /info lists them\"}");
  service_expect_holds(
      service_post("/translate",
                   "{\"text\":\"a\",\"model\":\"012345678901234567890123456789012345678901234567890123456789\"}"),
      "no \\\"012345678901234567890123456789012345678901234567890123456789\\\" here");
  service_expect_holds(
      service_post("/translate",
                   "{\"text\":\"a\",\"model\":\"01234567890123456789012345678901234567890123456789012345678\\u00e9\"}"),
      "45678\xef\xbf\xbd\\\" here"); /* cut, and still UTF-8 */
  service_expect(service_post("/translate", "{\"text\":\"a\",\"n_best\":6}"), 400,
                 "{\"error\":\"n_best 6 is more than beam_size, 5: give a larger one, or draw with sample\"}");
  service_expect(service_post("/translate", "{\"text\":\"a\",\"beam_size\":7}"), 400,
                 "{\"error\":\"beam_size: 7 is not an integer from 1 to 6 here\"}");
  service_expect_holds(service_post("/translate", "{\"text\":[\"\",\"\",\"\",\"\",\"\"]}"), "HTTP/1.1 413 ");
  service_expect(service_post("/translate", "{\"text\":[\"a\",\"b\",\"c\"]}"), 413,
                 "{\"error\":\"more texts than may wait here: send fewer at a time\"}");
  Str large = {0};
  for (int i = 0; i < 1001; i++) str_addc(&large, ' ');
  service_expect(service_post("/translate", str_text(&large)), 413, "{\"error\":\"the body is too large\"}");
  str_free(&large);
  service_expect(service_ask("POST", "/translate", SERVICE_FORM, "q=may+3+1994"), 200,
                 "{\"translatedText\":\"1994-05-03\"}"); /* nothing is lost */
  Str metrics = service_get("/metrics");
  ck_assert_ptr_nonnull(strstr(str_text(&metrics), "_requests_total{path=\"/translate\",status=\"405\"} 2\n"));
  ck_assert_ptr_nonnull(strstr(str_text(&metrics), "_requests_total{path=\"/translate\",status=\"413\"} 3\n"));
  ck_assert_ptr_nonnull(strstr(str_text(&metrics), "_requests_total{path=\"/info\",status=\"405\"} 2\n"));
  service_expect_holds(metrics, "_requests_total{path=\"other\",status=\"404\"} 1\n");
}
END_TEST

START_TEST(it_tells_of_itself) {
  service_expect(service_get("/health"), 200, "{\"status\":\"ok\"}");
  service_expect_holds(service_get("/info"), "\"models\":[{\"name\":\"a\",\"encoder\":\"rnn\"");
  service_expect_holds(service_get("/"), "<textarea id=\"text\"");
  service_expect(service_ask("POST", "/translate", SERVICE_FORM, "q=a&q=b"), 200, "]}");
  Str metrics = service_get("/metrics");
  ck_assert_ptr_nonnull(
      strstr(str_text(&metrics), "\nattn_seq2seq_requests_total{path=\"/health\",status=\"200\"} 1\n"));
  ck_assert_ptr_nonnull(strstr(str_text(&metrics), "\nattn_seq2seq_texts_total 2\n"));
  ck_assert_ptr_nonnull(strstr(str_text(&metrics), "\nattn_seq2seq_request_seconds_bucket{le=\"+Inf\"} 1\n"));
  service_expect_holds(metrics, "text/plain; version=0.0.4");
}
END_TEST

enum { CLIENTS = 40 };

/* Clients that ask at once, each for its own; some with other options; between them some that send half of a request,
 * shut down their half, or go without waiting. */
START_TEST(many_clients_get_their_own) {
  int fds[CLIENTS], broken[CLIENTS];
  char body[200], want[200];
  for (int i = 0; i < CLIENTS; i++) {
    broken[i] = service_dial();
    service_put(broken[i], "POST /translate HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{\"text\":");
    if (i % 2 == 0) (void)close(broken[i]);
    fds[i] = service_dial();
    (void)snprintf(body, sizeof body, "{\"q\":\"may %d 1994\",\"beam_size\":%d}", i % 28 + 1, 4 + i / 10 % 2);
    service_send(fds[i], "/translate", body);
    if (i % 3 == 0) (void)shutdown(fds[i], SHUT_WR);
    int gone = service_dial();
    service_send(gone, "/translate", body);
    (void)close(gone);
  }
  for (int i = 0; i < CLIENTS; i++) {
    (void)snprintf(want, sizeof want, "{\"translatedText\":\"1994-05-%02d\"}", i % 28 + 1);
    service_expect(service_hear(fds[i]), 200, want);
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
    service_send(fds[i] = service_dial(), "/translate",
                 "{\"q\":[\"may 3 1994\",\"\"],\"sample\":1,\"temperature\":3,\"seed\":3}");
  for (int i = 0; i < N; i++) {
    Str answer = service_hear(fds[i]);
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
  int fds[8], late = service_dial();
  for (int i = 0; i < 8; i++) service_send(fds[i] = service_dial(), "/translate", "{\"q\":\"may 3 1994\"}");
  for (int i = 0; i < 8; i++) { /* has begun to come */
    char one;
    ck_assert_int_eq(recv(fds[i], &one, 1, MSG_PEEK), 1);
  }
  service_put(
      late,
      "POST /translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"q\":");
  service_expect(service_get("/health"), 200, "{\"status\":\"ok\"}"); /* that is seen, too */
  service_signal(SIGTERM);
  session_must(service_folder(), "until grep -q 'answering what has been asked' said; do sleep 0.01; done");
  service_put(late, "\"a\"}");
  service_expect(service_hear(late), 503, "{\"error\":\"the service is about to end\"}");
  for (int i = 0; i < 8; i++) service_expect(service_hear(fds[i]), 200, "{\"translatedText\":\"1994-05-03\"}");
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
  str_addf(&line, "P=%d; $A serve %s", service_port(), bad[_i].options);
  Ran ran = session_run(service_folder(), str_text(&line));
  ck_assert_int_eq(ran.status, bad[_i].status);
  ck_assert_msg(strstr(str_text(&ran.said), bad[_i].says) != NULL, "%s", str_text(&ran.said));
  session_end(&ran);
  str_free(&line);
}
END_TEST

/* No client says which file is read. */
START_TEST(models_of_images_are_not_served) {
  session_must(
      service_folder(),
      "$A toy digits d --n 20 && $A train d/config.json --quiet --set train.updates=1 --set train.model=i.safetensors");
  Ran ran = session_run(service_folder(), "$A serve -m i.safetensors --port 0");
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
  tcase_add_checked_fixture(usual, begin_usual, service_end);
  tcase_add_checked_fixture(narrow, begin_narrow, service_end);
  tcase_add_test(usual, texts_are_translated);
  tcase_add_test(usual, answers_are_those_of_the_commands);
  tcase_add_test(usual, alternatives_are_the_next_best);
  tcase_add_test(usual, a_text_that_is_cut_says_so);
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
