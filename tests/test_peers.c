#include "serve/peers.h"

#include <check.h>
#include <string.h>

#include "base/clock.h"

enum { SECONDS = 30 };

/* Who has been cut, by fd, and what he was at. */
static void note(void *ctx, const Peer *peer) { str_addf(ctx, "%d:%d%s ", peer->fd, peer->at, str_text(&peer->path)); }

static void expect(Peers *peers, double now, const char *want) {
  Str cut = {0};
  peers_sweep(peers, now, note, &cut);
  ck_assert_str_eq(str_text(&cut), want);
  str_free(&cut);
}

static double before(void) { return clock_now() + SECONDS; }
static double after(void) { return clock_now() + SECONDS + 1; }

START_TEST(time_is_up_once) {
  Peers *peers = peers_new(SECONDS);
  double early = before();
  Peer *a = peers_add(peers, 1), *b = peers_add(peers, 2), *c = peers_add(peers, 3);
  peers_ask(peers, b, "/score?x", 6);
  peers_remove(peers, c);
  expect(peers, early, "");
  expect(peers, after(), "2:1/score 1:0 ");
  expect(peers, after(), "");
  ck_assert(!peers_wait(peers, b));
  peers_remove(peers, a);
  peers_remove(peers, b);
  peers_free(peers);
}
END_TEST

/* Whoever sends and reads as he should begins anew with each step. */
START_TEST(each_step_has_its_time) {
  enum { KILOBYTES = 1000 };
  Peers *peers = peers_new(SECONDS);
  Peer *a = peers_add(peers, 1);
  double early = before();
  peers_ask(peers, a, "/", 1);
  expect(peers, early, "");
  ck_assert(peers_wait(peers, a));
  expect(peers, early + 1e9, "");
  early = before() + KILOBYTES / 10;
  peers_read(peers, a, KILOBYTES * 1024);
  expect(peers, early, "");
  early = before();
  peers_rest(peers, a);
  expect(peers, early, "");
  peers_read(peers, a, KILOBYTES * 1024);
  expect(peers, after() + KILOBYTES / 10, "1:3/ ");
  peers_remove(peers, a);
  peers_free(peers);
}
END_TEST

Suite *test_peers(void);
Suite *test_peers(void) {
  Suite *suite = suite_create("peers");
  TCase *t = tcase_create("peers");
  tcase_add_test(t, time_is_up_once);
  tcase_add_test(t, each_step_has_its_time);
  suite_add_tcase(suite, t);
  return suite;
}
