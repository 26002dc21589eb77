/*
 * delta.c - compares a plan with what the one before was made of: bitmaps before and after.
 */
#include "libresedge/src/plan/inputs.h"

#include <stdlib.h>

#include "resedge/map.h"

struct rse_delta {
    const struct rse_plan *plan;
    struct rse_plan_inputs *before;
    bool full, bootstrap;
    struct rse_bitmap clusters, whole;
    /* In the plan's order: the clusters that have the part now, and have to get it rendered. */
    struct rse_bitmap *namespaces, *applications;
    /* In the order of the inputs: the clusters that had the part, and no longer have it as it was. */
    struct rse_bitmap *lost_namespaces, *lost_applications;
};

static uint32_t nbits_of(const struct rse_delta *delta)
{
    return delta->plan->clusters.nbits;
}

/* ---- comparing ---- */

/* The fleet may have grown since: new clusters are in none of the old sets. */
static void grow(struct rse_plan_inputs *before, uint32_t nbits)
{
    rse_bitmap_resize(&before->clusters, nbits);
    for (size_t i = 0; i < before->nnamespaces; i++)
        rse_bitmap_resize(&before->namespaces[i].clusters, nbits);
    for (size_t i = 0; i < before->napplications; i++) {
        for (size_t n = 0; n < before->applications[i].nchoices; n++)
            rse_bitmap_resize(&before->applications[i].choices[n].clusters, nbits);
    }
}

static void had(const struct application_inputs *of, struct rse_bitmap *out)
{
    for (size_t i = 0; i < of->nchoices; i++)
        rse_bitmap_or(out, &of->choices[i].clusters);
}

/* Adds the clusters that have a choice as they had it. */
static void add_same(const struct choice_inputs *now, const struct application_inputs *before, struct rse_bitmap *same)
{
    RSE_BITMAP_AUTO both = { 0 };

    rse_bitmap_init(&both, 0);
    for (size_t i = 0; i < before->nchoices; i++) {
        if (before->choices[i].digest != now->digest)
            continue;
        rse_bitmap_copy(&both, &now->clusters);
        rse_bitmap_and(&both, &before->choices[i].clusters);
        rse_bitmap_or(same, &both);
    }
}

/* What is in `changed` of the clusters in `of`. */
static void add_within(struct rse_bitmap *to, const struct rse_bitmap *changed, const struct rse_bitmap *of)
{
    RSE_BITMAP_AUTO within = { 0 };

    rse_bitmap_init(&within, 0);
    rse_bitmap_copy(&within, changed);
    rse_bitmap_and(&within, of);
    rse_bitmap_or(to, &within);
}

static size_t index_of(const struct rse_delta *delta, const struct application_inputs *before)
{
    return (size_t)(before - delta->before->applications);
}

/* before NULL: it is new. */
static void compare_application(struct rse_delta *delta, size_t i, const struct application_inputs *now,
                                const struct application_inputs *before)
{
    RSE_BITMAP_AUTO changed = { 0 }, all_now = { 0 }, all_before = { 0 };

    rse_bitmap_init(&changed, nbits_of(delta));
    rse_bitmap_init(&all_now, nbits_of(delta));
    rse_bitmap_init(&all_before, nbits_of(delta));
    had(now, &all_now);
    if (before == NULL) {
        rse_bitmap_or(&delta->applications[i], &all_now);
        return;
    }
    had(before, &all_before);
    for (size_t n = 0; n < now->nchoices; n++)
        add_same(&now->choices[n], before, &changed);
    rse_bitmap_not(&changed);
    add_within(&delta->applications[i], &changed, &all_now);
    add_within(&delta->lost_applications[index_of(delta, before)], &changed, &all_before);
}

