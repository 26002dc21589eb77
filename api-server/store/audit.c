/*
 * audit.c - see audit.h.
 *
 * The planner sees through both selects: conditions reach the two logs, whose indexes give the order, and what is put together is so
 * for the rows of a page only. For that the columns of both are of the same types.
 */
#include "api-server/store/audit.h"

#include "api-server/store/change.h"
#include "api-server/store/list.h"

/* Of what was done besides changing the fleet; as the index acts_place has it. */
#define ACT_SEQ "(1000000000 + a.id)::int"

#define ENTRIES                                                                                               \
    "select c.revision, c.seq, c.at, c.actor, c.reason, c.confirm, c.noun, c.object_id, c.doc, c.forgotten, " \
    "null::text as act "                                                                                      \
    "from changes c "                                                                                         \
    "union all "                                                                                              \
    "select a.revision, " ACT_SEQ                                                                             \
    ", a.at, a.actor, a.reason, null::bigint, a.noun, a.object_id, a.doc::text, false, a.op "                 \
    "from acts a"

/* What an object was is what the change before says. */
#define EARLIER     "from changes p where p.noun = k.noun and p.object_id = k.object_id and p.revision < k.revision"
#define BEFORE(doc) "(select " doc " " EARLIER " order by p.revision desc limit 1)"
#define LAST        "coalesce(k.doc, case when k.act is null then " BEFORE("p.doc") " end)::json"
/* Of a forgotten change there is what NAME takes. */
#define WHOLE(row) "case when not " row ".forgotten then " row ".doc::json end"
/* What was done to a target says nothing of it but its id: the name that it had then. */
#define TARGET_NAME                                                                                        \
    "(select p.doc::json ->> 'name' from changes p where p.noun = 'target' and p.object_id = k.object_id " \
    "and p.revision <= k.revision and p.doc is not null order by p.revision desc limit 1)"
#define NAME \
    "case when k.noun = 'target' and k.act is not null then " TARGET_NAME " else " CHANGED_NAME("k.noun", LAST) " end"
#define OP                                                                                                           \
    "case when k.act is not null then k.act when k.doc is null then 'delete' when exists (select " EARLIER ") then " \
    "'update' else 'create' end"

#define DOC                                                                                           \
    "json_build_object('revision', k.revision, 'seq', k.seq, "                                        \
    "'at', to_char(k.at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), "                   \
    "'actor', k.actor, 'reason', k.reason, 'confirm', k.confirm, 'noun', k.noun, 'id', k.object_id, " \
    "'name', " NAME ", 'op', " OP                                                                     \
    ", 'before', case when k.act is null then " BEFORE(WHOLE("p")) " end, "                           \
                                                                   "'after', " WHOLE("k") ")"

/* A group is found by its name too, and not by its path alone; so is an application. */
#define WORDS \
    "array[k.actor, k.reason, " NAME ", case when k.noun in ('group', 'application') then " LAST " ->> 'name' end]"

/* To tell a creation from an update the changes before have to be looked for. What else was done stands in the logs as it is. */
static const char *narrow(const char *field, struct rse_str value)
{
    if (strcmp(field, "op") != 0 || rse_str_is(value, "create") || rse_str_is(value, "update"))
        return NULL;
    return rse_str_is(value, "delete") ? "t.act is null and t.gone" : "t.act is not null";
}

const struct list_source AUDIT_SOURCE = {
    .from = "(select k.seq as id, k.revision, k.seq, k.at, k.actor, k.reason, k.confirm, k.noun, k.object_id, " NAME
            " as name, k.act, k.doc is null as gone, " OP " as op, " WORDS " as words, " DOC "::text as doc "
            "from (" ENTRIES ") k) t",
    .columns = (const struct list_column[]){ { "seq", "t.seq" },
                                             { "revision", "t.revision" },
                                             { "at", "t.at" },
                                             { "actor", "t.actor collate \"C\"" },
                                             { "reason", "t.reason collate \"C\"" },
                                             { "confirm", "t.confirm" },
                                             { "noun", "t.noun collate \"C\"" },
                                             { "id", "t.object_id" },
                                             { "name", "t.name collate \"C\"" },
                                             { "op", "t.op collate \"C\"" },
                                             { .name = NULL } },
    .narrow = narrow,
};
