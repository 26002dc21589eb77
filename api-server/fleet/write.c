/*
 * write.c - see write.h.
 */
#include <stdlib.h>
#include <sys/queue.h>
#include <time.h>

#include <event2/event.h>

#include "api-server/fleet/changeset.h"
#include "api-server/fleet/live_internal.h"
#include "api-server/fleet/write.h"
#include "api-server/store/change.h"

enum {
    TRIES = 8,
    CATCH_UP_MS = 2000,
    QUEUE_MAX = 1000, /* writes that wait: more is an overload, said at once */
};

struct write {
    STAILQ_ENTRY(write) link;
    struct writer *writer;
    struct live_write w;
    struct changeset *set;
    int tries;
    bool caught_up; /* with the revision that it asks for, or has waited for it */
    bool has_turn;  /* others wait for us: see store_turn_begin */
    struct live_waiter *waiter;
    char now[RSE_TIME_SIZE]; /* of the first build: the same documents come of the next one then */

    /* Of a big write. */
    char stage[40]; /* "": nothing is staged */
    uint64_t staged_digest;
    size_t staged_at; /* how many were sent */
    int in_flight;    /* batches */
    bool aside;       /* others write meanwhile */
    bool disturbed;   /* and changed something that the set rests on: it is to be built again */
    int64_t built_at; /* the revision that it was built on */
    struct rse_err stage_err;
};

struct writer {
    struct live *live;
    struct event *work;
    STAILQ_HEAD(write_queue, write) queue;
    struct write_queue refused; /* came while the queue was full */
    size_t waiting;
    struct write *now;         /* sent, or waiting for the feed */
    struct write_queue asides; /* being staged */
};

static void unstage(struct write *write);

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

static void work_soon(struct writer *writer)
{
    event_active(writer->work, EV_TIMEOUT, 0);
}

static void write_free(struct write *write)
{
    if (write->waiter != NULL)
        live_wait_cancel(write->waiter);
    changeset_free(write->set);
    free(write);
}

/* Answers the write at hand, and goes on with the next one. */
static void finish(struct writer *writer, const struct rse_err *err)
{
    struct write *write = RSE_TAKE(writer->now);

    if (write->has_turn)
        store_turn_end(live_db(writer->live));
    unstage(write);
    write->w.done(write->w.arg, err == NULL ? write->set : NULL, err);
    write_free(write);
    work_soon(writer);
}

static bool check_revision(const struct write *write, struct rse_err *err)
{
    int64_t at = live_revision(write->writer->live);

    if (!write->w.has_if_revision || write->w.if_revision == at)
        return true;
    rse_err_hint(err, "Look at what changed since (GET /api/v1/changes?since=%lld), and try again.",
                 (long long)write->w.if_revision);
    return rse_fail(err, RSE_STALE, "the fleet is at revision %lld, not at %lld", (long long)at,
                    (long long)write->w.if_revision);
}