/* Where a namespace came or went. */
static void membership_changed(const struct rse_delta *delta, const struct plan_namespace *now, struct rse_bitmap *out)
{
    const struct namespace_inputs *before = rse_map_get_id(delta->before->namespaces_by_id, now->namespace_->object.id);

    rse_bitmap_copy(out, &now->clusters);
    if (before != NULL)
        rse_bitmap_xor(out, &before->clusters);
}

/* Whether an application can be there depends on whether those that it needs are. */
static void compare_needs(struct rse_delta *delta, size_t i, const struct application_inputs *before)
{
    const struct plan_application *entry = &delta->plan->applications[i];
    RSE_BITMAP_AUTO changed = { 0 };

    rse_bitmap_init(&changed, nbits_of(delta));
    for (size_t n = 0; n < entry->nchoices; n++) {
        const struct choice *choice = &entry->choices[n];

        for (size_t k = 0; k < choice->nneeds; k++) {
            membership_changed(delta, choice->needs[k]->namespace_, &changed);
            add_within(&delta->applications[i], &changed, &entry->namespace_->clusters);
            rse_bitmap_and(&changed, &entry->namespace_->clusters);
            for (size_t c = 0; before != NULL && c < before->nchoices; c++)
                add_within(&delta->lost_applications[index_of(delta, before)], &changed, &before->choices[c].clusters);
        }
    }
}

static void compare_applications(struct rse_delta *delta, const struct rse_plan_inputs *now)
{
    for (size_t i = 0; i < now->napplications; i++) {
        const struct application_inputs *before =
            rse_map_get_id(delta->before->applications_by_id, now->applications[i].id);

        compare_application(delta, i, &now->applications[i], before);
        compare_needs(delta, i, before);
    }
    for (size_t i = 0; i < delta->before->napplications; i++) {
        const struct application_inputs *gone = &delta->before->applications[i];

        if (rse_map_get_id(now->applications_by_id, gone->id) == NULL)
            had(gone, &delta->lost_applications[i]);
    }
}

/* Who brings the namespace decides whether it is made: where an application that may is different, so is the namespace. */
static void add_bringers(const struct rse_delta *delta, int64_t namespace_id, const struct rse_plan_inputs *now,
                         struct rse_bitmap *changed)
{
    for (size_t i = 0; i < now->napplications; i++) {
        if (now->applications[i].namespace_id == namespace_id && now->applications[i].brings_namespace)
            rse_bitmap_or(changed, &delta->applications[i]);
    }
    for (size_t i = 0; i < delta->before->napplications; i++) {
        const struct application_inputs *before = &delta->before->applications[i];

        if (before->namespace_id == namespace_id && before->brings_namespace)
            rse_bitmap_or(changed, &delta->lost_applications[i]);
    }
}

/* Where a namespace is, or may still be. */
static const struct rse_bitmap *reach(const struct namespace_inputs *of, const struct rse_plan_inputs *in)
{
    return of->has_paused ? &in->clusters : &of->clusters;
}

static void compare_namespace(struct rse_delta *delta, size_t i, const struct rse_plan_inputs *now,
                              const struct namespace_inputs *before)
{
    const struct namespace_inputs *of = &now->namespaces[i];
    RSE_BITMAP_AUTO changed = { 0 };

    rse_bitmap_init(&changed, 0);
    if (before != NULL && before->digest == of->digest) {
        rse_bitmap_copy(&changed, &of->clusters);
        rse_bitmap_xor(&changed, &before->clusters);
    } else {
        rse_bitmap_copy(&changed, reach(of, now));
        if (before != NULL)
            rse_bitmap_or(&changed, reach(before, delta->before));
    }
    add_bringers(delta, of->id, now, &changed);
    add_within(&delta->namespaces[i], &changed, reach(of, now));
    if (before != NULL)
        add_within(&delta->lost_namespaces[before - delta->before->namespaces], &changed, reach(before, delta->before));
}

