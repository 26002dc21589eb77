#include "automation-worker/git/pack_reader.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "automation-worker/git/delta.h"
#include "automation-worker/git/hash.h"
#include "automation-worker/git/pack_bytes.h"
#include "automation-worker/git/pack_file.h"
#include "automation-worker/git/pack_list.h"

enum { KEPT = 64, DEEPEST = 8 };

#define MAX_OBJECT ((size_t)1 << 20) /* so that what is kept is bounded; a larger one is left to libgit2 */

struct pack {
    char *name;
    bool tried; /* to map it */
    struct pack_bytes pack, index;
    uint32_t count;
};

struct plain {
    char *bytes;
    size_t len;
    git_object_t type;
};

/* A base, unpacked. */
struct kept {
    const struct pack *pack;
    uint64_t offset;
    struct plain plain;
};

struct pack_reader {
    struct pack *packs;
    size_t count, last; /* last: where the last object was */
    struct libdeflate_decompressor *decompressor;
    struct kept kept[KEPT];
};

/* The largest first: most objects are there. */
struct pack_reader *pack_reader_new(const char *folder)
{
    struct pack_reader *reader = rse_new(struct pack_reader);
    struct rse_err ignored = RSE_ERR_INIT;
    struct pack_list list;

    reader->decompressor = libdeflate_alloc_decompressor();
    if (reader->decompressor == NULL || !pack_list_read(&list, folder, &ignored))
        return reader;
    reader->packs = rse_xcalloc(list.count + 1, sizeof(*reader->packs));
    for (size_t i = list.count; i-- > 0;)
        reader->packs[reader->count++].name = rse_xstrdup(list.at[i].name);
    pack_list_release(&list);
    return reader;
}

void pack_reader_free(struct pack_reader *reader)
{
    if (reader == NULL)
        return;
    for (size_t i = 0; i < reader->count; i++) {
        pack_bytes_release(&reader->packs[i].pack);
        pack_bytes_release(&reader->packs[i].index);
        free(reader->packs[i].name);
    }
    for (size_t i = 0; i < KEPT; i++)
        free(reader->kept[i].plain.bytes);
    libdeflate_free_decompressor(reader->decompressor);
    free(reader->packs);
    free(reader);
}

/* ---- finding ---- */

static bool open_pack(struct pack *pack)
{
    struct rse_err ignored = RSE_ERR_INIT;

    if (!pack->tried) {
        pack->tried = true;
        if (!pack_bytes_map(&pack->pack, pack->name, ".pack", &ignored) ||
            !pack_bytes_map(&pack->index, pack->name, ".idx", &ignored) ||
            !pack_bytes_count(&pack->pack, &pack->index, &pack->count))
            pack->count = 0;
    }
    return pack->count > 0;
}

