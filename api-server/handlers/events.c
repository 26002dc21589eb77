/*
 * events.c - one source for all who watch: reads each change and each job's state once, and hands it to every watcher.
 *
 * Format: server-sent events (HTML Living Standard, section 9.2). A change's id is "<revision>.<seq>", so that a client
 * which comes back says where it was; jobs have no id, their state is sent again instead.
 */
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "api-server/fleet/live.h"
#include "api-server/handlers/change_json.h"
#include "api-server/handlers/events_internal.h"
#include "api-server/handlers/object.h"
#include "api-server/http/route.h"
#include "api-server/store/job.h"

enum { BEAT_S = 15, JOBS_AFTER_MS = 50, MOST_JOBS_AT_ONCE = 500 };

static void events_handler(struct call *call);

const struct route event_routes[] = {
    { "GET", "/api/v1/events", ROLE_VIEWER, ROUTE_EVENTS, 0, 0, events_handler,
      "Changes of the fleet and of jobs as they happen, as server-sent events" },
    { .method = NULL },
};

static void events_handler(struct call *call)
{
    watcher_start(call, call->api->events);
}

/* ---- one event ---- */

void event_render(struct rse_buf *out, const char *type, const struct change_cursor *id, struct rse_str data)
{
    rse_buf_addf(out, "event: %s\n", type);
    if (id != NULL) {
        rse_buf_adds(out, "id: ");
        change_cursor_add(out, *id);
        rse_buf_addc(out, '\n');
    }
    while (data.len > 0) {
        ptrdiff_t end = rse_str_find(data, '\n');
        struct rse_str line = end < 0 ? data : rse_str_n(data.p, (size_t)end);

        rse_buf_addf(out, "data: %.*s\n", RSE_STR_ARG(line));
        data = rse_str_from(data, line.len + (end >= 0));
    }
    rse_buf_addc(out, '\n');
}

void event_render_change(struct rse_buf *out, const struct change_row *row)
{
    struct change_cursor id = { row->revision, row->seq };
    RSE_BUF_AUTO data = { 0 };

    rse_buf_init(&data, EVENT_MAX_BYTES);
    change_json(row, &data);
    event_render(out, "change", &id, rse_buf_str(&data));
}

void event_render_job(struct rse_buf *out, struct rse_str doc)
{
    RSE_BUF_AUTO data = { 0 };

    rse_buf_init(&data, doc.len + 1);
    rse_json_add_compact(&data, doc);
    event_render(out, "job", NULL, rse_buf_str(&data));
}

/* To every watcher; one that is dropped meanwhile is gone from the list. */
static void tell_all(struct events *events, bool of_jobs)
{
    struct watcher *next;

    if (!rse_buf_ok(&events->text, NULL))
        return;
    for (struct watcher *watcher = TAILQ_FIRST(&events->watchers); watcher != NULL; watcher = next) {
        next = watcher_next(watcher);
        if (!of_jobs || watcher_wants_jobs(watcher))
            watcher_tell(watcher, rse_buf_str(&events->text));
    }
}

static void end_all(struct events *events)
{
    struct watcher *watcher;

    while ((watcher = TAILQ_FIRST(&events->watchers)) != NULL)
        watcher_end(watcher);
}

/* ---- changes ---- */

static void on_row(void *arg, const struct change_row *row)
{
    struct events *events = arg;
    struct watcher *next;

    events->cursor = (struct change_cursor){ row->revision, row->seq };
    rse_buf_reset(&events->text);
    event_render_change(&events->text, row);
    if (!rse_buf_ok(&events->text, NULL))
        return end_all(events); /* nobody may believe to have seen all */
    for (struct watcher *watcher = TAILQ_FIRST(&events->watchers); watcher != NULL; watcher = next) {
        next = watcher_next(watcher);
        watcher_change(watcher, events->cursor, rse_buf_str(&events->text));
    }
}

static void await_next(struct events *events);
static void follow(struct events *events);

static void on_read(void *arg, int rows, const struct rse_err *err)
{
    struct events *events = arg;

    events->reading = false;
    if (err != NULL && err->code == RSE_GONE)
        events->cursor = change_cursor_behind(live_revision(events->api->live));
    if (err != NULL)
        return end_all(events);
    if (rows == CHANGES_AT_ONCE || live_revision(events->api->live) > events->cursor.revision)
        follow(events);
    else
        await_next(events);
}

static void follow(struct events *events)
{
    if (events->reading || TAILQ_EMPTY(&events->watchers))
        return;
    events->reading = true;
    store_changes_read(events->api->db, events->cursor, INT64_MAX, CHANGES_AT_ONCE, &events->reader);
}

static void on_advance(void *arg)
{
    struct events *events = arg;

    events->waiter = NULL;
    if (live_revision(events->api->live) > events->cursor.revision)
        follow(events);
    else
        await_next(events);
}

