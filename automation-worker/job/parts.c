#include "automation-worker/job/parts.h"

#include <stdlib.h>

#define MAX_PATH_BYTES 4096

bool parts_init(struct parts *parts, const struct build_input *input, struct rse_err *err)
{
    *parts = (struct parts){ .renderer = NULL };
    if (!objects_new_reader(&parts->reader, input->git, err))
        return false;
    parts->renderer = rse_renderer_new(input->plan);
    parts->shared = rse_map_new();
    folder_init(&parts->folder);
    parts->encoder = batch_encoder_new();
    return true;
}

static void free_ids(struct rse_map *shared)
{
    void *id;

    for (size_t it = 0; rse_map_next(shared, &it, NULL, &id);)
        free(id);
    rse_map_free(shared);
}

void parts_release(struct parts *parts)
{
    if (parts->renderer == NULL)
        return;
    rse_renderer_free(parts->renderer);
    free_ids(parts->shared);
    folder_release(&parts->folder);
    batch_encoder_free(parts->encoder);
    objects_free(parts->reader);
    *parts = (struct parts){ .renderer = NULL };
}

/* ---- rendering ---- */

/* Siblings are rendered from one template to one place. */
static uint64_t group_of(const struct rse_planned_file *file)
{
    const void *key[] = { file->tpl, file->path.p };

    return file->tpl != NULL ? rse_hash(key, sizeof(key)) | 1 : 0;
}

/* A template's own id is that of its blob; of another shared file it is computed once. */
static bool shared_id(struct parts *parts, const struct rse_planned_file *file, git_oid *id, struct rse_err *err)
{
    int64_t address = (int64_t)(uintptr_t)file->bytes.p;
    git_oid *known;

    if (file->constant) {
        memcpy(id->id, file->source->id, RSE_OID_SIZE);
        return true;
    }
    known = rse_map_get_id(parts->shared, address);
    if (known == NULL) {
        if (!object_hash(GIT_OBJECT_BLOB, file->bytes, id, err))
            return false;
        known = rse_xmalloc(sizeof(*known));
        *known = *id;
        rse_map_put_id(parts->shared, address, known);
    }
    *id = *known;
    return true;
}

static bool take_file(void *arg, const struct rse_planned_file *file, struct rse_err *err)
{
    struct parts *parts = arg;
    struct batch *batch = parts->folder.batch;
    uint32_t made;
    git_oid id;

    if (file->shared) {
        if (!shared_id(parts, file, &id, err))
            return false;
        made = batch_share(batch, file->bytes, &id);
    } else if (!batch_put(batch, GIT_OBJECT_BLOB, file->bytes, group_of(file), file->spans, &made, err)) {
        return false;
    }
    folder_put(&parts->folder, file->path, TREE_FILE, &batch->made[made].id, made);
    return true;
}

/* Takes back what a part that failed had put already. */
static bool settle(struct parts *parts, bool ok, size_t before, struct batch_mark mark)
{
    struct folder *folder = &parts->folder;

    if (ok) {
        folder->batch->files += (int64_t)(folder->count - before);
        for (size_t i = before; i < folder->count; i++)
            folder->batch->bytes_rendered += (int64_t)folder->batch->made[folder->entries[i].made].len;
    } else {
        folder->count = before;
        batch_return(folder->batch, mark);
    }
    return ok;
}

bool parts_render(struct parts *parts, uint32_t cluster, const struct rse_part *part, size_t *count,
                  struct rse_err *err)
{
    struct batch_mark mark = batch_mark(parts->folder.batch);
    size_t before = parts->folder.count;
    bool ok = rse_renderer_part(parts->renderer, cluster, part, take_file, parts, err);

    *count = parts->folder.count - before;
    return settle(parts, ok, before, mark);
}

bool parts_render_lists(struct parts *parts, uint32_t cluster, const struct rse_part *all, const bool *present,
                        size_t count, struct rse_err *err)
{
    struct batch_mark mark = batch_mark(parts->folder.batch);
    size_t before = parts->folder.count;
    bool ok = rse_renderer_lists(parts->renderer, cluster, all, present, count, take_file, parts, err);

    return settle(parts, ok, before, mark);
}

