#include "automation-worker/job/drift.h"

#include <inttypes.h>

#define MAX_PATHS 100

struct finding {
    struct drift *drift;
    const struct rse_fleet *fleet;
    int depth; /* of a cluster's name below clusters/, in segments */
};

/* The segment of a path with this number, from 0; empty when there is none before the last. */
static struct rse_str segment(struct rse_str path, int number)
{
    for (;; number--) {
        ptrdiff_t slash = rse_str_find(path, '/');

        if (slash < 0)
            return rse_str_n(path.p, 0);
        if (number == 0)
            return rse_str_n(path.p, (size_t)slash);
        path = rse_str_from(path, (size_t)slash + 1);
    }
}

static bool add_change(void *arg, const struct tree_change *change, struct rse_err *err RSE_UNUSED)
{
    struct finding *finding = arg;
    struct drift *drift = finding->drift;
    struct rse_str name = segment(change->path, finding->depth);

    if (name.len == 0 || rse_fleet_find(finding->fleet, RSE_CLUSTER, name, NULL) == NULL)
        return true;
    rse_map_put(drift->clusters, name, drift);
    drift->count++;
    if (drift->npaths < MAX_PATHS)
        drift->paths[drift->npaths++] = (struct drift_path){
            .path = rse_str(rse_arena_printf(drift->arena, "clusters/%.*s", RSE_STR_ARG(change->path))),
            .op = change->op,
        };
    return true;
}

/* clusters/ of a commit; NULL when it has none. */
static bool open_clusters(struct tree **root, struct tree **out, struct objects *objects, const git_oid *tree,
                          struct rse_err *err)
{
    *root = tree_new(objects, tree);
    return tree_open(*root, RSE_STR("clusters"), out, err);
}

bool drift_find(struct drift *out, struct objects *objects, const git_oid *from, const git_oid *head,
                enum rse_folder_pattern pattern, const struct rse_fleet *fleet, struct rse_err *err)
{
    RSE_CLEANUP(tree_freep) struct tree *before_root = NULL;
    RSE_CLEANUP(tree_freep) struct tree *after_root = NULL;
    struct finding finding = { .drift = out, .fleet = fleet, .depth = pattern == RSE_FOLDER_FLAT ? 0 : 1 };
    struct tree *before, *after;

    *out = (struct drift){ .arena = rse_arena_new(), .clusters = rse_map_new() };
    if (git_oid_equal(from, head))
        return true;
    out->paths = rse_arena_calloc(out->arena, MAX_PATHS, sizeof(out->paths[0]));
    if (open_clusters(&before_root, &before, objects, from, err) &&
        open_clusters(&after_root, &after, objects, head, err) && tree_diff(before, after, add_change, &finding, err))
        return true;
    drift_release(out);
    return false;
}

void drift_release(struct drift *drift)
{
    rse_map_free(drift->clusters);
    rse_arena_free(drift->arena);
    *drift = (struct drift){ .arena = NULL };
}

void drift_render(const struct drift *drift, struct rse_buf *out)
{
    static const char *const OPS[] = { [TREE_ADDED] = "added", [TREE_CHANGED] = "changed", [TREE_REMOVED] = "removed" };

    if (drift == NULL || drift->count == 0) {
        rse_buf_adds(out, "null");
        return;
    }
    rse_buf_addf(out, "{\"files\":%" PRId64 ",\"paths\":[", drift->count);
    for (size_t i = 0; i < drift->npaths; i++) {
        rse_buf_adds(out, i > 0 ? ",{\"path\":" : "{\"path\":");
        rse_json_add_string(out, drift->paths[i].path);
        rse_buf_addf(out, ",\"op\":\"%s\"}", OPS[drift->paths[i].op]);
    }
    rse_buf_adds(out, "]}");
}
