/*
 * live.c - see live.h.
 *
 * Loading: one snapshot of all documents goes into a new fleet, which then takes the place of the old one. Following: a
 * NOTIFY (or a new connection, which may have missed some) makes us read the changes behind our revision. A revision's
 * changes are collected and put at once, between two turns of the loop.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "api-server/fleet/changeset.h"
#include "api-server/fleet/live_internal.h"
#include "api-server/fleet/live_load.h"
#include "api-server/store/change.h"
#include "api-server/store/fleet.h"

enum { RETRY_MIN_MS = 100, RETRY_MAX_MS = 5000, LOOK_AGAIN_MS = 500 };

struct live_waiter {
    LIST_ENTRY(live_waiter) link;
    int64_t above;
    struct event *timer;
    void (*done)(void *arg);
    void *arg;
};

/* One change that came with the feed, until its revision is complete. */
struct incoming {
    enum rse_noun noun;
    int64_t id;
    struct rse_object *object; /* NULL: deleted */
};

struct live {
    struct event_base *base;
    struct db *db;
    struct writer *writer;
    struct rse_fleet *fleet;
    struct rse_arena *scratch; /* for one document at a time */
    char change_id[40];        /* of the fleet's revision */
    bool ready;
    LIST_HEAD(, live_waiter) waiters;

    /* Loading. */
    struct offload *offload;
    struct live_load *load; /* NULL: none */
    struct event *retry;
    int64_t retry_ms;

    /* Following. */
    bool reading, read_again, held, broken;
    struct change_reader change_reader;
    struct change_cursor cursor; /* the last change read */
    struct rse_arena *arena;     /* holds what came of revision cursor.revision */
    struct incoming *incoming;
    size_t count, cap;
    char incoming_change_id[40];
    struct event *look_again; /* the feed or the head could not be read: nobody else would make us try again */
};

/* A question about the head, and what we were at when we asked. */
struct comparison {
    struct live *live;
    struct live_place from;
};

static void load(struct live *live);

/* ---- documents into the fleet ---- */

/* The arena is for the object on its way: it is reset. */
static bool put_doc(struct rse_fleet *fleet, enum rse_noun noun, struct rse_str doc, uint64_t etag,
                    struct rse_arena *arena, struct rse_err *err)
{
    struct rse_object *object;

    rse_arena_reset(arena);
    if (!rse_object_read(&object, noun, doc, arena, err))
        return false;
    object->etag = etag;
    return rse_fleet_put(fleet, object, err);
}

/* ---- waiting ---- */

static void waiter_fire(evutil_socket_t fd RSE_UNUSED, short what RSE_UNUSED, void *arg)
{
    struct live_waiter *waiter = arg;
    void (*done)(void *) = waiter->done;
    void *done_arg = waiter->arg;

    live_wait_cancel(waiter);
    done(done_arg);
}

struct live_waiter *live_wait(struct live *live, int64_t above, int64_t timeout_ms, void (*done)(void *arg), void *arg)
{
    struct live_waiter *waiter = rse_new(struct live_waiter);
    struct timeval timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000 };

    waiter->above = above;
    waiter->done = done;
    waiter->arg = arg;
    waiter->timer = evtimer_new(live->base, waiter_fire, waiter);
    LIST_INSERT_HEAD(&live->waiters, waiter, link);
    evtimer_add(waiter->timer, &timeout);
    if (live_revision(live) > above)
        event_active(waiter->timer, EV_TIMEOUT, 0);
    return waiter;
}

void live_wait_cancel(struct live_waiter *waiter)
{
    LIST_REMOVE(waiter, link);
    event_free(waiter->timer);
    free(waiter);
}

static void set_revision(struct live *live, int64_t revision, const char *change_id)
{
    struct live_waiter *waiter;

    rse_fleet_set_revision(live->fleet, revision);
    snprintf(live->change_id, sizeof(live->change_id), "%s", change_id);
    LIST_FOREACH(waiter, &live->waiters, link)
    {
        if (revision > waiter->above)
            event_active(waiter->timer, EV_TIMEOUT, 0);
    }
}

/* ---- loading ---- */

static void retry_load(evutil_socket_t fd RSE_UNUSED, short what RSE_UNUSED, void *arg)
{
    load(arg);
}

