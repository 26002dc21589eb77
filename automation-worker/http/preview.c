#include "automation-worker/http/preview.h"

#include <stdlib.h>

#include <resedge/model.h>

#include "automation-worker/git/error.h"
#include "automation-worker/job/fleet_sync.h"
#include "automation-worker/job/templates.h"

#define MAX_DIFF ((size_t)16 << 10)

static bool load_templates(struct preview *preview, const struct registered *target, struct rse_err *err)
{
    RSE_CLEANUP(repo_freep) struct repo *repo = NULL;
    RSE_CLEANUP(objects_freep) struct objects *objects = NULL;

    if (!repo_open(&repo, target->templates_path, err) ||
        !repo_head(repo, target->templates_ref, &preview->templates, err))
        return false;
    if (!preview->templates.born)
        return rse_fail(err, RSE_UNAVAILABLE, "the target's templates were not fetched yet");
    if (!objects_new(&objects, repo_git(repo), OBJECTS_HASH, err))
        return false;
    RSE_CLEANUP(tree_freep) struct tree *root = tree_new(objects, &preview->templates.tree);
    if (!templates_load(preview->kept, root, rse_str(target->template_folder), preview->fleet, err))
        return false;
    preview->catalogue = templates_catalogue(preview->kept);
    return true;
}

bool preview_open(struct preview *out, const struct question *question, struct rse_err *err)
{
    *out = (struct preview){ .sync = fleet_sync_new(question->client), .kept = templates_new() };
    if (!fleet_sync_to(out->sync, 0, err)) {
        preview_release(out);
        return false;
    }
    out->fleet = fleet_sync_fleet(out->sync);
    out->revision = fleet_sync_revision(out->sync);
    if (!load_templates(out, &question->target, err)) {
        preview_release(out);
        return false;
    }
    return true;
}

void preview_release(struct preview *preview)
{
    templates_free(preview->kept);
    fleet_sync_free(preview->sync);
    *preview = (struct preview){ .revision = 0 };
}

/* ---- files ---- */

void preview_files_clear(struct preview_files *files)
{
    rse_arena_free(files->arena);
    files->arena = rse_arena_new();
    files->count = 0;
}

void preview_files_release(struct preview_files *files)
{
    rse_arena_free(files->arena);
    free(files->at);
    *files = (struct preview_files){ .count = 0 };
}

bool preview_files_add(void *arg, const struct rse_planned_file *file, struct rse_err *err RSE_UNUSED)
{
    struct preview_files *files = arg;

    RSE_GROW(files->at, files->count, files->cap);
    /* What is the same on every cluster stays where it is as long as the plan. */
    files->at[files->count++] = (struct preview_file){
        .path = rse_arena_str(files->arena, file->path),
        .bytes = file->shared ? file->bytes : rse_arena_str(files->arena, file->bytes),
    };
    return true;
}

/* ---- diffs ---- */

static int add_line(const git_diff_delta *delta RSE_UNUSED, const git_diff_hunk *hunk RSE_UNUSED,
                    const git_diff_line *line, void *arg)
{
    struct rse_buf *out = arg;

    if (line->origin == GIT_DIFF_LINE_FILE_HDR)
        return 0;
    if (out->len > MAX_DIFF)
        return 1;
    if (line->origin == GIT_DIFF_LINE_CONTEXT || line->origin == GIT_DIFF_LINE_ADDITION ||
        line->origin == GIT_DIFF_LINE_DELETION)
        rse_buf_addc(out, line->origin);
    rse_buf_addn(out, line->content, line->content_len);
    return 0;
}

bool preview_diff(struct rse_str from, struct rse_str to, struct rse_buf *out, struct rse_err *err)
{
    size_t begin = out->len;
    git_patch *patch;
    int rc = git_patch_from_buffers(&patch, from.p, from.len, NULL, to.p, to.len, NULL, NULL);

    if (rc != 0)
        return git_error_take(err, rc, "could not compare two texts");
    rc = git_patch_print(patch, add_line, out);
    git_patch_free(patch);
    if (rc != 0 && out->len - begin <= MAX_DIFF)
        return git_error_take(err, rc, "could not compare two texts");
    if (out->len - begin > MAX_DIFF)
        rse_buf_adds(out, "[cut off]\n");
    return rse_buf_ok(out, err);
}

bool preview_add_diff(struct rse_buf *json, struct rse_str from, struct rse_str to, struct rse_err *err)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, QUESTION_MAX_FILE);
    if (!rse_utf8_valid(from, NULL) || !rse_utf8_valid(to, NULL)) {
        rse_buf_adds(json, "null");
        return true;
    }
    if (!preview_diff(from, to, &text, err))
        return false;
    rse_json_add_string(json, rse_buf_str(&text));
    return true;
}