static void compare_namespaces(struct rse_delta *delta, const struct rse_plan_inputs *now)
{
    for (size_t i = 0; i < now->nnamespaces; i++)
        compare_namespace(delta, i, now, rse_map_get_id(delta->before->namespaces_by_id, now->namespaces[i].id));
    for (size_t i = 0; i < delta->before->nnamespaces; i++) {
        const struct namespace_inputs *gone = &delta->before->namespaces[i];

        if (rse_map_get_id(now->namespaces_by_id, gone->id) == NULL)
            rse_bitmap_or(&delta->lost_namespaces[i], reach(gone, delta->before));
    }
}

/* All that is different anywhere. */
static void gather_clusters(struct rse_delta *delta)
{
    rse_bitmap_or(&delta->clusters, &delta->whole);
    if (delta->bootstrap)
        rse_bitmap_or(&delta->clusters, &delta->plan->clusters);
    for (size_t i = 0; i < delta->plan->nnamespaces; i++)
        rse_bitmap_or(&delta->clusters, &delta->namespaces[i]);
    for (size_t i = 0; i < delta->plan->napplications; i++)
        rse_bitmap_or(&delta->clusters, &delta->applications[i]);
    for (size_t i = 0; i < delta->before->nnamespaces; i++)
        rse_bitmap_or(&delta->clusters, &delta->lost_namespaces[i]);
    for (size_t i = 0; i < delta->before->napplications; i++)
        rse_bitmap_or(&delta->clusters, &delta->lost_applications[i]);
}

static void compare(struct rse_delta *delta, const struct rse_plan_inputs *now, const struct rse_bitmap *clusters)
{
    RSE_BITMAP_AUTO moved = { 0 };

    rse_bitmap_init(&moved, 0);
    rse_bitmap_copy(&moved, clusters);
    rse_bitmap_resize(&moved, nbits_of(delta));
    rse_bitmap_or(&delta->whole, &moved);
    rse_bitmap_copy(&moved, &now->clusters);
    rse_bitmap_xor(&moved, &delta->before->clusters);
    rse_bitmap_or(&delta->whole, &moved);
    delta->bootstrap = now->bootstrap != delta->before->bootstrap;
    compare_applications(delta, now);
    compare_namespaces(delta, now);
    gather_clusters(delta);
}

/* ---- the object ---- */

static struct rse_bitmap *new_sets(size_t count, uint32_t nbits)
{
    struct rse_bitmap *sets = rse_xcalloc(count, sizeof(sets[0]));

    for (size_t i = 0; i < count; i++)
        rse_bitmap_init(&sets[i], nbits);
    return sets;
}

static void free_sets(struct rse_bitmap *sets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rse_bitmap_release(&sets[i]);
    free(sets);
}

struct rse_delta *rse_delta_new(struct rse_plan_inputs *before, const struct rse_plan_inputs *now,
                                const struct rse_plan *plan, const struct rse_bitmap *clusters)
{
    struct rse_delta *delta = rse_new(struct rse_delta);

    delta->plan = plan;
    delta->before = before;
    rse_bitmap_init(&delta->clusters, nbits_of(delta));
    rse_bitmap_init(&delta->whole, nbits_of(delta));
    delta->full = before == NULL || before->target != now->target;
    if (delta->full) {
        rse_bitmap_or(&delta->clusters, &plan->clusters);
        return delta;
    }
    grow(before, nbits_of(delta));
    delta->namespaces = new_sets(plan->nnamespaces, nbits_of(delta));
    delta->applications = new_sets(plan->napplications, nbits_of(delta));
    delta->lost_namespaces = new_sets(before->nnamespaces, nbits_of(delta));
    delta->lost_applications = new_sets(before->napplications, nbits_of(delta));
    compare(delta, now, clusters);
    return delta;
}

