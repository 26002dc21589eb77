/*
 * job.c - the texts of the statements about work.
 */
#include "api-server/store/job.h"

#include "api-server/store/list.h"

#define ISO(value) "to_char(" value ", 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
/* The target t that $1 names. */
#define TARGET_IS_1 "(t.id::text = $1 or 'name:' || t.name = $1)"

/* What people said to what job j held. */
#define DECISIONS                                                                                              \
    "coalesce((select json_agg(json_build_object('key', d.key, 'kind', d.kind, 'decision', d.decision, "       \
    "'clustersLosing', d.losing, 'clustersChanged', d.changed, 'files', d.files, 'actor', d.actor, "           \
    "'reason', d.reason, 'at', " ISO("d.at") ") order by d.id) from hold_decisions d where d.job_id = j.id), " \
                                             "'[]')"

/* Of jobs j and targets t. The pieces keep below the 100 arguments of a call. */
#define JOB_DOC                                                                                                     \
    "json_build_object('id', j.id, 'target', t.name, 'targetId', j.target_id, 'state', j.state, "                   \
    "'revision', j.revision, 'fromRevision', j.from_revision, 'changeId', j.change_id, 'author', j.author, "        \
    "'attempts', j.attempts, 'worker', j.worker, 'cancel', j.cancel, "                                              \
    "'createdAt', " ISO("j.created_at") ", 'startedAt', " ISO("j.started_at") ", 'finishedAt', " ISO(               \
        "j.finished_at") ", 'durationMs', j.duration_ms, 'commit', j.commit_id, 'tree', j.tree_id, "                \
                         "'parent', j.parent_id, 'filesAdded', j.files_added, 'filesChanged', j.files_changed, "    \
                         "'filesRemoved', j.files_removed, 'filesRendered', j.files_rendered, "                     \
                         "'bytesRendered', j.bytes_rendered, 'bytesWritten', j.bytes_written, "                     \
                         "'clustersChanged', j.clusters_changed, 'progress', "                                      \
                         "j.progress, "                                                                             \
                         "'phases', j.phases, 'held', coalesce(j.held, '[]'), 'heldCount', coalesce(j.held_count, " \
                         "0), 'drift', j.drift, 'decisions', " DECISIONS ", 'error', j.error)"

const char QUEUE_READY[] = "select ready, again_ms, (select string_agg(pushed_seq || ':' || target_id, ',' order by "
                           "pushed_seq desc) from target_queue where pushed_seq is not null) from queue_ready()";

const char JOB_CLAIM[] = "select job, target, fence, revision, done_revision, change_id, author, " ISO(
    "created_at") ", attempt, " ISO("lease_until") " from job_claim($1, $2, $3, $4)";

const char JOB_RENEW[] = "select " ISO("lease_until") ", cancel from job_renew($1, $2, $3)";
const char JOB_COMPLETE[] = "select job_complete($1, $2, $3, $4, $5), holds_put($1, ($5::json) -> 'holds')";
const char JOB_FAIL[] = "select job_fail($1, $2, $3, $4)";
const char JOB_ACT[] = "select job_act($1, $2, $3, $4, $5), answer_keep($6, $7, $8, $9, $10, $11, $12, $13)";
const char DEPLOYMENTS_PUT[] = "select deployments_put($1, $2, $3)";

const char JOB_GET[] = "select " JOB_DOC " from jobs j join targets t on t.id = j.target_id where j.id = $1";

const struct list_source JOB_SOURCE = {
    .from = "(select j.id, t.name as target, j.target_id, j.state, j.revision, j.created_at, j.finished_at, " JOB_DOC
            "::text as doc, array[t.name, j.state, j.worker, j.author, j.commit_id] as words "
            "from jobs j join targets t on t.id = j.target_id) t",
    .columns = (const struct list_column[]){ { "id", "t.id" },
                                             { "target", "t.target collate \"C\"" },
                                             { "targetId", "t.target_id" },
                                             { "state", "t.state collate \"C\"" },
                                             { "revision", "t.revision" },
                                             { "createdAt", "t.created_at" },
                                             { "finishedAt", "t.finished_at" },
                                             { .name = NULL } }
};

const char JOBS_SEEN[] = "select " JOB_DOC " from jobs j join targets t on t.id = j.target_id "
                         "where ($1::bigint[] is null and j.id in (select max(id) from jobs group by target_id)) "
                         "or j.id = any ($1::bigint[]) order by j.id";

/* The job: the one that is running or waits for its next try, else the last one. */
const char TARGET_STATUS[] =
    "select json_build_object('target', t.name, 'targetId', t.id, 'wanted', q.wanted, 'done', q.done, "
    "'lag', greatest(q.wanted - q.done, 0), 'paused', t.paused, 'parked', q.parked, "
    "'job', (select " JOB_DOC " from jobs j where j.target_id = t.id order by j.id desc limit 1), "
    "'lastCommit', (select j.commit_id from jobs j where j.target_id = t.id and j.commit_id is not null "
    "order by j.id desc limit 1), "
    "'acceptedHistory', q.accepted_history, "
    "'templates', json_build_object('commit', q.templates_commit, 'tree', q.templates_tree), "
    "'worker', case when q.worker_name is not null then "
    "json_build_object('name', q.worker_name, 'seenAt', " ISO(
        "q.worker_seen_at") ") end) "
                            "from targets t join target_queue q on q.target_id = t.id where " TARGET_IS_1;

