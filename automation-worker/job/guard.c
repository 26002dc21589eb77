#include "automation-worker/job/guard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "automation-worker/job/causes.h"

#define LISTENERS "flux-system/listeners/"

/* What one cause does. */
struct tally {
    struct rse_str key;
    struct rse_str foreign;       /* the cluster whose folder it is about; else empty */
    const struct hold *old;       /* what was held of it */
    const struct cause_of *cause; /* NULL with old */
    struct hold_counts counts;
    uint32_t changed, losing; /* the clusters that were counted last, + 1 */
    struct hold *now;         /* as it is held now; NULL: it goes out */
};

struct judging {
    const struct touches *touches;
    const struct guard_input *input;
    const struct rse_guard *limits;
    struct causes *causes;
    struct rse_arena *arena;
    struct rse_map *by_key; /* tallies, by the key of their hold */
    struct rse_map *flux;   /* of a listener's path: the path of its application, as a struct rse_str */
    struct tally **of;      /* of each touch; NULL: none */
    struct tally **all;
    size_t count, cap;
};

static bool is_loss(const struct touches *touches, const struct touch *touch)
{
    return touch->op == TREE_REMOVED && touches_part_runs(touches->parts[touch->part]);
}

static void count(const struct touches *touches, const struct touch *touch, struct tally *tally)
{
    tally->counts.files += touch->files;
    if (tally->changed != touch->cluster + 1)
        tally->counts.changed++;
    tally->changed = touch->cluster + 1;
    if (!is_loss(touches, touch))
        return;
    if (tally->losing != touch->cluster + 1)
        tally->counts.losing++;
    tally->losing = touch->cluster + 1;
}

struct hold_counts guard_count(const struct touches *touches)
{
    struct tally all = { .old = NULL };

    for (size_t i = 0; i < touches->count; i++)
        count(touches, &touches->at[i], &all);
    return all.counts;
}

/* ---- the limits ---- */

static bool is_above(int64_t counted, double percent, int64_t of)
{
    return counted >= GUARD_MIN_CLUSTERS && (double)counted * 100 > percent * (double)of;
}

/* *kind: which limit it is. */
static bool exceeds(const struct hold_counts *counts, const struct rse_guard *limits, int64_t of, enum hold_kind *kind,
                    double *limit)
{
    if (is_above(counts->losing, limits->clusters_losing, of)) {
        *kind = HOLD_LOSING;
        *limit = limits->clusters_losing;
    } else if (is_above(counts->changed, limits->clusters_changed, of)) {
        *kind = HOLD_CHANGED;
        *limit = limits->clusters_changed;
    } else if (limits->files > 0 && counts->files > limits->files && counts->changed >= GUARD_MIN_CLUSTERS) {
        *kind = HOLD_FILES;
        *limit = (double)limits->files;
    } else {
        return false;
    }
    return true;
}

static bool is_within(const struct hold_counts *counts, const struct hold_counts *approved)
{
    return counts->losing <= approved->losing && counts->changed <= approved->changed &&
           counts->files <= approved->files;
}

/* ---- who did it ---- */

/* A listener's application, so that both are one part. */
static struct rse_str part_of(const struct judging *judging, const struct touch *touch)
{
    struct rse_str part = judging->touches->parts[touch->part];
    const struct rse_str *application = rse_map_get(judging->flux, part);

    return application != NULL ? *application : part;
}

static void list_flux_names(struct judging *judging)
{
    const struct rse_object *object;

    for (size_t it = 0; (object = rse_fleet_next(judging->input->fleet, RSE_APPLICATION, &it)) != NULL;) {
        const struct rse_application *application = (const struct rse_application *)object;
        struct rse_str *path = rse_arena_new_of(judging->arena, struct rse_str);
        const char *listener =
            rse_arena_printf(judging->arena, LISTENERS "%.*s.yaml", RSE_STR_ARG(application->flux_name));

        *path = rse_str(rse_arena_printf(judging->arena, "%.*s/%.*s", RSE_STR_ARG(application->namespace_.name),
                                         RSE_STR_ARG(object->name)));
        rse_map_put(judging->flux, rse_str(listener), path);
    }
}

