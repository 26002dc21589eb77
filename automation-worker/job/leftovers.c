#include "automation-worker/job/leftovers.h"

#include <resedge/buf.h>

#define LISTENERS      "flux-system/listeners/"
#define NAMESPACES     "namespaces/"
#define MAX_PATH_BYTES 1024

struct adding {
    const struct rse_fleet *fleet;
    struct tree *now;
    struct rse_arena *arena;
    struct rse_part *parts;
    size_t count, cap;
};

struct rse_str leftovers_path(const struct rse_part *part, struct rse_arena *arena)
{
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, MAX_PATH_BYTES);
    rse_part_path(part, &path);
    return rse_arena_str(arena, rse_buf_str(&path));
}

static bool is_there(struct tree *now, const char *path, bool *found, struct rse_err *err)
{
    struct tree_entry entry;

    return tree_get(now, rse_str(path), &entry, found, err);
}

/* The name of the Flux Kustomization: as the fleet knows it; of an application that is gone, one of the two it may have
 * had. */
static bool find_flux_name(struct adding *adding, struct rse_str part, struct rse_str namespace_,
                           struct rse_str application, struct rse_str *out, struct rse_err *err)
{
    const struct rse_object *object = rse_fleet_find(adding->fleet, RSE_APPLICATION, part, NULL);
    bool found;

    if (object != NULL) {
        *out = ((const struct rse_application *)object)->flux_name;
        return true;
    }
    *out = rse_str(rse_arena_printf(adding->arena, "%.*s-%.*s", RSE_STR_ARG(namespace_), RSE_STR_ARG(application)));
    if (!is_there(adding->now, rse_arena_printf(adding->arena, LISTENERS "%s.yaml", out->p), &found, err))
        return false;
    if (!found)
        *out = application;
    return true;
}

static bool add_part(struct adding *adding, struct rse_str part, struct rse_err *err)
{
    ptrdiff_t slash = rse_str_find(part, '/');
    struct rse_str namespace_, application = { "", 0 }, flux_name = { "", 0 };

    if (slash <= 0 || rse_str_starts(part, RSE_STR(LISTENERS)))
        return true;
    if (rse_str_starts(part, RSE_STR(NAMESPACES))) {
        namespace_ = rse_str_from(part, strlen(NAMESPACES));
        namespace_.len -= strlen(".yaml");
    } else {
        namespace_ = rse_str_n(part.p, (size_t)slash);
        application = rse_str_from(part, (size_t)slash + 1);
        if (!find_flux_name(adding, part, namespace_, application, &flux_name, err))
            return false;
    }
    struct rse_part *leftover = &adding->parts[adding->count++];
    const struct rse_object *object = rse_fleet_find(adding->fleet, RSE_APPLICATION, part, NULL);

    *leftover = rse_part_leftover(namespace_, application, flux_name, adding->arena);
    if (object != NULL && application.len > 0)
        leftover->application = (const struct rse_application *)object;
    return true;
}

static bool is_planned(const struct adding *adding, struct rse_str path)
{
    for (size_t i = 0; i < adding->count; i++) {
        if (rse_str_eq(leftovers_path(&adding->parts[i], adding->arena), path))
            return true;
    }
    return false;
}

static size_t most(const struct holds *holds)
{
    size_t count = 0;

    for (size_t i = 0; i < holds->count; i++)
        count += rse_map_count(holds->at[i]->parts);
    return count;
}

static bool add_hold(struct adding *adding, const struct hold *hold, struct rse_err *err)
{
    struct rse_str part;

    for (size_t it = 0; rse_map_next(hold->parts, &it, &part, NULL);) {
        struct tree_entry entry;
        bool found;

        if (is_planned(adding, part))
            continue;
        if (!tree_get(adding->now, part, &entry, &found, err) || (found && !add_part(adding, part, err)))
            return false;
    }
    return true;
}

bool leftovers_add(const struct holds *holds, const struct rse_fleet *fleet, struct rse_str cluster, struct tree *now,
                   struct rse_arena *arena, struct rse_part **parts, size_t *count, struct rse_err *err)
{
    struct adding adding = { .fleet = fleet, .now = now, .arena = arena, .count = *count };

    if (now == NULL || holds_find_cluster(holds, cluster) == NULL)
        return true;
    adding.parts = rse_arena_calloc(arena, *count + most(holds) + 1, sizeof(*adding.parts));
    if (*count > 0)
        memcpy(adding.parts, *parts, *count * sizeof(*adding.parts));
    for (size_t i = 0; i < holds->count; i++) {
        if (rse_map_get(holds->at[i]->clusters, cluster) != NULL && !add_hold(&adding, holds->at[i], err))
            return false;
    }
    *parts = adding.parts;
    *count = adding.count;
    return true;
}
