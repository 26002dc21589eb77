/*
 * push_answer.h - what receive-pack says of a push: whether it could store the pack, what became of the ref, and what
 * its hooks had to say to people (gitprotocol-pack, "Report Status").
 */
#ifndef WORKER_REMOTE_PUSH_ANSWER_H
#define WORKER_REMOTE_PUSH_ANSWER_H

#include "automation-worker/remote/pkt.h"

struct push_answer {
    bool side_band;
    struct rse_buf report;   /* pkt-lines */
    struct rse_buf messages; /* the beginning of what was said */
};

void push_answer_init(struct push_answer *answer, bool side_band);
void push_answer_release(struct push_answer *answer);

/* Takes the next packet. *end: it was the last one. */
bool push_answer_take(struct push_answer *answer, const struct pkt *pkt, bool *end, struct rse_err *err) RSE_MUST;

/* After the end: whether the ref was moved. RSE_DENIED: the remote refused that, with its reason and what its hooks
 * said; RSE_UNAVAILABLE: it could not store the pack, or said nothing of the ref. */
bool push_answer_check(const struct push_answer *answer, struct rse_str ref, struct rse_err *err) RSE_MUST;

#endif
