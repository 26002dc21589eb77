#include "automation-worker/job/causes.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <resedge/arena.h>
#include <resedge/map.h>

#include "automation-worker/member.h"

#include "automation-worker/job/feed.h"

#define LISTENERS "flux-system/listeners/"

struct causes {
    struct rse_arena *arena;
    const struct rse_fleet *fleet;
    int64_t target_id;
    struct cause_of **at; /* by revision */
    size_t count, cap;
    struct rse_map *written[RSE_NOUN_COUNT]; /* id -> the newest cause */
    struct rse_map *deleted;                 /* name -> the newest that deleted that application or namespace */
    const struct cause_of *gone;             /* the newest that deleted any */
    const struct cause_of *templates, *indirect, *fallback;
};

static bool is_indirect(enum rse_noun noun)
{
    return noun == RSE_GROUP || noun == RSE_POLICY || noun == RSE_METADATA_KEY || noun == RSE_TARGET;
}

static struct cause_of *cause_for(struct causes *causes, const cJSON *change)
{
    int64_t revision = member_int64(change, "revision", 0);
    struct cause_of *cause = causes->count > 0 ? causes->at[causes->count - 1] : NULL;

    if (cause == NULL || cause->revision != revision) {
        cause = rse_arena_new_of(causes->arena, struct cause_of);
        *cause = (struct cause_of){ .revision = revision, .confirm = member_int64(change, "confirm", -1) };
        cause->actor = rse_arena_str(causes->arena, rse_str(member_text(change, "actor")));
        cause->noun = rse_arena_str(causes->arena, rse_str(member_text(change, "noun")));
        cause->id = member_int64(change, "id", 0);
        cause->name = rse_arena_str(causes->arena, rse_str(member_text(change, "name")));
        RSE_GROW(causes->at, causes->count, causes->cap);
        causes->at[causes->count++] = cause;
    }
    cause->objects++;
    return cause;
}

static void take_change(struct causes *causes, const cJSON *change)
{
    struct rse_str noun = rse_str(member_text(change, "noun"));
    const struct rse_noun_info *info = rse_noun_find(noun);
    int64_t id = member_int64(change, "id", 0);
    struct cause_of *cause = cause_for(causes, change);

    if (rse_str_is(noun, "template")) {
        if (id == causes->target_id)
            causes->templates = cause;
        return;
    }
    if (info == NULL)
        return;
    rse_map_put_id(causes->written[info->noun], id, cause);
    if (is_indirect(info->noun))
        causes->indirect = cause;
    if ((info->noun == RSE_APPLICATION || info->noun == RSE_NAMESPACE) &&
        strcmp(member_text(change, "op"), "delete") == 0) {
        rse_map_put(causes->deleted, rse_str(member_text(change, "name")), cause);
        causes->gone = cause;
    }
}

static bool read_page(struct causes *causes, struct rse_client *client, char place[static FEED_PLACE_SIZE],
                      int64_t upto, bool *more, struct rse_err *err)
{
    const cJSON *changes, *change;
    cJSON *answer;

    if (!feed_read(client, place, upto, 0, &answer, err))
        return false;
    changes = cJSON_GetObjectItemCaseSensitive(answer, "changes");
    cJSON_ArrayForEach(change, changes)
    {
        take_change(causes, change);
    }
    *more = cJSON_GetArraySize(changes) > 0 && member_int64(answer, "revision", upto) < upto;
    cJSON_Delete(answer);
    return true;
}

bool causes_load(struct causes **out, struct rse_client *client, const struct rse_fleet *fleet, int64_t target_id,
                 int64_t after, int64_t upto, struct rse_err *err)
{
    struct causes *causes = rse_new(struct causes);
    struct cause_of *fallback;
    char place[FEED_PLACE_SIZE];
    bool more = after < upto, ok = true;

    causes->arena = rse_arena_new();
    causes->fleet = fleet;
    causes->target_id = target_id;
    for (int i = 0; i < RSE_NOUN_COUNT; i++)
        causes->written[i] = rse_map_new();
    causes->deleted = rse_map_new();
    feed_place(place, after);
    while (ok && more)
        ok = read_page(causes, client, place, upto, &more, err);
    if (!ok) {
        causes_free(causes);
        return false;
    }
    fallback = rse_arena_new_of(causes->arena, struct cause_of);
    *fallback = (struct cause_of){ .revision = upto, .confirm = -1 };
    causes->fallback = causes->count > 0 ? causes->at[causes->count - 1] : fallback;
    *out = causes;
    return true;
}

