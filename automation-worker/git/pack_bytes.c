#include "automation-worker/git/pack_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "automation-worker/git/pack_file.h"

bool pack_bytes_map(struct pack_bytes *out, const char *name, const char *ending, struct rse_err *err)
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
    *out = (struct pack_bytes){ p, (size_t)st.st_size };
    return true;
}

void pack_bytes_release(struct pack_bytes *bytes)
{
    if (bytes->p != NULL)
        munmap((void *)(uintptr_t)bytes->p, bytes->len);
    *bytes = (struct pack_bytes){ .p = NULL };
}

bool pack_bytes_count(const struct pack_bytes *pack, const struct pack_bytes *index, uint32_t *count)
{
    static const uint8_t head[INDEX_HEAD] = { 0xff, 't', 'O', 'c', 0, 0, 0, 2 };

    if (pack->len < PACK_HEAD + PACK_ID || index->len < INDEX_HEAD + INDEX_FAN_OUT + 2 * PACK_ID ||
        memcmp(index->p, head, sizeof(head)) != 0 || memcmp(pack->p, "PACK\0\0\0\2", 8) != 0)
        return false;
    uint32_t n = pack_u32(index->p + INDEX_HEAD + INDEX_FAN_OUT - 4);
    if (index->len < INDEX_HEAD + INDEX_FAN_OUT + (size_t)n * (PACK_ID + 8) + 2 * PACK_ID || pack_u32(pack->p + 8) != n)
        return false;
    *count = n;
    return true;
}

bool pack_bytes_offset(const struct pack_bytes *index, uint32_t count, uint32_t number, uint64_t *offset)
{
    size_t table = INDEX_HEAD + INDEX_FAN_OUT + (size_t)count * (PACK_ID + 4);
    uint32_t small = pack_u32(index->p + table + (size_t)number * 4);
    size_t large = table + (size_t)count * 4 + (size_t)(small & 0x7fffffff) * 8;

    if ((small & 0x80000000) == 0) {
        *offset = small;
        return true;
    }
    if (large + 8 + PACK_ID + PACK_ID > index->len)
        return false;
    *offset = (uint64_t)pack_u32(index->p + large) << 32 | pack_u32(index->p + large + 4);
    return true;
}

bool pack_bytes_head(const struct pack_bytes *pack, uint64_t offset, uint64_t pack_end, struct pack_head *head)
{
    if (offset < PACK_HEAD || offset >= pack_end || pack_end > pack->len)
        return false;
    const uint8_t *p = pack->p + offset, *end = pack->p + pack_end;
    unsigned shift = 4;
    uint8_t c = *p++;

    *head = (struct pack_head){ .type = c >> 4 & 7, .size = c & 15 };
    for (; (c & 0x80) != 0 && p < end && shift < 60; shift += 7)
        head->size |= (size_t)((c = *p++) & 0x7f) << shift;
    if (head->type == PACK_OFS_DELTA && p < end) {
        c = *p++;
        head->distance = c & 0x7f;
        while ((c & 0x80) != 0 && p < end && head->distance < UINT64_MAX >> 8)
            head->distance = (head->distance + 1) << 7 | ((c = *p++) & 0x7f);
    }
    head->stream = p;
    return (c & 0x80) == 0 && p < end;
}
