/*
 * live_read.c - see live_read.h.
 */
#include "api-server/fleet/live_read.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "api-server/fleet/etag.h"
#include "api-server/fleet/live_internal.h"
#include "api-server/store/fleet.h"

/* While a question is under way, what is asked for gathers for the next one, up to MOST_TOGETHER. The fewer questions the better: each
 * wakes PostgreSQL, which wakes us, and that costs more than what is asked. */
enum { MOST_TOGETHER = 64, DOC_MAX_BYTES = 16 * 1024 * 1024 };

/* But a question whose connection hangs is not waited for longer than that: the next one goes over another connection. */
enum { PATIENCE_MS = 20, MOST_QUESTIONS = 3 };

struct reading {
    enum rse_noun noun;
    int64_t id;
    noun_got *done;
    void *arg;
};

/* Read together. */
struct batch {
    struct live_reader *reader;
    int64_t revision; /* where the fleet was when the database was asked */
    char change_id[40];
    size_t count;
    struct reading readings[MOST_TOGETHER];
};

struct live_reader {
    struct live *live;
    struct noun_reader *nouns;
    struct event *ask;
    struct batch *open; /* not asked about yet, or NULL */
    int under_way;      /* questions */
    bool waited;        /* `open` has, for PATIENCE_MS */
    struct rse_buf doc;
};

/* Whether the document that memory writes of an object is the stored one. */
static bool is_as_stored(struct live_reader *reader, const struct rse_object *object, struct rse_str doc)
{
    if (object->etag_holds)
        return true;
    if (object->etag == 0 || etag_of(doc) != object->etag)
        return false;
    rse_fleet_set_etag_holds(live_fleet(reader->live), object->noun, object->id);
    return true;
}

static bool write_out(struct live_reader *reader, const struct rse_object *object, char etag[static ETAG_SIZE])
{
    rse_buf_reset(&reader->doc);
    rse_object_render(object, 0, &reader->doc);
    rse_format_hex64(object->etag, etag);
    return rse_buf_ok(&reader->doc, NULL) && is_as_stored(reader, object, rse_buf_str(&reader->doc));
}

static void answer(struct live_reader *reader, const struct reading *reading)
{
    const struct rse_object *object = rse_fleet_get(live_fleet(reader->live), reading->noun, reading->id);
    char etag[ETAG_SIZE];
    struct noun_doc doc;

    if (object == NULL) {
        reading->done(reading->arg, NULL, NULL);
    } else if (write_out(reader, object, etag)) {
        doc = (struct noun_doc){ rse_buf_str(&reader->doc), rse_str(etag), live_revision(reader->live) };
        reading->done(reading->arg, &doc, NULL);
    } else {
        noun_read(reader->nouns, reading->noun, reading->id, reading->done, reading->arg);
    }
}

/* The fleet may be further by now, by a write of our own: that is stored too. */
static bool is_right(const struct batch *batch, const struct fleet_head *head)
{
    return head != NULL && head->revision == batch->revision && rse_str_is(head->change_id, batch->change_id) &&
           live_is_ready(batch->reader->live);
}

static void ask(struct live_reader *reader);

static void on_head(void *arg, const struct fleet_head *head, const struct rse_err *err RSE_UNUSED)
{
    struct batch *batch = arg;
    struct live_reader *reader = batch->reader;
    bool right = is_right(batch, head);

    reader->under_way--;
    ask(reader);
    for (size_t i = 0; i < batch->count; i++) {
        const struct reading *reading = &batch->readings[i];

        if (right)
            answer(reader, reading);
        else
            noun_read(reader->nouns, reading->noun, reading->id, reading->done, reading->arg);
    }
    free(batch);
}

static void ask(struct live_reader *reader)
{
    struct batch *batch = RSE_TAKE(reader->open);

    if (batch == NULL)
        return;
    reader->under_way++;
    reader->waited = false;
    batch->revision = live_revision(reader->live);
    snprintf(batch->change_id, sizeof(batch->change_id), "%s", live_change_id(reader->live));
    store_fleet_head(live_db(reader->live), batch->revision, on_head, batch);
}

static void on_ask(evutil_socket_t fd RSE_UNUSED, short what RSE_UNUSED, void *arg)
{
    struct live_reader *reader = arg;

    if (reader->under_way == 0 || (reader->waited && reader->under_way < MOST_QUESTIONS)) {
        ask(reader);
    } else if (reader->open != NULL) {
        reader->waited = true;
        event_add(reader->ask, &(struct timeval){ .tv_usec = PATIENCE_MS * 1000 });
    }
}

struct live_reader *live_reader_new(struct live *live, struct noun_reader *nouns)
{
    struct live_reader *reader = rse_new(struct live_reader);

    reader->live = live;
    reader->nouns = nouns;
    reader->ask = evtimer_new(live_base(live), on_ask, reader);
    rse_buf_init(&reader->doc, DOC_MAX_BYTES);
    return reader;
}

void live_reader_free(struct live_reader *reader)
{
    if (reader == NULL)
        return;
    free(reader->open);
    event_free(reader->ask);
    rse_buf_release(&reader->doc);
    free(reader);
}

void live_read(struct live_reader *reader, enum rse_noun noun, int64_t id, noun_got *done, void *arg)
{
    struct batch *batch = reader->open;

    if (!live_is_ready(reader->live)) {
        noun_read(reader->nouns, noun, id, done, arg);
        return;
    }
    if (batch == NULL) {
        batch = reader->open = rse_new(struct batch);
        batch->reader = reader;
        event_active(reader->ask, EV_TIMEOUT, 0);
    }
    batch->readings[batch->count++] = (struct reading){ noun, id, done, arg };
    if (batch->count == MOST_TOGETHER)
        ask(reader);
}
