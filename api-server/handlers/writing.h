/*
 * writing.h - what every request that writes to the fleet says: who, why, and how many clusters may be hit; and how one with an
 * Idempotency-Key is answered.
 */
#ifndef API_HANDLERS_WRITING_H
#define API_HANDLERS_WRITING_H

#include "api-server/fleet/rules.h"
#include "api-server/fleet/write.h"

/* From the token, ?confirm= and ?dryRun=. */
bool writing_rights(struct call *call, struct write_rights *out) RSE_MUST;
/* The same where the query may say more, and was checked. */
bool writing_rights_only(struct call *call, struct write_rights *out) RSE_MUST;
/* live_write() in the name of the call, with ?reason=, ?ifRevision=, ?urgent= and what was confirmed. */
void writing_start(struct call *call, const struct write_rights *rights, bool dry_run, live_build *build,
                   live_done *done, void *arg);

/* The same with what else the write has; its actor, reason and the like are filled in. */
void writing_begin(struct call *call, const struct write_rights *rights, struct live_write *write);

struct writing_answer {
    int status;
    const char *location; /* or NULL; as etag in the call's arena or the set's */
    const char *etag;     /* or NULL; without its quotes */
    struct rse_buf body;  /* initialised; released by whoever asked */
};
/* Makes the answer to a stored set. False with err set: it can't be made, and then nothing is stored. */
typedef bool writing_render(void *arg, const struct changeset *set, struct writing_answer *out, struct rse_err *err);

/* Says of what was refused where it stands in the body, all its faults included. */
typedef void writing_point(void *arg, struct rse_err *err);

/* What the database would refuse, before a dry run is answered, or did refuse: `told` gets that, once; NULL: nothing. */
typedef void writing_ask(void *arg, void (*told)(void *arg, const struct rse_err *err), void *told_arg);

/* Borrowed for the call. */
struct writing_once {
    bool dry_run;
    live_build *build;
    writing_render *render;
    writing_point *point;             /* NULL: errors point into the body already */
    writing_ask *ask;                 /* NULL: no more than it says by itself */
    const struct change_owner *owner; /* of an apply set, filled by build; or NULL */
    struct rse_str reason;            /* where the body says why; p NULL: ?reason= does */
    void *arg;                        /* of build, render, point and ask */
};
/* The same for a request that would do something else when it is repeated. With an Idempotency-Key its answer is stored with the
 * write, for a day: a retry gets it again, whichever server is asked, and the same key with another request is refused. */
void writing_start_once(struct call *call, const struct write_rights *rights, const struct writing_once *write);
/* The number that the write would have to confirm, of a dry run that said none; else 0. */
int64_t writing_asked(const struct write_rights *rights);
/* The same as the answer's header Resedge-Confirm, where there is one to say. */
void writing_show_asked(struct call *call, const struct write_rights *rights);
/* Whether it says what is wrong with the body, beside which there may be more to say. */
bool writing_is_of_body(const struct rse_err *err);
/* Answers with what kept the write from being stored. */
void writing_fail(struct call *call, const struct rse_err *err);

#endif
