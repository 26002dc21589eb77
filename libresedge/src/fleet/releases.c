/*
 * releases.c - which version of an application a cluster has.
 */
#include "libresedge/src/fleet/fleet_impl.h"
#include "resedge/parse.h"

static bool is_true(const struct rse_fleet *fleet, const struct fleet_application *application)
{
    return application->computed_at >= fleet->sets_changed;
}

static void compute_sets(struct rse_fleet *fleet, struct fleet_application *application)
{
    const struct fleet_selecting *selecting = &application->selecting;
    RSE_BITMAP_AUTO set;

    fleet_init_set(fleet, &set);
    for (size_t i = 0; i < selecting->nexprs; i++) {
        fleet_reset_set(fleet, &set);
        if (selecting->exprs[i] != NULL)
            rse_expr_eval(selecting->exprs[i], fleet, &set);
        cset_assign(&application->sets[i], &set);
    }
    application->computed_at = fleet->clock;
}

const struct rse_release *rse_fleet_release_for(const struct rse_fleet *fleet, int64_t application_id,
                                                uint32_t cluster_index)
{
    struct fleet_entry *entry = table_get(&fleet->tables[RSE_APPLICATION], application_id);
    struct fleet_application *application = (struct fleet_application *)entry;
    const struct rse_release *best = NULL;

    if (entry == NULL)
        return NULL;
    if (!is_true(fleet, application))
        compute_sets(fleet_mutable(fleet), application);
    for (size_t i = 0; i < application->selecting.nexprs; i++) {
        const struct rse_release *release = &((const struct rse_application *)entry->object)->releases.at[i];

        if (cset_has(&application->sets[i], cluster_index) &&
            (best == NULL || rse_version_cmp(release->version, best->version) > 0))
            best = release;
    }
    return best;
}

void fleet_warm_releases(struct rse_fleet *fleet)
{
    const struct fleet_table *table = &fleet->tables[RSE_APPLICATION];

    for (size_t i = 0; i < table->count; i++) {
        if (!is_true(fleet, (struct fleet_application *)table->at[i]))
            compute_sets(fleet, (struct fleet_application *)table->at[i]);
    }
}
