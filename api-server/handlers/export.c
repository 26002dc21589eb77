/*
 * export.c - GET /export: what POST /apply takes, without ids and whatever else the server gave.
 */
#include <cjson/cJSON.h>

#include "api-server/handlers/export.h"
#include "api-server/handlers/fleet_stream.h"

/* Opens the lists up to that of the noun, also those that stay empty. */
static void open_section(struct fleet_stream *stream, int noun, struct rse_buf *out)
{
    while (stream->section < noun) {
        const char *before = stream->section < 0 ? "{" : "\n],";

        stream->section++;
        stream->rows = 0;
        rse_buf_addf(out, "%s\"%s\":[", before, rse_noun_info((enum rse_noun)stream->section)->plural);
    }
}

static bool export_row(struct fleet_stream *stream, const struct fleet_row *row, struct rse_buf *out,
                       struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    const struct rse_noun_info *info = row->noun.p != NULL ? rse_noun_find(row->noun) : NULL;
    struct rse_object *object;
    cJSON *json;

    if (info == NULL)
        return true;
    if (!rse_json_parse(&json, row->doc, err))
        return false;
    rse_arena_defer(arena, (void (*)(void *))cJSON_Delete, json);
    if (!rse_object_parse(&object, info->noun, json, RSE_PARSE_DOC, arena, err))
        return false;
    open_section(stream, (int)info->noun, out);
    rse_buf_adds(out, stream->rows > 0 ? ",\n" : "\n");
    rse_object_render(object, RSE_RENDER_SPEC, out);
    return true;
}

static void export_end(struct fleet_stream *stream, struct rse_buf *out)
{
    open_section(stream, RSE_NOUN_COUNT - 1, out);
    rse_buf_adds(out, "\n]}\n");
}

void export_handler(struct call *call)
{
    static const struct fleet_writer WRITER = { "application/json", export_row, export_end };

    fleet_stream_start(call, &WRITER);
}
