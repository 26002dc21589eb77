/*
 * cluster_values.c - the effective metadata of a cluster: where each value comes from, who set it when, and what it hides.
 */
#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/list.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/on_cluster.h"
#include "api-server/store/setter.h"

enum { ANSWER_MAX_BYTES = 16 * 1024 * 1024, COLUMN_MAX_BYTES = 4 * 1024 * 1024, KEY_MAX_BYTES = 128 };

/* Copied from the fleet, which may change before we know who set what. */
struct origin {
    const char *noun;
    int64_t id;
    struct rse_str name, value;
    bool own, is_default;
};

struct value {
    struct rse_str key;
    struct origin origin;
    struct origin *hides;
    size_t nhides;
    struct rse_str set_by, set_at;
};

struct values {
    struct call *call;
    struct value *at;
    size_t count;
    int64_t revision;
    struct setters_reader reader;
    struct rse_buf out; /* a JSON array of them */
};

static struct origin origin_of(const struct rse_value_source *source, struct rse_str value, struct rse_arena *arena)
{
    const struct rse_object *from = source->object;

    return (struct origin){
        .noun = rse_noun_info(from->noun)->name,
        .id = from->id,
        .name =
            rse_arena_str(arena, from->noun == RSE_GROUP ? ((const struct rse_group *)from)->name_path : from->name),
        .value = rse_arena_str(arena, value),
        .own = source->own,
        .is_default = source->is_default,
    };
}

static void gather_value(struct values *values, const struct rse_fleet *fleet, uint32_t index, struct rse_str key)
{
    struct rse_arena *arena = values->call->arena;
    struct value *out = &values->at[values->count];
    struct rse_value_source source = { 0 };
    struct rse_hidden_value *hidden = NULL;
    struct rse_str value;

    if (!rse_fleet_value(fleet, index, key, &value, &source))
        return;
    *out = (struct value){ .key = rse_arena_str(arena, key), .origin = origin_of(&source, value, arena) };
    out->nhides = rse_fleet_hidden_values(fleet, index, key, arena, &hidden);
    out->hides = rse_arena_calloc(arena, out->nhides, sizeof(out->hides[0]));
    for (size_t i = 0; i < out->nhides; i++)
        out->hides[i] = origin_of(&hidden[i].source, hidden[i].value, arena);
    values->count++;
}

/* ---- the answer ---- */

static void add_source(struct rse_buf *out, const struct origin *origin)
{
    rse_buf_addf(out, "\"source\":{\"noun\":\"%s\",\"id\":%lld,\"name\":", origin->noun, (long long)origin->id);
    rse_json_add_string(out, origin->name);
    rse_buf_addc(out, '}');
}

static void add_text(struct rse_buf *out, const char *name, struct rse_str text)
{
    rse_buf_addf(out, ",\"%s\":", name);
    if (text.p != NULL)
        rse_json_add_string(out, text);
    else
        rse_buf_adds(out, "null");
}

static void add_value(struct rse_buf *out, const struct value *value)
{
    rse_buf_adds(out, "{\"key\":");
    rse_json_add_string(out, value->key);
    add_text(out, "value", value->origin.value);
    rse_buf_addf(out, ",\"own\":%s,\"default\":%s,", value->origin.own ? "true" : "false",
                 value->origin.is_default ? "true" : "false");
    add_source(out, &value->origin);
    add_text(out, "setBy", value->set_by);
    add_text(out, "setAt", value->set_at);
    rse_buf_adds(out, ",\"hides\":[");
    for (size_t i = 0; i < value->nhides; i++) {
        rse_buf_adds(out, i > 0 ? ",{\"value\":" : "{\"value\":");
        rse_json_add_string(out, value->hides[i].value);
        rse_buf_addf(out, ",\"default\":%s,", value->hides[i].is_default ? "true" : "false");
        add_source(out, &value->hides[i]);
        rse_buf_addc(out, '}');
    }
    rse_buf_adds(out, "]}");
}

