/*
 * fleet_stream.c - see fleet_stream.h.
 */
#include "api-server/api.h"
#include "api-server/handlers/fleet_stream.h"
#include "api-server/handlers/object.h"

enum {
    CHUNK_BYTES = 64 * 1024,
    UNTAKEN_MAX = 256 * 1024,
    OUT_MAX_BYTES = 8 * 1024 * 1024,
};

static void taken(void *arg)
{
    struct fleet_stream *stream = arg;

    stream->untaken = 0;
    if (stream->paused)
        db_resume(stream->call->api->db, stream->query);
    stream->paused = false;
}

static void flush(struct fleet_stream *stream)
{
    if (stream->out.len == 0)
        return;
    if (!stream->begun)
        call_stream_begin(stream->call, 200, stream->writer->content_type, taken, stream);
    stream->begun = true;
    stream->untaken += stream->out.len;
    call_stream_write(stream->call, rse_buf_str(&stream->out));
    rse_buf_reset(&stream->out);
    if (stream->untaken < UNTAKEN_MAX || stream->paused)
        return;
    stream->paused = true;
    db_pause(stream->call->api->db, stream->query);
}

static bool stream_row(void *arg, const struct fleet_row *row)
{
    struct fleet_stream *stream = arg;
    struct call *call = stream->call;

    if (call_stream_gone(call))
        return false;
    if (!stream->writer->row(stream, row, &stream->out, &call->err) || !rse_buf_ok(&stream->out, &call->err)) {
        stream->failed = true;
        return false;
    }
    if (row->noun.p != NULL)
        stream->rows++;
    if (stream->out.len >= CHUNK_BYTES)
        flush(stream);
    return true;
}

static void release_out(void *arg)
{
    rse_buf_release(arg);
}

static void stream_done(void *arg, const struct rse_err *err)
{
    struct fleet_stream *stream = arg;
    struct call *call = stream->call;

    if (stream->failed)
        err = &call->err;
    if (err != NULL && !stream->begun)
        return call_fail_with(call, err);
    if (err != NULL)
        return call_stream_abort(call);
    stream->writer->end(stream, &stream->out);
    flush(stream);
    call_stream_end(call);
}

void fleet_stream_start(struct call *call, const struct fleet_writer *writer)
{
    struct fleet_stream *stream = rse_arena_new_of(call->arena, struct fleet_stream);

    stream->call = call;
    stream->writer = writer;
    stream->section = -1;
    stream->reader = (struct fleet_reader){ stream_row, stream_done, stream };
    rse_buf_init(&stream->out, OUT_MAX_BYTES);
    rse_arena_defer(call->arena, release_out, &stream->out);
    stream->query = store_fleet_read(call->api->db, &stream->reader);
}
