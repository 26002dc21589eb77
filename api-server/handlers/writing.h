/*
 * writing.h - what every request that writes to the fleet says: who, why, and how many clusters may be hit.
 */
#ifndef API_HANDLERS_WRITING_H
#define API_HANDLERS_WRITING_H

#include "api-server/fleet/rules.h"
#include "api-server/fleet/write.h"

/* From the token and ?confirm=. */
bool writing_rights(struct call *call, struct write_rights *out) RSE_MUST;
/* live_write() in the name of the call, with ?reason= and what was confirmed. */
void writing_start(struct call *call, const struct write_rights *rights, bool dry_run, live_build *build,
                   live_done *done, void *arg);
/* Answers with what kept the write from being stored. */
void writing_fail(struct call *call, const struct rse_err *err);

#endif
