#include "automation-worker/git/pack_file.h"

#include <libdeflate.h>
#include <stdlib.h>

/* An entry while it is read: with its CRC, and the distance to its base. */
struct reading {
    struct pack_file *file;
    struct pack_bytes pack, index;
    size_t end;     /* of the entries */
    uint32_t *crcs; /* as the entries stand in the pack */
};

static bool damaged(struct rse_err *err)
{
    rse_err_hint(err, "git fsck shows what is wrong with it.");
    return rse_fail(err, RSE_INVALID, "a pack is damaged");
}

struct listed {
    uint64_t offset;
    uint32_t at; /* in the index */
};

static int by_offset(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;

    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static bool list_entries(struct reading *r, struct rse_err *err)
{
    struct pack_file *file = r->file;
    const uint8_t *ids = r->index.p + INDEX_HEAD + INDEX_FAN_OUT;
    const uint8_t *crcs = ids + (size_t)file->count * PACK_ID;
    RSE_CLEANUP(rse_freep) struct listed *listed = rse_xcalloc((size_t)file->count + 1, sizeof(*listed));

    for (uint32_t i = 0; i < file->count; i++) {
        listed[i].at = i;
        if (!pack_bytes_offset(&r->index, file->count, i, &listed[i].offset))
            return damaged(err);
    }
    if (file->count > 0)
        qsort(listed, file->count, sizeof(*listed), by_offset);
    file->entries = rse_xcalloc((size_t)file->count + 1, sizeof(*file->entries));
    r->crcs = rse_xcalloc((size_t)file->count + 1, sizeof(*r->crcs));
    for (uint32_t i = 0; i < file->count; i++) {
        file->entries[i].offset = listed[i].offset;
        memcpy(file->entries[i].id.id, ids + (size_t)listed[i].at * PACK_ID, PACK_ID);
        r->crcs[i] = pack_u32(crcs + (size_t)listed[i].at * 4);
    }
    return true;
}

/* The entry that begins at an offset, among those before `count`; UINT32_MAX: none does. */
static uint32_t entry_at(const struct pack_file *file, uint32_t count, uint64_t offset)
{
    uint32_t low = 0, high = count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (file->entries[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && file->entries[low].offset == offset ? low : UINT32_MAX;
}

static bool read_entry(struct reading *r, uint32_t i, struct rse_err *err)
{
    struct pack_file *file = r->file;
    struct pack_file_entry *entry = &file->entries[i];
    uint64_t end = i + 1 < file->count ? file->entries[i + 1].offset : r->end;
    struct pack_head head;

    if (end > r->end || !pack_bytes_head(&r->pack, entry->offset, end, &head) || head.type == 0 || head.type == 5 ||
        libdeflate_crc32(0, r->pack.p + entry->offset, end - entry->offset) != r->crcs[i])
        return damaged(err);
    entry->type = head.type;
    entry->size = head.size;
    entry->stream = rse_str_n((const char *)head.stream, (size_t)(r->pack.p + end - head.stream));
    if (entry->type == PACK_OFS_DELTA) {
        entry->base = head.distance <= entry->offset ? entry_at(file, i, entry->offset - head.distance) : UINT32_MAX;
        if (entry->base == UINT32_MAX)
            return damaged(err);
    }
    return entry->type != PACK_REF_DELTA || entry->stream.len > PACK_ID || damaged(err);
}

static bool read_all(struct reading *r, struct rse_err *err)
{
    if (!list_entries(r, err))
        return false;
    for (uint32_t i = 0; i < r->file->count; i++) {
        if (!read_entry(r, i, err))
            return false;
    }
    return true;
}

static bool read_pack(struct reading *r, const char *name, struct rse_err *err)
{
    if (!pack_bytes_map(&r->pack, name, ".pack", err) || !pack_bytes_map(&r->index, name, ".idx", err))
        return false;
    if (!pack_bytes_count(&r->pack, &r->index, &r->file->count))
        return damaged(err);
    r->end = r->pack.len - PACK_ID;
    return read_all(r, err);
}

bool pack_file_open(struct pack_file *out, const char *name, struct rse_err *err)
{
    struct pack_file file = { .entries = NULL };
    struct reading r = { .file = &file };

    rse_err_object(err, "%s.pack", name);
    bool ok = read_pack(&r, name, err);
    pack_bytes_release(&r.index);
    free(r.crcs);
    file.pack = r.pack;
    if (!ok)
        pack_file_close(&file);
    else
        *out = file;
    return ok;
}

void pack_file_close(struct pack_file *file)
{
    free(file->entries);
    pack_bytes_release(&file->pack);
    *file = (struct pack_file){ .entries = NULL };
}
