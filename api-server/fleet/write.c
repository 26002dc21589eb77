/*
 * write.c - see write.h.
 */
#include <stdlib.h>
#include <sys/queue.h>
#include <time.h>

#include <event2/event.h>

#include "api-server/fleet/changeset.h"
#include "api-server/fleet/write_internal.h"
#include "api-server/store/change.h"

enum {
    TRIES = 8,
    CATCH_UP_MS = 2000,
    QUEUE_MAX = 1000, /* writes that wait: more is an overload, said at once */
};

void write_work_soon(struct writer *writer)
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

void write_finish(struct writer *writer, const struct rse_err *err)
{
    struct write *write = RSE_TAKE(writer->now);

    if (write->has_turn)
        store_turn_end(live_db(writer->live));
    write_unstage(write);
    write->w.done(write->w.arg, err == NULL ? write->set : NULL, err);
    write_free(write);
    write_work_soon(writer);
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

/* Last of all: nobody wants to confirm what is refused then. */
static bool check_question(const struct write *write, struct rse_err *err)
{
    if (write->w.question == NULL || write->w.question->code == RSE_OK)
        return true;
    *err = *write->w.question;
    return false;
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
    rse_err_clear(write->w.question);
    return write->w.build(write->set, write->w.arg, err) && changeset_seal(write->set, err) &&
           check_question(write, err);
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
    write_finish(writer, &err);
}

/* In our turn: nobody else writes, so once the feed is read this far the set will fit. */
static void turn_came(void *arg, int64_t revision, const struct rse_err *err)
{
    struct write *write = arg;
    struct live *live = write->writer->live;

    write->has_turn = true; /* also where it came too late for us */
    if (err != NULL)
        return write_finish(write->writer, err);
    if (live_is_ready(live) && revision < live_revision(live))
        return fail_forked(write->writer);
    write->waiter = live_wait(live, revision - 1, CATCH_UP_MS, caught_up, write);
    live_catch_up(live);
}

void write_try_again(struct write *write)
{
    struct live *live = write->writer->live;
    struct rse_err err = RSE_ERR_INIT;

    if (++write->tries == TRIES) {
        rse_fail(&err, RSE_UNAVAILABLE, "the fleet kept changing while the write was checked; nothing was written");
        rse_err_hint(&err, "Try again in a moment.");
        return write_finish(write->writer, &err);
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
    write_finish(writer, &err);
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
        write_try_again(write);
    else if (outcome == CHANGE_FORKED)
        fail_forked(write->writer);
    else if (outcome == CHANGE_UNKNOWN)
        fail_unknown(write->writer);
    else
        write_finish(write->writer, err);
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
static bool answer(struct write *write, struct kept_answer *out, struct rse_err *err)
{
    if (changeset_count(write->set) > 0)
        changeset_set_revision(write->set, changeset_revision(write->set) + 1, "");
    return write->w.answer(write->w.arg, write->set, out, err);
}

/* ---- one write ---- */

static void attempt(struct write *write)
{
    struct writer *writer = write->writer;
    struct rse_err err = RSE_ERR_INIT;

    if (waits_for_revision(write))
        return;
    if (write->stage_err.code != RSE_OK)
        return write_finish(writer, &write->stage_err);
    if (write_is_still_good(write))
        return write_store(write);
    write_give_up_prepared(write);
    if (!build(write, &err))
        return write_finish(writer, &err);
    if (!write_asks_for_fixed(write))
        write_go_on(write);
}

void write_go_on(struct write *write)
{
    if (write->w.dry_run || (changeset_is_empty(write->set) && write->w.answer == NULL && write->w.owner == NULL))
        return write_finish(write->writer, NULL);
    if (write_needs_staging(write))
        return write_stage(write);
    write_store(write);
}

void write_store(struct write *write)
{
    struct writer *writer = write->writer;
    struct rse_err err = RSE_ERR_INIT;
    struct change_items items;
    struct change_write change;
    struct kept_answer once = { 0 };
    int64_t expected;
    RSE_CLEANUP(rse_freep) char *actor = NULL, *reason = NULL;

    expected = live_revision(writer->live);
    changeset_set_revision(write->set, expected, "");
    if (write->w.answer != NULL && !answer(write, &once, &err))
        return write_finish(writer, &err);
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
        .prepared = write_take_prepared(write),
    };
    write_clear_way(write);
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
    write_work_soon(writer);
}

struct writer *writer_new(struct live *live)
{
    struct writer *writer = rse_new(struct writer);

    writer->live = live;
    writer->work = event_new(live_base(live), -1, 0, work, writer);
    writer->patience = writer_patience_new(writer);
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
    event_free(writer->patience);
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
