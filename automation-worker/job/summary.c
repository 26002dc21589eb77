#include "automation-worker/job/summary.h"

#include <inttypes.h>
#include <stdlib.h>

#include <resedge/arena.h>
#include <resedge/map.h>

#define NAMED_APPLICATIONS 3
#define NAMED_CLUSTERS     20

/* On how many clusters an application came, went or changed. */
struct application {
    struct rse_str path; /* "imdb/imdb" */
    int64_t came, went, changed;
};

struct summary {
    struct rse_arena *arena;
    struct rse_map *by_path;
    struct application **applications;
    size_t count, cap;
    struct rse_str clusters[NAMED_CLUSTERS];
    int64_t nclusters;
    struct tree_counts files;
    struct touches touches;
};

struct summary *summary_new(void)
{
    struct summary *summary = rse_new(struct summary);

    summary->arena = rse_arena_new();
    summary->by_path = rse_map_new();
    touches_init(&summary->touches);
    return summary;
}

void summary_free(struct summary *summary)
{
    if (summary == NULL)
        return;
    rse_map_free(summary->by_path);
    touches_release(&summary->touches);
    rse_arena_free(summary->arena);
    free(summary->applications);
    free(summary);
}

static struct application *find_application(struct summary *summary, struct rse_str path)
{
    struct application *application = rse_map_get(summary->by_path, path);

    if (application == NULL) {
        application = rse_arena_new_of(summary->arena, struct application);
        application->path = rse_arena_str(summary->arena, path);
        RSE_GROW(summary->applications, summary->count, summary->cap);
        summary->applications[summary->count++] = application;
        rse_map_put(summary->by_path, application->path, application);
    }
    return application;
}

/* ---- taking in one cluster ---- */

static bool is_application(struct rse_str part)
{
    return touches_part_runs(part) && !rse_str_starts(part, RSE_STR("namespaces/"));
}

/* *op: what became of the application, of which a file differs. */
static bool count_application(struct summary_diff *diff, struct rse_str path, enum tree_op *op, struct rse_err *err)
{
    struct application *application = diff->last;
    struct tree_entry entry;
    bool had = false, has;

    /* Files of an application come one after the other. */
    if (application != NULL && rse_str_eq(application->path, path))
        return true;
    application = find_application(diff->summary, path);
    has = diff->has(diff->arg, application->path);
    if (diff->before != NULL && !tree_get(diff->before, application->path, &entry, &had, err))
        return false;
    application->came += !had && has;
    application->went += had && !has;
    application->changed += had && has;
    diff->last = application;
    *op = !has ? TREE_REMOVED : had ? TREE_CHANGED : TREE_ADDED;
    return true;
}

bool summary_see(struct summary_diff *diff, enum tree_op op, struct rse_str file, struct rse_err *err)
{
    struct tree_counts *files = &diff->summary->files;
    struct rse_str part = touches_part(file);

    files->added += op == TREE_ADDED;
    files->changed += op == TREE_CHANGED;
    files->removed += op == TREE_REMOVED;
    if (part.len == 0)
        return true;
    if (is_application(part) && !count_application(diff, part, &op, err))
        return false;
    if (diff->before == NULL)
        return true;
    if (!diff->begun)
        touches_cluster(&diff->summary->touches, diff->cluster);
    diff->begun = true;
    touches_add(&diff->summary->touches, part, op);
    return true;
}

void summary_cluster(struct summary *summary, struct rse_str name)
{
    if (summary->nclusters < NAMED_CLUSTERS)
        summary->clusters[summary->nclusters] = rse_arena_str(summary->arena, name);
    summary->nclusters++;
}

void summary_merge(struct summary *into, const struct summary *from)
{
    int64_t named = from->nclusters < NAMED_CLUSTERS ? from->nclusters : NAMED_CLUSTERS;

    for (size_t i = 0; i < from->count; i++) {
        struct application *application = find_application(into, from->applications[i]->path);

        application->came += from->applications[i]->came;
        application->went += from->applications[i]->went;
        application->changed += from->applications[i]->changed;
    }
    for (int64_t i = 0; i < named; i++)
        summary_cluster(into, from->clusters[i]);
    into->nclusters += from->nclusters - named;
    into->files.added += from->files.added;
    into->files.changed += from->files.changed;
    into->files.removed += from->files.removed;
    touches_merge(&into->touches, &from->touches);
}

