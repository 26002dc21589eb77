/*
 * watcher.c - one client of /api/v1/events: catches up from the database at its own pace, then is told what happens.
 */
#include <string.h>

#include "api-server/fleet/live.h"
#include "api-server/handlers/change_json.h"
#include "api-server/handlers/events_internal.h"
#include "api-server/store/job.h"

enum { CATCH_UP_MAX_BYTES = 64 << 20 };

struct watcher {
    TAILQ_ENTRY(watcher) link;
    struct events *events;
    struct call *call;
    bool linked, jobs, changes;
    bool following;              /* it has all up to its cursor, and hears the next change as it comes */
    struct change_cursor cursor; /* the last change written */
    struct change_reader reader;
    bool reading, ending;
    struct rse_buf out; /* what was read, to be written at once */
    size_t untaken;     /* bytes written, or passed over, since the client last took all there was */
};

static bool is_before(struct change_cursor a, struct change_cursor b)
{
    return a.revision < b.revision || (a.revision == b.revision && a.seq < b.seq);
}

void watcher_link(struct watcher *watcher, struct events *events)
{
    TAILQ_INSERT_TAIL(&events->watchers, watcher, link);
    watcher->linked = true;
}

struct watcher *watcher_next(struct watcher *watcher)
{
    return TAILQ_NEXT(watcher, link);
}

bool watcher_wants_jobs(const struct watcher *watcher)
{
    return watcher->jobs;
}

/* ---- the end ---- */

static void unlink_it(struct watcher *watcher)
{
    if (watcher->linked)
        TAILQ_REMOVE(&watcher->events->watchers, watcher, link);
    watcher->linked = false;
}

/* A read under way comes back to us: until then the call has to stay. */
void watcher_end(struct watcher *watcher)
{
    unlink_it(watcher);
    watcher->ending = true;
    if (!watcher->reading)
        call_stream_end(watcher->call);
}

static void drop(struct watcher *watcher)
{
    rse_err_hint(&watcher->call->err, "It may come back with Last-Event-ID and read faster.");
    (void)rse_fail(&watcher->call->err, RSE_UNAVAILABLE, "the client left %zu bytes of events unread",
                   watcher->untaken);
    unlink_it(watcher);
    watcher->ending = true;
    if (!watcher->reading)
        call_stream_abort(watcher->call);
}

/* ---- being told ---- */

static void write_event(struct watcher *watcher, struct rse_str event)
{
    watcher->untaken += event.len;
    if (watcher->untaken > UNTAKEN_MAX_BYTES)
        drop(watcher);
    else
        call_stream_write(watcher->call, event);
}

void watcher_tell(struct watcher *watcher, struct rse_str event)
{
    write_event(watcher, event);
}

void watcher_change(struct watcher *watcher, struct change_cursor at, struct rse_str event)
{
    if (!watcher->changes || !watcher->following || !is_before(watcher->cursor, at))
        return;
    watcher->cursor = at;
    write_event(watcher, event);
}

/* ---- catching up ---- */

static void read_on(struct watcher *watcher)
{
    watcher->reading = true;
    rse_buf_reset(&watcher->out);
    store_changes_read(watcher->call->api->db, watcher->cursor, INT64_MAX, CHANGES_AT_ONCE, &watcher->reader);
}

static void on_row(void *arg, const struct change_row *row)
{
    struct watcher *watcher = arg;

    watcher->cursor = (struct change_cursor){ row->revision, row->seq };
    event_render_change(&watcher->out, row);
}

static void on_read(void *arg, int rows, const struct rse_err *err)
{
    struct watcher *watcher = arg;
    struct call *call = watcher->call;

    watcher->reading = false;
    if (watcher->ending || call_stream_gone(call))
        return watcher_end(watcher);
    if (err != NULL)
        call->err = *err;
    if (err != NULL || !rse_buf_ok(&watcher->out, &call->err)) {
        unlink_it(watcher);
        return call_stream_abort(call);
    }
    /* Revisions are read whole: what the source has sent so far, this one has too. */
    watcher->following = rows < CHANGES_AT_ONCE && watcher->cursor.revision >= watcher->events->cursor.revision;
    call_stream_write(call, rse_buf_str(&watcher->out)); /* taken() reads on */
}

