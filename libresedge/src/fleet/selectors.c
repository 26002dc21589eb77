/*
 * selectors.c - the sets of expressions that nothing else is made of: of releases, and of where a key is required.
 */
#include "libresedge/src/fleet/fleet_impl.h"
#include "resedge/parse.h"

static bool is_true(const struct rse_fleet *fleet, const struct fleet_selector *selector)
{
    return selector->computed_at >= fleet->sets_changed;
}

static void compute_sets(struct rse_fleet *fleet, struct fleet_selector *selector)
{
    const struct fleet_selecting *selecting = &selector->selecting;
    RSE_BITMAP_AUTO set = { 0 };

    fleet_init_set(fleet, &set);
    for (size_t i = 0; i < selecting->nexprs; i++) {
        fleet_reset_set(fleet, &set);
        if (selecting->exprs[i] != NULL)
            rse_expr_eval(selecting->exprs[i], fleet, &set);
        cset_assign(&selector->sets[i], &set);
    }
    selector->computed_at = fleet->clock;
}

const struct cset *fleet_selector_set(struct rse_fleet *fleet, struct fleet_selector *selector, size_t i)
{
    if (!is_true(fleet, selector))
        compute_sets(fleet, selector);
    return &selector->sets[i];
}

void fleet_warm_selectors(struct rse_fleet *fleet)
{
    for (enum rse_noun noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        const struct fleet_table *table = &fleet->tables[noun];

        for (size_t i = 0; is_selector(noun) && i < table->count; i++) {
            struct fleet_selector *selector = (struct fleet_selector *)table->at[i];

            if (!is_true(fleet, selector))
                compute_sets(fleet, selector);
        }
    }
}

const struct rse_release *rse_fleet_release_for(const struct rse_fleet *fleet, int64_t application_id,
                                                uint32_t cluster_index)
{
    struct fleet_entry *entry = table_get(&fleet->tables[RSE_APPLICATION], application_id);
    const struct rse_releases *releases;
    const struct rse_release *best = NULL;

    if (entry == NULL)
        return NULL;
    releases = &((const struct rse_application *)entry->object)->releases;
    for (size_t i = 0; i < releases->count; i++) {
        const struct cset *set = fleet_selector_set(fleet_mutable(fleet), (struct fleet_selector *)entry, i);

        if (cset_has(set, cluster_index) &&
            (best == NULL || rse_version_cmp(releases->at[i].version, best->version) > 0))
            best = &releases->at[i];
    }
    return best;
}
