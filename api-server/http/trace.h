/*
 * trace.h - what ties together the lines that several programs log about one request: X-Request-Id, and W3C's Trace Context.
 */
#ifndef API_HTTP_TRACE_H
#define API_HTTP_TRACE_H

#include <resedge/resedge.h>

enum {
    REQUEST_ID_SIZE = 40,
    TRACE_ID_SIZE = 33,
    TRACEPARENT_SIZE = 56,
    TRACESTATE_MAX = 512, /* bytes of a `tracestate` that are passed on: as many as the recommendation asks for */
};

/* Takes the client's id where it is short and harmless, else makes one up. given: p NULL for none. */
void request_id_choose(struct rse_str given, char out[REQUEST_ID_SIZE]);

/* The trace that a header `traceparent` names; "" where there is none, or where it is not as the recommendation has it. */
void trace_id_take(struct rse_str traceparent, char out[TRACE_ID_SIZE]);
/* What to send on: the client's trace with its flags, or a new trace where `traceparent` names none, with a span of our own. */
void trace_parent_make(struct rse_str traceparent, char out[TRACEPARENT_SIZE]);
/* The `tracestate` to send on with it: what tracing systems before us said, empty members left out. All of it is dropped where
 * traceparent names no trace or one member is not as the recommendation has it (then out stays ""); of what is longer than
 * TRACESTATE_MAX first members of more than 128 bytes are, then those at the end. tracestate: all headers of that name as one list; p
 * NULL for none. out: initialised, empty. */
void trace_state_take(struct rse_str traceparent, struct rse_str tracestate, struct rse_buf *out);

#endif
