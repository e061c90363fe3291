#include "serve/peers.h"

#include <math.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/monitor.h"

struct Peers {
  int seconds;
  Monitor *monitor; /* of all that peers hold */
  Peer *first;
};

Peers *peers_new(int seconds) {
  Peers *p = mem_zero(1, sizeof *p, "connections");
  *p = (Peers){.seconds = seconds, .monitor = monitor_new()};
  return p;
}

void peers_free(Peers *p) {
  if (p == NULL) return;
  CHECK(p->first == NULL, "peers: some are left");
  monitor_free(p->monitor);
  mem_free(p);
}

Peer *peers_add(Peers *p, int fd) {
  Peer *peer = mem_zero(1, sizeof *peer, "connections");
  *peer = (Peer){.fd = fd, .end = clock_now() + p->seconds};
  monitor_enter(p->monitor);
  peer->next = p->first;
  if (p->first != NULL) p->first->before = peer;
  p->first = peer;
  monitor_leave(p->monitor);
  return peer;
}

void peers_remove(Peers *p, Peer *peer) {
  monitor_enter(p->monitor);
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
  turn(peer, PEER_RESTS, p->seconds);
  monitor_leave(p->monitor);
}

void peers_ask(Peers *p, Peer *peer, const char *path, size_t n) {
  monitor_enter(p->monitor);
  str_clear(&peer->path);
  str_add(&peer->path, path, n);
  turn(peer, PEER_ASKS, p->seconds);
  monitor_leave(p->monitor);
}

bool peers_wait(Peers *p, Peer *peer) {
  monitor_enter(p->monitor);
  turn(peer, PEER_WAITS, HUGE_VAL);
  bool cut = peer->cut;
  monitor_leave(p->monitor);
  return !cut;
}

void peers_read(Peers *p, Peer *peer, size_t n) {
  monitor_enter(p->monitor);
  turn(peer, PEER_READS, p->seconds + (double)n / PEERS_RATE);
  monitor_leave(p->monitor);
}

void peers_sweep(Peers *p, double now, void (*cut)(void *ctx, const Peer *peer), void *ctx) {
  monitor_enter(p->monitor);
  for (Peer *peer = p->first; peer != NULL; peer = peer->next)
    if (!peer->cut && now > peer->end) {
      peer->cut = true;
      cut(ctx, peer);
    }
  monitor_leave(p->monitor);
}