static void setter_row(void *arg, size_t i, struct rse_str actor, struct rse_str at)
{
    struct values *values = arg;

    if (i >= values->count)
        return;
    values->at[i].set_by = rse_arena_str(values->call->arena, actor);
    values->at[i].set_at = rse_arena_str(values->call->arena, at);
}

static const struct rse_field FIELDS[] = {
    { .name = "key", .type = RSE_FIELD_STRING, .max = KEY_MAX_BYTES },
    { .name = "value", .type = RSE_FIELD_TEXT },
    { .name = "own", .type = RSE_FIELD_BOOL },
    { .name = "default", .type = RSE_FIELD_BOOL },
    { .name = "source", .type = RSE_FIELD_TEXT }, /* compared as its JSON text */
    { .name = "setBy", .type = RSE_FIELD_TEXT },
    { .name = "setAt", .type = RSE_FIELD_TIME },
    { .name = "hides", .type = RSE_FIELD_TEXT },
    { .name = NULL },
};
static const struct rse_noun_info VALUE = {
    .noun = RSE_NOUN_COUNT, .name = "value of a cluster", .plural = "values of a cluster", .fields = FIELDS
};

static void release_out(void *arg)
{
    rse_buf_release(arg);
}

static void setters_read(void *arg, const struct rse_err *err)
{
    struct values *values = arg;
    struct call *call = values->call;
    struct rse_buf *out = &values->out;

    if (err != NULL)
        return call_fail_with(call, err);
    rse_buf_init(out, ANSWER_MAX_BYTES);
    rse_arena_defer(call->arena, release_out, out);
    rse_buf_addc(out, '[');
    for (size_t i = 0; i < values->count; i++) {
        rse_buf_adds(out, i > 0 ? "," : "");
        add_value(out, &values->at[i]);
    }
    rse_buf_addc(out, ']');
    if (!rse_buf_ok(out, &call->err))
        return call_fail(call);
    list_reply(call, &VALUE, &(struct list_scope){ .rows = rse_buf_str(out), .revision = values->revision });
}

/* ---- the question ---- */

/* Nouns, ids and keys need no quotes in an array literal. */
static void ask_setters(struct values *values)
{
    RSE_BUF_AUTO nouns = { 0 }, ids = { 0 }, keys = { 0 };

    rse_buf_init(&nouns, COLUMN_MAX_BYTES);
    rse_buf_init(&ids, COLUMN_MAX_BYTES);
    rse_buf_init(&keys, COLUMN_MAX_BYTES);
    for (size_t i = 0; i < values->count; i++) {
        const char *before = i > 0 ? "," : "{";

        rse_buf_addf(&nouns, "%s%s", before, values->at[i].origin.noun);
        rse_buf_addf(&ids, "%s%lld", before, (long long)values->at[i].origin.id);
        rse_buf_addf(&keys, "%s\"%.*s\"", before, RSE_STR_ARG(values->at[i].key));
    }
    rse_buf_addc(&nouns, '}');
    rse_buf_addc(&ids, '}');
    rse_buf_addc(&keys, '}');
    values->reader = (struct setters_reader){ setter_row, setters_read, values };
    store_setters_read(values->call->api->db, nouns.p, ids.p, keys.p, &values->reader);
}

void on_cluster_values(struct call *call)
{
    struct rse_fleet *fleet = live_fleet(call->api->live);
    struct values *values = rse_arena_new_of(call->arena, struct values);
    const struct rse_object *cluster;
    const struct rse_str *keys;
    size_t count;

    if (!call_object_live(call, RSE_CLUSTER, &cluster))
        return call_fail(call);
    keys = rse_fleet_metadata_keys(fleet, RSE_CLUSTER, &count);
    values->call = call;
    values->revision = rse_fleet_revision(fleet);
    values->at = rse_arena_calloc(call->arena, count, sizeof(values->at[0]));
    for (size_t i = 0; i < count; i++)
        gather_value(values, fleet, rse_fleet_cluster_index(fleet, cluster->id), keys[i]);
    if (values->count == 0)
        return setters_read(values, NULL);
    ask_setters(values);
}