static void await_next(struct events *events)
{
    if (events->waiter == NULL && !TAILQ_EMPTY(&events->watchers))
        events->waiter = live_wait(events->api->live, events->cursor.revision, BEAT_S * 1000, on_advance, events);
}

void events_join(struct events *events, struct watcher *watcher)
{
    if (TAILQ_EMPTY(&events->watchers) && !events->reading)
        events->cursor = change_cursor_behind(live_revision(events->api->live));
    watcher_link(watcher, events);
    if (!events->reading)
        await_next(events);
}

/* ---- jobs ---- */

static void ask_jobs_soon(struct events *events)
{
    struct timeval tv = { .tv_usec = JOBS_AFTER_MS * 1000 };

    if (!evtimer_pending(events->jobs_due, NULL))
        evtimer_add(events->jobs_due, &tv);
}

static void on_jobs(void *arg, PGresult *res, const struct rse_err *err)
{
    struct events *events = arg;
    int rows = err == NULL ? PQntuples(res) : 0;

    events->asking_jobs = false;
    if (err != NULL)
        events->all_jobs = true; /* asked again when the database is back */
    for (int i = 0; i < rows; i++) {
        rse_buf_reset(&events->text);
        event_render_job(&events->text, db_text(res, i, 0));
        tell_all(events, true);
    }
    if (err == NULL && (events->all_jobs || rse_map_count(events->jobs) > 0))
        ask_jobs_soon(events);
}

/* "{7,8}" */
static void take_job_ids(struct events *events, struct rse_buf *out)
{
    struct rse_str key;

    rse_buf_addc(out, '{');
    for (size_t it = 0; rse_map_next(events->jobs, &it, &key, NULL);) {
        int64_t id;

        memcpy(&id, key.p, sizeof(id));
        rse_buf_addf(out, "%s%lld", out->len > 1 ? "," : "", (long long)id);
    }
    rse_buf_addc(out, '}');
    rse_map_clear(events->jobs);
}

static void on_jobs_due(evutil_socket_t fd RSE_UNUSED, short what RSE_UNUSED, void *arg)
{
    struct events *events = arg;
    RSE_BUF_AUTO ids = { 0 };

    if (events->asking_jobs || TAILQ_EMPTY(&events->watchers))
        return;
    rse_buf_init(&ids, (size_t)MOST_JOBS_AT_ONCE * 24);
    take_job_ids(events, &ids);
    events->asking_jobs = true;
    (void)db_send(events->api->db, &(struct db_query){ .lane = DB_READ,
                                                       .sql = JOBS_SEEN,
                                                       .nparams = 1,
                                                       .params = { events->all_jobs ? NULL : ids.p },
                                                       .done = on_jobs,
                                                       .arg = events });
    events->all_jobs = false;
}

/* "job:7", or NULL where notices may have been missed. */
static void on_notice(void *arg, const char *payload)
{
    struct events *events = arg;
    int64_t id;

    if (TAILQ_EMPTY(&events->watchers))
        return;
    if (payload != NULL && strncmp(payload, "job:", 4) != 0)
        return;
    if (payload == NULL || rse_map_count(events->jobs) >= MOST_JOBS_AT_ONCE)
        events->all_jobs = true;
    else if (rse_parse_int64(rse_str(payload + 4), 1, INT64_MAX, &id))
        (void)rse_map_put_id(events->jobs, id, events);
    ask_jobs_soon(events);
}

/* ---- a sign of life ---- */

static void on_beat(evutil_socket_t fd RSE_UNUSED, short what RSE_UNUSED, void *arg)
{
    struct events *events = arg;

    /* A backup was put in place of the database: whoever comes back is told to take a snapshot. */
    if (live_is_ready(events->api->live) && live_revision(events->api->live) < events->cursor.revision) {
        end_all(events);
        events->cursor = change_cursor_behind(live_revision(events->api->live));
        return;
    }
    rse_buf_reset(&events->text);
    rse_buf_adds(&events->text, ": here\n\n");
    tell_all(events, false);
}

struct events *events_new(struct api *api)
{
    struct events *events = rse_new(struct events);
    struct timeval beat = { .tv_sec = BEAT_S };

    events->api = api;
    TAILQ_INIT(&events->watchers);
    events->reader = (struct change_reader){ on_row, on_read, events };
    events->jobs = rse_map_new();
    events->jobs_due = evtimer_new(api->base, on_jobs_due, events);
    events->beat = event_new(api->base, -1, EV_PERSIST, on_beat, events);
    event_add(events->beat, &beat);
    rse_buf_init(&events->text, EVENT_MAX_BYTES);
    db_listen(api->db, "resedge_jobs", on_notice, events);
    return events;
}

void events_free(struct events *events)
{
    if (events == NULL)
        return;
    end_all(events);
    if (events->waiter != NULL)
        live_wait_cancel(events->waiter);
    event_free(events->beat);
    event_free(events->jobs_due);
    rse_map_free(events->jobs);
    rse_buf_release(&events->text);
    free(events);
}
