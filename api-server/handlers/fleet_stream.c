/*
 * fleet_stream.c - see fleet_stream.h.
 */
#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/handlers/fleet_stream.h"
#include "api-server/handlers/object.h"

/* Of what is read, not of the fleet in memory, which may be further or behind. */
static void tell_revision(struct call *call, struct rse_str head)
{
    cJSON *json = cJSON_ParseWithLength(head.p, head.len);
    const cJSON *revision = cJSON_GetObjectItemCaseSensitive(json, "revision");

    if (cJSON_IsNumber(revision))
        call_set_revision(call, (int64_t)revision->valuedouble);
    cJSON_Delete(json);
}

static bool stream_row(void *arg, const struct fleet_row *row)
{
    struct fleet_stream *stream = arg;

    if (row->noun.p == NULL)
        tell_revision(stream->call, row->doc);
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
