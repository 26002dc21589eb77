/*
 * resedge plan: what a checkout's templates would change on the whole fleet, without a commit: what a pull request's check
 * runs. Compared is with the clusters/ folder of the checkout, or with what another checkout's templates (--against) make.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/before.h"
#include "cli/cluster_folders.h"
#include "cli/commands.h"
#include "cli/linediff.h"
#include "cli/offline.h"
#include "cli/output/output.h"

enum { MOST_EXAMPLES = 1000 };

/* The same difference on many clusters, shown once. */
struct difference {
    const char *path, *cluster, *patch;
    int64_t clusters;
};

struct planning {
    struct cli *cli;
    struct offline *offline, *against; /* against: NULL where the checkout's own files are compared with */
    const char *from;
    struct rse_map *folders;                       /* names of the clusters that have one in the checkout */
    struct rse_map *differences, *errors, *before; /* before: path -> struct before_file *, of one cluster */
    struct difference **order;
    size_t ndifferences, cap;
    struct rse_arena *round;
    const char *cluster; /* that is looked at */
    bool changed;
    int64_t clusters, clusters_changed, files_changed;
};

/* What a cluster's own name makes different is the same difference. */
static char *without_name(struct planning *p, const char *patch)
{
    size_t len = strlen(p->cluster);
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, SIZE_MAX / 2);
    for (const char *c = patch; *c != '\0';) {
        if (strncmp(c, p->cluster, len) == 0) {
            rse_buf_adds(&text, "*");
            c += len;
        } else {
            rse_buf_addc(&text, *c++);
        }
    }
    return rse_arena_strdup(p->round, text.p);
}

static void note_difference(struct planning *p, struct rse_str path, const char *patch)
{
    const char *key = rse_arena_printf(p->round, "%.*s\n%s", RSE_STR_ARG(path), without_name(p, patch));
    struct difference *d = rse_map_get(p->differences, rse_str(key));

    p->changed = true;
    p->files_changed++;
    if (d == NULL) {
        d = rse_arena_new_of(p->cli->arena, struct difference);
        d->path = rse_arena_str(p->cli->arena, path).p;
        d->cluster = p->cluster;
        d->patch = rse_arena_strdup(p->cli->arena, patch);
        rse_map_put(p->differences, rse_str(key), d);
        RSE_GROW(p->order, p->ndifferences, p->cap);
        p->order[p->ndifferences++] = d;
    }
    d->clusters++;
}

static void note_error(void *arg, const struct rse_part *part RSE_UNUSED, const struct rse_err *why)
{
    struct planning *p = arg;
    struct difference *d = rse_map_get(p->errors, rse_str(why->what));

    if (d == NULL) {
        d = rse_arena_new_of(p->cli->arena, struct difference);
        d->cluster = p->cluster;
        d->patch = rse_arena_strdup(p->cli->arena, why->what);
        rse_map_put(p->errors, rse_str(why->what), d);
    }
    d->clusters++;
}

/* ---- what is there now ---- */

static bool keep_before(void *arg, const struct rse_planned_file *file, struct rse_err *err RSE_UNUSED)
{
    struct planning *p = arg;

    before_add(p->before, p->round, file->path, file->bytes);
    return true;
}

/* What the other checkout makes of the cluster, or what is in its folder of this one. */
static bool find_before(struct planning *p, uint32_t index, struct rse_err *err)
{
    const struct offline_sink then = { .file = keep_before, .arg = p };
    RSE_BUF_AUTO folder = { 0 };

    rse_buf_init(&folder, 8192);
    rse_map_clear(p->before);
    if (p->against != NULL)
        return offline_render(p->against, index, &then, err);
    rse_buf_addf(&folder, "%s/", p->from);
    rse_cluster_folder(p->offline->target->folder_pattern, rse_str(p->cluster), &folder);
    return rse_buf_ok(&folder, err) && before_read(p->before, p->round, folder.p, err);
}

static bool keep_part(void *arg, const struct rse_part *part)
{
    struct planning *p = arg;

    return before_keep(p->before, part);
}

static bool compare_file(void *arg, const struct rse_planned_file *file, struct rse_err *err RSE_UNUSED)
{
    struct planning *p = arg;
    const struct before_file *before = rse_map_remove(p->before, file->path);
    const struct rse_str nothing = { NULL, 0 };
    RSE_BUF_AUTO patch = { 0 };

    rse_buf_init(&patch, SIZE_MAX / 2);
    if (before != NULL && rse_str_eq(before->bytes, file->bytes))
        return true;
    line_diff(before != NULL ? before->bytes : nothing, file->bytes, &patch);
    note_difference(p, file->path, patch.p);
    return true;
}

