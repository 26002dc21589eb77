/*
 * export.c - GET /export: what POST /apply takes, without ids and whatever else the server gave; as JSON, or as YAML.
 */
#include <cjson/cJSON.h>

#include "api-server/handlers/export.h"
#include "api-server/handlers/fleet_stream.h"
#include "api-server/handlers/object.h"
#include <resedge/yaml.h>

static struct rse_object *object_of(const struct fleet_row *row, struct rse_arena *arena, struct rse_err *err)
{
    const struct rse_noun_info *info = rse_noun_find(row->noun);
    struct rse_object *object = NULL;
    cJSON *json;

    if (!rse_json_parse(&json, row->doc, err))
        return NULL;
    rse_arena_defer(arena, (void (*)(void *))cJSON_Delete, json);
    return rse_object_parse(&object, info->noun, json, RSE_PARSE_DOC, arena, err) ? object : NULL;
}

/* ---- JSON ---- */

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
    const struct rse_object *object;

    if (row->noun.p == NULL || rse_noun_find(row->noun) == NULL)
        return true;
    object = object_of(row, arena, err);
    if (object == NULL)
        return false;
    open_section(stream, (int)object->noun, out);
    rse_buf_adds(out, stream->rows > 0 ? ",\n" : "\n");
    rse_object_render(object, RSE_RENDER_SPEC, out);
    return true;
}

static void export_end(struct fleet_stream *stream, struct rse_buf *out)
{
    open_section(stream, RSE_NOUN_COUNT - 1, out);
    rse_buf_adds(out, "\n]}\n");
}

/* ---- YAML ---- */

/* A list of one, as YAML has it under a key: such lists follow each other as one. */
static bool add_yaml(const struct rse_object *object, struct rse_buf *out, struct rse_err *err)
{
    RSE_BUF_AUTO text = { 0 };
    cJSON *list = cJSON_CreateArray(), *json = NULL;
    bool ok;

    rse_buf_init(&text, out->limit);
    rse_object_render(object, RSE_RENDER_SPEC, &text);
    ok = rse_buf_ok(&text, err) && rse_json_parse(&json, rse_buf_str(&text), err);
    if (ok) {
        cJSON_AddItemToArray(list, json);
        rse_yaml_from_json(out, list);
    }
    cJSON_Delete(list);
    return ok;
}

static bool yaml_row(struct fleet_stream *stream, const struct fleet_row *row, struct rse_buf *out, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    const struct rse_object *object;

    if (row->noun.p == NULL || rse_noun_find(row->noun) == NULL)
        return true;
    object = object_of(row, arena, err);
    if (object == NULL)
        return false;
    if (stream->section != (int)object->noun)
        rse_buf_addf(out, "%s:\n", rse_noun_info(object->noun)->plural);
    stream->section = (int)object->noun;
    return add_yaml(object, out, err);
}

static void yaml_end(struct fleet_stream *stream, struct rse_buf *out)
{
    if (stream->section < 0)
        rse_buf_adds(out, "{}\n");
}

void export_handler(struct call *call)
{
    static const struct fleet_writer JSON = { "application/json", export_row, export_end };
    static const struct fleet_writer YAML = { "application/yaml", yaml_row, yaml_end };

    fleet_stream_start(call, call->form > 0 ? &YAML : &JSON);
}
