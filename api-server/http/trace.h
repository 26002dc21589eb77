/*
 * trace.h - what ties together the lines that several programs log about one request: X-Request-Id, and W3C's Trace Context.
 */
#ifndef API_HTTP_TRACE_H
#define API_HTTP_TRACE_H

#include <resedge/resedge.h>

enum { REQUEST_ID_SIZE = 40, TRACE_ID_SIZE = 33, TRACEPARENT_SIZE = 56 };

/* Takes the client's id where it is short and harmless, else makes one up. given: p NULL for none. */
void request_id_choose(struct rse_str given, char out[REQUEST_ID_SIZE]);

/* The trace that a header `traceparent` names; "" where there is none, or where it is not as the recommendation has it. */
void trace_id_take(struct rse_str traceparent, char out[TRACE_ID_SIZE]);
/* What to send on: the client's trace, or a new one for trace_id "", with a span of our own. */
void trace_parent_make(const char *trace_id, char out[TRACEPARENT_SIZE]);

#endif
