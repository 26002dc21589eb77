/*
 * change.c - every statement about the log of changes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api-server/store/change.h"

#define UTC(column) "to_char(" column " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

#define FLEET_WRITE "fleet_write($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) w"
#define FLEET_WRITE_ONCE(parameters) \
    "fleet_write_once(" parameters ", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) w"
/* That it takes the revision makes it the second to run. */
#define SET_STORE ", lateral apply_set_store(w.revision, $14, $15, $16, $17, $18, $19, $20, $21, $3, $4) s"
enum { WRITE_PARAMS = 13, SET_PARAMS = 8, ONCE_PARAMS = 8 };
#define WROTE    "select w.revision, w.change_id from "
#define URGED    "select w.revision, w.change_id, queue_urge($11) from "
#define ONCE     FLEET_WRITE_ONCE("$14, $15, $16, $17, $18, $19, $20, $21")
#define ONCE_SET FLEET_WRITE_ONCE("$22, $23, $24, $25, $26, $27, $28, $29") SET_STORE
/* By whether the answer is stored with it, whether it is of an apply set, and whether it is urgent. */
static const char *const WRITE[2][2][2] = {
    { { WROTE FLEET_WRITE, URGED FLEET_WRITE }, { WROTE FLEET_WRITE SET_STORE, URGED FLEET_WRITE SET_STORE } },
    { { WROTE ONCE, URGED ONCE }, { WROTE ONCE_SET, URGED ONCE_SET } },
};
static const char TURN_BEGIN[] = "select fleet_turn_begin()";
static const char TURN_END[] = "select fleet_turn_end()";
/* Of what is deleted the change before says it, also when that was forgotten. */
#define NAME_BEFORE CHANGED_NAME("c.noun", "p.doc::json")
#define DELETED_NAME                                                                             \
    "case when c.doc is null then (select " NAME_BEFORE " from changes p where p.noun = c.noun " \
    "and p.object_id = c.object_id and p.revision < c.revision order by p.revision desc limit 1) end"
static const char READ[] = "select revision, seq, object_id, change_id, noun, op, actor, " UTC(
    "at") ", case when forgotten then change_forgotten() else doc end, confirm, " DELETED_NAME
          " from changes c where (revision, seq) > ($1, $2) and revision <= $3 "
          "order by revision, seq limit $4";
/* Ends of the index, and the steps to the last change that fits and the first that doesn't: looking for what is behind the page
 * in another way would read the whole log where there is nothing; and a bound amid a revision all of that revision, because only
 * the first column of a row comparison ends a scan. */
#define IN_RANGE "from changes where (revision, seq) > ($1, $2) and revision <= $3 "
static const char PAGE[] =
    "with edge as materialized"
    " (select revision, seq " IN_RANGE "order by revision, seq offset $4::bigint - 1 limit 2),"
    " rest as (select * from (select revision, seq from changes where revision <= $3"
    "  order by revision desc, seq desc limit 1) newest where (revision, seq) > ($1, $2)),"
    " final as (select * from"
    "  (select * from edge union all select * from rest where not exists (select from edge)) e"
    "  order by revision, seq limit 1) "
    "select f.revision, greatest(f.kept, coalesce((select min(revision) from changes), f.revision + 1)),"
    " (select max(revision) from changes), (select min(revision) " IN_RANGE "), final.revision, final.seq,"
    " (select revision from edge order by revision, seq offset 1) = final.revision from fleet f left join final on "
    "true";
static const char REVISION[] = "select row_to_json(r) from (select revision, change_id as \"changeId\", actor, " UTC(
    "at") " as at, reason, confirm from changes where revision = $1 and seq = 1) r";

enum {
    WRITE_MS = 15000,
    BIG_WRITE_MS = 60 * 1000,  /* of what was staged */
    WRITE_BYTES_PER_MS = 1000, /* and this much more for a big one: 60 MB take a minute at worst */
};

struct change_query {
    struct db *db;
    union {
        change_stored_fn *stored;
        void (*turn)(void *arg, int64_t revision, const struct rse_err *err);
        void (*page)(void *arg, const struct change_page *page, const struct rse_err *err);
        void (*revision)(void *arg, struct rse_str doc, const struct rse_err *err);
    };
    void *arg;
    bool prepared;
    int64_t after, until; /* a page: the revision that it begins behind, and the last one */
    bool whole;
};

static struct change_query *change_query_new(struct db *db, void *arg)
{
    struct change_query *query = rse_new(struct change_query);

    query->db = db;
    query->arg = arg;
    return query;
}

