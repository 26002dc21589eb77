#include "automation-worker/git/pack_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <resedge/buf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "automation-worker/crash.h"

#include "automation-worker/git/deflate.h"
#include "automation-worker/git/pack_index.h"

enum { WRITE_AT_ONCE = 1 << 20, HEAD_SIZE = 12, SUM_SIZE = 20, SYNC_AT_ONCE = 8 << 20, WORTH_A_THREAD = 20000 };

struct pack_writer {
    char *folder;
    char *path; /* of the temporary pack; NULL once it has its name */
    int fd;
    uint64_t offset;    /* where the next entry goes */
    uint64_t begun;     /* up to here the disk was told to begin */
    struct rse_buf out; /* bytes not written yet */
    struct deflater *deflater;
    struct pack_entry *entries;
    size_t count, cap;
};

static bool fail_write(const struct pack_writer *writer, int errnum, struct rse_err *err)
{
    rse_err_object(err, "%s", writer->folder);
    rse_err_hint(err, "Check free space, permissions and the disk of the repository.");
    return rse_fail_errno(err, RSE_UNAVAILABLE, errnum, "could not write a pack");
}

/* Lets the disk begin with what was written, so that there is little left to do at the end. A hint: nothing depends on
 * it. */
static void begin_sync(struct pack_writer *writer)
{
    if (writer->offset - writer->begun < SYNC_AT_ONCE)
        return;
    (void)sync_file_range(writer->fd, (off_t)writer->begun, (off_t)(writer->offset - writer->begun),
                          SYNC_FILE_RANGE_WRITE);
    writer->begun = writer->offset;
}

