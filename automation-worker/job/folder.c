#include "folder.h"

#include <stdlib.h>

#define MAX_PATH_BYTES 4096

/* A file that was rendered, before it is known whether its whole part succeeds. */
struct staged {
    struct rse_str path;
    struct rse_str *bytes; /* NULL: the blob is stored, as a template */
    git_oid id;
};

struct stage {
    struct rse_arena *arena;
    struct staged *files;
    size_t count, cap;
};

void folder_init(struct folder *folder, struct objects *objects)
{
    folder->arena = rse_arena_new();
    folder->tree = tree_new(objects, NULL);
    folder->rendered = rse_map_new();
    folder->files = 0;
}

void folder_release(struct folder *folder)
{
    rse_map_free(folder->rendered);
    tree_free(folder->tree);
    rse_arena_free(folder->arena);
}

static bool stage_file(void *arg, const struct rse_planned_file *file, struct rse_err *err)
{
    struct stage *stage = arg;
    struct staged staged = { .path = rse_arena_str(stage->arena, file->path) };

    if (file->constant) {
        memcpy(staged.id.id, file->source->id, RSE_OID_SIZE);
    } else {
        if (!object_hash(GIT_OBJECT_BLOB, file->bytes, &staged.id, err))
            return false;
        staged.bytes = rse_arena_new_of(stage->arena, struct rse_str);
        *staged.bytes = rse_arena_str(stage->arena, file->bytes);
    }
    RSE_GROW(stage->files, stage->count, stage->cap);
    stage->files[stage->count++] = staged;
    return true;
}

static bool take_stage(struct folder *folder, const struct stage *stage, struct rse_err *err)
{
    for (size_t i = 0; i < stage->count; i++) {
        const struct staged *file = &stage->files[i];

        if (!tree_put(folder->tree, file->path, TREE_FILE, &file->id, err))
            return false;
        if (file->bytes != NULL)
            rse_map_put(folder->rendered, file->path, file->bytes);
    }
    folder->files += (int64_t)stage->count;
    return true;
}

bool folder_render(struct folder *folder, const struct rse_plan *plan, uint32_t cluster, const struct rse_part *part,
                   size_t *count, struct rse_err *err)
{
    struct stage stage = { .arena = folder->arena };

    bool ok = rse_plan_render(plan, cluster, part, stage_file, &stage, err) && take_stage(folder, &stage, err);
    *count = stage.count;
    free(stage.files);
    return ok;
}

bool folder_render_lists(struct folder *folder, const struct rse_plan *plan, uint32_t cluster,
                         const struct rse_part *parts, const bool *present, size_t count, struct rse_err *err)
{
    struct stage stage = { .arena = folder->arena };

    bool ok = rse_plan_render_lists(plan, cluster, parts, present, count, stage_file, &stage, err) &&
              take_stage(folder, &stage, err);
    free(stage.files);
    return ok;
}

/* ---- keeping what is there ---- */

static bool keep_entry(struct folder *folder, struct tree *now, struct rse_str path, bool *found, struct rse_err *err)
{
    struct tree_entry entry;

    if (!tree_get(now, path, &entry, found, err))
        return false;
    return !*found || tree_put(folder->tree, path, entry.mode, &entry.id, err);
}

/* flux-system/ less listeners/, which is the other parts'. */
static bool keep_bootstrap(struct folder *folder, struct tree *now, struct rse_str path, bool *kept,
                           struct rse_err *err)
{
    struct tree *bootstrap;
    size_t count = 0;

    if (!tree_open(now, path, &bootstrap, err) || (bootstrap != NULL && !tree_count(bootstrap, &count, err)))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct tree_entry *entry = tree_at(bootstrap, i);
        RSE_BUF_AUTO child;

