#include "automation-worker/job/templates.h"

#include <stdlib.h>

#include <resedge/parse.h>
#include <resedge/plan.h>

#include "automation-worker/git/tree_diff.h"

#define MAX_FILE_BYTES ((size_t)4 << 20)
#define MAX_FILES      200000

static const char *const FOLDERS[] = { "apps", "policies" };

struct templates {
    struct rse_keys *keys; /* what the catalogue was compiled with */
    struct rse_catalogue *catalogue;
    git_oid id;
    uint64_t generation;
};

struct templates *templates_new(void)
{
    return rse_new(struct templates);
}

static void forget(struct templates *templates)
{
    rse_catalogue_free(templates->catalogue);
    rse_keys_free(templates->keys);
    *templates = (struct templates){ .generation = templates->generation };
}

void templates_free(struct templates *templates)
{
    if (templates == NULL)
        return;
    forget(templates);
    free(templates);
}

/* A tree with just the two folders. */
static bool only_templates(struct tree **out, struct tree *root, struct rse_str folder, git_oid *id,
                           struct rse_err *err)
{
    RSE_CLEANUP(tree_freep) struct tree *only = tree_new(tree_objects(root), NULL);
    struct tree *base;

    if (!tree_open(root, folder, &base, err))
        return false;
    for (size_t i = 0; base != NULL && i < RSE_COUNT(FOLDERS); i++) {
        struct tree_entry entry;
        bool found;

        if (!tree_get(base, rse_str(FOLDERS[i]), &entry, &found, err))
            return false;
        if (found && tree_entry_is_folder(&entry) && !tree_put(only, entry.name, entry.mode, &entry.id, err))
            return false;
    }
    if (!tree_hash(only, id, err))
        return false;
    *out = RSE_TAKE(only);
    return true;
}

bool templates_id(struct tree *root, struct rse_str folder, git_oid *id, struct rse_err *err)
{
    struct tree *only;

    if (!only_templates(&only, root, folder, id, err))
        return false;
    tree_free(only);
    return true;
}

/* ---- reading a tree into a catalogue ---- */

struct reading {
    struct rse_catalogue *catalogue;
    struct objects *objects;
    size_t files;
};

static bool read_blob(struct reading *reading, struct rse_str path, const git_oid *id, struct rse_err *err)
{
    git_odb_object *blob;

    if (!objects_read(&blob, reading->objects, id, GIT_OBJECT_BLOB, err))
        return false;
    if (git_odb_object_size(blob) > MAX_FILE_BYTES)
        rse_catalogue_refuse(reading->catalogue, path, "the file is larger than 4 MiB");
    else
        rse_catalogue_add(reading->catalogue, path, id->id,
                          rse_str_n(git_odb_object_data(blob), git_odb_object_size(blob)));
    git_odb_object_free(blob);
    return true;
}

static bool read_file(void *arg, const struct tree_change *change, struct rse_err *err)
{
    struct reading *reading = arg;
    struct rse_err bad_path = RSE_ERR_INIT;
    struct rse_str checked;

    if (++reading->files > MAX_FILES)
        return rse_fail(err, RSE_TOO_LARGE, "there are more than %d template files", MAX_FILES);
    if (!rse_check_path(change->path, &checked, &bad_path))
        rse_catalogue_refuse(reading->catalogue, change->path, bad_path.what);
    else if (change->entry->mode == TREE_LINK)
        rse_catalogue_refuse(reading->catalogue, change->path, "symbolic links can't be templates");
    else if (change->entry->mode == TREE_SUBMODULE)
        rse_catalogue_refuse(reading->catalogue, change->path, "submodules can't be templates");
    else if (!rse_catalogue_reuse(reading->catalogue, change->path, change->entry->id.id))
        return read_blob(reading, change->path, &change->entry->id, err);
    return true;
}

/* The keys to compile with: the old ones while the same placeholders exist, so that nothing has to be compiled again.
 * */
static struct rse_keys *current_keys(const struct templates *templates, const struct rse_fleet *fleet)
{
    struct rse_keys *keys = rse_plan_keys(fleet);

    if (templates->keys != NULL && rse_keys_digest(templates->keys) == rse_keys_digest(keys)) {
        rse_keys_free(keys);
        return templates->keys;
    }
    return keys;
}

static bool compile(struct templates *templates, struct rse_keys *keys, struct tree *only, struct rse_err *err)
{
    struct reading reading = { .objects = tree_objects(only) };

    reading.catalogue = rse_catalogue_new(keys, templates->catalogue);
    bool ok = tree_diff(NULL, only, read_file, &reading, err);
    if (ok)
        rse_catalogue_seal(reading.catalogue);
    rse_catalogue_free(templates->catalogue);
    templates->catalogue = reading.catalogue;
    if (keys != templates->keys)
        rse_keys_free(templates->keys);
    templates->keys = keys;
    /* Half a catalogue is none; the old one may have been taken over in part. */
    if (!ok)
        forget(templates);
    return ok;
}

bool templates_load(struct templates *templates, struct tree *root, struct rse_str folder,
                    const struct rse_fleet *fleet, struct rse_err *err)
{
    struct rse_keys *keys = current_keys(templates, fleet);
    RSE_CLEANUP(tree_freep) struct tree *only = NULL;
    git_oid id;
    bool ok = only_templates(&only, root, folder, &id, err);

    if (ok && keys == templates->keys && git_oid_equal(&id, &templates->id))
        return true;
    if (!ok) {
        if (keys != templates->keys)
            rse_keys_free(keys);
        return false;
    }
    if (!compile(templates, keys, only, err))
        return false;
    templates->id = id;
    templates->generation++;
    return true;
}

const struct rse_catalogue *templates_catalogue(const struct templates *templates)
{
    return templates->catalogue;
}

uint64_t templates_generation(const struct templates *templates)
{
    return templates->generation;
}