static bool flush(struct pack_writer *writer, struct rse_err *err)
{
    for (size_t done = 0; done < writer->out.len;) {
        ssize_t n = write(writer->fd, writer->out.p + done, writer->out.len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail_write(writer, n < 0 ? errno : ENOSPC, err);
        done += (size_t)n;
    }
    rse_buf_reset(&writer->out);
    begin_sync(writer);
    return true;
}

static void add_head(struct rse_buf *out, uint32_t count)
{
    uint8_t head[HEAD_SIZE] = { 'P', 'A', 'C', 'K', 0, 0, 0, 2 };

    for (int i = 0; i < 4; i++)
        head[8 + i] = (uint8_t)(count >> (24 - 8 * i));
    rse_buf_addn(out, head, sizeof(head));
}

bool pack_writer_new(struct pack_writer **out, const char *folder, struct rse_err *err)
{
    struct pack_writer *writer = rse_new(struct pack_writer);
    size_t size = strlen(folder) + sizeof("/tmp_pack_XXXXXX");

    writer->folder = rse_xstrdup(folder);
    writer->path = rse_xmalloc(size);
    snprintf(writer->path, size, "%s/tmp_pack_XXXXXX", folder);
    rse_buf_init(&writer->out, SIZE_MAX / 2);
    writer->fd = mkostemp(writer->path, O_CLOEXEC);
    if (writer->fd < 0) {
        free(RSE_TAKE(writer->path));
        fail_write(writer, errno, err);
        pack_writer_free(writer);
        return false;
    }
    writer->deflater = deflater_new();
    add_head(&writer->out, 0);
    writer->offset = HEAD_SIZE;
    *out = writer;
    return true;
}

void pack_writer_free(struct pack_writer *writer)
{
    if (writer == NULL)
        return;
    deflater_free(writer->deflater);
    if (writer->fd >= 0)
        close(writer->fd);
    if (writer->path != NULL)
        unlink(writer->path);
    rse_buf_release(&writer->out);
    free(writer->entries);
    free(writer->path);
    free(writer->folder);
    free(writer);
}

/* Type and size: three bits and four in the first byte, then seven a byte, the low ones first. */
static void add_entry_head(struct rse_buf *out, unsigned type, size_t size)
{
    uint8_t byte = (uint8_t)(type << 4 | (size & 15));

    for (size >>= 4; size > 0; size >>= 7) {
        rse_buf_addc(out, (char)(byte | 0x80));
        byte = (uint8_t)(size & 0x7f);
    }
    rse_buf_addc(out, (char)byte);
}

/* How far back the base is: seven bits a byte, the high ones first, and one is taken off at each continuation, so
 * that every distance has one form. */
static void add_distance(struct rse_buf *out, uint64_t distance)
{
    uint8_t bytes[10];
    size_t at = sizeof(bytes) - 1;

    bytes[at] = (uint8_t)(distance & 0x7f);
    while ((distance >>= 7) > 0)
        bytes[--at] = (uint8_t)(0x80 | (--distance & 0x7f));
    rse_buf_addn(out, bytes + at, sizeof(bytes) - at);
}

/* Notes what was put into the buffer since `from` as an entry. */
static bool end_entry(struct pack_writer *writer, size_t from, const git_oid *id, uint32_t *entry, struct rse_err *err)
{
    struct pack_entry *noted;
    size_t size = writer->out.len - from;

    if (writer->count == UINT32_MAX)
        return rse_fail(err, RSE_TOO_LARGE, "too many objects for one pack");
    RSE_GROW(writer->entries, writer->count, writer->cap);
    noted = &writer->entries[writer->count];
    memcpy(noted->id, id->id, sizeof(noted->id));
    noted->offset = writer->offset;
    noted->crc = libdeflate_crc32(0, writer->out.p + from, size);
    if (entry != NULL)
        *entry = (uint32_t)writer->count;
    writer->count++;
    writer->offset += size;
    return writer->out.len < WRITE_AT_ONCE || flush(writer, err);
}

bool pack_writer_add(struct pack_writer *writer, git_object_t type, struct rse_str bytes, const git_oid *id,
                     uint32_t *entry, struct rse_err *err)
{
    size_t from = writer->out.len;

    add_entry_head(&writer->out, (unsigned)type, bytes.len);
    return deflater_add(writer->deflater, bytes, &writer->out, err) && end_entry(writer, from, id, entry, err);
}

bool pack_writer_copy(struct pack_writer *writer, const struct pack_file_entry *entry, uint32_t base,
                      struct rse_err *err)
{
    size_t from = writer->out.len;

    add_entry_head(&writer->out, entry->type, entry->size);
    if (entry->type == PACK_OFS_DELTA)
        add_distance(&writer->out, writer->offset - writer->entries[base].offset);
    rse_buf_add_str(&writer->out, entry->stream);
    return end_entry(writer, from, &entry->id, NULL, err);
}

uint32_t pack_writer_count(const struct pack_writer *writer)
{
    return (uint32_t)writer->count;
}

uint64_t pack_writer_size(const struct pack_writer *writer)
{
    return writer->offset;
}

/* The checksum of what the file holds. */
static bool hash_file(const struct pack_writer *writer, uint8_t sum[SUM_SIZE], struct rse_err *err)
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    char *piece = rse_xmalloc(WRITE_AT_ONCE);
    bool ok = hash != NULL && EVP_DigestInit_ex(hash, EVP_sha1(), NULL) == 1;
    ssize_t n = 1;

    for (uint64_t at = 0; ok && at < writer->offset; at += (uint64_t)n) {
        n = pread(writer->fd, piece, WRITE_AT_ONCE, (off_t)at);
        ok = n > 0 && EVP_DigestUpdate(hash, piece, (size_t)n) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(hash, sum, NULL) == 1;
    free(piece);
    EVP_MD_CTX_free(hash);
    if (n <= 0)
        return rse_fail_errno(err, RSE_UNAVAILABLE, n < 0 ? errno : EIO, "could not read a pack that was just written");
    return ok || rse_fail(err, RSE_INTERNAL, "could not hash a pack");
}

/* The count is known only now, and the checksum covers it: the pack is hashed once more, from the page cache. */
static bool seal(struct pack_writer *writer, uint8_t sum[SUM_SIZE], struct rse_err *err)
{
    RSE_BUF_AUTO head = { 0 };

    rse_buf_init(&head, HEAD_SIZE);
    add_head(&head, (uint32_t)writer->count);
    if (pwrite(writer->fd, head.p, head.len, 0) != (ssize_t)head.len)
        return fail_write(writer, errno, err);
    if (!hash_file(writer, sum, err))
        return false;
    rse_buf_addn(&writer->out, sum, SUM_SIZE);
    return flush(writer, err);
}

static bool sync_file(const struct pack_writer *writer, int fd, struct rse_err *err)
{
    if (fchmod(fd, 0444) != 0 || fsync(fd) != 0)
        return fail_write(writer, errno, err);
    return true;
}

static bool sync_folder(const struct pack_writer *writer, struct rse_err *err)
{
    int fd = open(writer->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    int errnum = errno;

    if (fd >= 0)
        close(fd);
    return ok || fail_write(writer, errnum, err);
}

/* ---- sorting, while the pack is hashed and synced ---- */

static void *sort_entries(void *arg)
{
    struct pack_writer *writer = arg;

    pack_entries_sort(writer->entries, (uint32_t)writer->count);
    return NULL;
}

static bool seal_and_sync(struct pack_writer *writer, uint8_t sum[SUM_SIZE], struct rse_err *err)
{
    bool apart;
    pthread_t thread;

    apart = writer->count >= WORTH_A_THREAD && pthread_create(&thread, NULL, sort_entries, writer) == 0;
    if (!apart)
        sort_entries(writer);
    bool ok = seal(writer, sum, err) && sync_file(writer, writer->fd, err);
    if (apart)
        pthread_join(thread, NULL);
    return ok;
}

/* Writes the index beside the pack under a temporary name. */
static bool write_index(struct pack_writer *writer, char *path, const uint8_t sum[SUM_SIZE], struct rse_err *err)
{
    int fd = mkostemp(path, O_CLOEXEC);
    bool ok;

    if (fd < 0) {
        *path = '\0';
        return fail_write(writer, errno, err);
    }
    ok = pack_index_write(fd, writer->entries, (uint32_t)writer->count, sum, err) && sync_file(writer, fd, err);
    close(fd);
    return ok;
}

static bool publish(struct pack_writer *writer, const char *index_path, const git_oid *id, struct rse_err *err)
{
    char hex[GIT_OID_HEXSZ + 1], pack_name[4096], index_name[4096];

    git_oid_tostr(hex, sizeof(hex), id);
    if (snprintf(pack_name, sizeof(pack_name), "%s/pack-%s.pack", writer->folder, hex) >= (int)sizeof(pack_name) ||
        snprintf(index_name, sizeof(index_name), "%s/pack-%s.idx", writer->folder, hex) >= (int)sizeof(index_name))
        return rse_fail(err, RSE_INVALID, "the path of the repository is too long");
    crash_point("before-pack");
    if (rename(writer->path, pack_name) != 0)
        return fail_write(writer, errno, err);
    free(RSE_TAKE(writer->path));
    crash_point("between-pack-and-index");
    if (rename(index_path, index_name) != 0)
        return fail_write(writer, errno, err);
    return sync_folder(writer, err);
}

bool pack_writer_finish(struct pack_writer *writer, git_oid *id, struct rse_err *err)
{
    char index_path[4096];
    git_oid sum;
    bool ok;

    if (writer->count == 0)
        return true;
    if (snprintf(index_path, sizeof(index_path), "%s/tmp_idx_XXXXXX", writer->folder) >= (int)sizeof(index_path))
        return rse_fail(err, RSE_INVALID, "the path of the repository is too long");
    ok = flush(writer, err) && seal_and_sync(writer, sum.id, err) && write_index(writer, index_path, sum.id, err) &&
         publish(writer, index_path, &sum, err);
    if (!ok && index_path[0] != '\0')
        unlink(index_path);
    if (ok && id != NULL)
        *id = sum;
    return ok;
}
