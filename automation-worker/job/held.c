#include "held.h"

#include <inttypes.h>
#include <stdlib.h>

#include <resedge/arena.h>
#include <resedge/map.h>

#define MAX_LISTED  1000
#define MAX_SAME    100
#define MAX_CAUSES  1000
#define MAX_SUMMARY 5

/* The same error of the same part, on however many clusters. */
struct cause {
    struct rse_str name; /* of the part, for people */
    int64_t clusters;
};

struct entry {
    struct rse_str cluster, namespace_, application;
    struct rse_err error;
};

struct held {
    struct rse_arena *arena;
    struct rse_map *by_key; /* causes, by what makes them the same */
    struct cause **causes;
    size_t ncauses, causes_cap;
    struct entry *entries;
    size_t count, cap;
    int64_t parts;
};

struct held *held_new(void)
{
    struct held *held = rse_new(struct held);

    held->arena = rse_arena_new();
    held->by_key = rse_map_new();
    return held;
}

void held_free(struct held *held)
{
    if (held == NULL)
        return;
    rse_map_free(held->by_key);
    rse_arena_free(held->arena);
    free(held->causes);
    free(held->entries);
    free(held);
}

/* The error's object names the cluster, so it is no part of the key. */
static void add_key(struct rse_buf *key, const struct entry *entry)
{
    rse_buf_init(key, 4096);
    rse_buf_add_str(key, entry->namespace_);
    rse_buf_addc(key, '\0');
    rse_buf_add_str(key, entry->application);
    rse_buf_addc(key, '\0');
    rse_buf_adds(key, entry->error.what);
    rse_buf_addc(key, '\0');
    rse_buf_adds(key, entry->error.hint);
}

static struct cause *add_cause(struct held *held, const struct entry *entry, struct rse_str key)
{
    struct cause *cause = rse_arena_new_of(held->arena, struct cause);
    struct rse_str name = entry->application.len > 0 ? entry->application : entry->namespace_;

    cause->name = name.len > 0 ? rse_arena_str(held->arena, name) : RSE_STR("flux-system");
    RSE_GROW(held->causes, held->ncauses, held->causes_cap);
    held->causes[held->ncauses++] = cause;
    rse_map_put(held->by_key, key, cause);
    return cause;
}

/* NULL: too many different ones. */
static struct cause *find_cause(struct held *held, const struct entry *entry)
{
    RSE_BUF_AUTO key;

    add_key(&key, entry);
    struct cause *cause = rse_map_get(held->by_key, rse_buf_str(&key));
    if (cause == NULL && held->ncauses < MAX_CAUSES)
        cause = add_cause(held, entry, rse_buf_str(&key));
    return cause;
}

static void list(struct held *held, const struct entry *entry)
{
    RSE_GROW(held->entries, held->count, held->cap);
    held->entries[held->count++] = (struct entry){
        .cluster = rse_arena_str(held->arena, entry->cluster),
        .namespace_ = rse_arena_str(held->arena, entry->namespace_),
        .application = rse_arena_str(held->arena, entry->application),
        .error = entry->error,
    };
}

void held_add(struct held *held, const struct rse_cluster *cluster, const struct rse_namespace *namespace_,
              const struct rse_application *application, const struct rse_err *error)
{
    struct entry entry = { .cluster = cluster->object.name, .error = *error };

    if (namespace_ != NULL)
        entry.namespace_ = namespace_->object.name;
    if (application != NULL)
        entry.application = application->object.name;
    held->parts++;
    struct cause *cause = find_cause(held, &entry);
    if (cause != NULL && cause->clusters++ < MAX_SAME && held->count < MAX_LISTED)
        list(held, &entry);
}

int64_t held_count(const struct held *held)
{
    return held->parts;
}

static void add_name(struct rse_buf *out, const char *member, struct rse_str name)
{
    rse_buf_addf(out, ",\"%s\":", member);
    if (name.len > 0)
        rse_json_add_string(out, name);
    else
        rse_buf_adds(out, "null");
}

void held_render(const struct held *held, struct rse_buf *out)
{
    rse_buf_addc(out, '[');
    for (size_t i = 0; i < held->count; i++) {
        const struct entry *entry = &held->entries[i];

        rse_buf_adds(out, i > 0 ? ",{\"cluster\":" : "{\"cluster\":");
        rse_json_add_string(out, entry->cluster);
        add_name(out, "namespace", entry->namespace_);
        add_name(out, "application", entry->application);
        rse_buf_adds(out, ",\"error\":");
        rse_err_problem(&entry->error, NULL, out);
        rse_buf_addc(out, '}');
    }
    rse_buf_addc(out, ']');
}

void held_summary(const struct held *held, struct rse_buf *out)
{
    for (size_t i = 0; i < held->ncauses && i < MAX_SUMMARY; i++) {
        const struct cause *cause = held->causes[i];

        rse_buf_addf(out, "%s%.*s on %" PRId64 " cluster%s", i > 0 ? ", " : "", RSE_STR_ARG(cause->name),
                     cause->clusters, cause->clusters == 1 ? "" : "s");
    }
    if (held->ncauses > MAX_SUMMARY)
        rse_buf_addf(out, " and %zu more", held->ncauses - MAX_SUMMARY);
}
