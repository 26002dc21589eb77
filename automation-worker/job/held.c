#include "automation-worker/job/held.h"

#include <inttypes.h>
#include <stdlib.h>

#include <resedge/arena.h>
#include <resedge/map.h>
#include <resedge/model.h>

#define MAX_LISTED  1000
#define MAX_SAME    100
#define MAX_CAUSES  1000
#define MAX_SUMMARY 5

/* The same error of the same part, on however many clusters. */
struct cause {
    int64_t namespace_id, application_id; /* 0: none */
    struct rse_str namespace_, application;
    struct rse_err error;   /* as of one cluster */
    bool object_is_cluster; /* error.object names that cluster, and has to name another one for another */
    struct rse_bitmap clusters;
};

struct held {
    struct rse_arena *arena;
    struct rse_map *by_key; /* causes, by what makes them the same */
    struct cause **causes;
    size_t count, cap;
};

static void begin(struct held *held)
{
    held->arena = rse_arena_new();
    held->by_key = rse_map_new();
}

static void end(struct held *held)
{
    for (size_t i = 0; i < held->count; i++)
        rse_bitmap_release(&held->causes[i]->clusters);
    held->count = 0;
    rse_map_free(held->by_key);
    rse_arena_free(held->arena);
}

struct held *held_new(void)
{
    struct held *held = rse_new(struct held);

    begin(held);
    return held;
}

void held_free(struct held *held)
{
    if (held == NULL)
        return;
    end(held);
    free(held->causes);
    free(held);
}

void held_clear(struct held *held)
{
    end(held);
    begin(held);
}

/* ---- causes ---- */

static bool names_cluster(const struct rse_err *error)
{
    return strncmp(error->object, "cluster \"", strlen("cluster \"")) == 0;
}

/* Past so many different ones, a part has one cause for all the others. */
static void add_key(struct rse_buf *key, const struct cause *cause, bool many)
{
    rse_buf_init(key, 4096);
    /* Names too: those who are told of it know the part by them, and they may change. */
    rse_buf_addf(key, "%" PRId64 " %.*s/%" PRId64 " %.*s", cause->namespace_id, RSE_STR_ARG(cause->namespace_),
                 cause->application_id, RSE_STR_ARG(cause->application));
    if (many)
        return;
    rse_buf_addc(key, '\0');
    rse_buf_adds(key, cause->error.what);
    rse_buf_addc(key, '\0');
    rse_buf_adds(key, cause->error.hint);
    rse_buf_addc(key, '\0');
    if (!cause->object_is_cluster)
        rse_buf_adds(key, cause->error.object);
}

static struct cause *add_cause(struct held *held, const struct cause *like, struct rse_str key)
{
    struct cause *cause = rse_arena_memdup(held->arena, like, sizeof(*like));

    cause->namespace_ = rse_arena_str(held->arena, like->namespace_);
    cause->application = rse_arena_str(held->arena, like->application);
    rse_bitmap_init(&cause->clusters, 0);
    RSE_GROW(held->causes, held->count, held->cap);
    held->causes[held->count++] = cause;
    rse_map_put(held->by_key, key, cause);
    return cause;
}

static struct cause *find_cause(struct held *held, const struct cause *like)
{
    RSE_BUF_AUTO key = { 0 }, rest = { 0 };

    add_key(&key, like, false);
    add_key(&rest, like, true);
    struct cause *cause = rse_map_get(held->by_key, rse_buf_str(&key));
    if (cause == NULL && held->count >= MAX_CAUSES)
        cause = rse_map_get(held->by_key, rse_buf_str(&rest));
    if (cause == NULL)
        cause = add_cause(held, like, rse_buf_str(held->count < MAX_CAUSES ? &key : &rest));
    return cause;
}

/* ---- adding and taking away ---- */

void held_add(struct held *held, uint32_t cluster_index, const struct rse_namespace *namespace_,
              const struct rse_application *application, const struct rse_err *error)
{
    struct cause like = { .error = *error, .object_is_cluster = names_cluster(error) };

    if (namespace_ != NULL) {
        like.namespace_id = namespace_->object.id;
        like.namespace_ = namespace_->object.name;
    }
    if (application != NULL) {
        like.application_id = application->object.id;
        like.application = application->object.name;
    }
    struct cause *cause = find_cause(held, &like);
    if (cluster_index >= cause->clusters.nbits)
        rse_bitmap_resize(&cause->clusters, cluster_index + 1024);
    rse_bitmap_set(&cause->clusters, cluster_index);
}

void held_forget(struct held *held, const struct rse_bitmap *clusters)
{
    RSE_BITMAP_AUTO gone = { 0 };

    rse_bitmap_init(&gone, 0);
    for (size_t i = 0; i < held->count; i++) {
        rse_bitmap_copy(&gone, clusters);
        rse_bitmap_resize(&gone, held->causes[i]->clusters.nbits);
        rse_bitmap_andnot(&held->causes[i]->clusters, &gone);
    }
}

