/*
 * fleet.c - the statements that read the fleet whole.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api-server/store/fleet.h"

/* One statement is one snapshot. fleet_head() keeps it off parallel plans, so the rows come in this order. */
#define READ_FLEET(cluster_order)                                                                                \
    "select null::text, null::bigint, fleet_head(), null::text "                                                 \
    "union all (select 'target', id, doc, etag from targets order by name) "                                     \
    "union all (select 'metadataKey', id, doc, etag from metadata_keys order by name) "                          \
    "union all (select 'group', id, doc, etag from groups order by name_path) "                                  \
    "union all (select 'policy', id, doc, etag from policies order by name) "                                    \
    "union all (select 'namespace', id, doc, etag from namespaces order by name) "                               \
    "union all (select 'application', a.id, a.doc, a.etag from applications a left join namespaces n on n.id = " \
    "a.namespace_id"                                                                                             \
    " order by n.name nulls first, a.name) "                                                                     \
    "union all (select 'cluster', id, doc, etag from clusters order by " cluster_order ")"
static const char *const READ[] = {
    [FLEET_BY_NAME] = READ_FLEET("name"),
    [FLEET_BY_ID] = READ_FLEET("id"),
};
/* As it was at revision $1: what was not written since as it is, the rest as the log has it. */
static const char READ_PAST_FLEET[] =
    "with later as (select distinct noun, object_id from changes where revision > $1::bigint and noun <> 'template'),"
    " past as (select distinct on (c.noun, c.object_id) c.noun, c.object_id as id, c.op, c.doc, c.forgotten"
    "  from later join changes c using (noun, object_id) where c.revision <= $1::bigint"
    "  order by c.noun, c.object_id, c.revision desc, c.seq desc),"
    " now as (select 'target' as noun, id, doc from targets union all select 'metadataKey', id, doc from metadata_keys"
    "  union all select 'group', id, doc from groups union all select 'policy', id, doc from policies"
    "  union all select 'namespace', id, doc from namespaces union all select 'application', id, doc from applications"
    "  union all select 'cluster', id, doc from clusters) "
    "select null::text, null::bigint, row_to_json(h)::text, null::text from (select $1::bigint as revision, coalesce("
    " (select change_id from changes where revision = $1::bigint and seq = 1),"
    " (select change_id from fleet where revision = $1::bigint)) as \"changeId\") h "
    "union all select noun, id, doc, null from now where not exists (select from later l where l.noun = now.noun"
    " and l.object_id = now.id) "
    "union all select noun, id, case when forgotten then change_forgotten() else doc end, null from past where op = "
    "'put'";
static const char READ_HEAD[] =
    "select f.revision, case when f.revision = $1 then f.change_id else"
    " (select c.change_id from changes c where c.revision = $1 and c.seq = 1) end from fleet f";

static bool read_rows(void *arg, PGresult *res)
{
    struct fleet_reader *reader = arg;

    for (int i = 0; i < PQntuples(res); i++) {
        struct fleet_row row = { .noun = db_text(res, i, 0), .doc = db_text(res, i, 2), .etag = db_text(res, i, 3) };

        if (row.noun.p != NULL)
            row.id = db_int64(res, i, 1);
        if (!reader->row(reader->arg, &row))
            return false;
    }
    return true;
}

static void read_done(void *arg, PGresult *res RSE_UNUSED, const struct rse_err *err)
{
    struct fleet_reader *reader = arg;

    reader->done(reader->arg, err);
}

uint64_t store_fleet_read(struct db *db, enum fleet_order order, struct fleet_reader *reader)
{
    struct db_query query = {
        .lane = DB_STREAM, .sql = READ[order], .timeout_ms = -1, .rows = read_rows, .done = read_done, .arg = reader
    };

    return db_send(db, &query);
}

uint64_t store_fleet_read_past(struct db *db, int64_t revision, struct fleet_reader *reader)
{
    char number[24];
    struct db_query query = {
        .lane = DB_STREAM,
        .sql = READ_PAST_FLEET,
        .nparams = 1,
        .params = { number },
        .timeout_ms = -1,
        .rows = read_rows,
        .done = read_done,
        .arg = reader,
    };

    snprintf(number, sizeof(number), "%lld", (long long)revision);
    return db_send(db, &query);
}

struct head_query {
    void (*done)(void *arg, const struct fleet_head *head, const struct rse_err *err);
    void *arg;
};

static void head_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct head_query *head_query = arg;
    struct fleet_head head = { 0 };

    if (err == NULL)
        head = (struct fleet_head){ db_int64(res, 0, 0), db_text(res, 0, 1) };
    head_query->done(head_query->arg, err == NULL ? &head : NULL, err);
    free(head_query);
}

void store_fleet_head(struct db *db, int64_t known,
                      void (*done)(void *arg, const struct fleet_head *head, const struct rse_err *err), void *arg)
{
    struct head_query *head_query = rse_new(struct head_query);
    char number[24];
    struct db_query query = {
        .lane = DB_READ, .sql = READ_HEAD, .nparams = 1, .params = { number }, .done = head_done, .arg = head_query
    };

    snprintf(number, sizeof(number), "%lld", (long long)known);
    head_query->done = done;
    head_query->arg = arg;
    db_send(db, &query);
}