const char QUEUE_NUMBERS[] =
    "select count(*) filter (where wanted > done), "
    "coalesce(extract(epoch from clock_timestamp() - min(wanted_since) filter (where wanted > done)), 0)::double "
    "precision, "
    "count(*) filter (where lease_until > now()), count(*) filter (where parked) from target_queue";

const struct list_source FAILURE_SOURCE = {
    .from =
        "(select d.cluster_id as id, d.target_id, concat_ws('/', d.cluster_id, f.namespace, f.application) as key, "
        "d.cluster_id as cluster, f.namespace, f.application, json_build_object('key', "
        "concat_ws('/', d.cluster_id, f.namespace, f.application), 'cluster', d.cluster_id, 'namespace', f.namespace, "
        "'application', f.application)::text as doc, array[]::text[] as words from deployments d, "
        "json_to_recordset(d.failed) f (namespace bigint, application bigint) where d.failed is not null) t",
    .columns = (const struct list_column[]){ { "key", "t.key collate \"C\"" },
                                             { "cluster", "t.cluster" },
                                             { "namespace", "t.namespace" },
                                             { "application", "t.application" },
                                             { .name = NULL } },
    .owner = "t.target_id"
};

const char TARGET_REFRESH[] = "with meant as (select t.id from targets t where " TARGET_IS_1 "), "
                              "reopened as (select queue_reopen(id) from meant where not $2::boolean) "
                              "select id, (select count(*) from reopened), "
                              "answer_keep($3, $4, $5, $6, $7, $8, $9, $10) from meant";

const char WORKER_REGISTER[] = "select worker_register($1, $2, $3, $4)";

const char TARGET_TEMPLATE_TREE[] =
    "select t.id, c.doc ->> 'commit', c.doc ->> 'tree' from targets t left join lateral "
    "(select ch.doc::json as doc from changes ch where ch.noun = 'template' and ch.object_id = t.id "
    "order by ch.revision desc limit 1) c on true where " TARGET_IS_1;

const char TARGET_TEMPLATES_SAVE[] =
    "update target_queue set templates_commit = $2, templates_tree = $3, catalogue = $4, templates_at = now() "
    "where target_id = $1";

const char TARGET_TEMPLATES[] =
    "select json_build_object('commit', q.templates_commit, 'tree', q.templates_tree, 'reportedAt', " ISO(
        "q.templates_at") ", 'value', coalesce(q.catalogue, '[]')) "
                          "from targets t join target_queue q on q.target_id = t.id where " TARGET_IS_1;

const char TARGET_ACCEPT_HISTORY[] =
    "select target_accept_history(t.id, $2, $3, $4), answer_keep($5, $6, $7, $8, $9, $10, $11, $12) "
    "from targets t where " TARGET_IS_1;
/* What waits for the push interval, or for its next try, may begin. */
const char TARGET_HURRY[] =
    "with meant as (select t.id from targets t where " TARGET_IS_1 "), "
    "hurried as (update target_queue set not_before = null where not $2::boolean and target_id "
    "in (select id from meant) "
    "returning pg_notify('resedge_jobs', 'want'), act($3, 'target', target_id, 'push', null, null)) "
    "select id, (select count(*) from hurried), answer_keep($4, $5, $6, $7, $8, $9, $10, $11) from meant";
const char TARGET_PUSHED[] = "select target_pushed($1)";

const char WEBHOOK_PUT[] = "insert into webhooks (target_id, secret) select t.id, $2 from targets t where " TARGET_IS_1
                           " on conflict (target_id) do update set secret = excluded.secret, updated_at = now() "
                           "returning target_id, act($3, 'target', target_id, 'setWebhook', null, null)";
const char WEBHOOK_DELETE[] = "delete from webhooks w using targets t where t.id = w.target_id and " TARGET_IS_1
                              " returning w.target_id, act($2, 'target', w.target_id, 'deleteWebhook', null, null)";
const char WEBHOOK_PUT_TRIAL[] = "select t.id from targets t where " TARGET_IS_1;
const char WEBHOOK_DELETE_TRIAL[] =
    "select w.target_id from webhooks w join targets t on t.id = w.target_id where " TARGET_IS_1;
const char WEBHOOK_SECRET[] =
    "select t.id, w.secret from webhooks w join targets t on t.id = w.target_id where " TARGET_IS_1;

/* Of all targets, each with the catalogue as it was last reported. */
const char TEMPLATES[] = "select json_build_object('value', coalesce(json_agg(json_build_object('target', t.name, "
                         "'targetId', t.id, 'commit', "
                         "q.templates_commit, 'tree', q.templates_tree, 'reportedAt', " ISO(
                             "q.templates_at") ", 'value', coalesce(q.catalogue, '[]')) order by t.name), '[]')) "
                                               "from targets t join target_queue q on q.target_id = t.id";

const char TARGET_WORKER[] = "select t.id, null, q.worker_address, q.worker_secret "
                             "from targets t join target_queue q on q.target_id = t.id where " TARGET_IS_1;

const char CLUSTER_WORKER[] = "select c.target_id, c.name, q.worker_address, q.worker_secret "
                              "from clusters c join target_queue q on q.target_id = c.target_id "
                              "where c.id::text = $1 or 'name:' || c.name = $1";