/* What was there, and is neither made again nor left alone, is gone. */
static void note_removed(struct planning *p)
{
    struct rse_str path;
    void *file;

    for (size_t it = 0; rse_map_next(p->before, &it, &path, &file);) {
        if (!((const struct before_file *)file)->stays)
            note_difference(p, path, "-(the file is removed)\n");
    }
}

static bool plan_cluster(struct planning *p, const struct rse_cluster *cluster, uint32_t index, struct rse_err *err)
{
    const struct offline_sink now = { .file = compare_file, .failed = note_error, .kept = keep_part, .arg = p };
    enum rse_folder_wish wish = rse_plan_wish(p->offline->plan, index);
    bool ok;

    if (wish == RSE_FOLDER_FROZEN || cluster->target.id != p->offline->target->object.id)
        return true;
    p->changed = false;
    p->cluster = cluster->object.name.p;
    p->round = rse_arena_new();
    ok = find_before(p, index, err) && offline_render(p->offline, index, &now, err);
    if (ok)
        note_removed(p);
    p->clusters += wish != RSE_FOLDER_NONE || p->changed;
    p->clusters_changed += p->changed;
    rse_arena_free(p->round);
    return ok;
}

/* The folder of a cluster that was deleted, or moved to another target. */
static bool plan_leftover(struct planning *p, const char *name, struct rse_err *err)
{
    bool ok;

    p->changed = false;
    p->cluster = rse_arena_strdup(p->cli->arena, name);
    p->round = rse_arena_new();
    rse_map_clear(p->before);
    RSE_BUF_AUTO folder = { 0 };
    rse_buf_init(&folder, 8192);
    rse_buf_addf(&folder, "%s/", p->from);
    rse_cluster_folder(p->offline->target->folder_pattern, rse_str(name), &folder);
    ok = rse_buf_ok(&folder, err) && before_read(p->before, p->round, folder.p, err);
    if (ok)
        note_removed(p);
    p->clusters++;
    p->clusters_changed += p->changed;
    rse_arena_free(p->round);
    return ok;
}

static bool plan_leftovers(struct planning *p, struct rse_err *err)
{
    struct rse_str name;

    for (size_t it = 0; rse_map_next(p->folders, &it, &name, NULL);) {
        const struct rse_object *cluster = rse_fleet_find(p->offline->fleet, RSE_CLUSTER, name, NULL);

        if ((cluster == NULL || ((const struct rse_cluster *)cluster)->target.id != p->offline->target->object.id) &&
            !plan_leftover(p, rse_arena_str(p->cli->arena, name).p, err))
            return false;
    }
    return true;
}

static bool plan_target(struct planning *p, const struct rse_target *target, struct rse_err *err)
{
    if (!offline_plan(p->offline, target, err) || (p->against != NULL && !offline_plan(p->against, target, err)))
        return false;
    for (uint32_t i = 0; i < rse_fleet_nbits(p->offline->fleet); i++) {
        const struct rse_cluster *cluster = rse_fleet_cluster_at(p->offline->fleet, i);

        if (cluster != NULL && !plan_cluster(p, cluster, i, err))
            return false;
    }
    return p->against != NULL || plan_leftovers(p, err);
}

/* ---- whose checkout it is ---- */

static bool has_a_folder(const struct planning *p, const struct rse_target *target)
{
    for (uint32_t i = 0; i < rse_fleet_nbits(p->offline->fleet); i++) {
        const struct rse_cluster *cluster = rse_fleet_cluster_at(p->offline->fleet, i);

        if (cluster != NULL && cluster->target.id == target->object.id &&
            rse_map_get(p->folders, cluster->object.name) != NULL)
            return true;
    }
    return false;
}

/* Whether the checkout is of the target's repository: said so by --target, or seen by the folders in it. */
static bool is_meant(const struct planning *p, const struct rse_target *target)
{
    const char *named = args_value(&p->cli->args, "target");

    if (named != NULL)
        return rse_str_is(target->object.name, named);
    return p->against != NULL || rse_fleet_count(p->offline->fleet, RSE_TARGET) == 1 || has_a_folder(p, target);
}

static bool plan_fleet(struct planning *p, struct rse_err *err)
{
    const struct rse_object *object;
    int planned = 0;

    for (size_t it = 0; (object = rse_fleet_next(p->offline->fleet, RSE_TARGET, &it)) != NULL;) {
        const struct rse_target *target = (const struct rse_target *)object;

        rse_map_free(p->folders);
        p->folders = NULL;
        if (!cluster_folders_read(p->from, target->folder_pattern, &p->folders, err))
            return false;
        if (!is_meant(p, target))
            continue;
        planned++;
        if (!plan_target(p, target, err))
            return false;
    }
    rse_err_hint(err, "`resedge get targets` lists them; name one with --target.");
    return planned > 0 || rse_fail(err, RSE_NOT_FOUND, "no target's clusters have folders in the checkout");
}