void causes_free(struct causes *causes)
{
    if (causes == NULL)
        return;
    for (int i = 0; i < RSE_NOUN_COUNT; i++)
        rse_map_free(causes->written[i]);
    rse_map_free(causes->deleted);
    rse_arena_free(causes->arena);
    free(causes->at);
    free(causes);
}

/* ---- finding ---- */

static const struct cause_of *newer(const struct cause_of *a, const struct cause_of *b)
{
    return a == NULL || (b != NULL && b->revision > a->revision) ? b : a;
}

static const struct cause_of *written(const struct causes *causes, enum rse_noun noun, struct rse_str name)
{
    const struct rse_object *object = rse_fleet_find(causes->fleet, noun, name, NULL);

    return object != NULL ? rse_map_get_id(causes->written[noun], object->id) : NULL;
}

/* The deletion of an application, or of its namespace. Where neither is found, as when it was renamed since, the newest one. */
static const struct cause_of *deletion_of(const struct causes *causes, struct rse_str application,
                                          struct rse_str namespace_)
{
    const struct cause_of *found =
        newer(rse_map_get(causes->deleted, application), rse_map_get(causes->deleted, namespace_));

    return found != NULL ? found : causes->gone;
}

/* The writes of the part itself: its namespace, its application. */
static const struct cause_of *of_part(const struct causes *causes, struct rse_str part, bool lost)
{
    const struct cause_of *namespace_, *application;
    ptrdiff_t slash = rse_str_find(part, '/');

    if (rse_str_starts(part, RSE_STR("namespaces/"))) {
        struct rse_str file = rse_str_from(part, strlen("namespaces/"));
        struct rse_str name = rse_str_n(file.p, file.len - strlen(".yaml"));

        namespace_ = written(causes, RSE_NAMESPACE, name);
        return namespace_ != NULL || !lost ? namespace_ : deletion_of(causes, name, name);
    }
    if (slash <= 0 || rse_str_starts(part, RSE_STR(LISTENERS)))
        return NULL;
    namespace_ = written(causes, RSE_NAMESPACE, rse_str_n(part.p, (size_t)slash));
    application = written(causes, RSE_APPLICATION, part);
    if (lost && namespace_ == NULL && rse_fleet_find(causes->fleet, RSE_APPLICATION, part, NULL) == NULL)
        return deletion_of(causes, part, rse_str_n(part.p, (size_t)slash));
    return newer(namespace_, application);
}

const struct cause_of *causes_find(const struct causes *causes, struct rse_str cluster, struct rse_str part, bool lost,
                                   bool *direct)
{
    const struct cause_of *cause = of_part(causes, part, lost);

    *direct = cause != NULL;
    if (cause == NULL)
        cause = written(causes, RSE_CLUSTER, cluster);
    if (cause == NULL) {
        cause = causes->templates;
        *direct = cause != NULL;
    }
    if (cause == NULL)
        cause = causes->indirect;
    return cause != NULL ? cause : causes->fallback;
}

/* ---- for people ---- */

void cause_describe(const struct causes *causes, const struct cause_of *cause, struct rse_buf *out)
{
    const struct rse_noun_info *info = rse_noun_find(cause->noun);
    const struct rse_object *object = info != NULL ? rse_fleet_get(causes->fleet, info->noun, cause->id) : NULL;

    if (rse_str_is(cause->noun, "template"))
        rse_buf_adds(out, "a push to the templates");
    else if (cause->objects > 1)
        rse_buf_addf(out, "a write of %" PRId64 " objects", cause->objects);
    else if (object != NULL)
        rse_buf_addf(out, "%s \"%.*s\"", info->name, RSE_STR_ARG(object->name));
    else if (info != NULL)
        rse_buf_addf(out, "deleting %s \"%.*s\"", info->name, RSE_STR_ARG(cause->name));
    else
        rse_buf_adds(out, "this job");
}