static struct tally *tally_of(struct judging *judging, struct rse_str key)
{
    struct tally *tally = rse_map_get(judging->by_key, key);

    if (tally == NULL) {
        tally = rse_arena_new_of(judging->arena, struct tally);
        tally->key = rse_arena_str(judging->arena, key);
        rse_map_put(judging->by_key, key, tally);
        RSE_GROW(judging->all, judging->count, judging->cap);
        judging->all[judging->count++] = tally;
    }
    return tally;
}

/* What was discarded waits for another write of what it is made of. What is held stays that, unless somebody wrote it once
 * more and confirmed it. */
static bool is_still(const struct hold *old, const struct cause_of *cause, bool direct)
{
    bool is_new = old != NULL && direct && cause->revision > old->seen;

    return old != NULL && !(is_new && (old->state == HOLD_DISCARDED || cause->confirm > 0));
}

static struct tally *tally_foreign(struct judging *judging, struct rse_str cluster)
{
    struct tally *tally =
        tally_of(judging, rse_str(rse_arena_printf(judging->arena, "adopt/%.*s", RSE_STR_ARG(cluster))));

    tally->foreign = cluster;
    tally->old = holds_get(judging->input->before, tally->key);
    return tally;
}

static struct tally *attribute(struct judging *judging, const struct touch *touch)
{
    struct rse_str cluster = judging->touches->clusters[touch->cluster], part = part_of(judging, touch);
    const struct hold *old = holds_find(judging->input->before, cluster, part);
    const struct cause_of *cause;
    struct tally *tally;
    bool direct;
    char key[40];

    if (rse_map_get(judging->input->foreign, cluster) != NULL)
        return tally_foreign(judging, cluster);
    if (rse_str_starts(part, RSE_STR(LISTENERS)))
        return NULL; /* of an application that is gone, whose own files are counted */
    cause = causes_find(judging->causes, cluster, part, is_loss(judging->touches, touch), &direct);
    if (is_still(old, cause, direct)) {
        tally = tally_of(judging, old->key);
        tally->old = old;
    } else {
        snprintf(key, sizeof(key), "revision/%" PRId64, cause->revision);
        tally = tally_of(judging, rse_str(key));
    }
    if (tally->cause == NULL)
        tally->cause = cause;
    return tally;
}

/* ---- what becomes of it ---- */

static bool is_confirmed(const struct tally *tally)
{
    int64_t confirm = tally->old == NULL ? tally->cause->confirm : -1;

    return confirm > 0 && (confirm == tally->counts.losing || confirm == tally->counts.changed);
}

static void name_hold(const struct judging *judging, const struct tally *tally, struct rse_arena *arena,
                      struct hold *held)
{
    RSE_BUF_AUTO subject = { 0 };

    if (tally->old != NULL) {
        held->revision = tally->old->revision;
        held->subject = rse_arena_str(arena, tally->old->subject);
        held->actor = rse_arena_str(arena, tally->old->actor);
        return;
    }
    rse_buf_init(&subject, 4096);
    if (tally->foreign.len > 0) {
        rse_buf_addf(&subject, "the folder of cluster \"%.*s\" was never written by Automation",
                     RSE_STR_ARG(tally->foreign));
        held->revision = judging->input->revision;
        held->subject = rse_arena_str(arena, rse_buf_str(&subject));
        return;
    }
    cause_describe(judging->causes, tally->cause, &subject);
    held->revision = tally->cause->revision;
    held->subject = rse_arena_str(arena, rse_buf_str(&subject));
    held->actor = rse_arena_str(arena, tally->cause->actor);
}

static void hold(const struct judging *judging, struct tally *tally, struct holds *after, enum hold_kind kind,
                 double limit, enum hold_state state)
{
    struct hold *held = holds_add(after, tally->key);

    held->kind = kind;
    held->state = state;
    held->counts = tally->counts;
    held->of = judging->input->clusters;
    held->limit = limit;
    name_hold(judging, tally, after->arena, held);
    tally->now = held;
}

