/*
 * local.h - whether a request means this machine.
 *
 * A server that asks for no token, on a loopback address, can still be reached by any web page that a person looks at: under a
 * name that its owner points at 127.0.0.1 (DNS rebinding), or across origins. Both show in the headers.
 */
#ifndef API_HTTP_LOCAL_H
#define API_HTTP_LOCAL_H

#include <resedge/resedge.h>

struct http_head;

/* Whether Host names a loopback address, and Origin, where there is one, the same place. RSE_DENIED. */
bool local_check(const struct http_head *head, struct rse_err *err) RSE_MUST;

#endif
