/*
 * pkt.h - pkt-lines, the frames of Git's protocol (gitprotocol-common): four hex digits of length, then the data.
 */
#ifndef WORKER_REMOTE_PKT_H
#define WORKER_REMOTE_PKT_H

#include <resedge/buf.h>
#include <resedge/err.h>

#define PKT_MAX_DATA 65516 /* bytes in one frame */

enum pkt_kind { PKT_DATA, PKT_FLUSH, PKT_DELIMITER, PKT_RESPONSE_END };

struct pkt {
    enum pkt_kind kind;
    struct rse_str data; /* borrowed from what was parsed */
};

/* The first frame of some bytes. *used: how many it takes; 0: it isn't whole yet. RSE_UNAVAILABLE: that is no
 * pkt-line. */
bool pkt_parse(struct rse_str bytes, struct pkt *out, size_t *used, struct rse_err *err) RSE_MUST;

/* The data without the line break at its end. */
struct rse_str pkt_line(const struct pkt *pkt);

/* Appends a frame. data: PKT_MAX_DATA bytes at most. */
void pkt_add(struct rse_buf *out, struct rse_str data);
void pkt_add_flush(struct rse_buf *out);

struct wire;
/* Takes frames off a conversation. */
struct pkt_reader {
    struct wire *wire;
    size_t at, len;
    char buffer[PKT_MAX_DATA + 4];
};

/* The data is good until the next call. An end before the frame's is RSE_UNAVAILABLE. */
bool pkt_read(struct pkt_reader *reader, struct pkt *out, struct rse_err *err) RSE_MUST;

#endif
