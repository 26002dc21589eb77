/*
 * warm.c - everything that readers would compute, computed.
 */
#include "libresedge/src/fleet/fleet_impl.h"

void rse_fleet_warm(const struct rse_fleet *fleet)
{
    struct rse_fleet *mutable = fleet_mutable(fleet);
    size_t count;

    fleet_build_tree(mutable);
    for (enum rse_noun noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        const struct fleet_table *table = &fleet->tables[noun];

        for (size_t i = 0; is_scope(noun) && i < table->count; i++)
            (void)fleet_scope_set(mutable, (struct fleet_scope *)table->at[i]);
        (void)rse_fleet_metadata_keys(fleet, noun, &count);
    }
    fleet_warm_selectors(mutable);
    fleet_warm_values(mutable);
}
