/* server.h - models at the service of clients: a queue, and one worker that takes from its head what can be done
 * together. Requests are answered in the order in which they came.
 *
 * Owns nothing but itself; names, ensembles and pool are borrowed and outlive it. server_take and server_refused may be
 * called from any thread, the rest from that of server_new. */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include "base/pool.h"
#include "search/ensemble.h"
#include "serve/http.h"
#include "serve/request.h"

typedef struct ServerModel {
  const char *name; /* by which requests ask for it */
  const Ensemble *ensemble;
} ServerModel;

typedef struct ServerOptions {
  const ServerModel *models; /* [n_models], at least one */
  int n_models;
  Pool *pool; /* nobody else's meanwhile */
  RequestLimits limits;
  int waiting; /* most texts that wait; a request that would make it more gets 429 */
  int seconds; /* most that a request waits; then it gets 503 */
} ServerOptions;

typedef struct Server Server;
/* NULL: the system gives no thread. */
Server *server_new(const ServerOptions *options, Err *err);
/* Takes a call, HttpOptions.take: ctx is the Server. */
void server_take(void *ctx, HttpCall *call);
/* Counts what http has refused, HttpOptions.refused. */
void server_refused(void *ctx, const char *path, int status);
/* From now on requests for work get 503; returns when all that was taken before is answered. */
void server_drain(Server *server);
void server_free(Server *server);

#endif
