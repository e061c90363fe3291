/* serve_info.h - what a service says of itself: its models, their sizes, its limits. Pure. */
#ifndef SERVE_SERVE_INFO_H
#define SERVE_SERVE_INFO_H

#include "serve/server.h"

/* Appends a JSON object. */
void serve_info_add(Str *out, const ServerOptions *options);

#endif
