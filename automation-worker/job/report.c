#include "automation-worker/job/report.h"

#include <inttypes.h>
#include <stdio.h>

#include <resedge/log.h>
#include <resedge/model.h>

#include "automation-worker/backoff.h"
#include "automation-worker/clock.h"
#include "automation-worker/stop.h"

#define MAX_BODY         ((size_t)64 << 20)
#define DEPLOYMENTS_BODY ((size_t)1 << 20) /* of one request */
#define PATIENCE_MS      (5 * 60 * 1000)

/* Sends until there is an answer that is not "later". */
static bool deliver(struct rse_client *client, const struct rse_request *request, struct rse_answer *answer,
                    struct rse_err *err)
{
    int64_t deadline = clock_ms() + PATIENCE_MS;
    struct backoff backoff = BACKOFF_INIT;

    for (;;) {
        struct rse_err error = RSE_ERR_INIT;

        rse_answer_release(answer);
        rse_answer_init(answer);
        if (rse_client_send(client, request, answer, &error))
            return true;
        if (!rse_code_is_retryable(error.code) || clock_ms() > deadline || stop_overdue()) {
            *err = error;
            return false;
        }
        rse_log(RSE_LOG_WARN, "report not delivered, trying again", RSE_LOG_ERR(&error));
        stop_wait(backoff_next(&backoff));
    }
}

static bool post(struct rse_client *client, const char *path, const struct rse_buf *body, int64_t *revision,
                 struct rse_err *err)
{
    struct rse_request request = { .method = "POST", .path = path, .body = rse_buf_str(body) };
    struct rse_answer answer;

    if (!rse_buf_ok(body, err))
        return false;
    rse_answer_init(&answer);
    bool ok = deliver(client, &request, &answer, err);
    if (revision != NULL)
        *revision = answer.revision;
    rse_answer_release(&answer);
    return ok;
}

static void add_id(struct rse_buf *body, const char *member, bool has, const git_oid *id)
{
    if (has)
        rse_buf_addf(body, ",\"%s\":\"%s\"", member, git_oid_tostr_s(id));
    else
        rse_buf_addf(body, ",\"%s\":null", member);
}

static void add_author(struct rse_buf *body, const struct templates_report *report)
{
    enum { MAX = 200 };
    struct rse_str name = rse_str(report->author), email = rse_str(report->email);

    /* What the Data Service can't take as a name is as good as not known. */
    if (name.len == 0 || name.len > MAX || email.len > MAX || !rse_utf8_valid(name, NULL) ||
        !rse_utf8_valid(email, NULL))
        return;
    rse_buf_adds(body, ",\"author\":{\"name\":");
    rse_buf_add_json_str(body, name);
    rse_buf_adds(body, ",\"email\":");
    rse_buf_add_json_str(body, email);
    rse_buf_addc(body, '}');
}

bool report_templates(struct rse_client *client, const struct templates_report *report, int64_t *revision,
                      struct rse_err *err)
{
    RSE_BUF_AUTO body = { 0 };
    char path[64];

    snprintf(path, sizeof(path), "/api/v1/targets/%" PRId64 "/templates", report->target_id);
    rse_buf_init(&body, MAX_BODY);
    rse_buf_addf(&body, "{\"commit\":\"%s\"", git_oid_tostr_s(&report->commit));
    add_id(&body, "tree", true, &report->tree);
    add_author(&body, report);
    rse_buf_adds(&body, ",\"catalogue\":");
    rse_catalogue_render(report->catalogue, &body);
    rse_buf_addc(&body, '}');
    return post(client, path, &body, revision, err);
}

static bool post_deployments(struct rse_client *client, const struct job *job, const struct rse_buf *lines,
                             struct rse_err *err)
{
    struct rse_request request = { .method = "POST", .content_type = "application/x-ndjson" };
    struct rse_answer answer;
    char path[64], fence[24];

