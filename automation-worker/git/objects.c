/*
 * Today every object is a loose one, synced by libgit2 as it is written (GIT_OPT_ENABLE_FSYNC_GITDIR, see repo.c).
 */
#include "objects.h"

#include <resedge/map.h>
#include <stdlib.h>

#include "error.h"

struct objects {
    git_odb *odb;
    enum objects_mode mode;
    struct rse_map *written; /* ids: what this sink stored, or would have */
    struct objects_counts counts;
};

bool objects_new(struct objects **out, git_repository *repo, enum objects_mode mode, struct rse_err *err)
{
    git_odb *odb;
    int rc = git_repository_odb(&odb, repo);

    if (rc != 0)
        return git_error_take(err, rc, "could not open the object database");
    struct objects *objects = rse_new(struct objects);
    objects->odb = odb;
    objects->mode = mode;
    objects->written = rse_map_new();
    *out = objects;
    return true;
}

void objects_free(struct objects *objects)
{
    if (objects == NULL)
        return;
    rse_map_free(objects->written);
    git_odb_free(objects->odb);
    free(objects);
}

void objects_freep(struct objects **objects)
{
    objects_free(*objects);
    *objects = NULL;
}

bool object_hash(git_object_t type, struct rse_str bytes, git_oid *id, struct rse_err *err)
{
    int rc = git_odb_hash(id, bytes.p, bytes.len, type);

    return rc == 0 || git_error_take(err, rc, "could not hash an object");
}

bool objects_write(struct objects *objects, git_object_t type, struct rse_str bytes, const git_oid *id,
                   struct rse_err *err)
{
    struct rse_str key = rse_str_n((const char *)id->id, sizeof(id->id));
    git_oid stored = *id;

    if (rse_map_get(objects->written, key) != NULL)
        return true;
    if (objects->mode == OBJECTS_STORE) {
        int rc = git_odb_write(&stored, objects->odb, bytes.p, bytes.len, type);

        if (rc != 0) {
            rse_err_hint(err, "Check free space, permissions and the disk of the repository.");
            return git_error_take(err, rc, "could not store an object");
        }
    }
    if (!git_oid_equal(&stored, id))
        return rse_fail(err, RSE_INTERNAL, "an object was stored under another id than its own");
    rse_map_put(objects->written, key, objects);
    objects->counts.objects++;
    objects->counts.bytes += bytes.len;
    return true;
}

bool objects_finish(struct objects *objects RSE_UNUSED, struct rse_err *err RSE_UNUSED)
{
    return true; /* each object was synced when it was written */
}

struct objects_counts objects_counted(const struct objects *objects)
{
    return objects->counts;
}

bool objects_read(git_odb_object **out, struct objects *objects, const git_oid *id, git_object_t type,
                  struct rse_err *err)
{
    git_odb_object *object;
    char hex[GIT_OID_HEXSZ + 1];
    int rc = git_odb_read(&object, objects->odb, id);

    git_oid_tostr(hex, sizeof(hex), id);
    if (rc != 0) {
        rse_err_hint(err, "The repository is damaged: git fsck shows where.");
        return git_error_take(err, rc, "could not read %s %s", git_object_type2string(type), hex);
    }
    if (git_odb_object_type(object) != type) {
        git_odb_object_free(object);
        return rse_fail(err, RSE_INTERNAL, "object %s is not a %s", hex, git_object_type2string(type));
    }
    *out = object;
    return true;
}
