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

bool etag_next(struct rse_str *header, struct rse_str *out)
{
    ptrdiff_t comma = rse_str_find(*header, ',');

    if (header->len == 0)
        return false;
    *out = rse_str_trimmed(comma < 0 ? *header : rse_str_n(header->p, (size_t)comma));
    *header = comma < 0 ? rse_str_n(NULL, 0) : rse_str_from(*header, (size_t)comma + 1);
    return true;
}

bool etag_listed(struct rse_str header, uint64_t etag, bool weakly)
{
    struct rse_str one;

    while (etag_next(&header, &one)) {
        if (rse_str_is(one, "*"))
            return true;
        if (weakly && one.len > 2 && one.p[0] == 'W' && one.p[1] == '/')
            one = rse_str_from(one, 2);
        if (etag != 0 && one.len == 18 && one.p[0] == '"' && one.p[17] == '"' &&
            etag_read(rse_str_n(one.p + 1, 16)) == etag)
            return true;
    }
    return false;
}
