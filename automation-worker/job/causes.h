/*
 * causes.h - which write of the fleet, or push to the templates, a job's change comes from.
 *
 * A job takes in all revisions since the last one. Each part of a cluster that changed is put down to one of them: to the
 * newest write of its namespace, application or cluster, else to the newest push to the templates, else to the newest write
 * of what is further away (groups, policies, declared keys, the target).
 */
#ifndef WORKER_JOB_CAUSES_H
#define WORKER_JOB_CAUSES_H

#include <resedge/client.h>
#include <resedge/fleet.h>

struct cause_of {
    int64_t revision;
    struct rse_str noun; /* of the one object that was written; "" where there are several */
    int64_t id;
    struct rse_str name; /* of that object where it was deleted, as name: took it; else "" */
    int64_t objects;     /* that the revision wrote */
    struct rse_str actor;
    int64_t confirm; /* clusters that the writer said would be hit; -1: said nothing */
};

struct causes;

/* The writes after one revision, up to another. The fleet is as it is at the latter. */
bool causes_load(struct causes **out, struct rse_client *client, const struct rse_fleet *fleet, int64_t target_id,
                 int64_t after, int64_t upto, struct rse_err *err) RSE_MUST;
void causes_free(struct causes *causes);

/* Never NULL: where nothing fits, the newest revision. lost: the part is gone. *direct says whether the part itself, or the
 * templates, were written. */
const struct cause_of *causes_find(const struct causes *causes, struct rse_str cluster, struct rse_str part, bool lost,
                                   bool *direct);

/* "namespace \"shop\"", "deleting application \"shop/shop\"", "a push to the templates", "a write of 40 objects". */
void cause_describe(const struct causes *causes, const struct cause_of *cause, struct rse_buf *out);

#endif
