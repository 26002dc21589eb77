/*
 * job_routes.h - the handlers of jobs, which stand in several files, for their one table in job.c.
 */
#ifndef API_HANDLERS_JOB_ROUTES_H
#define API_HANDLERS_JOB_ROUTES_H

#include "api-server/http/call.h"

struct body;

/* job.c: answers with the job of the path as it is after an act on it: retry, cancel; approved, discarded with a reason. With ?dryRun=true it is only tried. */
void job_act(struct call *call, const char *action, const char *reason);
/* job_list.c */
void job_list(struct call *call);
/* job_wait.c */
void job_wait(struct call *call);
/* job_worker.c: what a worker does with a job */
void job_claim(struct call *call);
void job_renew(struct call *call);
void job_complete(struct call *call);
void job_fail(struct call *call);
/* "address" of the body: where a worker answers questions. */
struct rse_str job_read_address(const struct body *body);
/* job_deployments.c */
void job_deployments(struct call *call);

#endif
