/*
 * wire_impl.h - what the two kinds of conversation share: their operations, and the watch over deadlines.
 */
#ifndef WORKER_REMOTE_WIRE_IMPL_H
#define WORKER_REMOTE_WIRE_IMPL_H

#include "automation-worker/remote/wire.h"

#define WIRE_TICK_MS 100 /* how often the owner is asked whether to go on */

struct wire_class {
    bool (*send)(struct wire *wire, struct rse_str bytes, int fd, int64_t file_size, struct rse_err *err);
    bool (*read)(struct wire *wire, char *buffer, size_t size, size_t *got, struct rse_err *err);
    void (*free)(struct wire *wire);
    bool stateless;
};

/* The first member of either kind. */
struct wire {
    const struct wire_class *class;
    enum wire_service service;
    struct wire_options options;
    int64_t begun_ms, progress_ms; /* when it began, and when the last byte went either way */
    int64_t received;              /* bytes */
    bool answered;                 /* something came */
};

void wire_init(struct wire *wire, const struct wire_class *class, enum wire_service service,
               const struct wire_options *options);
/* Notes bytes that went either way. */
void wire_progress(struct wire *wire, size_t received);
/* To be called at every turn of waiting: deadlines, sizes, and whether the owner wants to go on. */
bool wire_check(const struct wire *wire, struct rse_err *err) RSE_MUST;

bool wire_http_open(struct wire **out, enum wire_service service, const struct wire_options *options,
                    struct rse_err *err) RSE_MUST;
bool wire_ssh_open(struct wire **out, enum wire_service service, const struct wire_options *options,
                   struct rse_err *err) RSE_MUST;

#endif
