/*
 * fleet_stream.h - answers that hold the whole fleet: read row by row from one snapshot, written as the client takes them.
 */
#ifndef API_HANDLERS_FLEET_STREAM_H
#define API_HANDLERS_FLEET_STREAM_H

#include "api-server/handlers/row_stream.h"
#include "api-server/store/fleet.h"

struct fleet_stream;

struct fleet_writer {
    const char *content_type;
    /* Appends what the row becomes. False, with err set: the answer can't be made. */
    bool (*row)(struct fleet_stream *stream, const struct fleet_row *row, struct rse_buf *out, struct rse_err *err);
    /* Appends what stands behind the last row. */
    void (*end)(struct fleet_stream *stream, struct rse_buf *out);
};

struct fleet_stream {
    struct call *call;
    const struct fleet_writer *writer;
    int section; /* the writer's own; -1 at first */
    size_t rows; /* objects so far */

    struct fleet_reader reader;
    struct row_stream stream;
};

/* Answers the call. */
void fleet_stream_start(struct call *call, const struct fleet_writer *writer);
/* As the fleet was at a revision: see store_fleet_read_past(). */
void fleet_stream_start_past(struct call *call, const struct fleet_writer *writer, int64_t revision);

#endif
