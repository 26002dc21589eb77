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

#endif