static void load_done(void *arg, struct rse_fleet *fleet, const char *change_id, const struct rse_err *err)
{
    struct live *live = arg;
    struct timeval pause = { live->retry_ms / 1000, live->retry_ms % 1000 * 1000 };

    live->load = NULL;
    if (err != NULL) {
        rse_log(RSE_LOG_WARN, "could not load the fleet", RSE_LOG_ERR(err), RSE_LOG_INT("retryMs", live->retry_ms));
        live->retry_ms = live->retry_ms * 2 < RETRY_MAX_MS ? live->retry_ms * 2 : RETRY_MAX_MS;
        evtimer_add(live->retry, &pause);
        return;
    }
    rse_fleet_free(live->fleet);
    live->fleet = fleet;
    live->ready = true;
    live->retry_ms = RETRY_MIN_MS;
    set_revision(live, rse_fleet_revision(live->fleet), change_id);
    rse_log(RSE_LOG_INFO, "fleet loaded", RSE_LOG_INT("revision", live_revision(live)),
            RSE_LOG_INT("clusters", rse_fleet_count(live->fleet, RSE_CLUSTER)));
    live_catch_up(live);
}

static void load(struct live *live)
{
    if (live->load == NULL)
        live->load = live_load_begin(live->db, live->offload, load_done, live);
}

void live_reload(struct live *live, const char *why)
{
    writer_note(live->writer, RSE_NOUN_COUNT, 0, true);
    rse_log(RSE_LOG_WARN, "loading the fleet anew", RSE_LOG_STR("why", why));
    live->ready = false;
    load(live);
}

/* ---- following ---- */

static void forget_incoming(struct live *live)
{
    live->count = 0;
    rse_arena_reset(live->arena);
}

/* All changes of the revision at hand are there. */
static void put_incoming(struct live *live)
{
    struct rse_err err = RSE_ERR_INIT;

    if (live->count == 0 || live->cursor.revision <= live_revision(live) || live->broken)
        return forget_incoming(live);
    if (live->cursor.revision != live_revision(live) + 1) {
        live->broken = true;
        return live_reload(live, "a revision is missing in the change feed");
    }
    for (size_t i = 0; i < live->count; i++) {
        const struct incoming *in = &live->incoming[i];

        if (in->noun == RSE_NOUN_COUNT)
            continue; /* of the templates: only the revision counts */
        writer_note(live->writer, in->noun, in->id,
                    in->object == NULL || rse_fleet_get(live->fleet, in->noun, in->id) == NULL);
        if (in->object == NULL)
            rse_fleet_remove(live->fleet, in->noun, in->id);
        else if (!rse_fleet_put(live->fleet, in->object, &err))
            live->broken = true;
    }
    if (live->broken)
        return live_reload(live, "a change could not be put");
    set_revision(live, live->cursor.revision, live->incoming_change_id);
    forget_incoming(live);
}

static void feed_row(void *arg, const struct change_row *row)
{
    struct live *live = arg;
    const struct rse_noun_info *info = rse_noun_find(row->noun);
    struct incoming in = { .noun = info != NULL ? info->noun : RSE_NOUN_COUNT, .id = row->id };
    struct rse_err err = RSE_ERR_INIT;

    if (row->revision != live->cursor.revision)
        put_incoming(live);
    live->cursor = (struct change_cursor){ row->revision, row->seq };
    snprintf(live->incoming_change_id, sizeof(live->incoming_change_id), "%.*s", RSE_STR_ARG(row->change_id));
    if (live->broken)
        return;
    if (info != NULL && row->doc.p != NULL && !rse_object_read(&in.object, in.noun, row->doc, live->arena, &err)) {
        rse_log(RSE_LOG_ERROR, "a document of the change feed can't be read", RSE_LOG_ERR(&err));
        live->broken = true;
        live_reload(live, "a change could not be read");
        return;
    }
    if (in.object != NULL)
        in.object->etag = etag_of(row->doc);
    RSE_GROW(live->incoming, live->count, live->cap);
    live->incoming[live->count++] = in;
}

static void read_feed(struct live *live);

static void look_later(struct live *live)
{
    struct timeval pause = { .tv_usec = LOOK_AGAIN_MS * 1000 };

    evtimer_add(live->look_again, &pause);
}

static void feed_done(void *arg, int rows, const struct rse_err *err)
{
    struct live *live = arg;

    if (err == NULL && rows == CHANGES_AT_ONCE) {
        store_changes_read(live->db, live->cursor, INT64_MAX, CHANGES_AT_ONCE, &live->change_reader);
        return;
    }
    live->reading = false;
    if (err == NULL)
        put_incoming(live);
    forget_incoming(live);
    if (err != NULL && err->code == RSE_GONE)
        live_reload(live, "what it missed is no longer kept");
    else if (err != NULL)
        look_later(live);
    else if (live->read_again)
        read_feed(live);
}

static void read_feed(struct live *live)
{
    live->read_again = live->reading || live->held || !live->ready;
    if (live->read_again)
        return;
    live->reading = true;
    live->broken = false;
    live->cursor = change_cursor_behind(live_revision(live));
    store_changes_read(live->db, live->cursor, INT64_MAX, CHANGES_AT_ONCE, &live->change_reader);
}

