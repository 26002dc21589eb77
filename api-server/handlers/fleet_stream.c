/*
 * fleet_stream.c - see fleet_stream.h.
 */
#include "api-server/api.h"
#include "api-server/handlers/fleet_stream.h"

static bool stream_row(void *arg, const struct fleet_row *row)
{
    struct fleet_stream *stream = arg;

    if (!stream->writer->row(stream, row, &stream->stream.out, &stream->call->err)) {
        row_stream_fail(&stream->stream);
        return false;
    }
    if (row->noun.p != NULL)
        stream->rows++;
    return row_stream_next(&stream->stream);
}

static void stream_done(void *arg, const struct rse_err *err)
{
    struct fleet_stream *stream = arg;

    if (err == NULL)
        stream->writer->end(stream, &stream->stream.out);
    row_stream_end(&stream->stream, err);
}

static struct fleet_stream *begin(struct call *call, const struct fleet_writer *writer)
{
    struct fleet_stream *stream = rse_arena_new_of(call->arena, struct fleet_stream);

    stream->call = call;
    stream->writer = writer;
    stream->section = -1;
    stream->reader = (struct fleet_reader){ stream_row, stream_done, stream };
    row_stream_init(&stream->stream, call, writer->content_type, ROW_MAX_BYTES);
    return stream;
}

void fleet_stream_start(struct call *call, const struct fleet_writer *writer)
{
    struct fleet_stream *stream = begin(call, writer);

    stream->stream.query = store_fleet_read(call->api->db, FLEET_BY_NAME, &stream->reader);
}

void fleet_stream_start_past(struct call *call, const struct fleet_writer *writer, int64_t revision)
{
    struct fleet_stream *stream = begin(call, writer);

    stream->stream.query = store_fleet_read_past(call->api->db, revision, &stream->reader);
}