static enum change_outcome outcome_of(const char *sqlstate)
{
    if (strcmp(sqlstate, "RE001") == 0 || strncmp(sqlstate, "40", 2) == 0) /* 40: a deadlock, solved at our cost */
        return CHANGE_MOVED;
    if (strcmp(sqlstate, "RE007") == 0)
        return CHANGE_FORKED;
    return sqlstate[0] != '\0' ? CHANGE_REFUSED : CHANGE_UNKNOWN;
}

static void write_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct change_query *query = arg;
    struct change_stored stored = { 0 };

    if (err != NULL && query->prepared)
        store_change_unprepare(query->db);
    if (err == NULL)
        stored = (struct change_stored){ db_int64(res, 0, 0), db_text(res, 0, 1) };
    query->stored(query->arg, err == NULL ? CHANGE_STORED : outcome_of(db_sqlstate(query->db)),
                  err == NULL ? &stored : NULL, err);
    free(query);
}

/* A parameter at the end of those there are. */
struct params {
    const char *at[WRITE_PARAMS + SET_PARAMS + ONCE_PARAMS];
    int count;
    char numbers[8][24];
    int nnumbers;
};

static void add_text(struct params *params, const char *text)
{
    params->at[params->count++] = text;
}

static void add_number(struct params *params, int64_t number)
{
    char *text = params->numbers[params->nnumbers++];

    snprintf(text, sizeof(params->numbers[0]), "%lld", (long long)number);
    add_text(params, text);
}

static void add_write(struct params *params, const struct change_write *write, const struct change_items *items)
{
    add_number(params, write->expected_revision);
    add_text(params, write->expected_change_id);
    add_text(params, write->actor);
    add_text(params, write->reason);
    if (write->confirm >= 0)
        add_number(params, write->confirm);
    else
        add_text(params, NULL);
    add_text(params, items->nouns);
    add_text(params, items->ops);
    add_text(params, items->ids);
    add_text(params, items->etags);
    add_text(params, items->docs);
    add_text(params, items->targets);
    add_text(params, write->stage);
    add_number(params, write->staged);
}

static void add_owner(struct params *params, const struct change_owner *owner)
{
    add_text(params, owner->set);
    add_number(params, owner->version);
    add_text(params, owner->force ? "true" : "false");
    add_text(params, owner->prune ? "true" : "false");
    add_text(params, owner->nouns);
    add_text(params, owner->ids);
    add_text(params, owner->fields);
    add_text(params, owner->changed);
}

static void add_once(struct params *params, const struct kept_answer *once)
{
    add_number(params, once->token_id);
    add_text(params, once->key);
    add_text(params, once->request_hash);
    add_number(params, once->status);
    add_text(params, once->location);
    add_text(params, once->etag);
    add_number(params, once->revision);
    add_text(params, once->body);
}

static const char *write_sql(const struct change_write *write)
{
    return WRITE[write->once != NULL][write->owner != NULL][write->urgent];
}

void store_change_write(struct db *db, const struct change_write *write, const struct change_items *items,
                        change_stored_fn *done, void *arg)
{
    struct change_query *change_query = change_query_new(db, arg);
    struct params params = { .count = 0 };
    struct db_query query = {
        .lane = write->prepared ? DB_BULK : DB_WRITE,
        .commits = write->prepared,
        .sql = write_sql(write),
        .plenty = params.at,
        .timeout_ms = (write->stage != NULL ? BIG_WRITE_MS : WRITE_MS) + (int64_t)(items->size / WRITE_BYTES_PER_MS),
        .done = write_done,
        .arg = change_query,
    };

    add_write(&params, write, items);
    if (write->owner != NULL)
        add_owner(&params, write->owner);
    if (write->once != NULL)
        add_once(&params, write->once);
    query.nparams = params.count;
    change_query->stored = done;
    change_query->prepared = write->prepared;
    db_send(db, &query);
}

static void turn_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct change_query *query = arg;

    query->turn(query->arg, err == NULL ? db_int64(res, 0, 0) : 0, err);
    free(query);
}

void store_turn_begin(struct db *db, void (*done)(void *arg, int64_t revision, const struct rse_err *err), void *arg)
{
    struct change_query *change_query = change_query_new(db, arg);
    struct db_query query = { .lane = DB_WRITE, .sql = TURN_BEGIN, .done = turn_done, .arg = change_query };

    change_query->turn = done;
    db_send(db, &query);
}

/* Whatever comes of it: without a connection there is no turn either. */
static void turn_ended(void *arg RSE_UNUSED, PGresult *res RSE_UNUSED, const struct rse_err *err RSE_UNUSED)
{
}

