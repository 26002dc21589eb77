/*
 * forget.h - the log of changes made smaller, for a command that runs as the owner of the schema.
 *
 * A change that is older than a time and that a newer one, of before that time too, has replaced loses its document. What stays: who
 * did what when and why, the object's name, and the newest document of each object, so that later changes are told from it.
 */
#ifndef API_STORE_FORGET_H
#define API_STORE_FORGET_H

#include <libpq-fe.h>
#include <resedge/resedge.h>

struct forget_plan {
    int64_t kept;        /* from which revision on all documents are there now, */
    int64_t upto;        /* and will be: never past what open work begins at, nor past the newest revision */
    int64_t changes;     /* whose documents go */
    int64_t bytes;       /* of these documents */
    int64_t whole;       /* changes that keep theirs */
    const char *held_by; /* target with open work for which more is kept than the time says, or NULL */
};

/* before: RFC 3339. Changes nothing. RSE_DENIED: the role is not the owner, whom the hint names. What is found is the arena's. */
bool forget_plan(PGconn *pg, const char *before, struct rse_arena *arena, struct forget_plan *out,
                 struct rse_err *err) RSE_MUST;
/* Does it, a thousand changes a transaction, so that nobody waits for it. *forgotten: how many, also where it fails midway; it can be
 * run again at any time. */
bool forget_run(PGconn *pg, const struct forget_plan *plan, int64_t *forgotten, struct rse_err *err) RSE_MUST;

#endif
