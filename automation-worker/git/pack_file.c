#include "pack_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ID = 20, PACK_HEAD = 12, INDEX_HEAD = 8, FAN_OUT = 256 * 4 };

struct mapped {
    const uint8_t *p;
    size_t len;
};

static bool map(const char *name, const char *ending, struct mapped *out, struct rse_err *err)
{
    char path[PATH_MAX];
    struct stat st;

    if (snprintf(path, sizeof(path), "%s%s", name, ending) >= (int)sizeof(path))
        return rse_fail(err, RSE_INVALID, "the path of a pack is too long");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0) {
        int errnum = fd < 0 ? errno : EIO;

        if (fd >= 0)
            close(fd);
        return rse_fail_errno(err, RSE_INVALID, errnum, "could not open a pack");
    }
    void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not map a pack");
    *out = (struct mapped){ p, (size_t)st.st_size };
    return true;
}

static uint32_t u32_at(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* An entry while it is read: with its CRC, and the distance to its base. */
struct reading {
    struct pack_file *file;
    const uint8_t *pack;
    size_t end; /* of the entries */
    struct mapped index;
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

/* Where an entry is, from the table of offsets, or of large ones behind it. */
static bool offset_of(const struct reading *r, uint32_t at, uint64_t *offset)
{
    size_t count = r->file->count, table = INDEX_HEAD + FAN_OUT + count * (ID + 4);
    uint32_t small = u32_at(r->index.p + table + (size_t)at * 4);
    size_t large = table + count * 4 + (size_t)(small & 0x7fffffff) * 8;

    if ((small & 0x80000000) == 0) {
        *offset = small;
        return true;
    }
    if (large + 8 + ID + ID > r->index.len)
        return false;
    *offset = (uint64_t)u32_at(r->index.p + large) << 32 | u32_at(r->index.p + large + 4);
    return true;
}

static bool list_entries(struct reading *r, struct rse_err *err)
{
    struct pack_file *file = r->file;
    const uint8_t *ids = r->index.p + INDEX_HEAD + FAN_OUT, *crcs = ids + (size_t)file->count * ID;
    RSE_CLEANUP(rse_freep) struct listed *listed = rse_xcalloc((size_t)file->count + 1, sizeof(*listed));

    for (uint32_t i = 0; i < file->count; i++) {
        listed[i].at = i;
        if (!offset_of(r, i, &listed[i].offset))
            return damaged(err);
    }
    if (file->count > 0)
        qsort(listed, file->count, sizeof(*listed), by_offset);
    file->entries = rse_xcalloc((size_t)file->count + 1, sizeof(*file->entries));
    r->crcs = rse_xcalloc((size_t)file->count + 1, sizeof(*r->crcs));
    for (uint32_t i = 0; i < file->count; i++) {
        file->entries[i].offset = listed[i].offset;
        memcpy(file->entries[i].id.id, ids + (size_t)listed[i].at * ID, ID);
        r->crcs[i] = u32_at(crcs + (size_t)listed[i].at * 4);
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

/* Type and size, and how far back a base is: gitformat-pack(5). Returns what comes behind them; NULL: no entry is. */
static const uint8_t *parse_head(const uint8_t *p, const uint8_t *end, struct pack_file_entry *entry,
                                 uint64_t *distance)
{
    unsigned shift = 4;
    uint8_t c = *p++;

    entry->type = c >> 4 & 7;
    entry->size = c & 15;
    for (; (c & 0x80) != 0 && p < end && shift < 60; shift += 7)
        entry->size |= (size_t)((c = *p++) & 0x7f) << shift;
    *distance = 0;
    if (entry->type == PACK_OFS_DELTA && p < end) {
        c = *p++;
        *distance = c & 0x7f;
        while ((c & 0x80) != 0 && p<end && * distance<UINT64_MAX>> 8)
            *distance = (*distance + 1) << 7 | ((c = *p++) & 0x7f);
    }
    return (c & 0x80) == 0 && p < end ? p : NULL;
}

static bool read_entry(struct reading *r, uint32_t i, struct rse_err *err)
{
    struct pack_file *file = r->file;
    struct pack_file_entry *entry = &file->entries[i];
    uint64_t end = i + 1 < file->count ? file->entries[i + 1].offset : r->end, distance;

    if (entry->offset < PACK_HEAD || entry->offset >= end || end > r->end ||
        libdeflate_crc32(0, r->pack + entry->offset, end - entry->offset) != r->crcs[i])
        return damaged(err);
    const uint8_t *stream = parse_head(r->pack + entry->offset, r->pack + end, entry, &distance);
    if (stream == NULL || entry->type == 0 || entry->type == 5)
        return damaged(err);
    entry->stream = rse_str_n((const char *)stream, (size_t)(r->pack + end - stream));
    if (entry->type == PACK_OFS_DELTA) {
        entry->base = distance <= entry->offset ? entry_at(file, i, entry->offset - distance) : UINT32_MAX;
        if (entry->base == UINT32_MAX)
            return damaged(err);
    }
    return entry->type != PACK_REF_DELTA || entry->stream.len > ID || damaged(err);
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

static bool check_sizes(struct reading *r, struct rse_err *err)
{
    static const uint8_t head[INDEX_HEAD] = { 0xff, 't', 'O', 'c', 0, 0, 0, 2 };
    const struct pack_file *file = r->file;

    if (file->size < PACK_HEAD + ID || r->index.len < INDEX_HEAD + FAN_OUT + 2 * ID ||
        memcmp(r->index.p, head, sizeof(head)) != 0 || memcmp(r->pack, "PACK\0\0\0\2", 8) != 0)
        return damaged(err);
    uint32_t count = u32_at(r->index.p + INDEX_HEAD + FAN_OUT - 4);
    if (r->index.len < INDEX_HEAD + FAN_OUT + (size_t)count * (ID + 8) + 2 * ID || u32_at(r->pack + 8) != count)
        return damaged(err);
    r->file->count = count;
    return true;
}

bool pack_file_open(struct pack_file *out, const char *name, struct rse_err *err)
{
    struct pack_file file = { .pack = NULL };
    struct reading r = { .file = &file };
    struct mapped pack;

    rse_err_object(err, "%s.pack", name);
    if (!map(name, ".pack", &pack, err))
        return false;
    file.pack = (void *)(uintptr_t)pack.p;
    file.size = pack.len;
    r.pack = pack.p;
    r.end = pack.len - ID;
    bool ok = map(name, ".idx", &r.index, err);
    if (ok) {
        ok = check_sizes(&r, err) && read_all(&r, err);
        munmap((void *)(uintptr_t)r.index.p, r.index.len);
    }
    free(r.crcs);
    if (!ok)
        pack_file_close(&file);
    else
        *out = file;
    return ok;
}

void pack_file_close(struct pack_file *file)
{
    free(file->entries);
    if (file->pack != NULL)
        munmap(file->pack, file->size);
    *file = (struct pack_file){ .pack = NULL };
}
