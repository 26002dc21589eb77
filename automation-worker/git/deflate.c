#include "automation-worker/git/deflate.h"

#include <endian.h>
#include <libdeflate.h>
#include <stdlib.h>

enum {
    LEVEL = 1,             /* of what is rendered, level 6 leaves a few percent less and takes three times as long */
    SHORT = 160,           /* bytes up to which there is too little to find to be worth the time */
    HEAD = 2,              /* of a stream */
    CHECKSUM = 4,          /* at its end */
    STORED_HEAD = 5,       /* of a stored block */
    FIRST_LONG = 144,      /* literals from here on have nine bits in the fixed code, those below eight */
    FIXED_EXTRA_BITS = 10, /* of a block: three in front, and its end's seven */
};

struct fixed_code {
    uint16_t bits;
    uint8_t count;
};

struct deflater {
    struct fixed_code codes[256];             /* of each literal */
    struct libdeflate_compressor *compressor; /* made where something is long enough */
};

void deflater_free(struct deflater *deflater)
{
    if (deflater == NULL)
        return;
    libdeflate_free_compressor(deflater->compressor);
    free(deflater);
}

/* ---- short ---- */

static size_t fixed_size(struct rse_str bytes)
{
    size_t bits = FIXED_EXTRA_BITS + 8 * bytes.len;

    for (size_t i = 0; i < bytes.len; i++)
        bits += (unsigned char)bytes.p[i] >= FIRST_LONG;
    return (bits + 7) / 8;
}

static uint8_t *put_checksum(uint8_t *at, struct rse_str bytes)
{
    uint32_t sum = libdeflate_adler32(1, bytes.p, bytes.len);

    *at++ = (uint8_t)(sum >> 24);
    *at++ = (uint8_t)(sum >> 16);
    *at++ = (uint8_t)(sum >> 8);
    *at++ = (uint8_t)sum;
    return at;
}

static uint8_t *put_stored(uint8_t *at, struct rse_str bytes)
{
    *at++ = 1; /* the last block, stored */
    *at++ = (uint8_t)bytes.len;
    *at++ = (uint8_t)(bytes.len >> 8);
    *at++ = (uint8_t)~bytes.len;
    *at++ = (uint8_t)(~bytes.len >> 8);
    if (bytes.len > 0)
        memcpy(at, bytes.p, bytes.len);
    return at + bytes.len;
}

/* A code of the fixed Huffman code, first bit lowest, as it goes into the stream. */
static struct fixed_code fixed_code(unsigned c)
{
    static const uint8_t reversed_nibbles[16] = { 0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15 };
    uint32_t code = c < FIRST_LONG ? c + 0x30U : c - FIRST_LONG + 0x190U;
    uint32_t reversed = (uint32_t)reversed_nibbles[code & 15] << 4 | reversed_nibbles[code >> 4 & 15];

    if (c < FIRST_LONG)
        return (struct fixed_code){ (uint16_t)reversed, 8 };
    return (struct fixed_code){ (uint16_t)(reversed << 1 | code >> 8), 9 };
}

static uint8_t *put_fixed(const struct fixed_code *codes, uint8_t *at, struct rse_str bytes)
{
    uint64_t bits = 3; /* the last block, with the fixed code */
    unsigned count = 3;

    for (size_t i = 0; i < bytes.len; i++) {
        const struct fixed_code *code = &codes[(unsigned char)bytes.p[i]];

        bits |= (uint64_t)code->bits << count;
        count += code->count;
        if (count >= 32) {
            uint32_t word = htole32((uint32_t)bits);

            memcpy(at, &word, sizeof(word));
            at += sizeof(word);
            bits >>= 32;
            count -= 32;
        }
    }
    /* The end of the block is seven zeros. */
    for (count += 7; count >= 8; count -= 8, bits >>= 8)
        *at++ = (uint8_t)bits;
    if (count > 0)
        *at++ = (uint8_t)bits;
    return at;
}

static bool add_short(const struct deflater *deflater, struct rse_str bytes, struct rse_buf *out, struct rse_err *err)
{
    size_t fixed = fixed_size(bytes), stored = STORED_HEAD + bytes.len;
    char *room = rse_buf_reserve(out, HEAD + (fixed < stored ? fixed : stored) + CHECKSUM);
    uint8_t *at = (uint8_t *)room;

    if (room == NULL)
        return rse_buf_ok(out, err);
    *at++ = 0x78; /* deflate, window of 32 KiB */
    *at++ = 0x01; /* fastest; makes the two bytes a multiple of 31 */
    at = fixed < stored ? put_fixed(deflater->codes, at, bytes) : put_stored(at, bytes);
    at = put_checksum(at, bytes);
    rse_buf_commit(out, (size_t)((char *)at - room));
    return true;
}

/* ---- long ---- */

static bool add_long(struct deflater *deflater, struct rse_str bytes, struct rse_buf *out, struct rse_err *err)
{
    if (deflater->compressor == NULL && (deflater->compressor = libdeflate_alloc_compressor(LEVEL)) == NULL)
        return rse_fail(err, RSE_INTERNAL, "could not set up compression");
    size_t bound = libdeflate_zlib_compress_bound(deflater->compressor, bytes.len);
    char *room = rse_buf_reserve(out, bound);
    if (room == NULL)
        return rse_fail(err, RSE_TOO_LARGE, "an object of %zu bytes is too large for a pack", bytes.len);
    size_t len = libdeflate_zlib_compress(deflater->compressor, bytes.p, bytes.len, room, bound);
    if (len == 0)
        return rse_fail(err, RSE_INTERNAL, "could not compress an object");
    rse_buf_commit(out, len);
    return true;
}

struct deflater *deflater_new(void)
{
    struct deflater *deflater = rse_new(struct deflater);

    for (unsigned c = 0; c < RSE_COUNT(deflater->codes); c++)
        deflater->codes[c] = fixed_code(c);
    return deflater;
}

bool deflater_add(struct deflater *deflater, struct rse_str bytes, struct rse_buf *out, struct rse_err *err)
{
    return bytes.len <= SHORT ? add_short(deflater, bytes, out, err) : add_long(deflater, bytes, out, err);
}
