/*
 * write_fixed.c - what a write must not change, and only the database knows: the folder pattern of a target that folders were
 * written for.
 */
#include "api-server/fleet/write_internal.h"
#include "api-server/store/target.h"

/* In the arena of the write's set. */
struct asking {
    struct write *write;
    struct targets_used reader;
    struct rse_faults faults;
    struct rse_err err;
};

static void refuse_used(void *arg, int64_t id)
{
    struct asking *asking = arg;
    struct rse_err err = RSE_ERR_INIT;

    rse_fail(&err, RSE_CONFLICT, "the folder pattern can't change any more: folders were written with it");
    rse_err_field(&err, "/folderPattern");
    rse_err_hint(&err,
                 "The Flux of each store goes on pulling the old folder. Create another target, of another branch, and "
                 "move the clusters to it.");
    changeset_add_fault(asking->write->set, &asking->faults, RSE_TARGET, id, &err);
}

static void asked(void *arg, const struct rse_err *err)
{
    struct asking *asking = arg;
    struct write *write = asking->write;
    struct live *live = write->writer->live;

    if (err != NULL)
        return write_finish(write->writer, err);
    if (!rse_faults_check(&asking->faults, &asking->err))
        return write_finish(write->writer, &asking->err);
    /* What was read meanwhile is not what the set was checked against. */
    if (!write->w.dry_run && (!live_is_ready(live) || write->built_at != live_revision(live)))
        return write_try_again(write);
    write_go_on(write);
}

bool write_asks_for_fixed(struct write *write)
{
    const char *ids = changeset_refoldered(write->set);
    struct asking *asking;

    if (ids == NULL)
        return false;
    asking = rse_arena_new_of(changeset_arena(write->set), struct asking);
    asking->write = write;
    asking->faults.arena = changeset_arena(write->set);
    asking->reader = (struct targets_used){ refuse_used, asked, asking };
    store_targets_used(live_db(write->writer->live), ids, &asking->reader);
    return true;
}
