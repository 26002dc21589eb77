/* adoption.c - what adopting the folders of clusters would change there, resource by resource. */
#include <stdlib.h>

#include <resedge/model.h>

#include "automation-worker/git/error.h"
#include "automation-worker/git/tree_diff.h"

#include "automation-worker/http/preview.h"
#include "automation-worker/http/resources.h"

#define MAX_CLUSTERS 20

struct adopting {
    const struct question *question;
    struct preview preview;
    struct rse_plan *plan;
    git_commit *head;
    struct rse_arena *arena; /* for one cluster */
    struct rse_buf *out;
};

/* ---- what stands there ---- */

struct reading {
    struct adopting *adopting;
    struct resources *resources;
    struct objects *objects;
};

static bool read_file(void *arg, const struct tree_change *change, struct rse_err *err)
{
    struct reading *reading = arg;
    struct rse_arena *arena = reading->adopting->arena;
    struct rse_str path = rse_arena_str(arena, change->path), bytes = RSE_STR("");
    git_odb_object *blob;

    if (change->entry->mode == TREE_SUBMODULE) {
        resources_add(reading->resources, arena, path, bytes);
        return true;
    }
    if (!objects_read(&blob, reading->objects, &change->entry->id, GIT_OBJECT_BLOB, err))
        return false;
    if (git_odb_object_size(blob) <= QUESTION_MAX_FILE)
        bytes = rse_arena_str(arena, rse_str_n(git_odb_object_data(blob), git_odb_object_size(blob)));
    git_odb_object_free(blob);
    resources_add(reading->resources, arena, path, bytes);
    return true;
}

static bool read_folder(struct adopting *adopting, const struct question *question, struct resources *out,
                        struct rse_err *err)
{
    struct reading reading = { .adopting = adopting, .resources = out };
    git_tree *folder;

    if (!question_tree(question, adopting->head, &folder, err))
        return false;
    if (folder == NULL)
        return true;
    bool ok = objects_new(&reading.objects, question->git, OBJECTS_HASH, err);
    if (ok) {
        struct tree *tree = tree_new(reading.objects, git_tree_id(folder));

        ok = tree_diff(NULL, tree, read_file, &reading, err);
        tree_free(tree);
        objects_free(reading.objects);
    }
    git_tree_free(folder);
    return ok;
}

/* ---- what would stand there ---- */

static void add_failure(struct rse_buf *failed, const struct rse_err *why)
{
    if (failed->len > 0)
        rse_buf_addc(failed, ',');
    rse_err_problem(why, NULL, failed);
}

/* Parts that fail are left out, and told. */
static bool render_folder(struct adopting *adopting, uint32_t cluster, struct preview_files *files,
                          struct resources *out, struct rse_buf *failed, struct rse_err *err)
{
    struct rse_part *parts;
    size_t count;
    bool *present;

    rse_plan_parts(adopting->plan, cluster, adopting->arena, &parts, &count);
    present = rse_arena_calloc(adopting->arena, count + 1, sizeof(*present));
    for (size_t i = 0; i < count; i++) {
        struct rse_err why = RSE_ERR_INIT;
        size_t from = files->count;

        if (parts[i].frozen || parts[i].leftover)
            continue;
        present[i] = rse_plan_render(adopting->plan, cluster, &parts[i], preview_files_add, files, &why);
        if (!present[i]) {
            files->count = from;
            add_failure(failed, &why);
        }
    }
    if (count > 0 &&
        !rse_plan_render_lists(adopting->plan, cluster, parts, present, count, preview_files_add, files, err))
        return false;
    for (size_t i = 0; i < files->count; i++)
        resources_add(out, adopting->arena, files->at[i].path, files->at[i].bytes);
    return true;
}

/* ---- the answer ---- */

static bool show(struct adopting *adopting, const struct question *question, uint32_t cluster, struct rse_err *err)
{
    struct preview_files files = { .arena = rse_arena_new() };
    struct resources before = { .count = 0 }, after = { .count = 0 };
    RSE_BUF_AUTO failed = { 0 };

    rse_buf_init(&failed, QUESTION_MAX_FILE);
    rse_buf_adds(adopting->out, "{\"cluster\":");
    rse_json_add_string(adopting->out, rse_str(question->cluster));
    rse_buf_adds(adopting->out, ",\"folder\":");
    rse_json_add_string(adopting->out, rse_str(question_folder(question)));
    rse_buf_addc(adopting->out, ',');
    bool ok = read_folder(adopting, question, &before, err) &&
              render_folder(adopting, cluster, &files, &after, &failed, err) &&
              resources_compare(&before, &after, adopting->out, err) && rse_buf_ok(&failed, err);
    if (ok)
        rse_buf_addf(adopting->out, ",\"failed\":[%s]}", failed.len > 0 ? failed.p : "");
    resources_release(&before);
    resources_release(&after);
    preview_files_release(&files);
    return ok;
}

static bool show_named(struct adopting *adopting, const char *name, struct rse_err *err)
{
    const struct rse_object *object = rse_fleet_find(adopting->preview.fleet, RSE_CLUSTER, rse_str(name), NULL);
    uint32_t cluster = object != NULL ? rse_fleet_cluster_index(adopting->preview.fleet, object->id) : UINT32_MAX;
    struct question about = *adopting->question;

    if (cluster == UINT32_MAX || rse_plan_wish(adopting->plan, cluster) == RSE_FOLDER_NONE) {
        rse_err_field(err, "/clusters");
        return rse_fail(err, RSE_NOT_FOUND, "the target writes no cluster named \"%s\"", name);
    }
    about.cluster = name;
    adopting->arena = rse_arena_new();
    bool ok = show(adopting, &about, cluster, err);
    rse_arena_free(adopting->arena);
    return ok;
}

static bool show_all(struct adopting *adopting, const char *names, struct rse_err *err)
{
    char *copy = rse_arena_strdup(adopting->question->arena, names), *rest = NULL;
    int count = 0;

    rse_buf_addf(adopting->out, "{\"commit\":\"%s\",\"value\":[", git_oid_tostr_s(git_commit_id(adopting->head)));
    for (char *name = strtok_r(copy, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest)) {
        if (++count > MAX_CLUSTERS) {
            rse_err_field(err, "/clusters");
            return rse_fail(err, RSE_INVALID, "the differences of at most %d clusters are shown at once", MAX_CLUSTERS);
        }
        if (count > 1)
            rse_buf_addc(adopting->out, ',');
        if (!show_named(adopting, name, err))
            return false;
    }
    rse_buf_adds(adopting->out, "]}");
    return true;
}

bool question_adoption(struct question *question, struct rse_buf *out, struct rse_err *err)
{
    const char *names = question->param(question, "clusters");
    struct adopting adopting = { .question = question, .out = out };

    if (!question_commit(question, "commit", &adopting.head, err))
        return false;
    bool ok = preview_open(&adopting.preview, question, err);
    if (ok) {
        ok = rse_plan_new(&adopting.plan, adopting.preview.fleet, adopting.preview.catalogue, question->target_id,
                          err) &&
             show_all(&adopting, names != NULL ? names : "", err);
        rse_plan_free(adopting.plan);
        preview_release(&adopting.preview);
    }
    git_commit_free(adopting.head);
    return ok;
}
