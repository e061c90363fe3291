/* peers.h - the connections of a service, each with the moment at which its time is up: who sends or reads a byte now
 * and then keeps a connection from everybody else for so long and no longer. Where there are as many as may be, a new
 * one takes the place of the one that has rested or asked for longest.
 *
 * Shared by threads; what a peer is at is said by the thread that serves it. Peers belongs to who made it. */
#ifndef SERVE_PEERS_H
#define SERVE_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

typedef enum PeerAt {
  PEER_RESTS, /* has asked for nothing yet, or has read its answer */
  PEER_ASKS,  /* the first line of a request has come, and not yet all of it */
  PEER_WAITS, /* for the answer: as long as that takes */
  PEER_READS  /* the answer */
} PeerAt;

enum { PEERS_RATE = 10240 }; /* bytes a second, at which an answer is read at least */

typedef struct Peer {
  int fd; /* of the connection, borrowed */
  PeerAt at;
  Str path;   /* that was asked for last */
  double end; /* of clock_now, when its time is up */
  bool cut;   /* was told of */
  struct Peer *before, *next;
} Peer;

typedef struct PeersOptions {
  int most;    /* that are not cut */
  int seconds; /* that a peer may rest, ask, and besides what PEERS_RATE gives it, read */
  void *ctx;
  /* Told once of each that is to end: its time is up, or it makes room. None is removed meanwhile. */
  void (*cut)(void *ctx, const Peer *peer, bool for_room);
} PeersOptions;

typedef struct Peers Peers;

Peers *peers_new(const PeersOptions *options);
/* All have been removed. NULL is allowed. */
void peers_free(Peers *peers);
/* A new one, which rests. It is cut itself where all others wait or read. */
Peer *peers_add(Peers *peers, int fd);
/* Before fd is closed. */
void peers_remove(Peers *peers, Peer *peer);

void peers_rest(Peers *peers, Peer *peer);
/* path: its first n bytes. */
void peers_ask(Peers *peers, Peer *peer, const char *path, size_t n);
/* False: it has been cut. */
bool peers_wait(Peers *peers, Peer *peer);
/* An answer of n bytes. */
void peers_read(Peers *peers, Peer *peer, size_t n);

/* Cuts those whose time is up at `now` (clock_now). */
void peers_sweep(Peers *peers, double now);

#endif
