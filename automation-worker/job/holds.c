#include "automation-worker/job/holds.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <resedge/model.h>

#include "automation-worker/member.h"

static const char *const kind_names[] = { "clustersLosing", "clustersChanged", "files", "fork", "adopt" };
static const char *const state_names[] = { "held", "approved", "discarded" };

static char present; /* the value of a set's members */

struct holds *holds_new(void)
{
    struct holds *holds = rse_new(struct holds);

    holds->arena = rse_arena_new();
    return holds;
}

void holds_free(struct holds *holds)
{
    if (holds == NULL)
        return;
    for (size_t i = 0; i < holds->count; i++) {
        rse_map_free(holds->at[i]->parts);
        rse_map_free(holds->at[i]->clusters);
    }
    rse_arena_free(holds->arena);
    free(holds->at);
    free(holds);
}

struct hold *holds_add(struct holds *holds, struct rse_str key)
{
    struct hold *hold = rse_arena_new_of(holds->arena, struct hold);

    hold->key = rse_arena_str(holds->arena, key);
    hold->parts = rse_map_new();
    hold->clusters = rse_map_new();
    RSE_GROW(holds->at, holds->count, holds->cap);
    holds->at[holds->count++] = hold;
    return hold;
}

/* Maps copy their keys. */
void hold_add_part(struct hold *hold, struct rse_str part)
{
    rse_map_put(hold->parts, part, &present);
}

void hold_add_cluster(struct hold *hold, struct rse_str cluster)
{
    rse_map_put(hold->clusters, cluster, &present);
}

const struct hold *holds_find(const struct holds *holds, struct rse_str cluster, struct rse_str part)
{
    for (size_t i = 0; holds != NULL && i < holds->count; i++) {
        const struct hold *hold = holds->at[i];

        if (rse_map_get(hold->clusters, cluster) != NULL && rse_map_get(hold->parts, part) != NULL)
            return hold;
    }
    return NULL;
}

const struct hold *holds_find_cluster(const struct holds *holds, struct rse_str cluster)
{
    const struct hold *found = NULL;

    for (size_t i = 0; holds != NULL && i < holds->count && (found == NULL || found->kind != HOLD_ADOPT); i++) {
        if (rse_map_get(holds->at[i]->clusters, cluster) != NULL)
            found = holds->at[i];
    }
    return found;
}

const struct hold *holds_get(const struct holds *holds, struct rse_str key)
{
    for (size_t i = 0; holds != NULL && i < holds->count; i++) {
        if (rse_str_eq(holds->at[i]->key, key))
            return holds->at[i];
    }
    return NULL;
}

/* ---- reading ---- */

static int name_number(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return (int)i;
    }
    return 0;
}

static struct hold_counts read_counts(const cJSON *json)
{
    return (struct hold_counts){
        .losing = member_int64(json, "clustersLosing", 0),
        .changed = member_int64(json, "clustersChanged", 0),
        .files = member_int64(json, "files", 0),
    };
}

static void read_set(const cJSON *json, const char *name, struct rse_map *set)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, name))
    {
        if (cJSON_IsString(item))
            rse_map_put(set, rse_str(item->valuestring), &present);
    }
}

static bool read_hold(void *arg, const cJSON *json, struct rse_err *err RSE_UNUSED)
{
    struct holds *holds = arg;
    struct hold *hold = holds_add(holds, rse_str(member_text(json, "key")));

    hold->kind = (enum hold_kind)name_number(kind_names, RSE_COUNT(kind_names), member_text(json, "kind"));
    hold->state = (enum hold_state)name_number(state_names, RSE_COUNT(state_names), member_text(json, "state"));
    hold->revision = member_int64(json, "revision", 0);
    hold->seen = member_int64(json, "jobRevision", 0);
    hold->subject = rse_arena_str(holds->arena, rse_str(member_text(json, "change")));
    hold->actor = rse_arena_str(holds->arena, rse_str(member_text(json, "actor")));
    hold->counts = read_counts(json);
    hold->approved = read_counts(cJSON_GetObjectItemCaseSensitive(json, "approved"));
    read_set(json, "parts", hold->parts);
    read_set(json, "clusters", hold->clusters);
    return true;
}

bool holds_load(struct holds *holds, struct rse_client *client, int64_t target_id, struct rse_err *err)
{
    char path[64];

    snprintf(path, sizeof(path), "/api/v1/targets/%" PRId64 "/holds", target_id);
    return rse_client_lines(client, path, read_hold, holds, NULL, err);
}