void store_turn_end(struct db *db)
{
    struct db_query query = { .lane = DB_WRITE, .sql = TURN_END, .done = turn_ended };

    db_send(db, &query);
}

static void read_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct change_reader *reader = arg;
    int rows = err == NULL ? PQntuples(res) : 0;

    for (int i = 0; i < rows; i++) {
        struct change_row row = {
            .revision = db_int64(res, i, 0),
            .seq = db_int64(res, i, 1),
            .id = db_int64(res, i, 2),
            .change_id = db_text(res, i, 3),
            .noun = db_text(res, i, 4),
            .op = db_text(res, i, 5),
            .actor = db_text(res, i, 6),
            .at = db_text(res, i, 7),
            .doc = db_text(res, i, 8),
            .confirm = db_text(res, i, 9),
            .name = db_text(res, i, 10),
        };

        reader->row(reader->arg, &row);
    }
    reader->done(reader->arg, rows, err);
}

void store_changes_read(struct db *db, struct change_cursor after, int64_t upto, int most, struct change_reader *reader)
{
    char revision[24], seq[24], to[24], limit[24];
    struct db_query query = {
        .lane = DB_READ,
        .sql = READ,
        .nparams = 4,
        .params = { revision, seq, to, limit },
        .done = read_done,
        .arg = reader,
    };

    snprintf(revision, sizeof(revision), "%lld", (long long)after.revision);
    snprintf(seq, sizeof(seq), "%lld", (long long)after.seq);
    snprintf(to, sizeof(to), "%lld", (long long)upto);
    snprintf(limit, sizeof(limit), "%d", most);
    db_send(db, &query);
}

enum page_column { PAGE_REVISION, PAGE_KEPT, PAGE_NEWEST, PAGE_FIRST, PAGE_LAST, PAGE_LAST_SEQ, PAGE_CUT };

static struct change_cursor end_of_page(const PGresult *res, bool whole)
{
    int64_t last = db_int64(res, 0, PAGE_LAST);

    if (!db_bool(res, 0, PAGE_CUT))
        return change_cursor_behind(last);
    if (!whole)
        return (struct change_cursor){ last, db_int64(res, 0, PAGE_LAST_SEQ) };
    return change_cursor_behind(last > db_int64(res, 0, PAGE_FIRST) ? last - 1 : last);
}

static void page_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct change_query *query = arg;
    struct change_page page = { 0 };

    if (err == NULL) {
        page.revision = db_int64(res, 0, PAGE_REVISION);
        page.kept = db_int64(res, 0, PAGE_KEPT);
        page.empty = PQgetisnull(res, 0, PAGE_LAST);
        page.end = page.empty ? change_cursor_behind(query->after) : end_of_page(res, query->whole);
        page.more = page.end.seq != CHANGE_SEQ_END ||
                    (db_int64(res, 0, PAGE_NEWEST) > page.end.revision && query->until > page.end.revision);
    }
    query->page(query->arg, err == NULL ? &page : NULL, err);
    free(query);
}

void store_changes_page(struct db *db, const struct change_range *range,
                        void (*done)(void *arg, const struct change_page *page, const struct rse_err *err), void *arg)
{
    struct change_query *change_query = change_query_new(db, arg);
    char revision[24], seq[24], until[24], limit[24];
    struct db_query query = {
        .lane = DB_READ,
        .sql = PAGE,
        .nparams = 4,
        .params = { revision, seq, until, limit },
        .done = page_done,
        .arg = change_query,
    };

    snprintf(revision, sizeof(revision), "%lld", (long long)range->after.revision);
    snprintf(seq, sizeof(seq), "%lld", (long long)range->after.seq);
    snprintf(until, sizeof(until), "%lld", (long long)range->until);
    snprintf(limit, sizeof(limit), "%lld", (long long)range->limit);
    change_query->page = done;
    change_query->after = range->after.revision;
    change_query->until = range->until;
    change_query->whole = range->whole;
    db_send(db, &query);
}

static void revision_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct change_query *query = arg;
    bool found = err == NULL && PQntuples(res) > 0;

    query->revision(query->arg, found ? db_text(res, 0, 0) : rse_str(NULL), err);
    free(query);
}

void store_revision(struct db *db, int64_t revision,
                    void (*done)(void *arg, struct rse_str doc, const struct rse_err *err), void *arg)
{
    struct change_query *change_query = change_query_new(db, arg);
    char number[24];
    struct db_query query = {
        .lane = DB_READ, .sql = REVISION, .nparams = 1, .params = { number }, .done = revision_done, .arg = change_query
    };

    snprintf(number, sizeof(number), "%lld", (long long)revision);
    change_query->revision = done;
    db_send(db, &query);
}
