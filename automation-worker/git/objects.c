/*
 * What is new becomes one pack: two files to sync however many objects there are. Packs that pile up are folded
 * together by pack_fold.c.
 */
#include "objects.h"

#include <stdlib.h>

#include <resedge/buf.h>

#include "error.h"
#include "id_set.h"
#include "pack_writer.h"
#include "siblings.h"

enum { MAX_DELTA = 64 << 20 };

struct objects {
    git_odb *odb;
    char *pack_folder;
    struct pack_writer *pack;  /* NULL before the first object */
    struct siblings *siblings; /* of the pack */
    struct rse_buf delta;      /* kept from object to object */
    enum objects_mode mode;
    struct id_set written; /* what this sink stored, or would have; numbered as the pack's entries */
    struct objects_counts counts;
};

static char *folder_of(git_repository *repo, const char *name)
{
    RSE_BUF_AUTO path;

    rse_buf_init(&path, SIZE_MAX / 2);
    rse_buf_addf(&path, "%s%s", git_repository_commondir(repo), name);
    return rse_xstrdup(path.p);
}

static struct objects *wrap(git_odb *odb, git_repository *repo, enum objects_mode mode)
{
    struct objects *objects = rse_new(struct objects);

    objects->odb = odb;
    objects->mode = mode;
    objects->pack_folder = folder_of(repo, "objects/pack");
    rse_buf_init(&objects->delta, MAX_DELTA);
    return objects;
}

bool objects_new(struct objects **out, git_repository *repo, enum objects_mode mode, struct rse_err *err)
{
    git_odb *odb;
    int rc = git_repository_odb(&odb, repo);

    if (rc != 0)
        return git_error_take(err, rc, "could not open the object database");
    *out = wrap(odb, repo, mode);
    return true;
}

bool objects_new_reader(struct objects **out, git_repository *repo, struct rse_err *err)
{
    char *folder = folder_of(repo, "objects");
    git_odb *odb;
    int rc = git_odb_open(&odb, folder);

    free(folder);
    if (rc != 0)
        return git_error_take(err, rc, "could not open the object database");
    *out = wrap(odb, repo, OBJECTS_HASH);
    return true;
}

static void end_pack(struct objects *objects)
{
    pack_writer_free(RSE_TAKE(objects->pack));
    siblings_free(RSE_TAKE(objects->siblings));
}

void objects_free(struct objects *objects)
{
    if (objects == NULL)
        return;
    end_pack(objects);
    id_set_release(&objects->written);
    rse_buf_release(&objects->delta);
    free(objects->pack_folder);
    git_odb_free(objects->odb);
    free(objects);
}

void objects_freep(struct objects **objects)
{
    objects_free(*objects);
    *objects = NULL;
}

static bool begin_pack(struct objects *objects, struct rse_err *err)
{
    if (objects->pack != NULL)
        return true;
    objects->siblings = siblings_new();
    return pack_writer_new(&objects->pack, objects->pack_folder, err);
}

static bool add_whole(struct objects *objects, const struct new_object *object, uint32_t *entry, struct rse_err *err)
{
    return pack_writer_add(objects->pack, object->type, object->side.bytes, &object->id, entry, err);
}

/* Whether a delta is smaller, by what both are before they are compressed, and the distance to the base. */
static bool is_worth_it(const struct objects *objects, const struct new_object *object)
{
    return objects->delta.len + 4 < object->side.bytes.len;
}

static bool add_sibling(struct objects *objects, const struct new_object *object, struct rse_err *err)
{
    const struct sibling *sibling = siblings_find(objects->siblings, object->group);
    uint32_t entry;

    if (sibling == NULL) {
        if (!add_whole(objects, object, &entry, err))
            return false;
        siblings_put(objects->siblings, object->group, entry, &object->side);
        return true;
    }
    rse_buf_reset(&objects->delta);
    delta_make(&sibling->side, &object->side, &objects->delta);
    if (objects->delta.overflow || !is_worth_it(objects, object))
        return add_whole(objects, object, NULL, err);
    return pack_writer_add_delta(objects->pack, sibling->entry, rse_buf_str(&objects->delta), &object->id, err);
}

bool objects_add(struct objects *objects, const struct new_object *object, struct rse_err *err)
{
    if (!id_set_add(&objects->written, &object->id, NULL))
        return true;
    objects->counts.objects++;
    objects->counts.bytes += object->side.bytes.len;
    if (objects->mode != OBJECTS_STORE)
        return true;
    if (!begin_pack(objects, err))
        return false;
    return object->group != 0 ? add_sibling(objects, object, err) : add_whole(objects, object, NULL, err);
}

void objects_expect(const struct objects *objects, const git_oid *id)
{
    id_set_expect(&objects->written, id);
}

bool objects_write(struct objects *objects, git_object_t type, struct rse_str bytes, const git_oid *id,
                   struct rse_err *err)
{
    struct new_object object = { .type = type, .id = *id, .side = { .bytes = bytes } };

    return objects_add(objects, &object, err);
}

bool objects_finish(struct objects *objects, struct rse_err *err)
{
    if (objects->pack == NULL)
        return true;
    /* Sorting the index takes as much memory once more. What comes after a finish is another pack's. */
    id_set_release(&objects->written);
    if (!pack_writer_finish(objects->pack, NULL, err))
        return false;
    end_pack(objects);
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
