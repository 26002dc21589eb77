/*
 * apply_set.c - see apply_set.h.
 */
#include "api-server/store/apply_set.h"

static const char READ[] =
    "select coalesce((select version from apply_sets where name = $1), 0), null::text, null::bigint, false, null::text "
    "union all select 0, o.noun, o.object_id, exists (select from apply_set_objects s where s.noun = o.noun"
    " and s.object_id = o.object_id and s.set_name <> $1), array_to_string(o.fields, ' ') from apply_set_objects o "
    "where o.set_name = $1";

static void read_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct apply_set_reader *reader = arg;
    int rows = err == NULL ? PQntuples(res) : 0;
    int64_t version = 0;

    for (int i = 0; i < rows; i++) {
        struct apply_set_object object = { .noun = db_text(res, i, 1),
                                           .id = db_int64(res, i, 2),
                                           .fields = db_text(res, i, 4),
                                           .shared = db_bool(res, i, 3) };

        if (object.noun.p == NULL)
            version = db_int64(res, i, 0);
        else
            reader->object(reader->arg, &object);
    }
    reader->done(reader->arg, version, err);
}

void store_apply_set_read(struct db *db, const char *set, struct apply_set_reader *reader)
{
    struct db_query query = {
        .lane = DB_LIST, .sql = READ, .nparams = 1, .params = { set }, .done = read_done, .arg = reader
    };

    db_send(db, &query);
}

static const char CONFLICTS[] =
    "select item, field, set_name from apply_set_conflicts($1, $2::text[], $3::bigint[], $4::text[], $5::int)";

static void conflicts_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct apply_set_conflicts *reader = arg;
    int rows = err == NULL ? PQntuples(res) : 0;

    for (int i = 0; i < rows; i++) {
        struct apply_set_conflict conflict = { .item = (size_t)db_int64(res, i, 0),
                                               .field = db_text(res, i, 1),
                                               .set = db_text(res, i, 2) };

        reader->conflict(reader->arg, &conflict);
    }
    reader->done(reader->arg, err);
}

void store_apply_set_conflicts(struct db *db, const struct change_owner *owner, struct apply_set_conflicts *reader)
{
    struct db_query query = { .lane = DB_LIST,
                              .sql = CONFLICTS,
                              .nparams = 5,
                              .params = { owner->set, owner->nouns, owner->ids, owner->changed, "101" },
                              .done = conflicts_done,
                              .arg = reader };

    db_send(db, &query);
}
