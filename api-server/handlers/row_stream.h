/*
 * row_stream.h - an answer that is written while the database sends its rows, as fast as the client takes it.
 */
#ifndef API_HANDLERS_ROW_STREAM_H
#define API_HANDLERS_ROW_STREAM_H

#include "api-server/http/call.h"

enum { ROW_MAX_BYTES = 8 * 1024 * 1024 };

struct row_stream {
    struct call *call;
    const char *content_type;
    uint64_t query;     /* of the rows: it rests while the client doesn't take what there is */
    bool patient;       /* it doesn't rest: the rows are few, and their connection is needed by others */
    struct rse_buf out; /* rows are appended here */
    size_t untaken;     /* bytes sent that the client hasn't taken */
    bool begun, paused, failed;
    bool held; /* row_stream_hold */
};

/* max: the most bytes between two calls of row_stream_next. */
void row_stream_init(struct row_stream *stream, struct call *call, const char *content_type, size_t max);
/* To be called behind each row. False: the client is gone, or (with call->err set) the row could not be written. */
bool row_stream_next(struct row_stream *stream) RSE_MUST;
/* The rows rest until row_stream_release: those that came have to be completed first. */
void row_stream_hold(struct row_stream *stream);
void row_stream_release(struct row_stream *stream);
/* The next row can't be made: call->err says why. */
void row_stream_fail(struct row_stream *stream);
/* Answers the call, with what is in out still to go, as a whole where nothing of it went yet; err: why the rows ended early, NULL: they didn't. */
void row_stream_end(struct row_stream *stream, const struct rse_err *err);

#endif
