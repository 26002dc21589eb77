#include "automation-worker/job/deployments.h"

#include <stdlib.h>

#include <resedge/arena.h>

#include "automation-worker/git/tree.h"

#define MAX_LINE ((size_t)4 << 20)

struct line {
    int64_t cluster_id;
    uintptr_t digest;
    struct rse_str text;
};

struct deployments {
    struct rse_map *said;
    struct rse_arena *arena;
    struct line *lines;
    size_t count, cap;
};

struct deployments *deployments_new(struct rse_map *said)
{
    struct deployments *deployments = rse_new(struct deployments);

    deployments->said = said;
    deployments->arena = rse_arena_new();
    return deployments;
}

void deployments_free(struct deployments *deployments)
{
    if (deployments == NULL)
        return;
    rse_arena_free(deployments->arena);
    free(deployments->lines);
    free(deployments);
}

static const char *const state_names[] = {
    [PART_CURRENT] = "current",
    [PART_FAILED] = "failed",
    [PART_PAUSED] = "paused",
    [PART_HELD] = "held",
};

static void add_application(struct rse_buf *out, const struct part_outcome *outcome)
{
    rse_buf_adds(out, "{\"application\":");
    rse_buf_add_int(out, outcome->part->application->object.id);
    rse_buf_adds(out, ",\"version\":");
    if (outcome->version.len > 0)
        rse_json_add_string(out, outcome->version);
    else
        rse_buf_adds(out, "null");
    rse_buf_adds(out, ",\"state\":\"");
    rse_buf_adds(out, state_names[outcome->state]);
    rse_buf_addc(out, '"');
    if (outcome->error != NULL) {
        rse_buf_adds(out, ",\"error\":");
        rse_err_problem(outcome->error, NULL, out);
    }
    rse_buf_addc(out, '}');
}

/* By ids, so that a worker that starts knows what to try again. */
static void add_failed(struct rse_buf *out, const struct part_outcome *parts, size_t count)
{
    size_t failed = 0;

    for (size_t i = 0; i < count; i++) {
        const struct rse_part *part = parts[i].part;

        if (parts[i].state != PART_FAILED)
            continue;
        rse_buf_adds(out, failed++ == 0 ? ",\"failed\":[{" : ",{");
        if (part->namespace_ != NULL)
            rse_buf_addf(out, "\"namespace\":%" PRId64, part->namespace_->object.id);
        if (part->application != NULL)
            rse_buf_addf(out, ",\"application\":%" PRId64, part->application->object.id);
        rse_buf_addc(out, '}');
    }
    if (failed > 0)
        rse_buf_addc(out, ']');
}

static void write_line(struct rse_buf *out, int64_t cluster_id, const git_oid *tree, const struct part_outcome *parts,
                       size_t count)
{
    bool first = true;

    rse_buf_adds(out, "{\"cluster\":");
    rse_buf_add_int(out, cluster_id);
    rse_buf_adds(out, ",\"tree\":\"");
    rse_buf_adds(out, tree != NULL ? git_oid_tostr_s(tree) : TREE_EMPTY_ID);
    rse_buf_adds(out, "\",\"applications\":[");
    for (size_t i = 0; i < count; i++) {
        if (parts[i].part->kind != RSE_PART_APPLICATION || parts[i].state == PART_ABSENT ||
            parts[i].part->application->object.id == 0)
            continue;
        if (!first)
            rse_buf_addc(out, ',');
        first = false;
        add_application(out, &parts[i]);
    }
    rse_buf_addc(out, ']');
    add_failed(out, parts, count);
    rse_buf_adds(out, "}\n");
}

void deployments_add(struct deployments *deployments, int64_t cluster_id, const git_oid *tree,
                     const struct part_outcome *parts, size_t count)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, MAX_LINE);
    write_line(&text, cluster_id, tree, parts, count);
    /* Never 0, which would be no entry of the map. */
    uintptr_t digest = (uintptr_t)rse_hash(text.p, text.len) | 1;
    if ((uintptr_t)rse_map_get_id(deployments->said, cluster_id) == digest)
        return;
    RSE_GROW(deployments->lines, deployments->count, deployments->cap);
    deployments->lines[deployments->count++] = (struct line){
        .cluster_id = cluster_id,
        .digest = digest,
        .text = rse_arena_str(deployments->arena, rse_buf_str(&text)),
    };
}

bool deployments_next(const struct deployments *deployments, size_t *at, size_t max_bytes, struct rse_buf *out)
{
    rse_buf_reset(out);
    while (*at < deployments->count && out->len < max_bytes)
        rse_buf_add_str(out, deployments->lines[(*at)++].text);
    return out->len > 0;
}

size_t deployments_count(const struct deployments *deployments)
{
    return deployments->count;
}

void deployments_clear(struct deployments *deployments)
{
    deployments->count = 0;
}

void deployments_remember(struct deployments *deployments)
{
    for (size_t i = 0; i < deployments->count; i++)
        rse_map_put_id(deployments->said, deployments->lines[i].cluster_id, (void *)deployments->lines[i].digest);
}