void live_catch_up(struct live *live)
{
    read_feed(live);
}

void live_hold_feed(struct live *live, bool hold)
{
    live->held = hold;
    if (!hold && live->read_again)
        read_feed(live);
}

struct live_place live_place(const struct live *live)
{
    struct live_place place = { .revision = live_revision(live) };

    snprintf(place.change_id, sizeof(place.change_id), "%s", live->change_id);
    return place;
}

bool live_follows(struct live *live, const struct live_place *from, const struct fleet_head *head)
{
    if (!live->ready ||
        (head->revision >= from->revision && (from->revision == 0 || rse_str_is(head->change_id, from->change_id))))
        return true;
    live_reload(live, "the database has another history");
    return false;
}

static void compare_head(void *arg, const struct fleet_head *head, const struct rse_err *err)
{
    struct comparison *asked = arg;

    if (err != NULL)
        look_later(asked->live);
    else if (live_follows(asked->live, &asked->from, head))
        read_feed(asked->live);
    free(asked);
}

/* After a new connection: an older state may have been put in place of the database. */
static void look_at_head(struct live *live)
{
    struct comparison *asked = rse_new(struct comparison);

    *asked = (struct comparison){ live, live_place(live) };
    store_fleet_head(live->db, asked->from.revision, compare_head, asked);
}

static void look_again(evutil_socket_t fd RSE_UNUSED, short what RSE_UNUSED, void *arg)
{
    look_at_head(arg);
}

static void notified(void *arg, const char *payload)
{
    struct live *live = arg;

    if (payload == NULL)
        look_at_head(live);
    else if (strtoll(payload, NULL, 10) > live_revision(live))
        read_feed(live);
}

void live_advance(struct live *live, const struct changeset *set)
{
    struct rse_err err = RSE_ERR_INIT;
    int64_t revision = changeset_revision(set);

    if (!live->ready || revision <= live_revision(live))
        return;
    if (revision != live_revision(live) + 1)
        return read_feed(live);
    for (size_t i = 0; i < changeset_count(set); i++) {
        const struct change *c = changeset_at(set, i);

        if (!c->is_template)
            writer_note(live->writer, c->noun, c->id, c->is_delete || c->created);
        if (c->is_delete)
            rse_fleet_remove(live->fleet, c->noun, c->id);
        else if (!c->is_template && !put_doc(live->fleet, c->noun, changeset_doc(set, c), etag_read(rse_str(c->etag)),
                                             live->scratch, &err))
            return live_reload(live, "a change of our own could not be put");
    }
    set_revision(live, revision, changeset_change_id(set));
}

/* ---- the rest ---- */

struct live *live_new(struct event_base *base, struct db *db, struct offload *offload)
{
    struct live *live = rse_new(struct live);

    live->base = base;
    live->db = db;
    live->offload = offload;
    live->fleet = rse_fleet_new();
    live->arena = rse_arena_new();
    live->scratch = rse_arena_new();
    live->retry_ms = RETRY_MIN_MS;
    live->retry = evtimer_new(base, retry_load, live);
    live->look_again = evtimer_new(base, look_again, live);
    live->change_reader = (struct change_reader){ feed_row, feed_done, live };
    LIST_INIT(&live->waiters);
    live->writer = writer_new(live);
    db_listen(db, "resedge_changes", notified, live);
    load(live);
    return live;
}

void live_free(struct live *live)
{
    if (live == NULL)
        return;
    writer_free(live->writer);
    for (struct live_waiter *waiter = LIST_FIRST(&live->waiters), *next; waiter != NULL; waiter = next) {
        next = LIST_NEXT(waiter, link);
        live_wait_cancel(waiter);
    }
    event_free(live->retry);
    event_free(live->look_again);
    live_load_free(live->load);
    rse_fleet_free(live->fleet);
    rse_arena_free(live->arena);
    rse_arena_free(live->scratch);
    free(live->incoming);
    free(live);
}

bool live_is_ready(const struct live *live)
{
    return live->ready;
}

bool live_check_ready(const struct live *live, struct rse_err *err)
{
    if (live->ready)
        return true;
    rse_err_hint(err, "It is being loaded from the database. Try again in a moment.");
    return rse_fail(err, RSE_UNAVAILABLE, "the fleet is not loaded yet");
}

int64_t live_revision(const struct live *live)
{
    return rse_fleet_revision(live->fleet);
}

const char *live_change_id(const struct live *live)
{
    return live->change_id;
}

struct rse_fleet *live_fleet(struct live *live)
{
    return live->fleet;
}

struct event_base *live_base(struct live *live)
{
    return live->base;
}

struct db *live_db(struct live *live)
{
    return live->db;
}

struct writer *live_writer(struct live *live)
{
    return live->writer;
}
