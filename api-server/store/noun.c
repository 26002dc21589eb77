/*
 * noun.c - the statements that read objects by id, one a noun.
 */
#include <stdlib.h>

#include <event2/event.h>

#include "api-server/store/noun.h"

#define GET_FROM(table) \
    "select t.id, t.doc, t.etag, f.revision from " table " t, fleet f where t.id = any($1::bigint[])"

static const char *const GET[RSE_NOUN_COUNT] = {
    [RSE_TARGET] = GET_FROM("targets"),       [RSE_METADATA_KEY] = GET_FROM("metadata_keys"),
    [RSE_GROUP] = GET_FROM("groups"),         [RSE_POLICY] = GET_FROM("policies"),
    [RSE_NAMESPACE] = GET_FROM("namespaces"), [RSE_APPLICATION] = GET_FROM("applications"),
    [RSE_CLUSTER] = GET_FROM("clusters"),
};

/* Enough to share what a query costs, and few enough that the last of them waits for little. While as many queries as AT_ONCE are
 * under way, what is asked for gathers for the next one. */
enum { MOST_TOGETHER = 32, AT_ONCE = 3, LONGEST_ID = 20 };

struct reading {
    int64_t id;
    noun_got *done;
    void *arg;
};

/* Read together. */
struct batch {
    struct noun_reader *reader;
    enum rse_noun noun;
    size_t count;
    struct reading readings[MOST_TOGETHER];
};

struct noun_reader {
    struct db *db;
    struct event *send;
    struct batch *open[RSE_NOUN_COUNT]; /* not sent yet, or NULL */
    int under_way[RSE_NOUN_COUNT];      /* queries */
};

static int find_row(const PGresult *res, int64_t id)
{
    for (int row = 0; row < PQntuples(res); row++)
        if (db_int64(res, row, 0) == id)
            return row;
    return -1;
}

static void answer(const struct reading *reading, const PGresult *res, const struct rse_err *err)
{
    int row = err == NULL ? find_row(res, reading->id) : -1;
    struct noun_doc doc;

    if (row < 0) {
        reading->done(reading->arg, NULL, err);
        return;
    }
    doc = (struct noun_doc){ db_text(res, row, 1), db_text(res, row, 2), db_int64(res, row, 3) };
    reading->done(reading->arg, &doc, NULL);
}

static void send_batch(struct noun_reader *reader, enum rse_noun noun);

static void on_rows(void *arg, PGresult *res, const struct rse_err *err)
{
    struct batch *batch = arg;

    batch->reader->under_way[batch->noun]--;
    send_batch(batch->reader, batch->noun);
    for (size_t i = 0; i < batch->count; i++)
        answer(&batch->readings[i], res, err);
    free(batch);
}

static void send_batch(struct noun_reader *reader, enum rse_noun noun)
{
    struct batch *batch = RSE_TAKE(reader->open[noun]);
    RSE_BUF_AUTO ids = { 0 };

    if (batch == NULL)
        return;
    reader->under_way[noun]++;
    rse_buf_init(&ids, MOST_TOGETHER * (LONGEST_ID + 1) + 2);
    for (size_t i = 0; i < batch->count; i++) {
        rse_buf_addc(&ids, i == 0 ? '{' : ',');
        rse_buf_add_int(&ids, batch->readings[i].id);
    }
    rse_buf_addc(&ids, '}');
    (void)db_send(
        reader->db,
        &(struct db_query){
            .lane = DB_READ, .sql = GET[noun], .nparams = 1, .params = { ids.p }, .done = on_rows, .arg = batch });
}

static void on_send(evutil_socket_t fd, short what, void *arg)
{
    struct noun_reader *reader = arg;

    (void)fd, (void)what;
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        if (reader->under_way[noun] < AT_ONCE)
            send_batch(reader, (enum rse_noun)noun);
}

struct noun_reader *noun_reader_new(struct event_base *base, struct db *db)
{
    struct noun_reader *reader = rse_new(struct noun_reader);

    reader->db = db;
    reader->send = evtimer_new(base, on_send, reader);
    return reader;
}

void noun_reader_free(struct noun_reader *reader)
{
    if (reader == NULL)
        return;
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        free(reader->open[noun]);
    event_free(reader->send);
    free(reader);
}

void noun_read(struct noun_reader *reader, enum rse_noun noun, int64_t id, noun_got *done, void *arg)
{
    struct batch *batch = reader->open[noun];

    if (batch == NULL) {
        batch = reader->open[noun] = rse_new(struct batch);
        batch->reader = reader;
        batch->noun = noun;
        event_active(reader->send, EV_TIMEOUT, 0);
    }
    batch->readings[batch->count++] = (struct reading){ id, done, arg };
    if (batch->count == MOST_TOGETHER)
        send_batch(reader, noun);
}
