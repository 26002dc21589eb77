/*
 * deflate.h - zlib streams (RFC 1950) for objects of a pack, most of them small: as small as is cheap.
 *
 * A compressor's work for a delta of fifty bytes costs more than all else that is done for it, and finds nothing to
 * repeat. So short bytes are written as literals of the fixed Huffman code (RFC 1951, 3.2.6), or stored where that is
 * shorter; long ones go through libdeflate at level 1.
 */
#ifndef WORKER_GIT_DEFLATE_H
#define WORKER_GIT_DEFLATE_H

#include <resedge/base.h>
#include <resedge/buf.h>
#include <resedge/err.h>

struct deflater;

struct deflater *deflater_new(void);
void deflater_free(struct deflater *deflater);

/* Appends the stream. RSE_TOO_LARGE: past the limit of the buffer. */
bool deflater_add(struct deflater *deflater, struct rse_str bytes, struct rse_buf *out, struct rse_err *err) RSE_MUST;

#endif
