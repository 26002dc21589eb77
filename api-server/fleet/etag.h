/*
 * etag.h - the ETag of an object: the first eight bytes of the SHA-256 (FIPS 180-4) of its document as it is stored, 16 hexadecimal
 * digits as text.
 */
#ifndef API_FLEET_ETAG_H
#define API_FLEET_ETAG_H

#include <resedge/resedge.h>

enum { ETAG_SIZE = RSE_HEX64_SIZE }; /* of the text that rse_format_hex64() makes of it */

uint64_t etag_of(struct rse_str doc);
/* 0 where the text is none. */
uint64_t etag_read(struct rse_str text);
/* The next member of If-Match or If-None-Match, without the space around it; false at the end. */
bool etag_next(struct rse_str *header, struct rse_str *out);
/* Whether one of them is "*" or the ETag; weakly: also as a weak one (RFC 9110, 8.8.3.2). */
bool etag_listed(struct rse_str header, uint64_t etag, bool weakly);

#endif
