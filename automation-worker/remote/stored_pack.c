#include "automation-worker/remote/stored_pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* gitformat-pack(5), index version 2: head, fan-out, ids, CRCs, offsets, large offsets, two checksums. */
enum { HEAD = 8, FAN_OUT = 256 * 4, ID = 20, SUMS = 2 * ID, PACK_HEAD = 12, TYPE_COMMIT = 1 };

struct mapped {
    const uint8_t *p;
    size_t len;
};

static bool map(const char *path, struct mapped *out)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *p = MAP_FAILED;

    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0)
        p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    *out = (struct mapped){ .p = p != MAP_FAILED ? p : NULL, .len = p != MAP_FAILED ? (size_t)st.st_size : 0 };
    return out->p != NULL;
}

static void unmap(struct mapped *mapped)
{
    if (mapped->p != NULL)
        munmap((void *)(uintptr_t)mapped->p, mapped->len);
    mapped->p = NULL;
}

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* How many objects an index has; 0 when it is none that can be read. */
static uint32_t index_count(const struct mapped *index)
{
    static const uint8_t head[HEAD] = { 0xff, 't', 'O', 'c', 0, 0, 0, 2 };

    if (index->len < HEAD + FAN_OUT + SUMS || memcmp(index->p, head, HEAD) != 0)
        return 0;
    uint32_t count = u32(index->p + HEAD + FAN_OUT - 4);
    return index->len >= HEAD + FAN_OUT + (uint64_t)count * (ID + 8) + SUMS ? count : 0;
}

static bool has_id(const struct mapped *index, uint32_t count, const git_oid *id)
{
    const uint8_t *ids = index->p + HEAD + FAN_OUT;
    uint32_t low = 0, high = count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = memcmp(id->id, ids + (size_t)middle * ID, ID);

        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

/* False also for a pack beyond 2 GiB, whose offsets stand elsewhere: such a one is made anew. */
static bool has_one_commit(const struct mapped *index, uint32_t count, const struct mapped *pack)
{
    const uint8_t *offsets = index->p + HEAD + FAN_OUT + (size_t)count * (ID + 4);
    uint32_t commits = 0;

    for (uint32_t i = 0; i < count && commits < 2; i++) {
        uint32_t at = u32(offsets + (size_t)i * 4);

        if (at < PACK_HEAD || at >= pack->len)
            return false;
        commits += (pack->p[at] >> 4 & 7) == TYPE_COMMIT;
    }
    return commits == 1;
}

/* Whether the pack of an index is the one that is looked for. Ending: ".idx", which is put right on the way out. */
static bool is_it(char *path, size_t len, const git_oid *commit)
{
    struct mapped index, pack = { NULL, 0 };
    bool is = false;

    if (!map(path, &index))
        return false;
    uint32_t count = index_count(&index);

    if (count > 0 && has_id(&index, count, commit)) {
        memcpy(path + len - 4, ".pac", 4);
        path[len] = 'k';
        path[len + 1] = '\0';
        is = map(path, &pack) && pack.len >= PACK_HEAD + ID && has_one_commit(&index, count, &pack);
    }
    unmap(&index);
    unmap(&pack);
    return is;
}

static bool open_pack(const char *path, int *fd, int64_t *size, struct rse_err *err)
{
    struct stat st;

    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, &st) != 0) {
        rse_err_object(err, "%s", path);
        return rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not open a pack");
    }
    *size = st.st_size;
    return true;
}

bool stored_pack_open(const char *folder, const git_oid *commit, int *fd, int64_t *size, struct rse_err *err)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char path[PATH_MAX];
    bool found = false;

    *fd = -1;
    if (dir == NULL)
        return errno == ENOENT || rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not read the folder of packs");
    while (!found && (entry = readdir(dir)) != NULL) {
        int len = snprintf(path, sizeof(path) - 1, "%s/%s", folder, entry->d_name);

        if (len < 0 || (size_t)len >= sizeof(path) - 1 || !rse_str_ends(rse_str(path), RSE_STR(".idx")))
            continue;
        found = is_it(path, (size_t)len, commit);
    }
    closedir(dir);
    return !found || open_pack(path, fd, size, err);
}
