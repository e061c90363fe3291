/* request.h - what a client asks for: the body of a request, JSON or a form, as texts and options.
 *
 *   POST /translate   {"text": "..." or ["...", ...], "model": "name", "beam_size": 5, ...}
 *                     {"q": "..." or ["...", ...], "source": "en", "target": "de", "alternatives": 2, ...}      as
 *                     LibreTranslate has it
 *   POST /score       {"source": "..." or [...], "target": "..." or [...], "model": "name", "attention": 1}
 *
 * Pure: reads bytes and nothing else. A Request belongs to its caller and to one thread; request_free ends it. */
#ifndef SERVE_REQUEST_H
#define SERVE_REQUEST_H

#include "base/json.h"
#include "search/search_options.h"

typedef enum RequestKind { REQUEST_TRANSLATE, REQUEST_SCORE } RequestKind;

/* What a request may have; more is refused. */
typedef struct RequestLimits {
  int lines;     /* texts */
  size_t bytes;  /* of a text */
  int beam_size; /* and draws */
} RequestLimits;

typedef struct Request {
  Json *json; /* all that was said; what follows are views of it */
  RequestKind kind;
  bool libre; /* as LibreTranslate has it */
  bool list;  /* texts came as a list */
  int n;
  const char **sources, **targets; /* [n]; no targets: to translate */
  const char *model;               /* NULL: the first */
} Request;

/* Statuses of HTTP. */
enum { REQUEST_OK = 200, REQUEST_BAD = 400, REQUEST_TOO_LARGE = 413, REQUEST_UNKNOWN_TYPE = 415 };

/* Reads a body. type: its Content-Type, NULL: JSON. Returns REQUEST_OK, or the status of a refusal, with err. */
int request_read(Request *request, RequestKind kind, const char *type, const char *body, size_t n,
                 const RequestLimits *limits, Err *err);
/* Sets in *options what the request says of them. Members that are neither known nor an option that has an effect in
 * such a request are an error. */
bool request_options(const Request *request, const RequestLimits *limits, SearchOptions *options, Err *err);
/* Why a request of that kind, or of LibreTranslate's, takes no such option; NULL: it does, if there is one. */
const char *request_refuses(RequestKind kind, bool libre, const char *option);
void request_free(Request *request);

#endif