static bool see_removed(void *arg, const struct tree_change *change, struct rse_err *err)
{
    return summary_see(arg, change->op, change->path, err);
}

static bool has_nothing(void *arg RSE_UNUSED, struct rse_str path RSE_UNUSED)
{
    return false;
}

bool summary_gone(struct summary *summary, struct rse_str cluster, struct tree *before, struct rse_err *err)
{
    struct summary_diff diff = { .summary = summary, .cluster = cluster, .before = before, .has = has_nothing };

    summary_cluster(summary, cluster);
    return tree_diff(before, NULL, see_removed, &diff, err);
}

int64_t summary_clusters(const struct summary *summary)
{
    return summary->nclusters;
}

const struct touches *summary_touches(const struct summary *summary)
{
    return &summary->touches;
}

struct tree_counts summary_files(const struct summary *summary)
{
    return summary->files;
}

/* ---- the message ---- */

static int64_t reach(const struct application *application)
{
    return application->came + application->went + application->changed;
}

/* The widest reach first, then by name, so that the same change is told in the same words. */
static int by_reach(const void *a, const void *b)
{
    const struct application *x = *(const struct application *const *)a, *y = *(const struct application *const *)b;

    if (reach(x) != reach(y))
        return reach(x) > reach(y) ? -1 : 1;
    return rse_str_cmp(x->path, y->path);
}

/* "dogs-cats" of "dogs-cats/dogs-cats", else "pets/dogs-cats". */
static struct rse_str short_name(struct rse_str path)
{
    size_t slash = (size_t)rse_str_find(path, '/');
    struct rse_str name = rse_str_from(path, slash + 1);

    return rse_str_eq(name, rse_str_n(path.p, slash)) ? name : path;
}

static void add_application(struct rse_buf *out, const struct application *application)
{
    rse_buf_addf(out, ", %.*s", RSE_STR_ARG(short_name(application->path)));
    if (application->came > 0)
        rse_buf_addf(out, " added on %" PRId64, application->came);
    if (application->changed > 0)
        rse_buf_addf(out, " changed on %" PRId64, application->changed);
    if (application->went > 0)
        rse_buf_addf(out, " removed from %" PRId64, application->went);
}

static void add_subject(const struct summary *summary, int64_t revision, struct rse_buf *out)
{
    rse_buf_addf(out, "Revision %" PRId64 ": %" PRId64 " cluster%s changed", revision, summary->nclusters,
                 summary->nclusters == 1 ? "" : "s");
    if (summary->count > 0)
        qsort(summary->applications, summary->count, sizeof(*summary->applications), by_reach);
    for (size_t i = 0; i < summary->count && i < NAMED_APPLICATIONS; i++)
        add_application(out, summary->applications[i]);
    if (summary->count > NAMED_APPLICATIONS)
        rse_buf_addf(out, " and %zu more", summary->count - NAMED_APPLICATIONS);
    rse_buf_adds(out, "\n");
}

void summary_message(const struct summary *summary, int64_t revision, const struct held *held,
                     const struct holds *holds, struct rse_buf *out)
{
    const struct tree_counts *files = &summary->files;

    add_subject(summary, revision, out);
    rse_buf_addf(out, "\nFiles: %" PRId64 " added, %" PRId64 " changed, %" PRId64 " removed\n", files->added,
                 files->changed, files->removed);
    if (summary->nclusters <= NAMED_CLUSTERS) {
        rse_buf_adds(out, "Clusters: ");
        for (int64_t i = 0; i < summary->nclusters; i++)
            rse_buf_addf(out, "%s%.*s", i > 0 ? ", " : "", RSE_STR_ARG(summary->clusters[i]));
        rse_buf_addc(out, '\n');
    }
    if (held_count(held) + holds_count(holds) > 0) {
        rse_buf_adds(out, "Held back: ");
        held_summary(held, out);
        if (held_count(held) > 0 && holds_count(holds) > 0)
            rse_buf_adds(out, ", ");
        holds_summary(holds, out);
        rse_buf_addc(out, '\n');
    }
}
