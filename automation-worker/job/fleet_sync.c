#include "automation-worker/job/fleet_sync.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <resedge/log.h>
#include <resedge/model.h>

#include "automation-worker/clock.h"
#include "automation-worker/member.h"

#include "automation-worker/job/feed.h"
#include "automation-worker/job/fleet_marks.h"

#define CATCH_UP_MS 20000
#define WAIT_S      5

struct fleet_sync {
    struct rse_client *client;
    struct rse_fleet *fleet; /* NULL: a snapshot is needed */
    struct fleet_marks *marks;
    uint64_t epoch;
    int64_t revision;
    char change_id[64];
};

struct fleet_sync *fleet_sync_new(struct rse_client *client)
{
    struct fleet_sync *sync = rse_new(struct fleet_sync);

    sync->client = client;
    sync->marks = fleet_marks_new();
    return sync;
}

void fleet_sync_free(struct fleet_sync *sync)
{
    if (sync == NULL)
        return;
    fleet_marks_free(sync->marks);
    rse_fleet_free(sync->fleet);
    free(sync);
}

/* ---- the snapshot ---- */

struct snapshot {
    struct rse_fleet *fleet;
    struct rse_arena *arena; /* for one document at a time */
    int64_t revision;
    char change_id[64];
    bool begun, ended;
};

static bool put_document(struct snapshot *snapshot, enum rse_noun noun, const struct cJSON *doc, struct rse_err *err)
{
    struct rse_object *object;

    rse_arena_reset(snapshot->arena);
    return rse_object_parse(&object, noun, doc, RSE_PARSE_DOC, snapshot->arena, err) &&
           rse_fleet_put(snapshot->fleet, object, err);
}

static void read_point(const struct cJSON *json, int64_t *revision, char change_id[static 64])
{
    *revision = member_int64(json, "revision", *revision);
    snprintf(change_id, 64, "%s", member_text(json, "changeId"));
}

static bool snapshot_line(void *arg, const struct cJSON *json, struct rse_err *err)
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
    return put_document(snapshot, info->noun, cJSON_GetObjectItemCaseSensitive(json, "doc"), err);
}

bool fleet_sync_load(struct fleet_sync *sync, int64_t revision, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct snapshot snapshot = { .fleet = rse_fleet_new(), .arena = arena };
    int64_t started = clock_ms();
    char path[64] = "/api/v1/snapshot";

    if (revision > 0)
        snprintf(path, sizeof(path), "/api/v1/snapshot?revision=%" PRId64, revision);
    bool ok = rse_client_lines(sync->client, path, snapshot_line, &snapshot, NULL, err);
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
    fleet_marks_begin(sync->marks, sync->revision);
    sync->epoch++;
    rse_log(RSE_LOG_INFO, "fleet loaded", RSE_LOG_INT("revision", sync->revision),
            RSE_LOG_INT("clusters", rse_fleet_count(sync->fleet, RSE_CLUSTER)),
            RSE_LOG_INT("durationMs", clock_ms() - started));
    return true;
}

/* The fleet may be half changed: the next sync begins anew. */
void fleet_sync_forget(struct fleet_sync *sync)
{
    rse_fleet_free(sync->fleet);
    sync->fleet = NULL;
}

/* ---- the change feed ---- */

/* A change that was read. */
struct change {
    enum rse_noun noun;
    int64_t id;
    struct rse_object *object; /* NULL: it is deleted */
};

/* Whole revisions: as many answers of the feed as the last one of them takes. */
struct page {
    struct rse_arena *arena;
    struct change *changes;
    size_t count, cap;
    int64_t revision; /* the last one, */
    char change_id[64];
    char place[FEED_PLACE_SIZE]; /* and where it was read to */
    bool is_bad;                 /* it can't be applied: the fleet has to be loaded anew */
    struct rse_value_watch *watch;
};

static bool read_change(struct page *page, const struct cJSON *json, struct rse_err *err)
{
    const struct rse_noun_info *info = rse_noun_find(rse_str(member_text(json, "noun")));
    struct change *change;

    if (info == NULL) /* a push to the templates: a revision of its own, but no object of the fleet */
        return true;
    RSE_GROW(page->changes, page->count, page->cap);
    change = &page->changes[page->count];
    *change = (struct change){ .noun = info->noun, .id = member_int64(json, "id", 0) };
    if (strcmp(member_text(json, "op"), "delete") != 0 &&
        !rse_object_parse(&change->object, info->noun, cJSON_GetObjectItemCaseSensitive(json, "doc"), RSE_PARSE_DOC,
                          page->arena, err))
        return false;
    rse_value_watch_expect(page->watch, change->noun, change->id, change->object);
    page->count++;
    return true;
}

