/*
 * list.c - the statement behind a list. Its first row is the head, the rest are the objects: one snapshot for all.
 */
#include <stdlib.h>

#include "api-server/store/list.h"

#include "api-server/store/list_sql.h"
#include <resedge/parse.h>

enum { COLUMN_ID, COLUMN_DOC, COLUMN_PLACE }; /* of the head: revision, keys, count */

static void add_ids(struct list_sql *sql, const struct list_query *query)
{
    RSE_BUF_AUTO ids = { 0 };

    rse_buf_init(&ids, SIZE_MAX / 2);
    rse_buf_addc(&ids, '{');
    for (size_t i = 0; i < query->nids; i++) {
        if (i > 0)
            rse_buf_addc(&ids, ',');
        rse_buf_add_int(&ids, query->ids[i]);
    }
    rse_buf_addc(&ids, '}');
    rse_buf_adds(&sql->text, " and t.id = any (");
    list_sql_param(sql, rse_buf_str(&ids));
    rse_buf_adds(&sql->text, "::bigint[])");
}

/* "clusters t where ..." */
static void add_from(struct list_sql *sql, const struct list_query *query)
{
    rse_buf_addf(&sql->text, "%s t where true", list_sql_table(query->noun));
    if (query->only)
        add_ids(sql, query);
    if (query->search.p != NULL) {
        rse_buf_adds(&sql->text, " and t.words @> array[");
        list_sql_value(sql, ODATA_TEXT, query->search);
        rse_buf_addc(&sql->text, ']');
    }
    if (query->filter == NULL)
        return;
    rse_buf_adds(&sql->text, " and ");
    list_sql_filter(sql, query->noun, query->filter);
}

static void add_head(struct list_sql *sql, const struct list_query *query)
{
    rse_buf_adds(&sql->text, "select f.revision, ");
    if (query->keys) {
        rse_buf_adds(&sql->text, "(select json_agg(k.key order by k.key collate \"C\") from"
                                 " (select distinct jsonb_object_keys(t.metadata) as key from ");
        add_from(sql, query);
        rse_buf_adds(&sql->text, ") k)::text, ");
    } else {
        rse_buf_adds(&sql->text, "null::text, ");
    }
    if (query->count) {
        rse_buf_adds(&sql->text, "(select count(*) from ");
        add_from(sql, query);
        rse_buf_adds(&sql->text, ")::text");
    } else {
        rse_buf_adds(&sql->text, "null::text");
    }
    for (size_t i = 1; i < query->order->nkeys; i++)
        rse_buf_adds(&sql->text, ", null::text");
    rse_buf_adds(&sql->text, " from fleet f");
}

static void add_rows(struct list_sql *sql, const struct list_query *query)
{
    rse_buf_adds(&sql->text, "select t.id, t.doc");
    list_sql_cursor_columns(sql, query->noun, query->order);
    rse_buf_adds(&sql->text, " from ");
    add_from(sql, query);
    if (query->after != NULL) {
        rse_buf_adds(&sql->text, " and ");
        list_sql_after(sql, query->noun, query->order, query->after);
    }
    rse_buf_adds(&sql->text, " order by ");
    list_sql_order(sql, query->noun, query->order);
    if (query->limit >= 0) {
        rse_buf_adds(&sql->text, " limit ");
        list_sql_param_int(sql, query->limit);
    }
    if (query->skip > 0) {
        rse_buf_adds(&sql->text, " offset ");
        list_sql_param_int(sql, query->skip);
    }
}

/* ---- results ---- */

static bool read_head(struct list_reader *reader, const PGresult *res, int row)
{
    struct list_head head = { .revision = db_int64(res, row, COLUMN_ID), .count = -1 };

    head.keys = db_text(res, row, COLUMN_DOC);
    if (!PQgetisnull(res, row, COLUMN_PLACE))
        head.count = db_int64(res, row, COLUMN_PLACE);
    return reader->head(reader->arg, &head);
}

static bool read_row(struct list_reader *reader, const PGresult *res, int row)
{
    struct list_row r = { .id = db_int64(res, row, COLUMN_ID), .doc = db_text(res, row, COLUMN_DOC) };

    r.place.count = (size_t)PQnfields(res) - COLUMN_PLACE;
    for (size_t i = 0; i < r.place.count; i++)
        r.place.values[i] = db_text(res, row, COLUMN_PLACE + (int)i);
    return reader->row(reader->arg, &r);
}

struct reading {
    struct list_reader *reader;
    bool has_head;
};

static bool read_rows(void *arg, PGresult *res)
{
    struct reading *reading = arg;

    for (int i = 0; i < PQntuples(res); i++) {
        bool is_head = !reading->has_head;

        reading->has_head = true;
        if (is_head ? !read_head(reading->reader, res, i) : !read_row(reading->reader, res, i))
            return false;
    }
    return true;
}

static void read_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct reading *reading = arg;
    struct list_reader *reader = reading->reader;

    /* Of a page the rows come with the end; a reader that has enough of them has said so to itself. */
    if (err == NULL)
        (void)read_rows(reading, res);
    free(reading);
    reader->done(reader->arg, err);
}

static void add_statement(struct list_sql *sql, const struct list_query *query)
{
    rse_buf_addc(&sql->text, '(');
    add_head(sql, query);
    rse_buf_adds(&sql->text, ") union all (");
    add_rows(sql, query);
    rse_buf_addc(&sql->text, ')');
}

static bool send(struct db *db, const struct list_query *query, struct list_reader *reader, bool stream,
                 uint64_t *number, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct list_sql *sql = rse_arena_new_of(arena, struct list_sql);
    struct db_query db_query = { .lane = stream ? DB_STREAM : DB_LIST,
                                 .once = true,
                                 .plenty = sql->params,
                                 .timeout_ms = stream ? -1 : 0,
                                 .rows = stream ? read_rows : NULL,
                                 .done = read_done };
    struct reading *reading;
    bool ok;

    list_sql_init(sql, arena);
    add_statement(sql, query);
    ok = list_sql_ok(sql, err);
    if (ok) {
        reading = rse_new(struct reading);
        reading->reader = reader;
        db_query.arg = reading;
        db_query.sql = sql->text.p;
        db_query.nparams = sql->nparams;
        *number = db_send(db, &db_query);
    }
    list_sql_release(sql);
    return ok;
}

bool store_list_page(struct db *db, const struct list_query *query, struct list_reader *reader, struct rse_err *err)
{
    uint64_t number;

    return send(db, query, reader, false, &number, err);
}

bool store_list_stream(struct db *db, const struct list_query *query, struct list_reader *reader, uint64_t *number,
                       struct rse_err *err)
{
    return send(db, query, reader, true, number, err);
}
