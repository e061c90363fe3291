#include "serve/peers.h"

#include <check.h>
#include <string.h>

#include "base/clock.h"

enum { SECONDS = 30 };

/* Who has been cut, by fd, and what he was at; and for room. */
static Str cut;
static void note(void *ctx, const Peer *peer, bool for_room) {
  ck_assert_ptr_eq(ctx, &cut);
  str_addf(&cut, "%d:%d%s%s ", peer->fd, peer->at, str_text(&peer->path), for_room ? "!" : "");
}

static Peers *open_peers(int most) {
  return peers_new(&(PeersOptions){.most = most, .seconds = SECONDS, .ctx = &cut, .cut = note});
}

static void expect_cut(const char *want) {
  ck_assert_str_eq(str_text(&cut), want);
  str_free(&cut);
}

static void expect(Peers *peers, double now, const char *want) {
  peers_sweep(peers, now);
  expect_cut(want);
}

static double before(void) { return clock_now() + SECONDS; }
static double after(void) { return clock_now() + SECONDS + 1; }

START_TEST(time_is_up_once) {
  Peers *peers = open_peers(9);
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
  Peers *peers = open_peers(9);
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

/* A new one takes the place of the one that rests or asks for longest; of one that waits or reads nobody does. */
START_TEST(a_new_one_finds_room) {
  Peers *peers = open_peers(3);
  Peer *at[6];
  for (int i = 0; i < 3; i++) at[i] = peers_add(peers, i);
  peers_ask(peers, at[1], "/", 1);
  ck_assert(peers_wait(peers, at[0]));
  expect_cut("");
  at[3] = peers_add(peers, 3);
  expect_cut("2:0! ");
  at[4] = peers_add(peers, 4);
  expect_cut("1:1/! ");
  peers_read(peers, at[3], 1);
  ck_assert(peers_wait(peers, at[4]));
  at[5] = peers_add(peers, 5);
  expect_cut("5:0! ");
  for (int i = 0; i < 2; i++) peers_remove(peers, at[i]);
  peers_remove(peers, at[5]);
  at[5] = peers_add(peers, 6);
  expect_cut("");
  for (int i = 2; i < 6; i++) peers_remove(peers, at[i]);
  peers_free(peers);
}
END_TEST

Suite *test_peers(void);
Suite *test_peers(void) {
  Suite *suite = suite_create("peers");
  TCase *t = tcase_create("peers");
  tcase_add_test(t, time_is_up_once);
  tcase_add_test(t, each_step_has_its_time);
  tcase_add_test(t, a_new_one_finds_room);
  suite_add_tcase(suite, t);
  return suite;
}
