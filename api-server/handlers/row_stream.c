/*
 * row_stream.c - see row_stream.h.
 */
#include "api-server/handlers/row_stream.h"

#include "api-server/api.h"
#include "api-server/store/db.h"

enum {
    FIRST_CHUNK_BYTES = 8 * 1024, /* soon: the client has something to do */
    CHUNK_BYTES = 64 * 1024,
    UNTAKEN_MAX = 256 * 1024,
};

static void taken(void *arg)
{
    struct row_stream *stream = arg;

    stream->untaken = 0;
    if (stream->paused && !stream->held)
        db_resume(stream->call->api->db, stream->query);
    stream->paused = false;
}

static void flush(struct row_stream *stream)
{
    if (!stream->begun)
        call_stream_begin(stream->call, 200, stream->content_type, taken, stream);
    stream->begun = true;
    stream->untaken += stream->out.len;
    call_stream_write(stream->call, rse_buf_str(&stream->out));
    rse_buf_reset(&stream->out);
    if (stream->untaken < UNTAKEN_MAX || stream->paused || stream->patient)
        return;
    stream->paused = true;
    db_pause(stream->call->api->db, stream->query);
}

static void release_out(void *arg)
{
    rse_buf_release(arg);
}

void row_stream_init(struct row_stream *stream, struct call *call, const char *content_type, size_t max)
{
    *stream = (struct row_stream){ .call = call, .content_type = content_type };
    rse_buf_init(&stream->out, max);
    rse_arena_defer(call->arena, release_out, &stream->out);
}

bool row_stream_next(struct row_stream *stream)
{
    if (call_stream_gone(stream->call))
        return false;
    if (!rse_buf_ok(&stream->out, &stream->call->err)) {
        stream->failed = true;
        return false;
    }
    if (stream->out.len >= (stream->begun ? CHUNK_BYTES : FIRST_CHUNK_BYTES))
        flush(stream);
    return true;
}

void row_stream_hold(struct row_stream *stream)
{
    stream->held = true;
    db_pause(stream->call->api->db, stream->query);
}

void row_stream_release(struct row_stream *stream)
{
    stream->held = false;
    if (!stream->paused)
        db_resume(stream->call->api->db, stream->query);
}

void row_stream_fail(struct row_stream *stream)
{
    stream->failed = true;
}

void row_stream_end(struct row_stream *stream, const struct rse_err *err)
{
    struct call *call = stream->call;

    if (stream->failed)
        err = &call->err;
    if (err == NULL && !rse_buf_ok(&stream->out, &call->err))
        err = &call->err;
    if (err == NULL && !stream->begun)
        return call_reply(call, 200, stream->content_type, rse_buf_str(&stream->out));
    if (err == NULL) {
        if (stream->out.len > 0)
            flush(stream);
        return call_stream_end(call);
    }
    if (!stream->begun)
        return call_fail_with(call, err);
    if (err != &call->err)
        call->err = *err;
    call_stream_abort(call);
}
