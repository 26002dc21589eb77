/*
 * forget.c - see forget.h.
 */
#include <stdio.h>

#include "api-server/store/db.h"
#include "api-server/store/forget.h"
#include "api-server/store/role.h"
#include "api-server/store/sync.h"

/* A change before revision `upto` that another one before it has replaced. */
#define REPLACED(upto)                                                                               \
    "c.revision < " upto                                                                             \
    " and c.op = 'put' and not c.forgotten and exists (select from changes n where n.noun = c.noun " \
    "and n.object_id = c.object_id and n.revision > c.revision and n.revision < " upto ")"

/* Open work begins where its target is done: what came since has to be told change by change. */
static const char PLAN[] =
    "with old as (select f.revision, f.kept, coalesce((select min(revision) from changes where at >= $1::timestamptz),"
    "  f.revision) as upto from fleet f),"
    " open as (select t.name, q.done + 1 as upto from target_queue q join targets t on t.id = q.target_id"
    "  where q.wanted > q.done order by q.done limit 1),"
    " plan as (select old.kept, greatest(old.kept, least(old.upto, open.upto)) as upto,"
    "  case when open.upto < old.upto then open.name end as held_by from old left join open on true)"
    " select p.kept, p.upto, p.held_by, c.changes, c.bytes, (select count(*) from changes where not forgotten)"
    "  - c.changes, has_table_privilege('changes', 'update') from plan p,"
    " lateral (select count(*) as changes, coalesce(sum(octet_length(c.doc)), 0) as bytes from changes c"
    "  where " REPLACED("p.upto") ") c";
enum plan_column { PLAN_KEPT, PLAN_UPTO, PLAN_HELD_BY, PLAN_CHANGES, PLAN_BYTES, PLAN_WHOLE, PLAN_MAY };

/* One command at a time; the lock goes with the connection. A dry run waits too, and so tells what is left. */
static const char LOCK[] = "select pg_advisory_lock(7271993003)";
/* Said first: whoever comes from now on is told to take a snapshot. */
static const char KEEP[] = "update fleet set kept = greatest(kept, $1::bigint)";
/* What the audit makes a name of stays. */
#define NAMES                                                                                                     \
    "json_strip_nulls(json_build_object('name', c.doc::json ->> 'name', 'namePath', c.doc::json ->> 'namePath', " \
    "'namespace', c.doc::json ->> 'namespace'))::text"
#define TO_FORGET REPLACED("$3::bigint")
static const char FORGET[] =
    "with batch as materialized (select c.revision, c.seq from changes c"
    "  where (c.revision, c.seq) > ($1::bigint, $2::int) and " TO_FORGET "  order by c.revision, c.seq limit 1000),"
    " done as (update changes c set forgotten = true, doc = " NAMES
    "  from batch b where c.revision = b.revision and c.seq = b.seq returning c.revision, c.seq)"
    " select revision, seq, count(*) over () from done order by revision desc, seq desc limit 1";

static bool read_plan(PGconn *pg, const PGresult *res, struct rse_arena *arena, struct forget_plan *out,
                      struct rse_err *err)
{
    *out = (struct forget_plan){
        .kept = db_int64(res, 0, PLAN_KEPT),
        .upto = db_int64(res, 0, PLAN_UPTO),
        .changes = db_int64(res, 0, PLAN_CHANGES),
        .bytes = db_int64(res, 0, PLAN_BYTES),
        .whole = db_int64(res, 0, PLAN_WHOLE),
        .held_by = db_text_copy(res, 0, PLAN_HELD_BY, arena).p,
    };
    if (db_bool(res, 0, PLAN_MAY))
        return true;
    (void)rse_fail(err, RSE_DENIED, "whoever serves may only add to what was logged");
    role_hint_owner(pg, "Forget", err);
    return false;
}

bool forget_plan(PGconn *pg, const char *before, struct rse_arena *arena, struct forget_plan *out, struct rse_err *err)
{
    PGresult *res;

    if (!sync_exec(pg, LOCK, NULL, 0, NULL, err) || !sync_exec(pg, PLAN, &before, 1, &res, err))
        return false;
    bool ok = read_plan(pg, res, arena, out, err);

    PQclear(res);
    return ok;
}

bool forget_run(PGconn *pg, const struct forget_plan *plan, int64_t *forgotten, struct rse_err *err)
{
    char revision[24] = "0", seq[24] = "0", upto[24];
    bool more = true;

    *forgotten = 0;
    snprintf(upto, sizeof(upto), "%lld", (long long)plan->upto);
    if (!sync_exec(pg, KEEP, (const char *[]){ upto }, 1, NULL, err))
        return false;
    while (more) {
        PGresult *res;

        if (!sync_exec(pg, FORGET, (const char *[]){ revision, seq, upto }, 3, &res, err))
            return false;
        more = PQntuples(res) > 0;
        if (more) {
            snprintf(revision, sizeof(revision), "%s", PQgetvalue(res, 0, 0));
            snprintf(seq, sizeof(seq), "%s", PQgetvalue(res, 0, 1));
            *forgotten += db_int64(res, 0, 2);
        }
        PQclear(res);
    }
    return true;
}
