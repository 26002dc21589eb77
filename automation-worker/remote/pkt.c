#include "automation-worker/remote/pkt.h"

#include <assert.h>

#include "automation-worker/remote/wire.h"

#define HEAD 4

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* -1: no number. */
static int parse_length(const char *head)
{
    int length = 0;

    for (int i = 0; i < HEAD; i++) {
        int digit = hex_digit(head[i]);

        if (digit < 0)
            return -1;
        length = length << 4 | digit;
    }
    return length;
}

bool pkt_parse(struct rse_str bytes, struct pkt *out, size_t *used, struct rse_err *err)
{
    static const enum pkt_kind special[] = { PKT_FLUSH, PKT_DELIMITER, PKT_RESPONSE_END };

    *used = 0;
    if (bytes.len < HEAD)
        return true;
    int length = parse_length(bytes.p);

    if (length < 0 || length == 3 || length > PKT_MAX_DATA + HEAD)
        return rse_fail(err, RSE_UNAVAILABLE, "the remote doesn't speak Git's protocol: \"%.4s\" begins no packet",
                        bytes.p);
    if (length < 3) {
        *out = (struct pkt){ .kind = special[length] };
        *used = HEAD;
    } else if ((size_t)length <= bytes.len) {
        *out = (struct pkt){ .kind = PKT_DATA, .data = rse_str_n(bytes.p + HEAD, (size_t)length - HEAD) };
        *used = (size_t)length;
    }
    return true;
}

struct rse_str pkt_line(const struct pkt *pkt)
{
    struct rse_str line = pkt->data;

    if (line.len > 0 && line.p[line.len - 1] == '\n')
        line.len--;
    return line;
}

void pkt_add(struct rse_buf *out, struct rse_str data)
{
    assert(data.len <= PKT_MAX_DATA);
    rse_buf_addf(out, "%04zx", data.len + HEAD);
    rse_buf_add_str(out, data);
}

void pkt_add_flush(struct rse_buf *out)
{
    rse_buf_adds(out, "0000");
}

static bool fill(struct pkt_reader *reader, struct rse_err *err)
{
    size_t got;

    memmove(reader->buffer, reader->buffer + reader->at, reader->len - reader->at);
    reader->len -= reader->at;
    reader->at = 0;
    if (!wire_read(reader->wire, reader->buffer + reader->len, sizeof(reader->buffer) - reader->len, &got, err))
        return false;
    reader->len += got;
    return got > 0 || rse_fail(err, RSE_UNAVAILABLE, "the remote closed the connection before its answer was whole");
}

bool pkt_read(struct pkt_reader *reader, struct pkt *out, struct rse_err *err)
{
    for (;;) {
        size_t used;

        if (!pkt_parse(rse_str_n(reader->buffer + reader->at, reader->len - reader->at), out, &used, err))
            return false;
        reader->at += used;
        if (used > 0)
            return true;
        if (!fill(reader, err))
            return false;
    }
}
