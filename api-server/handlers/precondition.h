/*
 * precondition.h - If-Match and If-None-Match of a write to one object (RFC 9110, 13.1).
 *
 * Whether the object still is what If-Match says only the database decides, in the transaction of the write: this replica
 * may be behind. What it knows itself decides where nothing gets that far: in a dry run, and before a refusal that an older
 * state would get as well.
 */
#ifndef API_HANDLERS_PRECONDITION_H
#define API_HANDLERS_PRECONDITION_H

#include "api-server/fleet/changeset.h"
#include "api-server/http/call.h"

struct precondition {
    struct rse_str match, none_match; /* the headers; p NULL: not there */
    bool stale;                       /* as far as is known, the object is none of `match` */
};

void precondition_read(struct call *call, struct precondition *out);
/* At the start of a build, with the object as it is; RSE_STALE where the write must not happen. */
bool precondition_check(struct precondition *condition, struct changeset *set, const struct rse_object *object,
                        bool dry_run, struct rse_err *err) RSE_MUST;
/* Of a write that was refused with err: a conflict, or a missing confirmation, of an object that is another one by now becomes
 * RSE_STALE. */
void precondition_refused(const struct precondition *condition, struct rse_err *err);
/* Of a request that is about no single object: refuses both headers. */
bool precondition_none(struct call *call) RSE_MUST;
/* The same of one that makes an object. */
bool precondition_new(struct call *call) RSE_MUST;
/* The same of one that is about something without an ETag: a token, a job, a target's webhook, what is done to a target. */
bool precondition_no_object(struct call *call) RSE_MUST;

#endif
