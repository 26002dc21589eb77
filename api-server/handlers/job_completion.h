/*
 * job_completion.h - what a worker tells at the end of a job. It goes to the database as it came: here it is only looked at, so that what
 * is shown of it later is what the description of the API says.
 */
#ifndef API_HANDLERS_JOB_COMPLETION_H
#define API_HANDLERS_JOB_COMPLETION_H

#include "api-server/handlers/body.h"

#define JOB_MAX_NUMBER ((int64_t)1 << 53)

extern const char *const JOB_COMPLETION_MEMBERS[];

/* All but "fence" and "revision". Returns "state". */
const char *job_look_completion(const struct body *body);

/* A problem document (RFC 9457), which may have members of its own. */
void job_look_problem(const struct body *body, const char *name, bool needed);

#endif
