/*
 * list_csv.c - a whole list as a table (text/csv, RFC 4180): a column a field, a member of a field, a metadata key.
 */
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/handlers/csv.h"
#include "api-server/handlers/expansion.h"
#include "api-server/handlers/list.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/row_stream.h"

struct table {
    struct list *list;
    struct row_stream stream;
    struct list_reader reader;
    struct csv_columns columns;
};

static bool read_keys(struct table *table, struct rse_str keys)
{
    struct rse_arena *arena = table->list->call->arena;
    struct rse_strs *to = &table->columns.keys;
    cJSON *array = NULL;
    const cJSON *item;

    if (keys.p == NULL)
        return true;
    if (!rse_json_parse(&array, keys, &table->list->call->err))
        return false;
    to->at = rse_arena_calloc(arena, (size_t)cJSON_GetArraySize(array), sizeof(*to->at));
    cJSON_ArrayForEach(item, array) to->at[to->count++] = rse_arena_str(arena, rse_str(cJSON_GetStringValue(item)));
    cJSON_Delete(array);
    return true;
}

static bool take_head(void *arg, const struct list_head *head)
{
    struct table *table = arg;

    list_set_revision(table->list, head);
    if (!read_keys(table, head->keys)) {
        row_stream_fail(&table->stream);
        return false;
    }
    csv_add_header(&table->columns, &table->stream.out);
    return row_stream_next(&table->stream);
}

static bool add_object(struct table *table, int64_t id, const cJSON *json, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    RSE_BUF_AUTO tree = { 0 };
    struct rse_object *object;

    rse_buf_init(&tree, ROW_MAX_BYTES);
    if (!rse_object_parse(&object, table->columns.noun->noun, json, RSE_PARSE_DOC, arena, err))
        return false;
    if (table->columns.select->clusters_tree)
        clusters_tree_add(table->list->call, id, &tree);
    csv_add_row(&table->columns, object, rse_buf_str(&tree), &table->stream.out);
    return rse_buf_ok(&tree, err);
}

static bool add_row(struct table *table, int64_t id, struct rse_str doc, struct rse_err *err)
{
    cJSON *json = NULL;
    bool ok = true;

    if (!rse_json_parse(&json, doc, err))
        return false;
    if (table->columns.noun->noun == RSE_NOUN_COUNT)
        csv_add_json(&table->columns, json, &table->stream.out);
    else
        ok = add_object(table, id, json, err);
    cJSON_Delete(json);
    return ok;
}

static bool take_row(void *arg, const struct list_row *row)
{
    struct table *table = arg;

    if (!add_row(table, row->id, row->doc, &table->list->call->err)) {
        row_stream_fail(&table->stream);
        return false;
    }
    return row_stream_next(&table->stream);
}

static void take_end(void *arg, int64_t count RSE_UNUSED, const struct rse_err *err)
{
    struct table *table = arg;

    row_stream_end(&table->stream, err);
}

/* What is related has no place in a row. */
static bool refuse_expand(struct list *list)
{
    struct call *call = list->call;

    if (list->options.nexpand == 0)
        return true;
    call_err_parameter(call, "$expand");
    rse_err_hint(&call->err, "Ask for application/json or application/x-ndjson.");
    return rse_fail(&call->err, RSE_INVALID, "a table can't expand");
}

void list_reply_csv(struct list *list)
{
    struct call *call = list->call;
    struct table *table = rse_arena_new_of(call->arena, struct table);

    if (!refuse_expand(list))
        return call_fail(call);
    table->list = list;
    table->columns = (struct csv_columns){ .noun = list->options.noun, .select = &list->options.select };
    table->reader = (struct list_reader){ take_head, take_row, take_end, table };
    row_stream_init(&table->stream, call, "text/csv; charset=utf-8; header=present", ROW_MAX_BYTES);
    list->query.limit = list->options.has_top ? list->options.top : -1;
    list->query.keys =
        list->options.noun->noun != RSE_NOUN_COUNT && odata_selects(&list->options.select, RSE_STR("metadata"));
    if (!store_list_read(call->api->db, &list->query, true, &table->reader, &table->stream.query, &call->err))
        call_fail(call);
}