/* By the table of how many ids begin with what, then by halves. */
static bool find_in(const struct pack *pack, const git_oid *id, uint64_t *offset)
{
    const uint8_t *fan_out = pack->index.p + INDEX_HEAD, *ids = fan_out + INDEX_FAN_OUT;
    uint32_t low = id->id[0] > 0 ? pack_u32(fan_out + 4 * (size_t)(id->id[0] - 1)) : 0;
    uint32_t high = pack_u32(fan_out + 4 * (size_t)id->id[0]);

    if (low > high || high > pack->count)
        return false;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = memcmp(ids + (size_t)middle * GIT_OID_RAWSZ, id->id, GIT_OID_RAWSZ);

        if (order == 0)
            return pack_bytes_offset(&pack->index, pack->count, middle, offset);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static const struct pack *find(struct pack_reader *reader, const git_oid *id, uint64_t *offset)
{
    for (size_t i = 0; i < reader->count; i++) {
        size_t at = (reader->last + i) % reader->count;

        if (open_pack(&reader->packs[at]) && find_in(&reader->packs[at], id, offset)) {
            reader->last = at;
            return &reader->packs[at];
        }
    }
    return NULL;
}

/* ---- unpacking ---- */

static bool inflate_entry(struct pack_reader *reader, const struct pack *pack, const uint8_t *stream, size_t size,
                          char **out)
{
    const uint8_t *end = pack->pack.p + pack->pack.len;
    char *bytes;

    if (size > MAX_OBJECT)
        return false;
    bytes = rse_xmalloc(size + 1);
    if (libdeflate_zlib_decompress_ex(reader->decompressor, stream, (size_t)(end - stream), bytes, size, NULL, NULL) !=
        LIBDEFLATE_SUCCESS) {
        free(bytes);
        return false;
    }
    *out = bytes;
    return true;
}

static bool unpack(struct pack_reader *reader, const struct pack *pack, uint64_t offset, int depth, struct plain *out);

/* The base at an offset; borrowed, until the next is asked for. */
static const struct plain *base_at(struct pack_reader *reader, const struct pack *pack, uint64_t offset, int depth)
{
    struct kept *kept = &reader->kept[(offset * 0x9e3779b97f4a7c15U >> 32) % KEPT];
    struct plain plain;

    if (kept->pack == pack && kept->offset == offset)
        return &kept->plain;
    if (!unpack(reader, pack, offset, depth + 1, &plain))
        return NULL;
    free(kept->plain.bytes);
    *kept = (struct kept){ pack, offset, plain };
    return &kept->plain;
}

static bool apply(const struct plain *base, struct rse_str delta, struct plain *out)
{
    size_t len;

    if (!delta_size(delta, base->len, &len) || len > MAX_OBJECT)
        return false;
    *out = (struct plain){ .bytes = rse_xmalloc(len + 1), .len = len, .type = base->type };
    if (delta_apply(rse_str_n(base->bytes, base->len), delta, out->bytes, len))
        return true;
    free(RSE_TAKE(out->bytes));
    return false;
}

static bool unpack_delta(struct pack_reader *reader, const struct pack *pack, uint64_t base_offset,
                         const struct pack_head *head, int depth, struct plain *out)
{
    const struct plain *base = base_at(reader, pack, base_offset, depth);
    char *delta;

    if (base == NULL || !inflate_entry(reader, pack, head->stream, head->size, &delta))
        return false;
    bool ok = apply(base, rse_str_n(delta, head->size), out);
    free(delta);
    return ok;
}

static bool unpack(struct pack_reader *reader, const struct pack *pack, uint64_t offset, int depth, struct plain *out)
{
    struct pack_head head;

    if (depth > DEEPEST || !pack_bytes_head(&pack->pack, offset, pack->pack.len - PACK_ID, &head))
        return false;
    if (head.type == PACK_OFS_DELTA)
        return head.distance > 0 && head.distance < offset &&
               unpack_delta(reader, pack, offset - head.distance, &head, depth, out);
    *out = (struct plain){ .len = head.size, .type = (git_object_t)head.type };
    return head.type != PACK_REF_DELTA && inflate_entry(reader, pack, head.stream, head.size, &out->bytes);
}

/* What a delta is made from is covered by no checksum but this. */
static bool is_sound(const struct plain *plain, const git_oid *id)
{
    struct rse_err ignored = RSE_ERR_INIT;
    git_oid made;

    return object_hash(plain->type, rse_str_n(plain->bytes, plain->len), &made, &ignored) && git_oid_equal(&made, id);
}

bool pack_reader_read(struct pack_reader *reader, const git_oid *id, git_object_t type, char **bytes, size_t *len)
{
    uint64_t offset;
    struct plain plain;
    const struct pack *pack = find(reader, id, &offset);

    if (pack == NULL || !unpack(reader, pack, offset, 0, &plain))
        return false;
    if (plain.type != type || !is_sound(&plain, id)) {
        free(plain.bytes);
        return false;
    }
    *bytes = plain.bytes;
    *len = plain.len;
    return true;
}
