/*
 * advert.h - what a Git service says first: the refs that it has, and what it can do (gitprotocol-pack, "Reference
 * Discovery").
 */
#ifndef WORKER_REMOTE_ADVERT_H
#define WORKER_REMOTE_ADVERT_H

#include <git2.h>

#include "automation-worker/remote/pkt.h"
#include "automation-worker/remote/wire.h"

struct advert {
    /* What to look for. */
    enum wire_service service;
    struct rse_str ref; /* "refs/heads/main" */
    /* What was found. */
    git_oid id; /* of that ref; zero: there is none */
    size_t refs;
    bool report_status, side_band_64k, ofs_delta, atomic, quiet;
    /* How far it is read. */
    bool in_prelude; /* HTTP puts the service's name in front */
    bool has_capabilities;
};

void advert_init(struct advert *advert, enum wire_service service, bool stateless, struct rse_str ref);
/* Takes the next packet. *end: it was the last one. Borrows the ref. */
bool advert_take(struct advert *advert, const struct pkt *pkt, bool *end, struct rse_err *err) RSE_MUST;

#endif
