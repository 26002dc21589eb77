/*
 * etag.c - see etag.h.
 */
#include "api-server/fleet/etag.h"

#include "api-server/sha256.h"

uint64_t etag_of(struct rse_str doc)
{
    unsigned char digest[SHA256_SIZE];
    uint64_t etag = 0;

    sha256_of(doc, digest);
    for (size_t i = 0; i < 8; i++)
        etag = etag << 8 | digest[i];
    return etag;
}

uint64_t etag_read(struct rse_str text)
{
    uint64_t etag = 0;

    if (text.len != 16)
        return 0;
    for (size_t i = 0; i < 16; i++) {
        char c = text.p[i];

        if (c >= '0' && c <= '9')
            etag = etag << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            etag = etag << 4 | (uint64_t)(c - 'a' + 10);
        else
            return 0;
    }
    return etag;
}
