/*
 * dependencies.c - applications that wait for others: flux.yaml names them, Flux waits for their Kustomizations. One that
 * isn't on the cluster would be waited for without end, and so would a circle.
 */
#include "libresedge/src/plan/plan_internal.h"

#include <stdlib.h>

static struct rse_str name_of(const struct plan_application *entry)
{
    return entry->application->object.name;
}

static struct rse_str namespace_of(const struct plan_application *entry)
{
    return entry->namespace_->namespace_->object.name;
}

static const struct plan_application *find_in(const struct rse_plan *plan, struct rse_str namespace_,
                                              struct rse_str name)
{
    for (size_t i = 0; i < plan->napplications; i++) {
        if (rse_str_eq(name_of(&plan->applications[i]), name) &&
            rse_str_eq(namespace_of(&plan->applications[i]), namespace_))
            return &plan->applications[i];
    }
    return NULL;
}

/* The only one of that name; NULL when there is none, or (with err set) several. */
static const struct plan_application *find_only(const struct rse_plan *plan, struct rse_str name, struct rse_err *err)
{
    const struct plan_application *found = NULL;

    for (size_t i = 0; i < plan->napplications; i++) {
        if (!rse_str_eq(name_of(&plan->applications[i]), name))
            continue;
        if (found != NULL) {
            rse_err_hint(err, "Write `application: NAMESPACE/NAME`.");
            rse_fail(err, RSE_INVALID, "flux.yaml depends on application \"%.*s\", and there are several of that name",
                     RSE_STR_ARG(name));
            return NULL;
        }
        found = &plan->applications[i];
    }
    return found;
}

const struct plan_application *plan_find_dependency(const struct rse_plan *plan, const struct plan_application *of,
                                                    struct rse_str name, struct rse_err *err)
{
    ptrdiff_t slash = rse_str_find(name, '/');
    const struct plan_application *found;

    if (slash >= 0)
        found = find_in(plan, rse_str_n(name.p, (size_t)slash), rse_str_from(name, (size_t)slash + 1));
    else
        found = find_in(plan, namespace_of(of), name);
    if (found == NULL && slash < 0)
        found = find_only(plan, name, err);
    if (found == NULL)
        rse_fail(err, RSE_INVALID, "flux.yaml depends on application \"%.*s\", which is not there", RSE_STR_ARG(name));
    return found;
}

bool plan_check_dependencies(const struct plan_application *entry, const struct choice *choice, uint32_t cluster_index,
                             struct rse_err *err)
{
    for (size_t i = 0; i < choice->nneeds; i++) {
        const struct plan_application *needed = choice->needs[i];

        if (rse_bitmap_has(&needed->namespace_->clusters, cluster_index))
            continue;
        rse_err_hint(err, "Give the cluster namespace \"%.*s\" too, or take the dependency out of flux.yaml.",
                     RSE_STR_ARG(namespace_of(needed)));
        return rse_fail(err, RSE_INVALID, "application \"%.*s\" depends on \"%.*s/%.*s\", which is not on this cluster",
                        RSE_STR_ARG(name_of(entry)), RSE_STR_ARG(namespace_of(needed)), RSE_STR_ARG(name_of(needed)));
    }
    return true;
}

/* What an application depends on is said by its template folder, and so the same for all its versions. */
static const struct choice *any_choice(const struct plan_application *entry)
{
    static const struct choice none;

    for (size_t i = 0; i < entry->nchoices; i++) {
        if (entry->choices[i].nneeds > 0)
            return &entry->choices[i];
    }
    return &none;
}

/* Whether `goal` is reached from the applications that `from` needs. */
static bool reaches(const struct rse_plan *plan, const struct plan_application *from,
                    const struct plan_application *goal, bool *seen)
{
    const struct choice *choice = any_choice(from);

    for (size_t i = 0; i < choice->nneeds; i++) {
        const struct plan_application *next = choice->needs[i];

        if (next == goal)
            return true;
        if (seen[next - plan->applications])
            continue;
        seen[next - plan->applications] = true;
        if (reaches(plan, next, goal, seen))
            return true;
    }
    return false;
}

void plan_refuse_cycles(struct rse_plan *plan)
{
    bool *seen = rse_xcalloc(plan->napplications, sizeof(bool));

    for (size_t i = 0; i < plan->napplications; i++) {
        struct plan_application *entry = &plan->applications[i];

        if (any_choice(entry)->nneeds == 0)
            continue;
        memset(seen, 0, plan->napplications * sizeof(bool));
        if (reaches(plan, entry, entry, seen))
            rse_fail(&entry->err, RSE_INVALID, "application \"%.*s\" depends on itself, by way of flux.yaml of others",
                     RSE_STR_ARG(name_of(entry)));
    }
    free(seen);
}