/* ---- keeping what is there ---- */

/* Paths of ours end with this call. */
static void put_kept(struct parts *parts, struct rse_str path, const struct tree_entry *entry)
{
    struct rse_str stays = rse_arena_str(parts->folder.batch->arena, path);

    folder_put(&parts->folder, stays, entry->mode, &entry->id, FOLDER_KEPT);
}

static bool keep_entry(struct parts *parts, struct tree *now, struct rse_str path, bool *found, struct rse_err *err)
{
    struct tree_entry entry;

    if (!tree_get(now, path, &entry, found, err))
        return false;
    if (*found)
        put_kept(parts, path, &entry);
    return true;
}

/* flux-system/ less listeners/, which is the other parts'. */
static bool keep_bootstrap(struct parts *parts, struct tree *now, struct rse_str path, bool *kept, struct rse_err *err)
{
    struct tree *bootstrap;
    size_t count = 0;

    if (!tree_open(now, path, &bootstrap, err) || (bootstrap != NULL && !tree_count(bootstrap, &count, err)))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct tree_entry *entry = tree_at(bootstrap, i);
        RSE_BUF_AUTO child = { 0 };

        rse_buf_init(&child, MAX_PATH_BYTES);
        if (rse_str_is(entry->name, "listeners"))
            continue;
        rse_buf_add_str(&child, path);
        rse_buf_addc(&child, '/');
        rse_buf_add_str(&child, entry->name);
        if (!rse_buf_ok(&child, err))
            return false;
        put_kept(parts, rse_buf_str(&child), entry);
        *kept = true;
    }
    return true;
}

/* An application without its Flux Kustomization, or the other way round, is no whole part. */
static bool keep_application(struct parts *parts, struct tree *now, struct rse_str path, const struct rse_part *part,
                             bool *kept, struct rse_err *err)
{
    RSE_BUF_AUTO listener = { 0 };
    struct tree_entry entry;
    bool has_files, has_listener;

    rse_buf_init(&listener, MAX_PATH_BYTES);
    rse_part_listener_path(part, &listener);
    if (!rse_buf_ok(&listener, err) || !tree_get(now, path, &entry, &has_files, err) ||
        !tree_get(now, rse_buf_str(&listener), &entry, &has_listener, err))
        return false;
    if (!has_files || !has_listener)
        return true;
    return keep_entry(parts, now, path, kept, err) && keep_entry(parts, now, rse_buf_str(&listener), kept, err);
}

bool parts_keep(struct parts *parts, struct tree *now, const struct rse_part *part, bool *kept, struct rse_err *err)
{
    RSE_BUF_AUTO path = { 0 };

    *kept = false;
    rse_buf_init(&path, MAX_PATH_BYTES);
    rse_part_path(part, &path);
    if (now == NULL || !rse_buf_ok(&path, err))
        return now == NULL;
    switch (part->kind) {
    case RSE_PART_BOOTSTRAP:
        return keep_bootstrap(parts, now, rse_buf_str(&path), kept, err);
    case RSE_PART_APPLICATION:
        return keep_application(parts, now, rse_buf_str(&path), part, kept, err);
    default:
        return keep_entry(parts, now, rse_buf_str(&path), kept, err);
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

bool parts_version(struct parts *parts, struct tree *now, const struct rse_part *part, struct rse_str *version,
                   struct rse_err *err)
{
    struct tree *overlays = NULL;
    size_t count = 0;
    RSE_BUF_AUTO path = { 0 };

    *version = (struct rse_str){ NULL, 0 };
    rse_buf_init(&path, MAX_PATH_BYTES);
    rse_part_path(part, &path);
    rse_buf_adds(&path, "/overlays");
    if (now == NULL || !rse_buf_ok(&path, err))
        return now == NULL;
    if (!tree_open(now, rse_buf_str(&path), &overlays, err) || (overlays != NULL && !tree_count(overlays, &count, err)))
        return false;
    if (count == 1)
        *version = rse_arena_str(parts->folder.batch->arena, overlay_version(part->set, tree_at(overlays, 0)->name));
    return true;
}