/* The client took all there was, or is gone. */
static void taken(void *arg)
{
    struct watcher *watcher = arg;

    watcher->untaken = 0;
    if (call_stream_gone(watcher->call)) {
        if (!watcher->ending)
            watcher_end(watcher);
    } else if (watcher->changes && !watcher->following && !watcher->reading) {
        read_on(watcher);
    }
}

/* ---- the start ---- */

static void got_jobs(void *arg, PGresult *res, const struct rse_err *err)
{
    struct watcher *watcher = arg;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, CATCH_UP_MAX_BYTES);
    watcher->reading = false;
    if (watcher->ending || call_stream_gone(watcher->call))
        return watcher_end(watcher);
    for (int i = 0; err == NULL && i < PQntuples(res); i++)
        event_render_job(&text, db_text(res, i, 0));
    rse_buf_adds(&text, ": here\n\n");
    call_stream_write(watcher->call, rse_buf_str(&text)); /* taken() begins to catch up */
}

static void begin(struct watcher *watcher)
{
    struct call *call = watcher->call;

    call_set_header(call, "X-Accel-Buffering", "no");
    call_stream_begin(call, 200, "text/event-stream", taken, watcher);
    call_stream_write(call, RSE_STR("retry: 2000\n\n"));
    events_join(watcher->events, watcher);
    watcher->reading = watcher->jobs;
    if (watcher->jobs)
        (void)db_send(call->api->db, &(struct db_query){ .lane = DB_READ,
                                                         .sql = JOBS_SEEN,
                                                         .nparams = 1,
                                                         .params = { NULL },
                                                         .done = got_jobs,
                                                         .arg = watcher });
}

static void got_page(void *arg, const struct change_page *page, const struct rse_err *err)
{
    struct watcher *watcher = arg;
    struct call *call = watcher->call;

    if (err != NULL)
        call_fail_with(call, err);
    else if (!change_page_reaches(page, watcher->cursor, &call->err))
        call_fail(call);
    else
        begin(watcher);
}

static bool read_place(struct call *call, struct watcher *watcher)
{
    const char *header = call_header(call, "Last-Event-ID");
    struct rse_str text;

    watcher->cursor = change_cursor_behind(live_revision(call->api->live));
    watcher->following = true;
    if (header != NULL && header[0] != '\0')
        text = rse_str(header);
    else if (!call_query(call, "since", &text))
        return true;
    watcher->following = false;
    return change_cursor_parse(text, &watcher->cursor, &call->err);
}

static bool read_types(struct call *call, struct watcher *watcher)
{
    struct rse_str text;

    watcher->jobs = watcher->changes = true;
    if (!call_query(call, "types", &text))
        return true;
    watcher->jobs = rse_str_is(text, "job") || rse_str_is(text, "change,job") || rse_str_is(text, "job,change");
    watcher->changes = !rse_str_is(text, "job");
    if (watcher->jobs || rse_str_is(text, "change"))
        return true;
    rse_err_hint(&call->err, "The types are change and job; both when none is named.");
    return rse_fail(&call->err, RSE_INVALID, "\"%.*s\" are no types of events", RSE_STR_ARG(text));
}

static void release_out(void *arg)
{
    rse_buf_release(arg);
}

static void canceled(struct call *call)
{
    struct watcher *watcher = call->state;

    if (!watcher->ending && watcher->linked)
        watcher_end(watcher);
}

void watcher_start(struct call *call, struct events *events)
{
    static const char *const PARAMETERS[] = { "since", "types", NULL };
    struct watcher *watcher = rse_arena_new_of(call->arena, struct watcher);

    watcher->events = events;
    watcher->call = call;
    if (!call_query_only(call, PARAMETERS) || !live_check_ready(call->api->live, &call->err) ||
        !read_place(call, watcher) || !read_types(call, watcher))
        return call_fail(call);
    watcher->reader = (struct change_reader){ on_row, on_read, watcher };
    rse_buf_init(&watcher->out, CATCH_UP_MAX_BYTES);
    rse_arena_defer(call->arena, release_out, &watcher->out);
    call->state = watcher;
    call->canceled = canceled;
    call->endless = true;
    store_changes_page(call->api->db, &(struct change_range){ watcher->cursor, INT64_MAX, 1, false }, got_page,
                       watcher);
}
