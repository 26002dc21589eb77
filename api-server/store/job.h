/*
 * job.h - every statement about the queue of work, jobs, deployments and what workers report. The rules are in the
 * functions of migrations/0002_access_jobs.sql.
 *
 * A target is named by its id, or by "name:<name>". Documents come as JSON text.
 */
#ifndef API_STORE_JOB_H
#define API_STORE_JOB_H

struct list_source;

/* ready, again in ms or null, "<number>:<target>,..." of the pushes that hosts told of, the latest first */
extern const char QUEUE_READY[];
extern const char
    JOB_CLAIM[]; /* $1 worker, $2 address, $3 secret, $4 lease in s; no row, or see enum job_claim_column */
extern const char JOB_RENEW[]; /* $1 job, $2 fence, $3 progress or null; leaseUntil, cancel */
extern const char
    JOB_COMPLETE[];           /* $1 job, $2 fence, $3 revision, $4 state, $5 the body; see hold.h for what it held */
extern const char JOB_FAIL[]; /* $1 job, $2 fence, $3 error, $4 retry; the new state */
extern const char JOB_GET[];  /* $1 job; the document */
extern const struct list_source JOB_SOURCE;
extern const char JOBS_SEEN[]; /* $1 ids ({7,8}), or null: each target's last job; the documents */
/* $1 retry|cancel|approved|discarded, $2 job, $3 actor and $4 reason (of the last two), $5 whether it is only tried; then those of
 * store_answer_keep() */
extern const char JOB_ACT[];
extern const char DEPLOYMENTS_PUT[]; /* $1 job, $2 fence, $3 JSON array; how many were kept */

extern const char TARGET_STATUS[];              /* $1 target; the document */
extern const struct list_source FAILURE_SOURCE; /* of a target */
extern const char TARGET_REFRESH[];  /* $1 target, $2 whether it is only tried; answer_keep(); no row: no such target */
extern const char WORKER_REGISTER[]; /* $1 worker, $2 address, $3 secret, $4 ids of targets ({1,2}) */
extern const char
    TARGET_TEMPLATE_TREE[]; /* $1 target; id, commit and tree of the newest change of templates, or null */
extern const char TARGET_TEMPLATES_SAVE[]; /* $1 target id, $2 commit, $3 tree, $4 catalogue */
extern const char TARGET_TEMPLATES[];      /* $1 target; the document */
extern const char TEMPLATES[];             /* the documents of all targets, as a list */
extern const char
    TARGET_ACCEPT_HISTORY[]; /* $1 target, $2 the new head, or "deleted", $3 actor, $4 whether it is only tried;
                              * then those of store_answer_keep() */
/* $1 target, $2 whether it is only tried, $3 actor; then those of store_answer_keep(); no row: no such target */
extern const char TARGET_HURRY[];
extern const char TARGET_PUSHED[];  /* $1 target id; false: too often */
extern const char WEBHOOK_PUT[];    /* $1 target, $2 secret, $3 actor; no row: no such target */
extern const char WEBHOOK_DELETE[]; /* $1 target, $2 actor; no row: none was there */
/* Whether they would do anything: $1 target. */
extern const char WEBHOOK_PUT_TRIAL[], WEBHOOK_DELETE_TRIAL[];
extern const char WEBHOOK_SECRET[]; /* $1 target; target id, secret; no row: none */
extern const char
    QUEUE_NUMBERS[]; /* targets with open work, for how long the oldest waits in s, claimed ones, parked ones */
extern const char TARGET_WORKER[];  /* $1 target; target id, null, worker's address, secret (null: there is none) */
extern const char CLUSTER_WORKER[]; /* $1 cluster (id or name:..); target id, cluster's name, address, secret */

enum job_claim_column {
    CLAIM_JOB,
    CLAIM_TARGET,
    CLAIM_FENCE,
    CLAIM_REVISION,
    CLAIM_DONE_REVISION,
    CLAIM_CHANGE_ID,
    CLAIM_AUTHOR,
    CLAIM_TIME,
    CLAIM_ATTEMPT,
    CLAIM_LEASE_UNTIL
};

#endif
