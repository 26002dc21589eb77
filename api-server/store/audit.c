/*
 * audit.c - see audit.h.
 */
#include <stdio.h>

#include "api-server/store/audit.h"

/* What an object was is what the change before says. */
static const char READ[] =
    "select c.revision, c.seq, to_char(c.at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), c.actor, "
    "c.reason,"
    " c.confirm, c.noun, c.object_id, p.doc, c.doc "
    "from changes c left join lateral ("
    " select p.doc from changes p where p.noun = c.noun and p.object_id = c.object_id and p.revision < c.revision"
    " order by p.revision desc limit 1) p on true "
    "where (c.revision, c.seq) < ($1::bigint, $2::int) and ($3::text is null or c.actor = $3)"
    " and ($4::text is null or c.noun = $4) and ($5::bigint is null or c.object_id = $5)"
    " and ($6::timestamptz is null or c.at >= $6) and ($7::timestamptz is null or c.at < $7)"
    " and ($8::bigint is null or c.revision = $8) "
    "order by c.revision desc, c.seq desc limit $9";

static void read_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct audit_reader *reader = arg;
    int rows = err == NULL ? PQntuples(res) : 0;

    for (int i = 0; i < rows; i++) {
        struct audit_row row = {
            .revision = db_int64(res, i, 0),
            .seq = db_int64(res, i, 1),
            .at = db_text(res, i, 2),
            .actor = db_text(res, i, 3),
            .reason = db_text(res, i, 4),
            .confirm = db_text(res, i, 5),
            .noun = db_text(res, i, 6),
            .id = db_int64(res, i, 7),
            .before = db_text(res, i, 8),
            .after = db_text(res, i, 9),
        };

        reader->row(reader->arg, &row);
    }
    reader->done(reader->arg, err);
}

void store_audit_read(struct db *db, const struct audit_filter *filter, struct change_cursor before, int limit,
                      struct audit_reader *reader)
{
    char revision[24], seq[24], most[24];
    struct db_query query = {
        .lane = DB_LIST,
        .sql = READ,
        .nparams = 9,
        .params = { revision, seq, filter->actor, filter->noun, filter->id, filter->from, filter->to, filter->revision,
                    most },
        .done = read_done,
        .arg = reader,
    };

    snprintf(revision, sizeof(revision), "%lld", (long long)before.revision);
    snprintf(seq, sizeof(seq), "%lld", (long long)before.seq);
    snprintf(most, sizeof(most), "%d", limit);
    db_send(db, &query);
}
