#include "serve/peers.h"

#include <math.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/monitor.h"

struct Peers {
  PeersOptions options;
  Monitor *monitor; /* of all below, and of all that peers hold */
  Peer *first;
  int n; /* that are not cut */
};

Peers *peers_new(const PeersOptions *options) {
  Peers *p = mem_zero(1, sizeof *p, "connections");
  *p = (Peers){.options = *options, .monitor = monitor_new()};
  return p;
}

void peers_free(Peers *p) {
  if (p == NULL) return;
  CHECK(p->first == NULL, "peers: some are left");
  monitor_free(p->monitor);
  mem_free(p);
}

static void cut(Peers *p, Peer *peer, bool for_room) {
  peer->cut = true;
  p->n--;
  p->options.cut(p->options.ctx, peer, for_room);
}

/* Of those that make room, the one that has done so little for longest: all may for equally long. NULL: there is none.
 */
static Peer *find_oldest(const Peers *p) {
  Peer *oldest = NULL;
  for (Peer *peer = p->first; peer != NULL; peer = peer->next)
    if (!peer->cut && (peer->at == PEER_RESTS || peer->at == PEER_ASKS) && (oldest == NULL || peer->end < oldest->end))
      oldest = peer;
  return oldest;
}

Peer *peers_add(Peers *p, int fd) {
  Peer *peer = mem_zero(1, sizeof *peer, "connections");
  *peer = (Peer){.fd = fd, .end = clock_now() + p->options.seconds};
  monitor_enter(p->monitor);
  Peer *oldest = p->n < p->options.most ? NULL : find_oldest(p);
  if (p->n++ >= p->options.most) cut(p, oldest == NULL ? peer : oldest, true);
  peer->next = p->first;
  if (p->first != NULL) p->first->before = peer;
  p->first = peer;
  monitor_leave(p->monitor);
  return peer;
}

void peers_remove(Peers *p, Peer *peer) {
  monitor_enter(p->monitor);
  p->n -= !peer->cut;
  if (peer->before != NULL) peer->before->next = peer->next;
  else p->first = peer->next;
  if (peer->next != NULL) peer->next->before = peer->before;
  monitor_leave(p->monitor);
  str_free(&peer->path);
  mem_free(peer);
}

/* Inside the monitor. */
static void turn(Peer *peer, PeerAt at, double seconds) {
  peer->at = at;
  peer->end = clock_now() + seconds;
}

void peers_rest(Peers *p, Peer *peer) {
  monitor_enter(p->monitor);
  turn(peer, PEER_RESTS, p->options.seconds);
  monitor_leave(p->monitor);
}

void peers_ask(Peers *p, Peer *peer, const char *path, size_t n) {
  monitor_enter(p->monitor);
  str_clear(&peer->path);
  str_add(&peer->path, path, n);
  turn(peer, PEER_ASKS, p->options.seconds);
  monitor_leave(p->monitor);
}

bool peers_wait(Peers *p, Peer *peer) {
  monitor_enter(p->monitor);
  turn(peer, PEER_WAITS, HUGE_VAL);
  bool stays = !peer->cut;
  monitor_leave(p->monitor);
  return stays;
}

void peers_read(Peers *p, Peer *peer, size_t n) {
  monitor_enter(p->monitor);
  turn(peer, PEER_READS, p->options.seconds + (double)n / PEERS_RATE);
  monitor_leave(p->monitor);
}

void peers_sweep(Peers *p, double now) {
  monitor_enter(p->monitor);
  for (Peer *peer = p->first; peer != NULL; peer = peer->next)
    if (!peer->cut && now > peer->end) cut(p, peer, false);
  monitor_leave(p->monitor);
}
