/*
 * write.h - the one way in which the fleet changes.
 *
 * A write is a function that builds a set of changes from a request and the fleet as it is. A replica has one queue of them,
 * because writes are serial by nature (every one locks the fleet's row): each is built and checked in memory at revision N
 * and stored in one round trip, if the fleet still is at N. Where another replica was quicker, the build runs again on the
 * newer fleet.
 */
#ifndef API_FLEET_WRITE_H
#define API_FLEET_WRITE_H

#include <resedge/resedge.h>

struct changeset;
struct template_push;
struct live;

/* Adds changes to the set (see changeset.h). May run several times, each time with a new set: it keeps nothing that an earlier
 * run made. False, with err set, gives the write up. */
typedef bool live_build(struct changeset *set, void *arg, struct rse_err *err);

/* Exactly once. err NULL: the set is stored (changeset_revision() says at which revision), or there was nothing to store. The
 * set is borrowed for the call, and NULL where err is set. */
typedef void live_done(void *arg, const struct changeset *set, const struct rse_err *err);

/* Makes the answer that is stored with the set, which is sealed and says at which revision it will be. What it points to lives as
 * long as the set. False, with err set, gives the write up. */
struct kept_answer;
struct change_owner;
typedef bool live_answer(void *arg, const struct changeset *set, struct kept_answer *out, struct rse_err *err);

struct live_write {
    struct rse_str actor;  /* who: for the feed, createdBy and updatedBy, and the author of commits */
    struct rse_str reason; /* why, where the person said so */
    int64_t confirm;       /* how many clusters the person said would be hit; -1: said nothing */
    bool urgent;           /* its targets don't wait for their push interval */
    bool has_if_revision;
    int64_t if_revision; /* RSE_STALE unless the fleet is at it */
    bool dry_run;        /* build and check, store nothing */
    live_build *build;
    struct rse_err *question; /* set by build: what the person has to confirm, asked when all else is right; or NULL */
    const struct change_owner *owner; /* filled by build, if it is an apply set's; or NULL */
    live_answer *answer;              /* or NULL: it isn't stored */
    void (*stored)(
        void *arg); /* or NULL: told before done, and before the fleet has it, that nothing will be built again */
    live_done *done;
    void *arg;
};

/* Actor and reason are copied. */
void live_write(struct live *live, const struct live_write *write);

/* The templates of a target are at another tree: the next revision, with a change of the noun "template". */
void live_write_template(struct live *live, struct rse_str actor, int64_t target_id, const struct template_push *push,
                         live_done *done, void *arg);

#endif
