/*
 * What is new becomes one pack: two files to sync however many objects there are. Packs that pile up are folded
 * together by pack_fold.c.
 */
#include "automation-worker/git/objects.h"

#include <stdlib.h>

#include <resedge/buf.h>

#include "automation-worker/git/error.h"
#include "automation-worker/git/id_set.h"
#include "automation-worker/git/pack_reader.h"
#include "automation-worker/git/pack_writer.h"
#include "automation-worker/git/siblings.h"
#include "automation-worker/git/write_queue.h"

enum { QUEUE_BYTES = 8 << 20 };

struct objects {
    git_odb *odb;
    char *pack_folder;
    struct pack_writer *pack;   /* NULL before the first object */
    struct siblings *siblings;  /* of the pack */
    struct encoder *encoder;    /* of the pack */
    struct write_queue *queue;  /* of the pack: what came by objects_write() */
    struct rse_buf stream;      /* kept from object to object */
    struct pack_reader *reader; /* NULL before the first tree is read */
    enum objects_mode mode;
    struct id_set written; /* what this sink stored, or would have; numbered as the pack's entries */
    struct objects_counts counts;
};

static char *folder_of(git_repository *repo, const char *name)
{
    RSE_BUF_AUTO path = { 0 };

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
    rse_buf_init(&objects->stream, SIZE_MAX / 2);
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
    encoder_free(RSE_TAKE(objects->encoder));
    write_queue_free(RSE_TAKE(objects->queue));
}

void objects_free(struct objects *objects)
{
    if (objects == NULL)
        return;
    end_pack(objects);
    pack_reader_free(objects->reader);
    id_set_release(&objects->written);
    rse_buf_release(&objects->stream);
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
    objects->encoder = encoder_new();
    objects->queue = write_queue_new();
    return pack_writer_new(&objects->pack, objects->pack_folder, err);
}

static bool put(struct objects *objects, const git_oid *id, const struct encoded *encoded, struct rse_str stream,
                struct rse_err *err)
{
    struct pack_file_entry entry = { .id = *id, .type = encoded->type, .size = encoded->size, .stream = stream };

    return pack_writer_copy(objects->pack, &entry, encoded->base, err);
}

static bool encode_and_put(struct objects *objects, const struct new_object *object, struct rse_err *err)
{
    const struct sibling *sibling = object->group != 0 ? siblings_find(objects->siblings, object->group) : NULL;
    struct encoded encoded;

    rse_buf_reset(&objects->stream);
    if (!encoder_add(objects->encoder, object, sibling, &objects->stream, &encoded, err) ||
        !put(objects, &object->id, &encoded, rse_buf_str(&objects->stream), err))
        return false;
    if (object->group != 0 && sibling == NULL)
        siblings_put(objects->siblings, object->group, pack_writer_count(objects->pack) - 1, &object->side);
    return true;
}

/* Whether it has to be put into the pack. */
static bool is_new(struct objects *objects, const git_oid *id, size_t len)
{
    if (!id_set_add(&objects->written, id, NULL))
        return false;
    objects->counts.objects++;
    objects->counts.bytes += len;
    return objects->mode == OBJECTS_STORE;
}

bool objects_add(struct objects *objects, const struct new_object *object, struct rse_err *err)
{
    if (!is_new(objects, &object->id, object->side.bytes.len))
        return true;
    return begin_pack(objects, err) && encode_and_put(objects, object, err);
}

bool objects_add_encoded(struct objects *objects, const git_oid *id, size_t len, const struct encoded *encoded,
                         struct rse_str stream, struct rse_err *err)
{
    return !is_new(objects, id, len) || put(objects, id, encoded, stream, err);
}

bool objects_share(struct objects *objects)
{
    if (objects->siblings != NULL)
        siblings_share(objects->siblings);
    return objects->siblings != NULL;
}

const struct sibling *objects_sibling(const struct objects *objects, uint64_t group)
{
    return siblings_find_shared(objects->siblings, group);
}

void objects_expect(const struct objects *objects, const git_oid *id)
{
    id_set_expect(&objects->written, id);
}

static bool put_queued(void *arg, const git_oid *id, const struct encoded *encoded, struct rse_str stream,
                       struct rse_err *err)
{
    return put(arg, id, encoded, stream, err);
}

bool objects_write(struct objects *objects, git_object_t type, struct rse_str bytes, const git_oid *id,
                   struct rse_err *err)
{
    if (!is_new(objects, id, bytes.len))
        return true;
    if (!begin_pack(objects, err))
        return false;
    write_queue_add(objects->queue, type, bytes, id);
    return write_queue_bytes(objects->queue) < QUEUE_BYTES ||
           write_queue_flush(objects->queue, put_queued, objects, err);
}

bool objects_finish(struct objects *objects, struct rse_err *err)
{
    if (objects->pack == NULL)
        return true;
    if (!write_queue_flush(objects->queue, put_queued, objects, err))
        return false;
    /* Sorting the index takes as much memory once more. What comes after a finish is another pack's. */
    id_set_release(&objects->written);
    if (!pack_writer_finish(objects->pack, NULL, err))
        return false;
    objects->counts.packed += pack_writer_size(objects->pack);
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

bool objects_read_tree(struct objects *objects, const git_oid *id, char **bytes, size_t *len, struct rse_err *err)
{
    git_odb_object *object;

    if (objects->reader == NULL)
        objects->reader = pack_reader_new(objects->pack_folder);
    if (pack_reader_read(objects->reader, id, GIT_OBJECT_TREE, bytes, len))
        return true;
    if (!objects_read(&object, objects, id, GIT_OBJECT_TREE, err))
        return false;
    *len = git_odb_object_size(object);
    *bytes = rse_xmalloc(*len + 1);
    memcpy(*bytes, git_odb_object_data(object), *len);
    git_odb_object_free(object);
    return true;
}