static void merge_cause(struct held *held, const struct cause *more)
{
    struct cause *cause = find_cause(held, more);
    RSE_BITMAP_AUTO clusters = { 0 };

    rse_bitmap_init(&clusters, 0);
    rse_bitmap_copy(&clusters, &more->clusters);
    if (clusters.nbits < cause->clusters.nbits)
        rse_bitmap_resize(&clusters, cause->clusters.nbits);
    else
        rse_bitmap_resize(&cause->clusters, clusters.nbits);
    rse_bitmap_or(&cause->clusters, &clusters);
}

/* Causes that no cluster has any more go when it is cheap: all at once. */
static void compact(struct held *held)
{
    struct held old = *held;
    size_t empty = 0;

    for (size_t i = 0; i < held->count; i++)
        empty += rse_bitmap_count(&held->causes[i]->clusters) == 0;
    if (empty <= held->count / 2)
        return;
    *held = (struct held){ .causes = NULL };
    begin(held);
    for (size_t i = 0; i < old.count; i++) {
        if (rse_bitmap_count(&old.causes[i]->clusters) > 0)
            merge_cause(held, old.causes[i]);
    }
    end(&old);
    free(old.causes);
}

void held_merge(struct held *held, const struct held *more)
{
    compact(held);
    for (size_t i = 0; i < more->count; i++)
        merge_cause(held, more->causes[i]);
}

/* ---- questions ---- */

bool held_has(const struct held *held, uint32_t cluster_index, int64_t namespace_id, int64_t application_id)
{
    for (size_t i = 0; i < held->count; i++) {
        const struct cause *cause = held->causes[i];

        if (cause->namespace_id == namespace_id && cause->application_id == application_id &&
            rse_bitmap_has(&cause->clusters, cluster_index))
            return true;
    }
    return false;
}

int64_t held_count(const struct held *held)
{
    int64_t count = 0;

    for (size_t i = 0; i < held->count; i++)
        count += rse_bitmap_count(&held->causes[i]->clusters);
    return count;
}

static void add_name(struct rse_buf *out, const char *member, struct rse_str name)
{
    rse_buf_addf(out, ",\"%s\":", member);
    if (name.len > 0)
        rse_json_add_string(out, name);
    else
        rse_buf_adds(out, "null");
}

static void add_entry(struct rse_buf *out, const struct cause *cause, const struct rse_cluster *cluster)
{
    struct rse_err error = cause->error;

    if (cause->object_is_cluster) {
        error.object[0] = '\0';
        rse_err_object(&error, "cluster \"%.*s\"", RSE_STR_ARG(cluster->object.name));
    }
    rse_buf_adds(out, "{\"cluster\":");
    rse_json_add_string(out, cluster->object.name);
    add_name(out, "namespace", cause->namespace_);
    add_name(out, "application", cause->application);
    rse_buf_adds(out, ",\"error\":");
    rse_err_problem(&error, NULL, out);
    rse_buf_addc(out, '}');
}

void held_render(const struct held *held, const struct rse_fleet *fleet, struct rse_buf *out)
{
    int listed = 0;

    rse_buf_addc(out, '[');
    for (size_t i = 0; i < held->count && listed < MAX_LISTED; i++) {
        uint32_t index = rse_bitmap_next(&held->causes[i]->clusters, 0);

        for (int same = 0; index != UINT32_MAX && same < MAX_SAME && listed < MAX_LISTED; same++) {
            const struct rse_cluster *cluster = rse_fleet_cluster_at(fleet, index);

            if (cluster != NULL) {
                if (listed++ > 0)
                    rse_buf_addc(out, ',');
                add_entry(out, held->causes[i], cluster);
            }
            index = rse_bitmap_next(&held->causes[i]->clusters, index + 1);
        }
    }
    rse_buf_addc(out, ']');
}

static struct rse_str name_of(const struct cause *cause)
{
    struct rse_str name = cause->application.len > 0 ? cause->application : cause->namespace_;

    return name.len > 0 ? name : RSE_STR("flux-system");
}

void held_summary(const struct held *held, struct rse_buf *out)
{
    int told = 0, more = 0;

    for (size_t i = 0; i < held->count; i++) {
        const struct cause *cause = held->causes[i];
        uint32_t clusters = rse_bitmap_count(&cause->clusters);

        if (clusters == 0)
            continue;
        if (told == MAX_SUMMARY) {
            more++;
            continue;
        }
        rse_buf_addf(out, "%s%.*s on %" PRIu32 " cluster%s", told++ > 0 ? ", " : "", RSE_STR_ARG(name_of(cause)),
                     clusters, clusters == 1 ? "" : "s");
    }
    if (more > 0)
        rse_buf_addf(out, " and %d more", more);
}