void rse_delta_free(struct rse_delta *delta)
{
    if (delta == NULL)
        return;
    if (!delta->full) {
        free_sets(delta->namespaces, delta->plan->nnamespaces);
        free_sets(delta->applications, delta->plan->napplications);
        free_sets(delta->lost_namespaces, delta->before->nnamespaces);
        free_sets(delta->lost_applications, delta->before->napplications);
    }
    rse_bitmap_release(&delta->clusters);
    rse_bitmap_release(&delta->whole);
    free(delta);
}

/* ---- what a caller adds ---- */

static void add_bit(struct rse_delta *delta, struct rse_bitmap *set, uint32_t cluster_index)
{
    rse_bitmap_set(set, cluster_index);
    rse_bitmap_set(&delta->clusters, cluster_index);
}

void rse_delta_add_cluster(struct rse_delta *delta, uint32_t cluster_index)
{
    if (!delta->full && cluster_index < nbits_of(delta))
        add_bit(delta, &delta->whole, cluster_index);
}

static void add_application(struct rse_delta *delta, uint32_t cluster_index, int64_t id)
{
    const struct application_inputs *before = rse_map_get_id(delta->before->applications_by_id, id);

    for (size_t i = 0; i < delta->plan->napplications; i++) {
        const struct plan_application *entry = &delta->plan->applications[i];

        if (entry->application->object.id == id && rse_bitmap_has(&entry->namespace_->clusters, cluster_index))
            add_bit(delta, &delta->applications[i], cluster_index);
    }
    for (size_t i = 0; before != NULL && i < before->nchoices; i++) {
        if (rse_bitmap_has(&before->choices[i].clusters, cluster_index))
            add_bit(delta, &delta->lost_applications[index_of(delta, before)], cluster_index);
    }
}

static void add_namespace(struct rse_delta *delta, uint32_t cluster_index, int64_t id)
{
    const struct namespace_inputs *before = rse_map_get_id(delta->before->namespaces_by_id, id);

    for (size_t i = 0; i < delta->plan->nnamespaces; i++) {
        const struct plan_namespace *entry = &delta->plan->namespaces[i];

        if (entry->namespace_->object.id == id && rse_bitmap_has(&entry->clusters, cluster_index))
            add_bit(delta, &delta->namespaces[i], cluster_index);
    }
    if (before != NULL && rse_bitmap_has(&before->clusters, cluster_index))
        add_bit(delta, &delta->lost_namespaces[before - delta->before->namespaces], cluster_index);
}

void rse_delta_add_part(struct rse_delta *delta, uint32_t cluster_index, int64_t namespace_id, int64_t application_id)
{
    if (delta->full || cluster_index >= nbits_of(delta))
        return;
    if (application_id != 0)
        add_application(delta, cluster_index, application_id);
    else if (namespace_id != 0)
        add_namespace(delta, cluster_index, namespace_id);
    else
        add_bit(delta, &delta->whole, cluster_index);
}

/* ---- questions ---- */

bool rse_delta_is_full(const struct rse_delta *delta)
{
    return delta->full;
}

const struct rse_bitmap *rse_delta_clusters(const struct rse_delta *delta)
{
    return &delta->clusters;
}

bool rse_delta_is_whole(const struct rse_delta *delta, uint32_t cluster_index)
{
    return delta->full || rse_bitmap_has(&delta->whole, cluster_index);
}

bool rse_delta_has(const struct rse_delta *delta, const struct rse_part *part, uint32_t cluster_index)
{
    const struct plan_namespace *namespace_ = part->detail;
    const struct choice *choice = part->detail;

    if (rse_delta_is_whole(delta, cluster_index))
        return true;
    switch (part->kind) {
    case RSE_PART_NAMESPACE:
        return rse_bitmap_has(&delta->namespaces[namespace_ - delta->plan->namespaces], cluster_index);
    case RSE_PART_APPLICATION:
        return rse_bitmap_has(&delta->applications[choice->entry - delta->plan->applications], cluster_index);
    case RSE_PART_BOOTSTRAP:
        break;
    }
    return delta->bootstrap;
}
