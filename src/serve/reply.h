/* reply.h - the JSON that a service answers with. Pure. */
#ifndef SERVE_REPLY_H
#define SERVE_REPLY_H

#include "search/session.h"
#include "serve/request.h"

/* Appends the answer to a request whose n texts are those from `first` on of a session that has done them. model: the
 * name of the model that did. */
void reply_add(Str *out, const Request *request, const SearchOptions *options, const char *model, Session *session,
               int first);
/* Appends {"error": text}. */
void reply_error(Str *out, const char *text);

#endif