/* ---- what came of it ---- */

static cJSON *as_document(struct planning *p)
{
    cJSON *answer = cli_new_object(p->cli), *differences, *errors;
    void *value;

    cJSON_AddNumberToObject(answer, "clusters", (double)p->clusters);
    cJSON_AddNumberToObject(answer, "clustersChanged", (double)p->clusters_changed);
    cJSON_AddNumberToObject(answer, "filesChanged", (double)p->files_changed);
    differences = cJSON_AddArrayToObject(answer, "differences");
    for (size_t i = 0; i < p->ndifferences && i < MOST_EXAMPLES; i++) {
        cJSON *row = cJSON_CreateObject();

        cJSON_AddStringToObject(row, "path", p->order[i]->path);
        cJSON_AddNumberToObject(row, "clusters", (double)p->order[i]->clusters);
        cJSON_AddStringToObject(row, "example", p->order[i]->cluster);
        cJSON_AddStringToObject(row, "patch", p->order[i]->patch);
        cJSON_AddItemToArray(differences, row);
    }
    errors = cJSON_AddArrayToObject(answer, "errors");
    for (size_t it = 0; rse_map_next(p->errors, &it, NULL, &value);) {
        const struct difference *d = value;
        cJSON *row = cJSON_CreateObject();

        cJSON_AddStringToObject(row, "detail", d->patch);
        cJSON_AddNumberToObject(row, "clusters", (double)d->clusters);
        cJSON_AddStringToObject(row, "example", d->cluster);
        cJSON_AddItemToArray(errors, row);
    }
    return answer;
}

static void print_plan(struct planning *p)
{
    struct rse_arena *arena = p->cli->arena;
    void *value;

    pager_start(p->cli);
    for (size_t i = 0; i < p->ndifferences && i < MOST_EXAMPLES; i++) {
        const struct difference *d = p->order[i];

        printf("%s on %s, for example %s:\n", d->path, plural(arena, d->clusters, "cluster"), d->cluster);
        print_patch(p->cli, d->patch);
        putchar('\n');
    }
    for (size_t it = 0; rse_map_next(p->errors, &it, NULL, &value);) {
        const struct difference *d = value;

        printf("error on %s, for example %s: %s\n", plural(arena, d->clusters, "cluster"), d->cluster, d->patch);
    }
    printf("%lld of %s changed (%s), %s, %s\n", (long long)p->clusters_changed, plural(arena, p->clusters, "cluster"),
           plural(arena, p->files_changed, "file"), plural(arena, (int64_t)p->ndifferences, "distinct difference"),
           plural(arena, (int64_t)rse_map_count(p->errors), "error"));
}

static bool run(struct planning *p, struct offline *against, struct rse_err *err)
{
    const char *other = args_value(&p->cli->args, "against");
    const char *folder = rse_arena_printf(p->cli->arena, "%s/clusters", p->from);

    if (other == NULL && access(folder, F_OK) != 0) {
        rse_err_hint(err, "Name a checkout of the templates before the change with --against FOLDER.");
        return rse_fail(err, RSE_INVALID, "there is nothing to compare with: %s has no clusters/", p->from);
    }
    if (!offline_fleet(p->cli, p->offline, err) || !offline_templates(p->offline, p->from, err))
        return false;
    if (other != NULL) {
        p->against = against;
        if (!offline_fleet(p->cli, against, err) || !offline_templates(against, other, err))
            return false;
    }
    return plan_fleet(p, err);
}

bool command_plan(struct cli *cli, struct rse_err *err)
{
    struct offline offline = { .fleet = NULL }, against = { .fleet = NULL };
    struct planning p = { .cli = cli, .offline = &offline, .from = args_value(&cli->args, "from") };
    bool ok;

    if (p.from == NULL) {
        rse_err_hint(err, "Give it with --from FOLDER.");
        return rse_fail(err, RSE_INVALID, "no checkout is given");
    }
    p.differences = rse_map_new();
    p.errors = rse_map_new();
    p.before = rse_map_new();
    ok = run(&p, &against, err);
    if (ok) {
        cli->status = p.ndifferences > 0 || rse_map_count(p.errors) > 0;
        if (!output_document(cli, as_document(&p)))
            print_plan(&p);
    }
    rse_map_free(p.differences);
    rse_map_free(p.errors);
    rse_map_free(p.before);
    rse_map_free(p.folders);
    free(p.order);
    offline_free(&offline);
    offline_free(&against);
    return ok;
}