static bool read_answer(struct page *page, const struct cJSON *answer, bool goes_on, struct rse_err *err)
{
    const struct cJSON *changes = cJSON_GetObjectItemCaseSensitive(answer, "changes"), *change;
    int count = cJSON_GetArraySize(changes);

    if (goes_on && strcmp(member_text(cJSON_GetArrayItem(changes, 0), "changeId"), page->change_id) != 0)
        return rse_fail(err, RSE_UNAVAILABLE, "revision %" PRId64 " became another one while it was read",
                        page->revision);
    cJSON_ArrayForEach(change, changes)
    {
        if (!read_change(page, change, err))
            return false;
    }
    if (count > 0)
        read_point(cJSON_GetArrayItem(changes, count - 1), &page->revision, page->change_id);
    return true;
}

static bool read_page(struct page *page, struct rse_client *client, int wait_s, int64_t until, bool *more,
                      struct rse_err *err)
{
    do {
        bool goes_on = feed_is_amid(page->place);
        cJSON *answer;

        if (!feed_read(client, page->place, until, wait_s, &answer, err))
            return false;
        page->is_bad = !read_answer(page, answer, goes_on, err);
        *more = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "more"));
        cJSON_Delete(answer);
    } while (!page->is_bad && feed_is_amid(page->place));
    return !page->is_bad;
}

static bool apply_change(struct fleet_sync *sync, const struct change *change, struct rse_err *err)
{
    const struct rse_object *before = rse_fleet_get(sync->fleet, change->noun, change->id);

    if (change->object != NULL)
        return rse_fleet_put(sync->fleet, change->object, err);
    if (change->noun == RSE_CLUSTER && before != NULL)
        fleet_marks_add_gone(sync->marks, before->name, sync->revision);
    rse_fleet_remove(sync->fleet, change->noun, change->id);
    return true;
}

/* All of it at once: what it does to clusters is the difference between before and after. */
static bool apply_page(struct fleet_sync *sync, const struct page *page, struct rse_err *err)
{
    RSE_BITMAP_AUTO clusters = { 0 };

    rse_value_watch_begin(page->watch);
    sync->revision = page->revision;
    snprintf(sync->change_id, sizeof(sync->change_id), "%s", page->change_id);
    for (size_t i = 0; i < page->count; i++) {
        if (!apply_change(sync, &page->changes[i], err))
            return false;
    }
    rse_bitmap_init(&clusters, 0);
    rse_value_watch_end(page->watch, &clusters);
    fleet_marks_add(sync->marks, &clusters, sync->revision);
    rse_fleet_set_revision(sync->fleet, sync->revision);
    return true;
}

/* The next revisions of the feed. *more: there is more to be had at once. */
static bool read_changes(struct fleet_sync *sync, int wait_s, int64_t until, bool *more, struct rse_err *err)
{
    struct page page = { .arena = rse_arena_new(), .revision = sync->revision };
    bool ok;

    page.watch = rse_value_watch_new(sync->fleet);
    feed_place(page.place, sync->revision);
    ok = read_page(&page, sync->client, wait_s, until, more, err);
    if (ok && page.revision > sync->revision) {
        ok = apply_page(sync, &page, err);
        page.is_bad = !ok;
    }
    rse_value_watch_free(page.watch);
    free(page.changes);
    rse_arena_free(page.arena);
    if (page.is_bad)
        fleet_sync_forget(sync);
    return ok;
}

static bool read_feed(struct fleet_sync *sync, int wait_s, bool *more, struct rse_err *err)
{
    struct rse_err first = RSE_ERR_INIT;

    if (read_changes(sync, wait_s, 0, more, &first))
        return true;
    if (first.code != RSE_GONE) {
        *err = first;
        return false;
    }
    *more = false;
    return fleet_sync_load(sync, 0, err);
}

bool fleet_sync_to(struct fleet_sync *sync, int64_t revision, struct rse_err *err)
{
    int64_t deadline = clock_ms() + CATCH_UP_MS;
    bool more = true;

    if (sync->fleet == NULL && !fleet_sync_load(sync, 0, err))
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

bool fleet_sync_exactly(struct fleet_sync *sync, int64_t revision, struct rse_err *err)
{
    bool more;

    if (sync->fleet == NULL)
        return rse_fail(err, RSE_UNAVAILABLE, "the fleet has to be loaded first");
    while (sync->revision < revision) {
        int64_t before = sync->revision;

        if (!read_changes(sync, 0, revision, &more, err))
            return false;
        if (sync->revision == before)
            return rse_fail(err, RSE_UNAVAILABLE, "the change feed has nothing after revision %" PRId64, before);
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

uint64_t fleet_sync_epoch(const struct fleet_sync *sync)
{
    return sync->epoch;
}

bool fleet_sync_changes(const struct fleet_sync *sync, int64_t since, struct rse_arena *arena,
                        struct fleet_changes *out)
{
    return fleet_marks_since(sync->marks, since, rse_fleet_nbits(sync->fleet), arena, out);
}
