/*
 * list_ndjson.c - a whole list, one JSON object a line (application/x-ndjson).
 *
 * Lines go out while rows come. Where something is to be expanded, rows are gathered into batches; the next rows wait until a
 * batch is complete and written. Each batch has the bound that an answer has: one that would bring too much along is halved, so that only
 * a single row can be too much.
 */
#include "api-server/api.h"
#include "api-server/handlers/expansion.h"
#include "api-server/handlers/list.h"
#include "api-server/handlers/row_stream.h"

enum {
    BATCH_ROWS = 100,
    BATCH_SOFT_BYTES = 1024 * 1024,     /* of documents: a batch ends there */
    BATCH_MAX_BYTES = 64 * 1024 * 1024, /* with what is expanded */
};

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

static bool render(struct row_stream *stream, const struct shown *shown, size_t item)
{
    if (!shown_render(shown, item, &stream->out))
        return false;
    rse_buf_addc(&stream->out, '\n');
    return true;
}

static bool take_row(void *arg, const struct list_row *row)
{
    struct lines *lines = arg;
    struct call *call = lines->list->call;
    struct shown_item item = { row->id, row->doc };
    struct shown shown = {
        .call = call, .arena = call->arena, .options = &lines->list->options, .items = &item, .count = 1
    };

    if (!render(&lines->stream, &shown, 0)) {
        row_stream_fail(&lines->stream);
        return false;
    }
    return row_stream_next(&lines->stream);
}

static void take_end(void *arg, int64_t count RSE_UNUSED, const struct rse_err *err)
{
    struct lines *lines = arg;

    row_stream_end(&lines->stream, err);
}

/* ---- with $expand ---- */

struct batches {
    struct lines lines;      /* first: the reader's argument is both */
    struct rse_arena *arena; /* of this batch */
    struct shown_item items[BATCH_ROWS];
    size_t count, bytes;
    struct shown part; /* of the batch: what is loaded and written together; in an arena of its own, or NULL */
    size_t part_max;   /* items: fewer once it was too much, for what follows is alike */
    size_t written;    /* items */
    bool loading, stopped, ended;
    struct rse_err *why; /* the rows ended early */
};

static void load_part(struct batches *batches);

static void release_batch(void *arg)
{
    struct batches *batches = arg;

    rse_arena_free(batches->part.arena);
    rse_arena_free(batches->arena);
    batches->part.arena = batches->arena = NULL;
}

static void finish(struct batches *batches)
{
    row_stream_end(&batches->lines.stream, batches->why);
}

/* The next rows may come, or there are none. */
static void end_batch(struct batches *batches)
{
    release_batch(batches);
    batches->arena = rse_arena_new();
    batches->count = batches->bytes = batches->written = 0;
    batches->loading = false;
    if (batches->ended)
        finish(batches);
    else
        row_stream_release(&batches->lines.stream);
}

static bool write_part(struct batches *batches)
{
    struct row_stream *stream = &batches->lines.stream;
    size_t before = stream->out.len;

    for (size_t i = 0; i < batches->part.count; i++) {
        if (!render(stream, &batches->part, i)) {
            rse_buf_truncate(&stream->out, before);
            return false;
        }
    }
    batches->written += batches->part.count;
    return true;
}

static void loaded(void *arg, bool ok)
{
    struct batches *batches = arg;
    struct row_stream *stream = &batches->lines.stream;

    ok = ok && write_part(batches);
    if (!ok && *batches->part.too_many && batches->part.count > 1) {
        rse_err_clear(&stream->call->err);
        batches->part_max = batches->part.count / 2;
        return load_part(batches);
    }
    if (!ok)
        row_stream_fail(stream);
    batches->stopped = !ok || !row_stream_next(stream);
    if (!batches->stopped && batches->written < batches->count)
        return load_part(batches);
    end_batch(batches);
}

static void load_part(struct batches *batches)
{
    struct list *list = batches->lines.list;
    size_t left = batches->count - batches->written, count = left < batches->part_max ? left : batches->part_max;

    rse_arena_free(batches->part.arena);
    batches->part = (struct shown){ .call = list->call,
                                    .arena = rse_arena_new(),
                                    .options = &list->options,
                                    .items = batches->items + batches->written,
                                    .count = count };
    shown_load(&batches->part, loaded, batches);
}

static void load_batch(struct batches *batches)
{
    batches->loading = true;
    row_stream_hold(&batches->lines.stream);
    load_part(batches);
}

static bool gather_row(void *arg, const struct list_row *row)
{
    struct batches *batches = arg;

    if (batches->stopped)
        return false;
    batches->items[batches->count++] = (struct shown_item){ row->id, rse_arena_str(batches->arena, row->doc) };
    batches->bytes += row->doc.len;
    if (batches->count == BATCH_ROWS || batches->bytes >= BATCH_SOFT_BYTES)
        load_batch(batches);
    return true;
}

/* The database may be gone while a batch is under way. */
static void gather_end(void *arg, int64_t count RSE_UNUSED, const struct rse_err *err)
{
    struct batches *batches = arg;

    batches->ended = true;
    if (err != NULL) {
        batches->why = rse_arena_new_of(batches->lines.list->call->arena, struct rse_err);
        *batches->why = *err;
    }
    if (batches->loading)
        return;
    if (err == NULL && batches->count > 0)
        load_batch(batches);
    else
        finish(batches);
}

static struct lines *lines_new(struct list *list)
{
    struct call *call = list->call;
    struct batches *batches;
    struct lines *lines;

    if (list->options.nexpand == 0) {
        lines = rse_arena_new_of(call->arena, struct lines);
        lines->reader = (struct list_reader){ take_head, take_row, take_end, lines };
        row_stream_init(&lines->stream, call, "application/x-ndjson", ROW_MAX_BYTES);
        return lines;
    }
    batches = rse_arena_new_of(call->arena, struct batches);
    batches->arena = rse_arena_new();
    batches->part_max = BATCH_ROWS;
    rse_arena_defer(call->arena, release_batch, batches);
    lines = &batches->lines;
    lines->reader = (struct list_reader){ take_head, gather_row, gather_end, batches };
    row_stream_init(&lines->stream, call, "application/x-ndjson", BATCH_MAX_BYTES);
    return lines;
}

void list_reply_ndjson(struct list *list)
{
    struct call *call = list->call;
    struct lines *lines = lines_new(list);

    lines->list = list;
    list->query.limit = list->options.has_top ? list->options.top : -1;
    if (!store_list_read(call->api->db, &list->query, true, &lines->reader, &lines->stream.query, &call->err))
        call_fail(call);
}
