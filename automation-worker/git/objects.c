/*
 * A few objects become loose ones, as git does with a small push: packs would pile up, one a commit. More than that
 * become one pack: two files to sync instead of thousands.
 */
#include "objects.h"

#include <resedge/buf.h>
#include <resedge/map.h>
#include <stdlib.h>

#include "error.h"
#include "pack_writer.h"

enum { LOOSE_OBJECTS = 64, LOOSE_BYTES = 1 << 20 };

/* An object that waits for the decision. */
struct waiting {
    git_object_t type;
    git_oid id;
    char *bytes;
    size_t len;
};

struct objects {
    git_odb *odb;
    char *pack_folder;
    struct pack_writer *pack; /* NULL while there are few objects */
    struct waiting waiting[LOOSE_OBJECTS];
    size_t nwaiting, waiting_bytes;
    enum objects_mode mode;
    struct rse_map *written; /* ids: what this sink stored, or would have */
    struct objects_counts counts;
};

static char *pack_folder_of(git_repository *repo)
{
    RSE_BUF_AUTO path;

    rse_buf_init(&path, SIZE_MAX / 2);
    rse_buf_addf(&path, "%sobjects/pack", git_repository_commondir(repo));
    return rse_xstrdup(path.p);
}

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
    objects->pack_folder = pack_folder_of(repo);
    *out = objects;
    return true;
}

static void forget_waiting(struct objects *objects)
{
    for (size_t i = 0; i < objects->nwaiting; i++)
        free(objects->waiting[i].bytes);
    objects->nwaiting = 0;
    objects->waiting_bytes = 0;
}

void objects_free(struct objects *objects)
{
    if (objects == NULL)
        return;
    forget_waiting(objects);
    pack_writer_free(objects->pack);
    free(objects->pack_folder);
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

static bool write_loose(struct objects *objects, const struct waiting *object, struct rse_err *err)
{
    git_oid stored;
    int rc = git_odb_write(&stored, objects->odb, object->bytes, object->len, object->type);

    if (rc != 0) {
        rse_err_hint(err, "Check free space, permissions and the disk of the repository.");
        return git_error_take(err, rc, "could not store an object");
    }
    if (!git_oid_equal(&stored, &object->id))
        return rse_fail(err, RSE_INTERNAL, "an object was stored under another id than its own");
    return true;
}

/* There are more than a few: they all go into a pack, those that wait first. */
static bool begin_pack(struct objects *objects, struct rse_err *err)
{
    if (!pack_writer_new(&objects->pack, objects->pack_folder, err))
        return false;
    for (size_t i = 0; i < objects->nwaiting; i++) {
        const struct waiting *object = &objects->waiting[i];

        if (!pack_writer_add(objects->pack, object->type, rse_str_n(object->bytes, object->len), &object->id, NULL,
                             err))
            return false;
    }
    forget_waiting(objects);
    return true;
}

static bool take(struct objects *objects, git_object_t type, struct rse_str bytes, const git_oid *id,
                 struct rse_err *err)
{
    if (objects->pack == NULL &&
        (objects->nwaiting == LOOSE_OBJECTS || objects->waiting_bytes + bytes.len > LOOSE_BYTES) &&
        !begin_pack(objects, err))
        return false;
    if (objects->pack != NULL)
        return pack_writer_add(objects->pack, type, bytes, id, NULL, err);
    objects->waiting[objects->nwaiting++] =
        (struct waiting){ .type = type, .id = *id, .bytes = rse_xstrndup(bytes), .len = bytes.len };
    objects->waiting_bytes += bytes.len;
    return true;
}

bool objects_write(struct objects *objects, git_object_t type, struct rse_str bytes, const git_oid *id,
                   struct rse_err *err)
{
    struct rse_str key = rse_str_n((const char *)id->id, sizeof(id->id));

    if (rse_map_get(objects->written, key) != NULL)
        return true;
    if (objects->mode == OBJECTS_STORE && !take(objects, type, bytes, id, err))
        return false;
    rse_map_put(objects->written, key, objects);
    objects->counts.objects++;
    objects->counts.bytes += bytes.len;
    return true;
}

bool objects_finish(struct objects *objects, struct rse_err *err)
{
    for (size_t i = 0; i < objects->nwaiting; i++) {
        if (!write_loose(objects, &objects->waiting[i], err))
            return false;
    }
    forget_waiting(objects);
    if (objects->pack == NULL)
        return true;
    if (!pack_writer_finish(objects->pack, NULL, err))
        return false;
    pack_writer_free(RSE_TAKE(objects->pack));
    /* So that this handle sees the new pack without a look-up that misses first. */
    return git_odb_refresh(objects->odb) == 0 || rse_fail(err, RSE_INTERNAL, "could not reopen the object database");
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
