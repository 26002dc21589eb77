/*
 * write_big.c - what a big write does before its turn: its clusters go to the database in batches, and then all of its rows are put in
 * a transaction that stays open, so that the write itself is short. Others write meanwhile. Mostly they change nothing that it
 * says; where they do it is disturbed, gives its transaction up, and is built again.
 */
#include <stdio.h>

#include <event2/event.h>
#include <event2/util.h>

#include "api-server/fleet/write_internal.h"
#include "api-server/store/change.h"

enum { BATCHES_IN_FLIGHT = 2, BATCH_MAX_BYTES = 256 * 1024 * 1024, PATIENCE_MS = 1000 };

/* Random, version 4 (RFC 9562). */
static void uuid_make(char out[40])
{
    unsigned char b[16];

    evutil_secure_rng_get_bytes(b, sizeof(b));
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    for (size_t i = 0, at = 0; i < sizeof(b); i++)
        at += (size_t)snprintf(out + at, 40 - at, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", b[i]);
}

bool write_take_prepared(struct write *write)
{
    bool was = write->prepared;

    if (was) {
        write->writer->bulk = NULL;
        event_del(write->writer->patience);
    }
    write->prepared = false;
    return was;
}

void write_give_up_prepared(struct write *write)
{
    struct db *db = live_db(write->writer->live);

    if (write->preparing != 0)
        db_cancel(db, write->preparing);
    else if (write_take_prepared(write))
        store_change_unprepare(db);
}

/* The turn that we wait for may be one that waits for another server, and that one for our open transaction: nobody would find such a
 * deadlock. */
static void out_of_patience(evutil_socket_t fd RSE_UNUSED, short what RSE_UNUSED, void *arg)
{
    const struct writer *writer = arg;

    if (writer->bulk != NULL)
        write_give_up_prepared(writer->bulk);
}

struct event *writer_patience_new(struct writer *writer)
{
    return evtimer_new(live_base(writer->live), out_of_patience, writer);
}

void write_unstage(struct write *write)
{
    write_give_up_prepared(write);
    if (write->stage[0] != '\0')
        store_change_stage_drop(live_db(write->writer->live), write->stage);
    write->stage[0] = '\0';
}

static void batch_staged(void *arg, const struct rse_err *err);

static void send_batches(struct write *write)
{
    struct change_batch batch;

    while (write->in_flight < BATCHES_IN_FLIGHT && write->stage_err.code == RSE_OK) {
        RSE_BUF_AUTO etags = { 0 }, docs = { 0 };

        rse_buf_init(&etags, BATCH_MAX_BYTES);
        rse_buf_init(&docs, BATCH_MAX_BYTES);
        if (!changeset_batch(write->set, &write->staged_at, &etags, &docs, &batch))
            return;
        write->in_flight++;
        store_change_stage(live_db(write->writer->live), write->stage, &batch, batch_staged, write);
    }
}

/* All is there: on with it, as soon as it has its turn. */
static void take_turn(struct write *write)
{
    struct writer *writer = write->writer;

    write->aside = false;
    STAILQ_REMOVE(&writer->asides, write, write, link);
    STAILQ_INSERT_HEAD(&writer->queue, write, link);
    writer->waiting++;
    write_work_soon(writer);
}

static void prepared(void *arg, const struct rse_err *err)
{
    static const struct timeval patience = { PATIENCE_MS / 1000, PATIENCE_MS % 1000 * 1000 };
    struct write *write = arg;

    write->preparing = 0;
    write->prepared = err == NULL;
    if (write->prepared) {
        evtimer_add(write->writer->patience, &patience);
    } else { /* given up, or in the way of another server: then it is put in its turn */
        store_change_unprepare(live_db(write->writer->live));
        write->writer->bulk = NULL;
    }
    take_turn(write);
}

static void prepare(struct write *write)
{
    struct change_items items;

    changeset_items(write->set, &items);
    write->writer->bulk = write;
    write->preparing = store_change_prepare(live_db(write->writer->live), write->stage, changeset_staged(write->set),
                                            &items, prepared, write);
}

/* Deletes and conditions need the fleet to be still. */
static bool may_be_prepared(const struct write *write)
{
    struct db_lane_numbers lane;

    db_lane_numbers(live_db(write->writer->live), DB_BULK, &lane);
    return lane.ready > 0 && write->writer->bulk == NULL && !write->disturbed && write->stage_err.code == RSE_OK &&
           changeset_only_puts(write->set);
}

static void staged(struct write *write)
{
    if (write->aside)
        return may_be_prepared(write) ? prepare(write) : take_turn(write);
    if (write->stage_err.code != RSE_OK)
        return write_finish(write->writer, &write->stage_err);
    if (write->disturbed) /* by another server: in our turn that can't be */
        return write_try_again(write);
    write_store(write);
}

static void batch_staged(void *arg, const struct rse_err *err)
{
    struct write *write = arg;

    write->in_flight--;
    if (err != NULL && write->stage_err.code == RSE_OK)
        write->stage_err = *err;
    send_batches(write);
    if (write->in_flight == 0)
        staged(write);
}

/* The first time others may write meanwhile: mostly they change nothing that this write says. When they did, it is staged again
 * while they wait. */
void write_stage(struct write *write)
{
    struct writer *writer = write->writer;

    write->aside = write->stage[0] == '\0' && !write->has_turn;
    write_unstage(write);
    uuid_make(write->stage);
    write->staged_digest = changeset_staged_digest(write->set);
    write->staged_at = 0;
    rse_err_clear(&write->stage_err);
    if (write->aside) {
        writer->now = NULL;
        STAILQ_INSERT_TAIL(&writer->asides, write, link);
        write_work_soon(writer);
    }
    send_batches(write);
}

bool write_needs_staging(const struct write *write)
{
    return changeset_is_big(write->set) &&
           (write->stage[0] == '\0' || write->staged_digest != changeset_staged_digest(write->set));
}

/* ---- what others do ---- */

bool write_is_still_good(const struct write *write)
{
    const struct live *live = write->writer->live;

    return write->stage[0] != '\0' && write->set != NULL && live_is_ready(live) && !write->disturbed &&
           (!write->w.has_if_revision || write->built_at == live_revision(live));
}

static void note(struct write *write, enum rse_noun noun, int64_t id, bool came_or_went)
{
    if (write == NULL || write->stage[0] == '\0' || write->set == NULL || write->disturbed)
        return;
    write->disturbed = noun != RSE_CLUSTER || came_or_went || changeset_has(write->set, noun, id) ||
                       !changeset_stands_alone(write->set);
    if (write->disturbed)
        write_give_up_prepared(write);
}

void writer_note(struct writer *writer, enum rse_noun noun, int64_t id, bool came_or_went)
{
    struct write *write;

    note(writer->now, noun, id, came_or_went);
    STAILQ_FOREACH(write, &writer->asides, link)
    {
        note(write, noun, id, came_or_went);
    }
    STAILQ_FOREACH(write, &writer->queue, link)
    {
        note(write, noun, id, came_or_went);
    }
}

/* A write that fails then has disturbed it for nothing: it is built once more. */
void write_clear_way(const struct write *write)
{
    struct write *other = write->writer->bulk;

    for (size_t i = 0; other != NULL && other != write && i < changeset_count(write->set); i++) {
        const struct change *c = changeset_at(write->set, i);

        if (!c->is_template)
            note(other, c->noun, c->id, c->is_delete || c->created);
    }
}
