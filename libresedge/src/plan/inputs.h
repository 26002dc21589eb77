/*
 * inputs.h - what a plan was made of, from the inside.
 */
#ifndef RESEDGE_PLAN_INPUTS_H
#define RESEDGE_PLAN_INPUTS_H

#include "libresedge/src/plan/plan_internal.h"
#include "resedge/delta.h"

struct rse_map;

/* A version of an application, and the clusters that had it: each cluster of the application is in one of them. A paused one
 * may stand on any cluster of the target. */
struct choice_inputs {
    uint64_t digest;
    struct rse_bitmap clusters;
};

struct application_inputs {
    int64_t id;
    int64_t namespace_id;
    struct choice_inputs *choices;
    size_t nchoices;
    bool brings_namespace; /* in some version */
};

struct namespace_inputs {
    int64_t id;
    uint64_t digest;
    struct rse_bitmap clusters;
    bool has_paused; /* an application, so that it may stand on any cluster of the target */
};

struct rse_plan_inputs {
    struct rse_arena *arena;
    uint64_t target;    /* what every folder depends on */
    uint64_t bootstrap; /* apps/flux-system */
    struct rse_bitmap clusters;
    struct namespace_inputs *namespaces;
    size_t nnamespaces;
    struct application_inputs *applications;
    size_t napplications;
    struct rse_map *namespaces_by_id, *applications_by_id;
};

#endif