/* A folder of people is written once somebody adopted it. */
static void decide_foreign(const struct judging *judging, struct tally *tally, struct holds *after)
{
    const struct hold *old = tally->old;

    tally->counts.changed = 1;
    if (old != NULL && old->state == HOLD_APPROVED && is_within(&tally->counts, &old->approved))
        return;
    hold(judging, tally, after, HOLD_ADOPT, 0,
         old != NULL && old->state == HOLD_DISCARDED ? HOLD_DISCARDED : HOLD_HELD);
    hold_add_cluster(tally->now, tally->foreign);
}

static void decide(struct judging *judging, struct tally *tally, struct holds *after)
{
    enum hold_kind kind = tally->old != NULL ? tally->old->kind : HOLD_CHANGED;
    double limit = 0;
    bool above = exceeds(&tally->counts, judging->limits, judging->input->clusters, &kind, &limit);

    if (tally->old != NULL && tally->old->state == HOLD_DISCARDED)
        hold(judging, tally, after, kind, limit, HOLD_DISCARDED);
    else if (tally->old != NULL && tally->old->state == HOLD_APPROVED &&
             is_within(&tally->counts, &tally->old->approved))
        tally->now = NULL;
    else if (above && !is_confirmed(tally))
        hold(judging, tally, after, kind, limit, HOLD_HELD);
}

static void judge(struct judging *judging, struct holds *after)
{
    const struct touches *touches = judging->touches;
    struct rse_str cluster;

    for (size_t i = 0; i < touches->count; i++) {
        judging->of[i] = attribute(judging, &touches->at[i]);
        if (judging->of[i] != NULL)
            count(touches, &touches->at[i], judging->of[i]);
    }
    for (size_t it = 0; rse_map_next(judging->input->foreign, &it, &cluster, NULL);)
        tally_foreign(judging, cluster);
    for (size_t i = 0; i < judging->count; i++) {
        if (judging->all[i]->foreign.len > 0)
            decide_foreign(judging, judging->all[i], after);
        else
            decide(judging, judging->all[i], after);
    }
    for (size_t i = 0; i < touches->count; i++) {
        struct hold *held = judging->of[i] != NULL ? judging->of[i]->now : NULL;

        if (held == NULL)
            continue;
        hold_add_part(held, part_of(judging, &touches->at[i]));
        hold_add_cluster(held, touches->clusters[touches->at[i].cluster]);
    }
}

static bool may_hold(const struct touches *touches, const struct guard_input *input, const struct rse_guard *limits)
{
    struct hold_counts counts = guard_count(touches);
    enum hold_kind kind;
    double limit;

    return input->before->count > 0 || rse_map_count(input->foreign) > 0 ||
           exceeds(&counts, limits, input->clusters, &kind, &limit);
}

bool guard_judge(const struct touches *touches, const struct guard_input *input, struct holds **after,
                 struct rse_err *err)
{
    const struct rse_object *target = rse_fleet_get(input->fleet, RSE_TARGET, input->target_id);
    struct judging judging = { .touches = touches, .input = input };

    *after = NULL;
    judging.limits = &((const struct rse_target *)target)->guard;
    if (!may_hold(touches, input, judging.limits))
        return true;
    if (!causes_load(&judging.causes, input->client, input->fleet, input->target_id, input->after, input->revision,
                     err))
        return false;
    judging.arena = rse_arena_new();
    judging.by_key = rse_map_new();
    judging.flux = rse_map_new();
    judging.of = rse_xcalloc(touches->count + 1, sizeof(*judging.of));
    list_flux_names(&judging);
    *after = holds_new();
    judge(&judging, *after);
    if ((*after)->count == 0) {
        holds_free(*after);
        *after = NULL;
    }
    free(judging.of);
    free(judging.all);
    rse_map_free(judging.flux);
    rse_map_free(judging.by_key);
    rse_arena_free(judging.arena);
    causes_free(judging.causes);
    return true;
}
