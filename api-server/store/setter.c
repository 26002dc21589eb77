/*
 * setter.c - see setter.h.
 */
#include "api-server/store/setter.h"

/* The newest change of the object with which the value became another one; a long history is looked at as far as is quick. Whether
 * one did that follows a forgotten one can't be told. */
static const char READ[] =
    "select i.n - 1, h.actor, to_char(h.at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
    " from unnest($1::text[], $2::bigint[], $3::text[]) with ordinality i (noun, id, key, n),"
    " lateral (select v.revision, v.actor, v.at, v.value, lag(v.value) over w as before,"
    "  lag(v.forgotten) over w as unknown"
    "  from (select c.revision, c.actor, c.at, c.forgotten, case i.noun when 'metadataKey' then c.doc::json ->> "
    "'default' else"
    "   (select m ->> 'value' from json_array_elements(c.doc::json -> 'metadata') m where m ->> 'key' = i.key) end as "
    "value"
    "   from changes c where c.noun = i.noun and c.object_id = i.id and c.op = 'put'"
    "   order by c.revision desc limit 200) v window w as (order by v.revision)) h"
    " where h.value is distinct from h.before and h.unknown is not true order by i.n, h.revision";

static void read_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct setters_reader *reader = arg;
    int rows = err == NULL ? PQntuples(res) : 0;

    for (int i = 0; i < rows; i++)
        reader->row(reader->arg, (size_t)db_int64(res, i, 0), db_text(res, i, 1), db_text(res, i, 2));
    reader->done(reader->arg, err);
}

void store_setters_read(struct db *db, const char *nouns, const char *ids, const char *keys,
                        struct setters_reader *reader)
{
    struct db_query query = {
        .lane = DB_READ, .sql = READ, .nparams = 3, .params = { nouns, ids, keys }, .done = read_done, .arg = reader
    };

    db_send(db, &query);
}
