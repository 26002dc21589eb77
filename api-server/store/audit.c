/*
 * audit.c - see audit.h.
 */
#include <stdio.h>

#include "api-server/store/audit.h"

/* What an object was is what the change before says. */
#define AUDIT_TIME(column) "to_char(" column " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
/* Acts stand behind the changes of the revision at which they were done. */
#define ACT_SEQ "1000000000 + a.id"

static const char READ[] = "(select c.revision, c.seq, " AUDIT_TIME(
    "c.at") ", c.actor, "
            "c.reason,"
            " c.confirm, c.noun, c.object_id, p.doc, c.doc, null::text as op "
            "from changes c left join lateral ("
            " select p.doc from changes p where p.noun = c.noun and p.object_id = c.object_id and p.revision < "
            "c.revision"
            " order by p.revision desc limit 1) p on true "
            "where (c.revision, c.seq) < ($1::bigint, $2::bigint) and ($3::text is null or c.actor = $3)"
            " and ($4::text is null or c.noun = $4) and ($5::bigint is null or c.object_id = $5)"
            " and ($6::timestamptz is null or c.at >= $6) and ($7::timestamptz is null or c.at < $7)"
            " and ($8::bigint is null or c.revision = $8) "
            "order by c.revision desc, c.seq desc limit $9) "
            "union all "
            "(select a.revision, " ACT_SEQ ", " AUDIT_TIME(
                "a.at") ", a.actor, a.reason, null, a.noun, a.object_id, null, a.doc::text, a.op "
                        "from acts a "
                        "where (a.revision, " ACT_SEQ
                        ") < ($1::bigint, $2::bigint) and ($3::text is null or a.actor = $3)"
                        " and ($4::text is null or a.noun = $4) and ($5::bigint is null or a.object_id = $5)"
                        " and ($6::timestamptz is null or a.at >= $6) and ($7::timestamptz is null or a.at < $7)"
                        " and ($8::bigint is null or a.revision = $8) and ($10::boolean or a.noun not in ('token', "
                        "'session')) "
                        "order by a.revision desc, a.id desc limit $9) "
                        "order by 1 desc, 2 desc limit $9";

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
            .op = db_text(res, i, 10),
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
        .nparams = 10,
        .params = { revision, seq, filter->actor, filter->noun, filter->id, filter->from, filter->to, filter->revision,
                    most, filter->with_access ? "true" : "false" },
        .done = read_done,
        .arg = reader,
    };

    snprintf(revision, sizeof(revision), "%lld", (long long)before.revision);
    snprintf(seq, sizeof(seq), "%lld", (long long)before.seq);
    snprintf(most, sizeof(most), "%d", limit);
    db_send(db, &query);
}
