/*
 * server.h - answers questions about the repositories, on a thread of its own: the Data Service's, which brings the
 * secret that this worker registered; and /healthz and /metrics, which anyone may ask.
 */
#ifndef WORKER_HTTP_SERVER_H
#define WORKER_HTTP_SERVER_H

#include <resedge/err.h>

#include "automation-worker/http/route.h"

struct server;

/* listen: "host:port", port 0 for a free one. Borrows what routes points at until server_stop(). */
bool server_start(struct server **out, const char *listen, const struct routes *routes, struct rse_err *err) RSE_MUST;
void server_stop(struct server *server);
/* "http://127.0.0.1:4711": where it really listens, by the machine's name where it listens everywhere. */
const char *server_url(const struct server *server);

#endif
