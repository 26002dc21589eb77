/*
 * doc_store.c - see doc_store.h.
 */
#include "api-server/fleet/doc_store.h"

#include <stdlib.h>

#include <libdeflate.h>

enum { BLOCK_BYTES = 256 * 1024, LEVEL = 1 };

/* Documents one behind the other. */
struct block {
    size_t first; /* the number of its first document */
    size_t bytes; /* unpacked */
    char *packed;
    size_t packed_len;
};

struct doc_store {
    struct libdeflate_compressor *compressor;
    struct libdeflate_decompressor *decompressor;
    struct block *blocks;
    size_t nblocks, blocks_cap;
    uint32_t *ends; /* of each document within its block */
    size_t count, ends_cap;
    size_t bytes;
    struct rse_buf open; /* the last block, not packed yet; it begins at document open_first */
    size_t open_first;
    struct rse_buf unpacked; /* the block that was read last */
    size_t unpacked_block;   /* its index; SIZE_MAX: none */
};

struct doc_store *doc_store_new(void)
{
    struct doc_store *store = rse_new(struct doc_store);

    store->compressor = libdeflate_alloc_compressor(LEVEL);
    store->decompressor = libdeflate_alloc_decompressor();
    if (store->compressor == NULL || store->decompressor == NULL)
        abort(); /* no memory: as everywhere */
    rse_buf_init(&store->open, SIZE_MAX / 2);
    rse_buf_init(&store->unpacked, SIZE_MAX / 2);
    store->unpacked_block = SIZE_MAX;
    return store;
}

void doc_store_free(struct doc_store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < store->nblocks; i++)
        free(store->blocks[i].packed);
    free(store->blocks);
    free(store->ends);
    rse_buf_release(&store->open);
    rse_buf_release(&store->unpacked);
    libdeflate_free_compressor(store->compressor);
    libdeflate_free_decompressor(store->decompressor);
    free(store);
}

static void pack(struct doc_store *store)
{
    size_t bound = libdeflate_deflate_compress_bound(store->compressor, store->open.len);
    char *packed = rse_xmalloc(bound);
    size_t len = libdeflate_deflate_compress(store->compressor, store->open.p, store->open.len, packed, bound);

    if (len == 0)
        abort(); /* it fits into its bound */
    RSE_GROW(store->blocks, store->nblocks, store->blocks_cap);
    store->blocks[store->nblocks++] = (struct block){
        .first = store->open_first, .bytes = store->open.len, .packed = rse_xrealloc(packed, len), .packed_len = len
    };
    rse_buf_reset(&store->open);
    store->open_first = store->count;
}

size_t doc_store_add(struct doc_store *store, struct rse_str doc)
{
    if (store->open.len >= BLOCK_BYTES)
        pack(store);
    rse_buf_add_str(&store->open, doc);
    RSE_GROW(store->ends, store->count, store->ends_cap);
    store->ends[store->count] = (uint32_t)store->open.len;
    store->bytes += doc.len;
    return store->count++;
}

/* The last block that begins at the document, or before it. */
static size_t find_block(const struct doc_store *store, size_t number)
{
    size_t low = 0, high = store->nblocks;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (store->blocks[middle].first <= number)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void unpack(struct doc_store *store, size_t index)
{
    const struct block *block = &store->blocks[index];
    char *room;

    if (store->unpacked_block == index)
        return;
    rse_buf_reset(&store->unpacked);
    room = rse_buf_reserve(&store->unpacked, block->bytes);
    if (libdeflate_deflate_decompress(store->decompressor, block->packed, block->packed_len, room, block->bytes,
                                      NULL) != LIBDEFLATE_SUCCESS)
        abort(); /* we packed it ourselves */
    rse_buf_commit(&store->unpacked, block->bytes);
    store->unpacked_block = index;
}

struct rse_str doc_store_get(struct doc_store *store, size_t number)
{
    const char *bytes = store->open.p;
    size_t first = store->open_first, start;

    if (number < store->open_first) {
        size_t index = find_block(store, number);

        unpack(store, index);
        bytes = store->unpacked.p;
        first = store->blocks[index].first;
    }
    start = number > first ? store->ends[number - 1] : 0;
    return rse_str_n(bytes + start, store->ends[number] - start);
}

size_t doc_store_bytes(const struct doc_store *store)
{
    return store->bytes;
}