        rse_buf_init(&child, MAX_PATH_BYTES);
        if (rse_str_is(entry->name, "listeners"))
            continue;
        rse_buf_add_str(&child, path);
        rse_buf_addc(&child, '/');
        rse_buf_add_str(&child, entry->name);
        if (!rse_buf_ok(&child, err) || !tree_put(folder->tree, rse_buf_str(&child), entry->mode, &entry->id, err))
            return false;
        *kept = true;
    }
    return true;
}

/* An application without its Flux Kustomization, or the other way round, is no whole part. */
static bool keep_application(struct folder *folder, struct tree *now, struct rse_str path, const struct rse_part *part,
                             bool *kept, struct rse_err *err)
{
    RSE_BUF_AUTO listener;
    struct tree_entry entry;
    bool has_files, has_listener;

    rse_buf_init(&listener, MAX_PATH_BYTES);
    rse_part_listener_path(part, &listener);
    if (!rse_buf_ok(&listener, err) || !tree_get(now, path, &entry, &has_files, err) ||
        !tree_get(now, rse_buf_str(&listener), &entry, &has_listener, err))
        return false;
    if (!has_files || !has_listener)
        return true;
    return keep_entry(folder, now, path, kept, err) && keep_entry(folder, now, rse_buf_str(&listener), kept, err);
}

bool folder_keep(struct folder *folder, struct tree *now, const struct rse_part *part, bool *kept, struct rse_err *err)
{
    RSE_BUF_AUTO path;

    *kept = false;
    rse_buf_init(&path, MAX_PATH_BYTES);
    rse_part_path(part, &path);
    if (now == NULL || !rse_buf_ok(&path, err))
        return now == NULL;
    switch (part->kind) {
    case RSE_PART_BOOTSTRAP:
        return keep_bootstrap(folder, now, rse_buf_str(&path), kept, err);
    case RSE_PART_APPLICATION:
        return keep_application(folder, now, rse_buf_str(&path), part, kept, err);
    default:
        return keep_entry(folder, now, rse_buf_str(&path), kept, err);
    }
}

/* The version that an overlay's folder stands for: its name, unless the templates say otherwise. */
static struct rse_str overlay_version(const struct rse_template_set *set, struct rse_str folder_name)
{
    for (size_t i = 0; set != NULL && i < set->noverlays; i++) {
        struct rse_str name = rse_str_from(set->overlays[i].folder, strlen("overlays/"));

        if (rse_str_eq(name, folder_name))
            return set->overlays[i].version;
    }
    return folder_name;
}

bool folder_version(struct folder *folder, struct tree *now, const struct rse_part *part, struct rse_str *version,
                    struct rse_err *err)
{
    struct tree *overlays = NULL;
    size_t count = 0;
    RSE_BUF_AUTO path;

    *version = (struct rse_str){ NULL, 0 };
    rse_buf_init(&path, MAX_PATH_BYTES);
    rse_part_path(part, &path);
    rse_buf_adds(&path, "/overlays");
    if (now == NULL || !rse_buf_ok(&path, err))
        return now == NULL;
    if (!tree_open(now, rse_buf_str(&path), &overlays, err) || (overlays != NULL && !tree_count(overlays, &count, err)))
        return false;
    if (count == 1)
        *version = rse_arena_str(folder->arena, overlay_version(part->set, tree_at(overlays, 0)->name));
    return true;
}

/* ---- writing ---- */

struct storing {
    const struct folder *folder;
    struct objects *into;
};

static bool store_blob(void *arg, const struct tree_change *change, struct rse_err *err)
{
    struct storing *storing = arg;
    const struct rse_str *bytes = rse_map_get(storing->folder->rendered, change->path);

    if (change->op == TREE_REMOVED || bytes == NULL)
        return true;
    return objects_write(storing->into, GIT_OBJECT_BLOB, *bytes, &change->entry->id, err);
}

bool folder_store(struct folder *folder, struct tree *now, struct objects *into, struct rse_err *err)
{
    struct storing storing = { .folder = folder, .into = into };

    return tree_diff(now, folder->tree, store_blob, &storing, err) && tree_store(folder->tree, now, into, err);
}