static bool build(struct write *write, struct rse_err *err)
{
    struct live *live = write->writer->live;
    struct timespec ts;

    if (!live_check_ready(live, err) || !check_revision(write, err))
        return false;
    clock_gettime(CLOCK_REALTIME, &ts);
    if (write->stage[0] == '\0')
        rse_format_time((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000, write->now);
    changeset_free(write->set);
    write->disturbed = false;
    write->built_at = live_revision(live);
    write->set = changeset_new(live_fleet(live), write->w.actor, rse_str(write->now));
    return write->w.build(write->set, write->w.arg, err) && changeset_seal(write->set, err);
}

static void attempt(struct write *write);

static void caught_up(void *arg)
{
    struct write *write = arg;

    write->waiter = NULL;
    attempt(write);
}

/* The database is behind what we have, or went another way from there: an older state was put in its place. */
static void fail_forked(struct writer *writer)
{
    struct rse_err err = RSE_ERR_INIT;

    live_reload(writer->live, "the database has another history");
    rse_err_hint(&err, "An older state was restored. Look at what is there, and try again.");
    rse_fail(&err, RSE_UNAVAILABLE, "the fleet is being loaded anew; nothing was written");
    finish(writer, &err);
}

/* In our turn: nobody else writes, so once the feed is read this far the set will fit. */
static void turn_came(void *arg, int64_t revision, const struct rse_err *err)
{
    struct write *write = arg;
    struct live *live = write->writer->live;

    write->has_turn = true; /* also where it came too late for us */
    if (err != NULL)
        return finish(write->writer, err);
    if (live_is_ready(live) && revision < live_revision(live))
        return fail_forked(write->writer);
    write->waiter = live_wait(live, revision - 1, CATCH_UP_MS, caught_up, write);
    live_catch_up(live);
}

/* Another server was quicker. */
static void try_again(struct write *write)
{
    struct live *live = write->writer->live;
    struct rse_err err = RSE_ERR_INIT;

    if (++write->tries == TRIES) {
        rse_fail(&err, RSE_UNAVAILABLE, "the fleet kept changing while the write was checked; nothing was written");
        rse_err_hint(&err, "Try again in a moment.");
        return finish(write->writer, &err);
    }
    if (write->has_turn)
        store_turn_end(live_db(live)); /* the connection was lost, or the feed is late */
    write->has_turn = false;
    store_turn_begin(live_db(live), turn_came, write);
}

static void fail_unknown(struct writer *writer)
{
    struct rse_err err = RSE_ERR_INIT;

    rse_err_hint(&err, "Look before you repeat it: read the object, or the change feed.");
    rse_fail(&err, RSE_UNAVAILABLE, "the database went away during the write: it may be stored or not");
    finish(writer, &err);
}

static void stored(void *arg, enum change_outcome outcome, const struct change_stored *result,
                   const struct rse_err *err)
{
    struct write *write = arg;
    struct live *live = write->writer->live;
    char change_id[40];

    if (err == NULL) {
        snprintf(change_id, sizeof(change_id), "%.*s", RSE_STR_ARG(result->change_id));
        changeset_set_revision(write->set, result->revision, change_id);
        if (write->w.stored != NULL)
            write->w.stored(write->w.arg);
        live_advance(live, write->set);
    }
    live_hold_feed(live, false);
    if (outcome == CHANGE_MOVED)
        try_again(write);
    else if (outcome == CHANGE_FORKED)
        fail_forked(write->writer);
    else if (outcome == CHANGE_UNKNOWN)
        fail_unknown(write->writer);
    else
        finish(write->writer, err);
}

/* What the client has read elsewhere may be ahead of this replica. */
static bool waits_for_revision(struct write *write)
{
    struct live *live = write->writer->live;

    if (write->caught_up || !write->w.has_if_revision || write->w.if_revision <= live_revision(live))
        return false;
    write->caught_up = true;
    write->waiter = live_wait(live, write->w.if_revision - 1, CATCH_UP_MS, caught_up, write);
    live_catch_up(live);
    return true;
}

/* Made for the revision that the set will have: that is known, because it is stored at no other. */
static bool answer(struct write *write, struct change_once *out, struct rse_err *err)
{
    if (changeset_count(write->set) > 0)
        changeset_set_revision(write->set, changeset_revision(write->set) + 1, "");
    return write->w.answer(write->w.arg, write->set, out, err);
}

/* ---- staging ---- */

enum { BATCHES_IN_FLIGHT = 2, BATCH_MAX_BYTES = 256 * 1024 * 1024 };

static void store(struct write *write);

static void unstage(struct write *write)
{
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
static void staged(struct write *write)
{
    struct writer *writer = write->writer;

    if (!write->aside)
        return write->stage_err.code != RSE_OK ? finish(writer, &write->stage_err) : store(write);
    write->aside = false;
    STAILQ_REMOVE(&writer->asides, write, write, link);
    STAILQ_INSERT_HEAD(&writer->queue, write, link);
    writer->waiting++;
    work_soon(writer);
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
static void stage(struct write *write)
{
    struct writer *writer = write->writer;

    write->aside = write->stage[0] == '\0' && !write->has_turn;
    unstage(write);
    uuid_make(write->stage);
    write->staged_digest = changeset_staged_digest(write->set);
    write->staged_at = 0;
    rse_err_clear(&write->stage_err);
    if (write->aside) {
        writer->now = NULL;
        STAILQ_INSERT_TAIL(&writer->asides, write, link);
        work_soon(writer);
    }
    send_batches(write);
}

static bool needs_staging(const struct write *write)
{
    return changeset_is_big(write->set) &&
           (write->stage[0] == '\0' || write->staged_digest != changeset_staged_digest(write->set));
}

/* ---- one write ---- */

/* It was staged, and what others wrote meanwhile has nothing to do with it. */
static bool is_still_good(const struct write *write)
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

static void attempt(struct write *write)
{
    struct writer *writer = write->writer;
    struct rse_err err = RSE_ERR_INIT;

    if (waits_for_revision(write))
        return;
    if (write->stage_err.code != RSE_OK)
        return finish(writer, &write->stage_err);
    if (is_still_good(write))
        return store(write);
    if (!build(write, &err))
        return finish(writer, &err);
    if (write->w.dry_run || (changeset_is_empty(write->set) && write->w.answer == NULL && write->w.owner == NULL))
        return finish(writer, NULL);
    if (needs_staging(write))
        return stage(write);
    store(write);
}

static void store(struct write *write)
{
    struct writer *writer = write->writer;
    struct rse_err err = RSE_ERR_INIT;
    struct change_items items;
    struct change_write change;
    struct change_once once = { 0 };
    int64_t expected;
    RSE_CLEANUP(rse_freep) char *actor = NULL, *reason = NULL;

    expected = live_revision(writer->live);
    changeset_set_revision(write->set, expected, "");
    if (write->w.answer != NULL && !answer(write, &once, &err))
        return finish(writer, &err);
    changeset_items(write->set, &items);
    actor = rse_xstrndup(write->w.actor);
    reason = write->w.reason.len > 0 ? rse_xstrndup(write->w.reason) : NULL;
    change = (struct change_write){
        .expected_revision = expected,
        .expected_change_id = live_change_id(writer->live),
        .actor = actor,
        .reason = reason,
        .confirm = write->w.confirm,
        .urgent = write->w.urgent,
        .once = write->w.answer != NULL ? &once : NULL,
        .owner = write->w.owner,
        .stage = write->stage[0] != '\0' ? write->stage : NULL,
        .staged = changeset_staged(write->set),
    };
    live_hold_feed(writer->live, true);
    store_change_write(live_db(writer->live), &change, &items, stored, write);
}

static struct write *take_first(struct write_queue *queue)
{
    struct write *write = STAILQ_FIRST(queue);

    if (write != NULL)
        STAILQ_REMOVE_HEAD(queue, link);
    return write;
}

static void answer_refused(struct writer *writer)
{
    struct rse_err err = RSE_ERR_INIT;
    struct write *write;

    rse_err_hint(&err, "Try again in a moment.");
    rse_fail(&err, RSE_UNAVAILABLE, "too many writes are waiting");
    while ((write = take_first(&writer->refused)) != NULL) {
        write->w.done(write->w.arg, NULL, &err);
        write_free(write);
    }
}

static void work(evutil_socket_t fd RSE_UNUSED, short what RSE_UNUSED, void *arg)
{
    struct writer *writer = arg;

    answer_refused(writer);
    if (writer->now != NULL || (writer->now = take_first(&writer->queue)) == NULL)
        return;
    writer->waiting--;
    attempt(writer->now);
}

static struct rse_str copy_behind(char **to, struct rse_str text)
{
    struct rse_str copy = rse_str_n(*to, text.len);

    if (text.len > 0)
        memcpy(*to, text.p, text.len);
    *to += text.len;
    return copy;
}

void live_write(struct live *live, const struct live_write *w)
{
    struct writer *writer = live_writer(live);
    struct write *write = rse_xcalloc(1, sizeof(*write) + w->actor.len + w->reason.len);
    char *behind = (char *)(write + 1);

    write->writer = writer;
    write->w = *w;
    write->w.actor = copy_behind(&behind, w->actor);
    write->w.reason = copy_behind(&behind, w->reason);
    if (writer->waiting == QUEUE_MAX) {
        STAILQ_INSERT_TAIL(&writer->refused, write, link);
    } else {
        STAILQ_INSERT_TAIL(&writer->queue, write, link);
        writer->waiting++;
    }
    work_soon(writer);
}

struct writer *writer_new(struct live *live)
{
    struct writer *writer = rse_new(struct writer);

    writer->live = live;
    writer->work = event_new(live_base(live), -1, 0, work, writer);
    STAILQ_INIT(&writer->queue);
    STAILQ_INIT(&writer->refused);
    STAILQ_INIT(&writer->asides);
    return writer;
}

void writer_free(struct writer *writer)
{
    struct write *write;

    while ((write = take_first(&writer->queue)) != NULL || (write = take_first(&writer->refused)) != NULL ||
           (write = take_first(&writer->asides)) != NULL)
        write_free(write);
    if (writer->now != NULL)
        write_free(writer->now);
    event_free(writer->work);
    free(writer);
}

/* ---- templates ---- */

struct template_write {
    int64_t target_id;
    struct template_push push;
    live_done *done;
    void *arg;
};

static bool template_build(struct changeset *set, void *arg, struct rse_err *err)
{
    const struct template_write *t = arg;

    if (rse_fleet_get(changeset_fleet(set), RSE_TARGET, t->target_id) == NULL)
        return rse_fail(err, RSE_NOT_FOUND, "there is no target %lld", (long long)t->target_id);
    changeset_put_template(set, t->target_id, &t->push);
    return true;
}

static void template_done(void *arg, const struct changeset *set, const struct rse_err *err)
{
    struct template_write *t = arg;

    t->done(t->arg, set, err);
    free(t);
}

void live_write_template(struct live *live, struct rse_str actor, int64_t target_id, const struct template_push *push,
                         live_done *done, void *arg)
{
    struct template_write *t =
        rse_xcalloc(1, sizeof(*t) + push->commit.len + push->tree.len + push->author.len + push->email.len);
    char *behind = (char *)(t + 1);
    struct live_write write = {
        .actor = actor, .confirm = -1, .build = template_build, .done = template_done, .arg = t
    };

    t->target_id = target_id;
    t->push.commit = copy_behind(&behind, push->commit);
    t->push.tree = copy_behind(&behind, push->tree);
    t->push.author = copy_behind(&behind, push->author);
    t->push.email = copy_behind(&behind, push->email);
    t->done = done;
    t->arg = arg;
    live_write(live, &write);
}
