#include "automation-worker/git/pack_index.h"

#include <endian.h>
#include <errno.h>
#include <openssl/evp.h>
#include <resedge/buf.h>
#include <stdlib.h>
#include <unistd.h>

enum { FEW = 48, BUCKETS = 256, WRITE_AT_ONCE = 1 << 20 };

static uint64_t first_bytes(const struct pack_entry *entry)
{
    uint64_t bytes;

    memcpy(&bytes, entry->id, sizeof(bytes));
    return be64toh(bytes);
}

static bool is_after(const struct pack_entry *a, const struct pack_entry *b)
{
    uint64_t x = first_bytes(a), y = first_bytes(b);

    return x != y ? x > y : memcmp(a->id, b->id, sizeof(a->id)) > 0;
}

static void sort_few(struct pack_entry *entries, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct pack_entry entry = entries[i];
        uint32_t at = i;

        for (; at > 0 && is_after(&entries[at - 1], &entry); at--)
            entries[at] = entries[at - 1];
        entries[at] = entry;
    }
}

/* Moves each entry into its bucket, in place: what stands there goes to where it belongs, until one comes that
 * belongs here. next[b]: where the next one of bucket b goes. */
static void deal_out(struct pack_entry *entries, size_t byte, uint32_t *next, const uint32_t *end)
{
    for (uint32_t b = 0; b < BUCKETS; b++) {
        while (next[b] < end[b]) {
            struct pack_entry entry = entries[next[b]];

            for (uint32_t to = entry.id[byte]; to != b; to = entry.id[byte]) {
                struct pack_entry other = entries[next[to]];

                entries[next[to]++] = entry;
                entry = other;
            }
            entries[next[b]++] = entry;
        }
    }
}

/* By one byte after the other, of those that are many still: ids are hashes, evenly spread, so two bytes leave a few of
 * a million. By both at once it would be one pass less, but over more places than the processor's caches remember. */
static void sort_by(struct pack_entry *entries, uint32_t count, size_t byte)
{
    uint32_t next[BUCKETS], end[BUCKETS] = { 0 };

    if (count <= FEW || byte == sizeof(entries->id)) {
        sort_few(entries, count);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        end[entries[i].id[byte]]++;
    next[0] = 0;
    for (uint32_t b = 1; b < BUCKETS; b++) {
        next[b] = end[b - 1];
        end[b] += end[b - 1];
    }
    deal_out(entries, byte, next, end);
    for (uint32_t b = 0, from = 0; b < BUCKETS; from = end[b], b++)
        sort_by(entries + from, end[b] - from, byte + 1);
}

void pack_entries_sort(struct pack_entry *entries, uint32_t count)
{
    sort_by(entries, count, 0);
}

/* A file that is written in large pieces, and hashed on the way. */
struct index_file {
    int fd;
    EVP_MD_CTX *hash;
    struct rse_buf buf;
    bool failed;
    int errnum;
};

static void write_out(struct index_file *file)
{
    const char *p = file->buf.p;
    size_t len = file->buf.len;

    if (EVP_DigestUpdate(file->hash, p, len) != 1)
        file->failed = true;
    while (len > 0 && !file->failed) {
        ssize_t n = write(file->fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            file->failed = true;
            file->errnum = n < 0 ? errno : ENOSPC;
            break;
        }
        p += n;
        len -= (size_t)n;
    }
    rse_buf_reset(&file->buf);
}

static void add(struct index_file *file, const void *bytes, size_t len)
{
    rse_buf_addn(&file->buf, bytes, len);
    if (file->buf.len >= WRITE_AT_ONCE)
        write_out(file);
}

static void add_u32(struct index_file *file, uint32_t n)
{
    uint8_t bytes[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

    add(file, bytes, sizeof(bytes));
}

static void add_fan_out(struct index_file *file, const struct pack_entry *entries, uint32_t count)
{
    uint32_t below = 0;

    for (unsigned first = 0; first < 256; first++) {
        while (below < count && entries[below].id[0] == first)
            below++;
        add_u32(file, below);
    }
}

/* An offset of 2 GiB or more stands in a table of its own, and its place there in the table of offsets. */
static void add_offsets(struct index_file *file, const struct pack_entry *entries, uint32_t count)
{
    const uint32_t large = UINT32_C(1) << 31;
    uint32_t nlarge = 0;

    for (uint32_t i = 0; i < count; i++)
        add_u32(file, entries[i].offset < large ? (uint32_t)entries[i].offset : large | nlarge++);
    for (uint32_t i = 0; i < count && nlarge > 0; i++) {
        if (entries[i].offset >= large) {
            add_u32(file, (uint32_t)(entries[i].offset >> 32));
            add_u32(file, (uint32_t)entries[i].offset);
        }
    }
}

static void add_all(struct index_file *file, const struct pack_entry *entries, uint32_t count,
                    const uint8_t pack_sum[20])
{
    static const uint8_t head[8] = { 0xff, 't', 'O', 'c', 0, 0, 0, 2 };
    uint8_t sum[20];

    add(file, head, sizeof(head));
    add_fan_out(file, entries, count);
    for (uint32_t i = 0; i < count; i++)
        add(file, entries[i].id, 20);
    for (uint32_t i = 0; i < count; i++)
        add_u32(file, entries[i].crc);
    add_offsets(file, entries, count);
    add(file, pack_sum, 20);
    write_out(file);
    /* The checksum of all that was written; it is not part of itself. */
    if (EVP_DigestFinal_ex(file->hash, sum, NULL) != 1 || EVP_DigestInit_ex(file->hash, EVP_sha1(), NULL) != 1)
        file->failed = true;
    add(file, sum, sizeof(sum));
    write_out(file);
}

bool pack_index_write(int fd, const struct pack_entry *entries, uint32_t count, const uint8_t pack_sum[20],
                      struct rse_err *err)
{
    struct index_file file = { .fd = fd, .hash = EVP_MD_CTX_new() };

    rse_buf_init(&file.buf, SIZE_MAX / 2);
    if (file.hash != NULL && EVP_DigestInit_ex(file.hash, EVP_sha1(), NULL) == 1)
        add_all(&file, entries, count, pack_sum);
    else
        file.failed = true;
    EVP_MD_CTX_free(file.hash);
    rse_buf_release(&file.buf);
    if (file.errnum != 0)
        return rse_fail_errno(err, RSE_UNAVAILABLE, file.errnum, "could not write the index of a pack");
    return !file.failed || rse_fail(err, RSE_INTERNAL, "could not hash the index of a pack");
}
