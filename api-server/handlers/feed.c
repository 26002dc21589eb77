/*
 * feed.c - the fleet for those who keep a copy: a snapshot, then the changes behind it.
 */
#include <time.h>

#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/change_json.h"
#include "api-server/handlers/fleet_stream.h"
#include "api-server/handlers/object.h"
#include "api-server/http/route.h"
#include "api-server/store/change.h"

enum {
    WAIT_MAX_SECONDS = 60,
    PAGE_CHANGES = 1000,               /* of whole revisions */
    PAGE_CHANGES_MAX = 10000,          /* where the client says how many */
    OUT_MAX_BYTES = 256 * 1024 * 1024, /* of 500 changes, each with a document of at most 256 KiB or so */
};

static void snapshot_handler(struct call *call);
static void changes_handler(struct call *call);
static void revision_handler(struct call *call);

const struct route feed_routes[] = {
    { "GET", "/api/v1/snapshot", ROLE_VIEWER, ROUTE_WORKER | ROUTE_LINES, 0, 0, snapshot_handler,
      "The whole fleet at one revision, as NDJSON" },
    { "GET", "/api/v1/changes", ROLE_VIEWER, ROUTE_WORKER, 0, 0, changes_handler,
      "Changes after a revision; waits for the next" },
    { "GET", "/api/v1/revisions/{n}", ROLE_VIEWER, ROUTE_WORKER | ROUTE_NO_QUERY, 0, 0, revision_handler,
      "Who made a revision, when and why" },
    { .method = NULL },
};

/* ---- snapshot ---- */

static bool snapshot_row(struct fleet_stream *stream RSE_UNUSED, const struct fleet_row *row, struct rse_buf *out,
                         struct rse_err *err RSE_UNUSED)
{
    if (row->noun.p == NULL) {
        rse_json_add_compact(out, row->doc); /* PostgreSQL made it */
        rse_buf_addc(out, '\n');
        return true;
    }
    rse_buf_addf(out, "{\"noun\":\"%.*s\",\"doc\":", RSE_STR_ARG(row->noun));
    rse_buf_add_str(out, row->doc);
    rse_buf_adds(out, "}\n");
    return true;
}

static void snapshot_end(struct fleet_stream *stream RSE_UNUSED, struct rse_buf *out)
{
    rse_buf_adds(out, "{\"end\":true}\n");
}

static const struct fleet_writer SNAPSHOT_WRITER = { "application/x-ndjson", snapshot_row, snapshot_end };

struct past {
    struct call *call;
    int64_t revision;
};

static void past_asked(void *arg, const struct change_page *page, const struct rse_err *err)
{
    struct past *past = arg;

    if (err != NULL)
        call_fail_with(past->call, err);
    else if (!change_page_reaches(page, change_cursor_behind(past->revision), &past->call->err))
        call_fail(past->call);
    else
        fleet_stream_start_past(past->call, &SNAPSHOT_WRITER, past->revision);
}

static void snapshot_handler(struct call *call)
{
    static const char *const PARAMETERS[] = { "revision", NULL };
    struct past *past;
    int64_t revision;

    if (!call_query_only(call, PARAMETERS) || !call_query_int(call, "revision", 0, INT64_MAX - 1, -1, &revision))
        return call_fail(call);
    if (revision < 0)
        return fleet_stream_start(call, &SNAPSHOT_WRITER);
    past = rse_arena_new_of(call->arena, struct past);
    *past = (struct past){ .call = call, .revision = revision };
    store_changes_page(call->api->db, &(struct change_range){ change_cursor_behind(revision), INT64_MAX, 1, false },
                       past_asked, past);
}

/* ---- changes ---- */

struct feed {
    struct call *call;
    struct change_range range;
    int64_t deadline_us;
    struct live_waiter *waiter;
    struct change_page page;
    struct change_reader reader;
    struct change_cursor cursor; /* the last change written */
    size_t count;                /* of changes written */
    struct rse_buf out;
    bool begun, reading;
};

static void ask(struct feed *feed);
static void read_on(struct feed *feed);

/* How many the answer may still have. Whole revisions end with the last one. */
static int64_t changes_left(const struct feed *feed)
{
    return feed->range.whole ? INT64_MAX : feed->range.limit - (int64_t)feed->count;
}

static void feed_row(void *arg, const struct change_row *row)
{
    struct feed *feed = arg;

    if (feed->count++ > 0)
        rse_buf_addc(&feed->out, ',');
    change_json(row, &feed->out);
    feed->cursor = (struct change_cursor){ row->revision, row->seq };
}

/* The client took what there was: the next rows may come. */
static void taken(void *arg)
{
    read_on(arg);
}

static void write_out(struct feed *feed)
{
    if (!feed->begun)
        call_stream_begin(feed->call, 200, NULL, taken, feed);
    feed->begun = true;
    call_stream_write(feed->call, rse_buf_str(&feed->out));
    rse_buf_reset(&feed->out);
}

static void finish(struct feed *feed)
{
    rse_buf_addf(&feed->out, "],\"more\":%s}", feed->page.more ? "true" : "false");
    if (!feed->begun)
        return call_reply_buf(feed->call, 200, &feed->out);
    write_out(feed);
    call_stream_end(feed->call);
}

