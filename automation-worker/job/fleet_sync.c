#include "fleet_sync.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <resedge/log.h>
#include <resedge/model.h>

#include "automation-worker/clock.h"
#include "automation-worker/member.h"

#define CATCH_UP_MS 20000
#define WAIT_S      5

struct fleet_sync {
    struct rse_client *client;
    struct rse_fleet *fleet; /* NULL: a snapshot is needed */
    int64_t revision;
    char change_id[64];
};

struct fleet_sync *fleet_sync_new(struct rse_client *client)
{
    struct fleet_sync *sync = rse_new(struct fleet_sync);

    sync->client = client;
    return sync;
}

void fleet_sync_free(struct fleet_sync *sync)
{
    if (sync == NULL)
        return;
    rse_fleet_free(sync->fleet);
    free(sync);
}

static bool put_document(struct rse_fleet *fleet, enum rse_noun noun, const struct cJSON *doc, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_object *object;

    return rse_object_parse(&object, noun, doc, RSE_PARSE_DOC, arena, err) && rse_fleet_put(fleet, object, err);
}

/* ---- the snapshot ---- */

struct snapshot {
    struct rse_fleet *fleet;
    int64_t revision;
    char change_id[64];
    bool begun, ended;
};

static void read_point(const struct cJSON *json, int64_t *revision, char change_id[static 64])
{
    *revision = member_int64(json, "revision", *revision);
    snprintf(change_id, 64, "%s", member_text(json, "changeId"));
}

static bool snapshot_line(void *arg, struct cJSON *json, struct rse_err *err)
{
    struct snapshot *snapshot = arg;

    if (!snapshot->begun) {
        snapshot->begun = true;
        read_point(json, &snapshot->revision, snapshot->change_id);
        return true;
    }
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "end"))) {
        snapshot->ended = true;
        return true;
    }
    const struct rse_noun_info *info = rse_noun_find(rse_str(member_text(json, "noun")));
    if (info == NULL)
        return true; /* a newer server has nouns that we don't plan with */
    return put_document(snapshot->fleet, info->noun, cJSON_GetObjectItemCaseSensitive(json, "doc"), err);
}

static bool load_snapshot(struct fleet_sync *sync, struct rse_err *err)
{
    struct snapshot snapshot = { .fleet = rse_fleet_new() };
    int64_t started = clock_ms();

    bool ok = rse_client_lines(sync->client, "/api/v1/snapshot", snapshot_line, &snapshot, NULL, err);
    if (ok && !snapshot.ended)
        ok = rse_fail(err, RSE_UNAVAILABLE, "the Data Service's snapshot ended early");
    if (!ok) {
        rse_fleet_free(snapshot.fleet);
        return false;
    }
    rse_fleet_free(sync->fleet);
    sync->fleet = snapshot.fleet;
    sync->revision = snapshot.revision;
    snprintf(sync->change_id, sizeof(sync->change_id), "%s", snapshot.change_id);
    rse_fleet_set_revision(sync->fleet, sync->revision);
    rse_log(RSE_LOG_INFO, "fleet loaded", RSE_LOG_INT("revision", sync->revision),
            RSE_LOG_INT("clusters", rse_fleet_count(sync->fleet, RSE_CLUSTER)),
            RSE_LOG_INT("durationMs", clock_ms() - started));
    return true;
}

/* The fleet may be half changed: the next sync begins anew. */
static void forget_fleet(struct fleet_sync *sync)
{
    rse_fleet_free(sync->fleet);
    sync->fleet = NULL;
}

/* ---- the change feed ---- */

static bool apply_change(struct fleet_sync *sync, const struct cJSON *change, struct rse_err *err)
{
    const struct rse_noun_info *info = rse_noun_find(rse_str(member_text(change, "noun")));

    read_point(change, &sync->revision, sync->change_id);
    if (info == NULL) /* a push to the templates: a revision of its own, but no object of the fleet */
        return true;
    if (strcmp(member_text(change, "op"), "delete") == 0) {
        rse_fleet_remove(sync->fleet, info->noun, member_int64(change, "id", 0));
        return true;
    }
    return put_document(sync->fleet, info->noun, cJSON_GetObjectItemCaseSensitive(change, "doc"), err);
}

static bool apply_changes(struct fleet_sync *sync, const struct cJSON *answer, struct rse_err *err)
{
    const struct cJSON *change;

    cJSON_ArrayForEach(change, cJSON_GetObjectItemCaseSensitive(answer, "changes"))
    {
        if (!apply_change(sync, change, err)) {
            forget_fleet(sync);
            return false;
        }
    }
    rse_fleet_set_revision(sync->fleet, sync->revision);
    return true;
}

/* One answer of the feed. *more: there is more to be had at once. */
static bool read_changes(struct fleet_sync *sync, int wait_s, bool *more, struct rse_err *err)
{
    cJSON *answer;
    char path[96];

    snprintf(path, sizeof(path), "/api/v1/changes?since=%" PRId64 "&wait=%d", sync->revision, wait_s);
    if (!rse_client_json(sync->client, "GET", path, NULL, &answer, err))
        return false;
    int64_t known = sync->revision;
    bool ok = apply_changes(sync, answer, err);
    *more = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "more"));
    if (ok && member_int64(answer, "revision", known) < known) {
        /* A backup was restored behind us: what we hold has happened no more. */
        rse_log(RSE_LOG_WARN, "the Data Service went back in time, loading the fleet again", RSE_LOG_INT("had", known),
                RSE_LOG_INT("has", member_int64(answer, "revision", 0)));
        forget_fleet(sync);
        ok = load_snapshot(sync, err);
    }
    cJSON_Delete(answer);
    return ok;
}

static bool read_feed(struct fleet_sync *sync, int wait_s, bool *more, struct rse_err *err)
{
    struct rse_err first = RSE_ERR_INIT;

    if (read_changes(sync, wait_s, more, &first))
        return true;
    if (first.code != RSE_GONE) {
        *err = first;
        return false;
    }
    *more = false;
    return load_snapshot(sync, err);
}

bool fleet_sync_to(struct fleet_sync *sync, int64_t revision, struct rse_err *err)
{
    int64_t deadline = clock_ms() + CATCH_UP_MS;
    bool more = true;

    if (sync->fleet == NULL && !load_snapshot(sync, err))
        return false;
    /* At least one look at the feed with revision 0, none when the fleet is there already. */
    while (revision == 0 ? more : sync->revision < revision) {
        if (clock_ms() > deadline)
            return rse_fail(err, RSE_UNAVAILABLE,
                            "the change feed stands at revision %" PRId64 ", %" PRId64 " is needed", sync->revision,
                            revision);
        if (!read_feed(sync, revision == 0 ? 0 : WAIT_S, &more, err))
            return false;
    }
    return true;
}

const struct rse_fleet *fleet_sync_fleet(const struct fleet_sync *sync)
{
    return sync->fleet;
}

int64_t fleet_sync_revision(const struct fleet_sync *sync)
{
    return sync->revision;
}

const char *fleet_sync_change_id(const struct fleet_sync *sync)
{
    return sync->change_id;
}
