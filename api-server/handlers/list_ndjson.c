/*
 * list_ndjson.c - a whole list, one JSON object a line (application/x-ndjson).
 */
#include "api-server/api.h"
#include "api-server/handlers/expansion.h"
#include "api-server/handlers/list.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/row_stream.h"

struct lines {
    struct list *list;
    struct row_stream stream;
    struct list_reader reader;
};

static bool take_head(void *arg, const struct list_head *head)
{
    struct lines *lines = arg;

    list_set_revision(lines->list, head);
    return true;
}

static bool take_row(void *arg, const struct list_row *row)
{
    struct lines *lines = arg;
    struct shown_item item = { row->id, row->doc };
    struct shown shown = { .call = lines->list->call, .options = &lines->list->options, .items = &item, .count = 1 };

    if (!shown_render(&shown, 0, &lines->stream.out)) {
        row_stream_fail(&lines->stream);
        return false;
    }
    rse_buf_addc(&lines->stream.out, '\n');
    return row_stream_next(&lines->stream);
}

static void take_end(void *arg, int64_t count RSE_UNUSED, const struct rse_err *err)
{
    struct lines *lines = arg;

    row_stream_end(&lines->stream, err);
}

void list_reply_ndjson(struct list *list)
{
    struct call *call = list->call;
    struct lines *lines = rse_arena_new_of(call->arena, struct lines);

    if (!list_refuse_expand(list))
        return call_fail(call);
    lines->list = list;
    lines->reader = (struct list_reader){ take_head, take_row, take_end, lines };
    row_stream_init(&lines->stream, call, "application/x-ndjson", ROW_MAX_BYTES);
    list->query.limit = list->options.has_top ? list->options.top : -1;
    if (!store_list_read(call->api->db, &list->query, true, &lines->reader, &lines->stream.query, &call->err))
        call_fail(call);
}
