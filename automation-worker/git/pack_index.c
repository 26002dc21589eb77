#include "pack_index.h"

#include <errno.h>
#include <openssl/evp.h>
#include <resedge/buf.h>
#include <stdlib.h>
#include <unistd.h>

enum { FEW = 48, WRITE_AT_ONCE = 1 << 20 };

static int entry_order(const void *a, const void *b)
{
    return memcmp(((const struct pack_entry *)a)->id, ((const struct pack_entry *)b)->id, 20);
}

static void sort_few(struct pack_entry *entries, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct pack_entry entry = entries[i];
        uint32_t at = i;

        for (; at > 0 && entry_order(&entries[at - 1], &entry) > 0; at--)
            entries[at] = entries[at - 1];
        entries[at] = entry;
    }
}

static void sort_bucket(struct pack_entry *entries, uint32_t count)
{
    if (count <= FEW)
        sort_few(entries, count);
    else
        qsort(entries, count, sizeof(*entries), entry_order);
}

static uint32_t bucket_of(const struct pack_entry *entry)
{
    return (uint32_t)(entry->id[0] << 8 | entry->id[1]);
}

/* Moves each entry into its bucket, in place: what stands there goes to where it belongs, until one comes that
 * belongs here. next[b]: where the next one of bucket b goes. */
static void deal_out(struct pack_entry *entries, uint32_t *next, const uint32_t *end, uint32_t buckets)
{
    for (uint32_t b = 0; b < buckets; b++) {
        while (next[b] < end[b]) {
            struct pack_entry entry = entries[next[b]];

            for (uint32_t to = bucket_of(&entry); to != b; to = bucket_of(&entry)) {
                struct pack_entry other = entries[next[to]];

                entries[next[to]++] = entry;
                entry = other;
            }
            entries[next[b]++] = entry;
        }
    }
}

/* Ids are hashes, evenly spread: one pass by their first two bytes leaves buckets of a few entries, which are sorted
 * one by one. */
void pack_entries_sort(struct pack_entry *entries, uint32_t count)
{
    enum { BUCKETS = 1 << 16 };
    uint32_t *next, *end;

    if (count <= FEW) {
        sort_few(entries, count);
        return;
    }
    next = rse_xcalloc(2 * BUCKETS, sizeof(*next));
    end = next + BUCKETS;
    for (uint32_t i = 0; i < count; i++)
        end[bucket_of(&entries[i])]++;
    for (uint32_t b = 1; b < BUCKETS; b++) {
        next[b] = end[b - 1];
        end[b] += end[b - 1];
    }
    deal_out(entries, next, end, BUCKETS);
    for (uint32_t b = 0, from = 0; b < BUCKETS; from = end[b], b++)
        sort_bucket(entries + from, end[b] - from);
    free(next);
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