static void feed_read(void *arg, int rows, const struct rse_err *err)
{
    struct feed *feed = arg;
    struct call *call = feed->call;

    feed->reading = false;
    if ((err != NULL || !rse_buf_ok(&feed->out, &call->err)) && !feed->begun)
        return call_fail_with(call, err != NULL ? err : &call->err);
    if (err != NULL || feed->out.overflow || (feed->begun && call_stream_gone(call)))
        return call_stream_abort(call);
    if (rows < CHANGES_AT_ONCE || changes_left(feed) == 0)
        finish(feed);
    else
        write_out(feed);
}

static void read_on(struct feed *feed)
{
    int64_t left = changes_left(feed);

    if (feed->reading)
        return;
    feed->reading = true;
    store_changes_read(feed->call->api->db, feed->cursor, feed->page.end.revision,
                       left < CHANGES_AT_ONCE ? (int)left : CHANGES_AT_ONCE, &feed->reader);
}

static void begin_answer(struct feed *feed)
{
    struct change_cursor end = feed->page.end;

    /* The revision that is told to its end: who goes on from it, and not from `next`, misses nothing. */
    rse_buf_addf(&feed->out, "{\"revision\":%lld,\"next\":\"", (long long)end.revision - (end.seq != CHANGE_SEQ_END));
    change_cursor_add(&feed->out, end);
    rse_buf_adds(&feed->out, "\",\"changes\":[");
    call_set_revision(feed->call, feed->page.revision);
}

static int64_t now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void waited(void *arg)
{
    struct feed *feed = arg;

    feed->waiter = NULL;
    ask(feed);
}

static void canceled(struct call *call)
{
    struct feed *feed = call->state;

    if (feed->waiter == NULL)
        return;
    live_wait_cancel(RSE_TAKE(feed->waiter));
    begin_answer(feed);
    finish(feed);
}

static void asked(void *arg, const struct change_page *page, const struct rse_err *err)
{
    struct feed *feed = arg;
    int64_t left_ms = (feed->deadline_us - now_us()) / 1000;

    if (err != NULL)
        return call_fail_with(feed->call, err);
    feed->page = *page;
    if (!change_page_reaches(page, feed->range.after, &feed->call->err))
        return call_fail(feed->call);
    if (!page->empty) {
        begin_answer(feed);
        return read_on(feed);
    }
    if (left_ms > 0 && page->revision < feed->range.until && !feed->call->api->draining) {
        feed->waiter = live_wait(feed->call->api->live, feed->range.after.revision, left_ms, waited, feed);
        return;
    }
    begin_answer(feed);
    finish(feed);
}

static void ask(struct feed *feed)
{
    store_changes_page(feed->call->api->db, &feed->range, asked, feed);
}

static void release_out(void *arg)
{
    rse_buf_release(arg);
}

static bool read_range(struct call *call, struct change_range *range)
{
    struct rse_str since = RSE_STR("0");

    (void)call_query(call, "since", &since);
    if (!change_cursor_parse(since, &range->after, &call->err) ||
        !call_query_int(call, "until", range->after.revision, INT64_MAX - 1, INT64_MAX - 1, &range->until) ||
        !call_query_int(call, "limit", 1, PAGE_CHANGES_MAX, 0, &range->limit))
        return false;
    range->whole = range->limit == 0;
    if (range->whole)
        range->limit = PAGE_CHANGES;
    return true;
}

static void changes_handler(struct call *call)
{
    static const char *const PARAMETERS[] = { "since", "until", "limit", "wait", NULL };
    struct feed *feed = rse_arena_new_of(call->arena, struct feed);
    int64_t wait_s;

    if (!call_query_only(call, PARAMETERS) || !read_range(call, &feed->range) ||
        !call_query_int(call, "wait", 0, WAIT_MAX_SECONDS, 0, &wait_s))
        return call_fail(call);
    feed->call = call;
    feed->deadline_us = now_us() + wait_s * 1000000;
    feed->reader = (struct change_reader){ feed_row, feed_read, feed };
    feed->cursor = feed->range.after;
    rse_buf_init(&feed->out, OUT_MAX_BYTES);
    rse_arena_defer(call->arena, release_out, &feed->out);
    call->state = feed;
    call->canceled = canceled;
    ask(feed);
}

/* ---- revisions ---- */

static void revision_found(void *arg, struct rse_str doc, const struct rse_err *err)
{
    struct call *call = arg;

    if (err != NULL)
        return call_fail_with(call, err);
    if (doc.len > 0)
        return call_reply(call, 200, NULL, doc);
    rse_fail(&call->err, RSE_NOT_FOUND, "there is no revision %.*s, or it is no longer kept",
             RSE_STR_ARG(call->params[0]));
    call_fail(call);
}

static void revision_handler(struct call *call)
{
    int64_t revision;

    if (call_param_id(call, 0, &revision))
        store_revision(call->api->db, revision, revision_found, call);
    else
        call_fail(call);
}
