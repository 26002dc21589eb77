/*
 * remote_impl.h - what looking, fetching and pushing share.
 */
#ifndef WORKER_REMOTE_REMOTE_IMPL_H
#define WORKER_REMOTE_REMOTE_IMPL_H

#include "automation-worker/remote/advert.h"
#include "automation-worker/remote/remote.h"

struct remote {
    struct rse_arena *arena;
    struct remote_address address;
    struct credential *credential;
    struct wire_options wire;
};

/* A conversation, with what the service said of itself taken off it. reader is initialised here. */
struct pkt_reader;
bool remote_talk(struct remote *remote, enum wire_service service, struct wire **wire, struct pkt_reader *reader,
                 struct advert *advert, struct rse_err *err) RSE_MUST;

#define REMOTE_REF_SIZE 300
void remote_ref(char out[static REMOTE_REF_SIZE], const char *branch);

#endif
