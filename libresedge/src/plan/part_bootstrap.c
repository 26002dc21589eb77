/*
 * part_bootstrap.c - how Flux starts on a store: the files of apps/flux-system, as they stand.
 */
#include "libresedge/src/plan/plan_internal.h"

void plan_bootstrap_init(struct rse_plan *plan)
{
    const struct rse_template_set *set = rse_catalogue_find(plan->catalogue, RSE_STR(BOOTSTRAP_PATH));

    if (set == NULL)
        return;
    plan->bootstrap = template_set_of(set);
    plan->bootstrap_err = set->err.code != RSE_OK ? set->err : plan->bootstrap->variants[0].err;
    if (plan->bootstrap_err.code == RSE_OK &&
        !pieces_make(plan, plan->bootstrap, &plan->bootstrap->variants[0], RSE_STR(FLUX_NAMESPACE), NULL, NULL,
                     &plan->bootstrap_pieces, &plan->bootstrap_err))
        plan->bootstrap_pieces.count = 0;
}
