/*
 * phases.h - where the time of a job goes.
 */
#ifndef WORKER_JOB_PHASES_H
#define WORKER_JOB_PHASES_H

#include <resedge/buf.h>

enum phase {
    PHASE_CLAIM,
    PHASE_FLEET,
    PHASE_FETCH, /* from a remote */
    PHASE_TEMPLATES,
    PHASE_PLAN,
    PHASE_RENDER,
    PHASE_HASH, /* files, and the folders above them */
    PHASE_WRITE,
    PHASE_COMMIT,
    PHASE_PUSH, /* to a remote */
    PHASE_REPORT,
    PHASE_COUNT
};

const char *phase_name(enum phase phase);

struct phases {
    int64_t us[PHASE_COUNT];
    int64_t begun; /* of the phase that runs, see phases_end() */
};

void phases_begin(struct phases *phases);
/* Adds the time since phases_begin() or the last phases_end() to a phase. */
void phases_end(struct phases *phases, enum phase phase);
/* Takes some of one phase's time over to another. */
void phases_split(struct phases *phases, enum phase from, enum phase to, int64_t us);
/* {"plan": ms, ...} */
void phases_render(const struct phases *phases, struct rse_buf *out);

#endif
