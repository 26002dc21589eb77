/*
 * list.c - the statement behind a list: its head, its objects, their count, all from one snapshot.
 */
#include <stdlib.h>

#include "api-server/store/list.h"

#include <resedge/parse.h>

/* Of the first row: the revision, the keys. Of the last one, behind the objects: null, the count. */
enum { COLUMN_ID, COLUMN_DOC, COLUMN_PLACE };

static const struct list_column NO_COLUMNS[] = { { .name = NULL } };

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

/* What was computed outside of the database goes through it all the same: one way to filter, order and page. */
static void add_given_rows(struct list_sql *sql, struct rse_str rows)
{
    rse_buf_adds(&sql->text, "(select r.n as id, r.value::text as doc, array(select m.value #>> '{}' from"
                             " json_each(r.value) m where json_typeof(m.value) = 'string') as words"
                             " from json_array_elements(");
    list_sql_param(sql, rows);
    rse_buf_adds(&sql->text, "::json) with ordinality r (value, n)) t");
}

/* "clusters t where ..." */
static void add_from(struct list_sql *sql, const struct list_query *query)
{
    if (query->rows.p != NULL)
        add_given_rows(sql, query->rows);
    else if (query->source != NULL)
        rse_buf_adds(&sql->text, query->source->from);
    else
        rse_buf_addf(&sql->text, "%s t", list_sql_table(query->noun->noun));
    rse_buf_adds(&sql->text, " where true");
    if (query->source != NULL && query->source->owner != NULL) {
        rse_buf_addf(&sql->text, " and %s = ", query->source->owner);
        list_sql_param_int(sql, query->owner);
    }
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

/* The columns of a cursor, where a row has none. */
static void add_nulls(struct list_sql *sql, const struct list_query *query)
{
    for (size_t i = 0; i < query->order->nkeys; i++)
        rse_buf_adds(&sql->text, ", null::text");
}

static void add_head(struct list_sql *sql, const struct list_query *query)
{
    rse_buf_adds(&sql->text, "select f.revision, ");
    if (query->keys) {
        rse_buf_adds(&sql->text, "(select json_agg(k.key order by k.key collate \"C\") from"
                                 " (select distinct jsonb_object_keys(t.metadata) as key from ");
        add_from(sql, query);
        rse_buf_adds(&sql->text, ") k)::text");
    } else {
        rse_buf_adds(&sql->text, "null::text");
    }
    add_nulls(sql, query);
    rse_buf_adds(&sql->text, " from fleet f");
}

/* Whether the rows themselves may tell how many there are: they begin at the first one. */
static bool may_be_all(const struct list_query *query)
{
    return query->count && query->after == NULL && query->skip == 0 && query->limit > 0;
}

/* Where the page has all of them, which it knows only behind its last one, nothing is looked for a second time. */
static void add_count(struct list_sql *sql, const struct list_query *query)
{
    rse_buf_adds(&sql->text, "select null::bigint, (");
    if (may_be_all(query)) {
        rse_buf_adds(&sql->text, "case when (select count(*) from page) < ");
        list_sql_param_int(sql, query->limit);
        rse_buf_adds(&sql->text, " then (select count(*) from page) else ");
    }
    rse_buf_adds(&sql->text, "(select count(*) from ");
    add_from(sql, query);
    rse_buf_adds(&sql->text, may_be_all(query) ? ") end)::text" : "))::text");
    add_nulls(sql, query);
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

struct reading {
    struct list_reader *reader;
    bool has_head;
    int64_t count;
    bool spaced;        /* documents are put together by the statement, which leaves spaces between their tokens */
    struct rse_buf doc; /* the current one without them */
};

static bool read_head(struct reading *reading, const PGresult *res, int row)
{
    struct list_head head = { db_int64(res, row, COLUMN_ID), db_text(res, row, COLUMN_DOC) };

    reading->has_head = true;
    return reading->reader->head(reading->reader->arg, &head);
}

static struct rse_str document(struct reading *reading, const PGresult *res, int row)
{
    struct rse_str doc = db_text(res, row, COLUMN_DOC);

    if (!reading->spaced)
        return doc;
    rse_buf_reset(&reading->doc);
    rse_json_add_compact(&reading->doc, doc);
    return rse_buf_str(&reading->doc);
}

static bool read_row(struct reading *reading, const PGresult *res, int row)
{
    struct list_row r = { .id = db_int64(res, row, COLUMN_ID), .doc = document(reading, res, row) };

    r.place.count = (size_t)PQnfields(res) - COLUMN_PLACE;
    for (size_t i = 0; i < r.place.count; i++)
        r.place.values[i] = db_text(res, row, COLUMN_PLACE + (int)i);
    return reading->reader->row(reading->reader->arg, &r);
}

static bool read_any(struct reading *reading, const PGresult *res, int row)
{
    if (!reading->has_head)
        return read_head(reading, res, row);
    if (!PQgetisnull(res, row, COLUMN_ID))
        return read_row(reading, res, row);
    reading->count = db_int64(res, row, COLUMN_DOC);
    return true;
}

static bool read_rows(void *arg, PGresult *res)
{
    bool more = true;

    for (int i = 0; more && i < PQntuples(res); i++)
        more = read_any(arg, res, i);
    return more;
}

static void read_done(void *arg, PGresult *res RSE_UNUSED, const struct rse_err *err)
{
    struct reading *reading = arg;
    struct list_reader *reader = reading->reader;
    int64_t count = reading->count;

    rse_buf_release(&reading->doc);
    free(reading);
    reader->done(reader->arg, count, err);
}

static void add_statement(struct list_sql *sql, const struct list_query *query)
{
    bool once = may_be_all(query);

    if (once) {
        rse_buf_adds(&sql->text, "with page as materialized (");
        add_rows(sql, query);
        rse_buf_adds(&sql->text, ") ");
    }
    rse_buf_addc(&sql->text, '(');
    add_head(sql, query);
    rse_buf_adds(&sql->text, ") union all (");
    if (once)
        rse_buf_adds(&sql->text, "select * from page");
    else
        add_rows(sql, query);
    rse_buf_addc(&sql->text, ')');
    if (!query->count)
        return;
    rse_buf_adds(&sql->text, " union all (");
    add_count(sql, query);
    rse_buf_addc(&sql->text, ')');
}

static uint64_t send(struct db *db, const struct list_sql *sql, bool spaced, bool stream, struct list_reader *reader)
{
    struct reading *reading = rse_new(struct reading);

    reading->reader = reader;
    reading->count = -1;
    reading->spaced = spaced;
    rse_buf_init(&reading->doc, SIZE_MAX / 2);
    return db_send(db, &(struct db_query){ .lane = stream ? DB_STREAM : DB_LIST,
                                           .sql = sql->text.p,
                                           .once = true,
                                           .nparams = sql->nparams,
                                           .plenty = sql->params,
                                           .timeout_ms = stream ? -1 : 0,
                                           .rows = read_rows,
                                           .done = read_done,
                                           .arg = reading });
}

bool store_list_read(struct db *db, const struct list_query *query, bool stream, struct list_reader *reader,
                     uint64_t *number, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct list_sql *sql = rse_arena_new_of(arena, struct list_sql);
    bool ok;

    list_sql_init(sql, arena);
    sql->columns = query->rows.p != NULL ? NO_COLUMNS : query->source != NULL ? query->source->columns : NULL;
    sql->narrow = query->rows.p == NULL && query->source != NULL ? query->source->narrow : NULL;
    add_statement(sql, query);
    ok = list_sql_ok(sql, err);
    if (ok)
        *number = send(db, sql, query->source != NULL, stream, reader);
    list_sql_release(sql);
    return ok;
}