    snprintf(path, sizeof(path), "/api/v1/jobs/%" PRId64 "/deployments", job->id);
    snprintf(fence, sizeof(fence), "%" PRId64, job->fence);
    request.path = path;
    request.fence = fence;
    request.body = rse_buf_str(lines);
    rse_answer_init(&answer);
    bool ok = deliver(client, &request, &answer, err);
    rse_answer_release(&answer);
    return ok;
}

bool report_deployments(struct rse_client *client, const struct job *job, const struct deployments *deployments,
                        struct rse_err *err)
{
    RSE_BUF_AUTO lines = { 0 };
    size_t at = 0;

    rse_buf_init(&lines, MAX_BODY);
    while (deployments_next(deployments, &at, DEPLOYMENTS_BODY, &lines)) {
        if (!rse_buf_ok(&lines, err) || !post_deployments(client, job, &lines, err))
            return false;
    }
    return true;
}

static void add_completion(struct rse_buf *body, const struct job *job, const struct completion *completion)
{
    const struct tree_counts *files = &completion->files;

    rse_buf_addf(body, "{\"fence\":%" PRId64 ",\"revision\":%" PRId64 ",\"state\":\"%s\"", job->fence,
                 completion->revision, completion->state);
    add_id(body, "commit", completion->has_commit, &completion->commit);
    add_id(body, "tree", completion->has_commit, &completion->tree);
    add_id(body, "parent", completion->has_parent, &completion->parent);
    rse_buf_addf(body, ",\"filesAdded\":%" PRId64 ",\"filesChanged\":%" PRId64 ",\"filesRemoved\":%" PRId64,
                 files->added, files->changed, files->removed);
    rse_buf_addf(body, ",\"filesRendered\":%" PRId64 ",\"bytesRendered\":%" PRId64 ",\"bytesWritten\":%" PRId64,
                 completion->files_rendered, completion->bytes_rendered, completion->bytes_written);
    rse_buf_addf(body, ",\"clustersChanged\":%" PRId64 ",\"durationMs\":%" PRId64 ",\"phases\":",
                 completion->clusters_changed, completion->duration_ms);
    phases_render(completion->phases, body);
    rse_buf_addf(body,
                 ",\"heldCount\":%" PRId64 ",\"held\":", held_count(completion->held) + holds_count(completion->holds));
    held_render(completion->held, completion->fleet, body);
    rse_buf_truncate(body, body->len > 0 ? body->len - 1 : 0); /* the list goes on */
    holds_render_held(completion->holds, held_count(completion->held) == 0, body);
    rse_buf_adds(body, "],\"holds\":");
    holds_render(completion->holds, body);
    rse_buf_adds(body, ",\"drift\":");
    drift_render(completion->drift, body);
    rse_buf_addc(body, '}');
}

bool report_complete(struct rse_client *client, const struct job *job, const struct completion *completion,
                     struct rse_err *err)
{
    RSE_BUF_AUTO body = { 0 };
    char path[64];

    snprintf(path, sizeof(path), "/api/v1/jobs/%" PRId64 "/complete", job->id);
    rse_buf_init(&body, MAX_BODY);
    add_completion(&body, job, completion);
    return post(client, path, &body, NULL, err);
}

bool report_fail(struct rse_client *client, const struct job *job, const struct rse_err *error, bool retry,
                 struct rse_err *err)
{
    RSE_BUF_AUTO body = { 0 };
    char path[64];

    snprintf(path, sizeof(path), "/api/v1/jobs/%" PRId64 "/fail", job->id);
    rse_buf_init(&body, MAX_BODY);
    rse_buf_addf(&body, "{\"fence\":%" PRId64 ",\"retry\":%s,\"error\":", job->fence, retry ? "true" : "false");
    rse_err_problem(error, NULL, &body);
    rse_buf_addc(&body, '}');
    return post(client, path, &body, NULL, err);
}
