/*
 * live_load.c - see live_load.h.
 *
 * Rows are gathered to batches, each is parsed beside the loop, and the objects are put in the order of the rows. Where the threads
 * don't keep up the loop parses too (see offload.h), so no more than a few batches are on their way.
 */
#include "api-server/fleet/live_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <cjson/cJSON.h>

#include "api-server/fleet/etag.h"
#include "api-server/offload.h"
#include "api-server/store/fleet.h"

enum { BATCH_BYTES = 256 * 1024, BATCH_MAX_BYTES = 64 * 1024 * 1024 };

struct item {
    enum rse_noun noun;
    int64_t id;
    uint64_t etag;
    size_t end; /* of its document */
    struct rse_object *object;
};

struct batch {
    STAILQ_ENTRY(batch) link;
    struct live_load *load;
    struct rse_buf docs; /* one behind the other */
    struct item *items;
    size_t count, cap;
    bool parsed;
    struct rse_err err;
};

struct live_load {
    struct offload *offload;
    struct fleet_reader reader;
    struct rse_fleet *fleet;
    char change_id[40];
    struct batch *open;                  /* gathers rows; or NULL */
    STAILQ_HEAD(batch_list, batch) sent; /* in the order of the rows */
    bool rows_ended;
    struct rse_err err;
    live_load_done *done;
    void *arg;
};

static void batch_free(struct batch *batch)
{
    if (batch == NULL)
        return;
    for (size_t i = 0; i < batch->count; i++)
        free(batch->items[i].object);
    free(batch->items);
    rse_buf_release(&batch->docs);
    free(batch);
}

void live_load_free(struct live_load *load)
{
    struct batch *batch;

    if (load == NULL)
        return;
    while ((batch = STAILQ_FIRST(&load->sent)) != NULL) {
        STAILQ_REMOVE_HEAD(&load->sent, link);
        batch_free(batch);
    }
    batch_free(load->open);
    rse_fleet_free(load->fleet);
    free(load);
}

/* ---- on a thread ---- */

static bool parse_item(struct item *item, struct rse_str doc, struct rse_arena *arena, struct rse_err *err)
{
    struct rse_object *object;

    rse_arena_reset(arena);
    if (!rse_object_read(&object, item->noun, doc, arena, err)) {
        rse_err_object(err, "%s %lld", rse_noun_info(item->noun)->name, (long long)item->id);
        return false;
    }
    object->etag = item->etag;
    item->object = rse_object_clone(object);
    return true;
}

static void parse(void *arg)
{
    struct batch *batch = arg;
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    size_t start = 0;

    for (size_t i = 0; i < batch->count; i++) {
        struct item *item = &batch->items[i];

        if (!parse_item(item, rse_str_n(batch->docs.p + start, item->end - start), arena, &batch->err))
            return;
        start = item->end;
    }
}

/* ---- on the loop ---- */

static void put(struct live_load *load, struct batch *batch)
{
    if (load->err.code == RSE_OK)
        load->err = batch->err;
    for (size_t i = 0; i < batch->count && load->err.code == RSE_OK; i++)
        (void)!rse_fleet_take(load->fleet, RSE_TAKE(batch->items[i].object), &load->err);
    batch_free(batch);
}

static void end_if_done(struct live_load *load)
{
    bool ok = load->err.code == RSE_OK;

    if (!load->rows_ended || !STAILQ_EMPTY(&load->sent))
        return;
    load->done(load->arg, ok ? RSE_TAKE(load->fleet) : NULL, load->change_id, ok ? NULL : &load->err);
    live_load_free(load);
}

static void parsed(void *arg)
{
    struct batch *batch = arg;
    struct live_load *load = batch->load;

    batch->parsed = true;
    while ((batch = STAILQ_FIRST(&load->sent)) != NULL && batch->parsed) {
        STAILQ_REMOVE_HEAD(&load->sent, link);
        put(load, batch);
    }
    end_if_done(load);
}

static void send_batch(struct live_load *load)
{
    struct batch *batch = RSE_TAKE(load->open);

    if (batch == NULL)
        return;
    STAILQ_INSERT_TAIL(&load->sent, batch, link);
    offload_run(load->offload, parse, parsed, batch);
}

static bool take_head(struct live_load *load, struct rse_str doc)
{
    const cJSON *head, *last;
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();

    if (!rse_json_parse_in(&head, doc, arena, &load->err))
        return false;
    rse_fleet_set_revision(load->fleet,
                           (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(head, "revision")));
    snprintf(load->change_id, sizeof(load->change_id), "%s",
             cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(head, "changeId")));
    cJSON_ArrayForEach(last, cJSON_GetObjectItemCaseSensitive(head, "lastIds"))
    {
        const struct rse_noun_info *info = rse_noun_find(rse_str(last->string));

        if (info != NULL)
            rse_fleet_set_last_id(load->fleet, info->noun, (int64_t)last->valuedouble);
    }
    return true;
}

static void gather(struct live_load *load, enum rse_noun noun, const struct fleet_row *row)
{
    struct batch *batch = load->open;

    if (batch == NULL) {
        batch = load->open = rse_new(struct batch);
        batch->load = load;
        rse_buf_init(&batch->docs, BATCH_MAX_BYTES);
    }
    rse_buf_add_str(&batch->docs, row->doc);
    RSE_GROW(batch->items, batch->count, batch->cap);
    batch->items[batch->count++] =
        (struct item){ .noun = noun, .id = row->id, .etag = etag_read(row->etag), .end = batch->docs.len };
    if (batch->docs.len >= BATCH_BYTES)
        send_batch(load);
}

static bool take_row(void *arg, const struct fleet_row *row)
{
    struct live_load *load = arg;
    const struct rse_noun_info *info;

    if (row->noun.p == NULL)
        return take_head(load, row->doc);
    info = rse_noun_find(row->noun);
    if (info != NULL) /* else it is a newer server's */
        gather(load, info->noun, row);
    return load->err.code == RSE_OK;
}

static void rows_ended(void *arg, const struct rse_err *err)
{
    struct live_load *load = arg;

    load->rows_ended = true;
    if (err != NULL && load->err.code == RSE_OK)
        load->err = *err;
    if (load->err.code == RSE_OK)
        send_batch(load);
    end_if_done(load);
}

struct live_load *live_load_begin(struct db *db, struct offload *offload, live_load_done *done, void *arg)
{
    struct live_load *load = rse_new(struct live_load);

    load->offload = offload;
    load->fleet = rse_fleet_new();
    load->done = done;
    load->arg = arg;
    STAILQ_INIT(&load->sent);
    load->reader = (struct fleet_reader){ take_row, rows_ended, load };
    store_fleet_read(db, FLEET_BY_ID, &load->reader);
    return load;
}
