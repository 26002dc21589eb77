/*
 * job_worker.c - what a worker does with a job: claim, renew, complete, fail.
 */
#include <ctype.h>

#include <cjson/cJSON.h>
#include <event2/http.h>

#include "api-server/api.h"
#include "api-server/store/db.h"
#include "api-server/store/job.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/job_completion.h"
#include "api-server/handlers/job_routes.h"

enum { MAX_LEASE_S = 3600, MAX_CLAIM = 256 << 10 };

/* ---- claim ---- */

static bool is_address(struct rse_str address)
{
    struct evhttp_uri *uri = evhttp_uri_parse(address.p);
    const char *scheme = uri != NULL ? evhttp_uri_get_scheme(uri) : NULL;
    const char *host = uri != NULL ? evhttp_uri_get_host(uri) : NULL;
    const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;
    bool ok = scheme != NULL && strcmp(scheme, "http") == 0 && host != NULL && host[0] != '\0' &&
              evhttp_uri_get_port(uri) > 0 && evhttp_uri_get_userinfo(uri) == NULL &&
              evhttp_uri_get_query(uri) == NULL && (path == NULL || path[0] == '\0' || strcmp(path, "/") == 0);

    if (uri != NULL)
        evhttp_uri_free(uri);
    return ok;
}

struct rse_str job_read_address(const struct body *body)
{
    struct rse_str address = body_text(body, "address", 1, 200);
    struct rse_err err = RSE_ERR_INIT;

    if (address.len == 0 || is_address(address))
        return address;
    rse_err_hint(&err, "It is where this worker answers questions, such as http://10.0.0.7:4711.");
    (void)rse_fail(&err, RSE_UNPROCESSABLE, "must be http://host:port");
    body_add_fault(body, "address", &err);
    return address;
}

/* An address for the author of a commit: nothing in it can break a commit's header. */
static void add_email(struct rse_buf *out, struct rse_str name)
{
    rse_buf_adds(out, "\"");
    for (size_t i = 0; i < name.len; i++)
        rse_buf_addc(out, isalnum((unsigned char)name.p[i]) || strchr("._-", name.p[i]) != NULL ? name.p[i] : '-');
    rse_buf_adds(out, "@resedge\"");
}

/* The author of a push has an address of his own: "name <email>". Others are names of tokens. */
static void add_author(struct rse_buf *out, struct rse_str author)
{
    const char *mail = author.len > 0 ? memmem(author.p, author.len, " <", 2) : NULL;

    rse_buf_adds(out, "{\"name\":");
    if (mail != NULL && author.p[author.len - 1] == '>') {
        rse_json_add_string(out, rse_str_n(author.p, (size_t)(mail - author.p)));
        rse_buf_adds(out, ",\"email\":");
        rse_json_add_string(out, rse_str_n(mail + 2, author.len - (size_t)(mail + 2 - author.p) - 1));
    } else {
        rse_json_add_string(out, author);
        rse_buf_adds(out, ",\"email\":");
        add_email(out, author);
    }
    rse_buf_addc(out, '}');
}

static void render_claim(struct rse_buf *out, const PGresult *res)
{
    rse_buf_addf(out, "{\"id\":%lld,\"target\":", (long long)db_int64(res, 0, CLAIM_JOB));
    rse_buf_add_str(out, db_text(res, 0, CLAIM_TARGET));
    rse_buf_addf(out, ",\"fence\":%lld,\"revision\":%lld,\"doneRevision\":%lld,\"changeId\":",
                 (long long)db_int64(res, 0, CLAIM_FENCE), (long long)db_int64(res, 0, CLAIM_REVISION),
                 (long long)db_int64(res, 0, CLAIM_DONE_REVISION));
    rse_json_add_string(out, db_text(res, 0, CLAIM_CHANGE_ID));
    rse_buf_adds(out, ",\"author\":");
    add_author(out, db_text(res, 0, CLAIM_AUTHOR));
    rse_buf_adds(out, ",\"time\":");
    rse_json_add_string(out, db_text(res, 0, CLAIM_TIME));
    rse_buf_addf(out, ",\"attempt\":%lld,\"leaseUntil\":", (long long)db_int64(res, 0, CLAIM_ATTEMPT));
    rse_json_add_string(out, db_text(res, 0, CLAIM_LEASE_UNTIL));
    rse_buf_addc(out, '}');
}

static void claimed(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, MAX_CLAIM);
    if (err != NULL) {
        call_fail_with(call, err);
    } else if (PQntuples(res) == 0) {
        call_reply_empty(call, 204);
    } else {
        render_claim(&body, res);
        call_reply_buf(call, 200, &body);
    }
}

void job_claim(struct call *call)
{
    static const char *const MEMBERS[] = { "worker", "address", "secret", "leaseSeconds", NULL };
    struct rse_str worker, address, secret;
    const char *lease_s;
    struct body body;

    if (call->api->draining) {
        (void)rse_fail(&call->err, RSE_UNAVAILABLE, "the service is stopping");
        return call_fail(call);
    }
    body_open(&body, call, MEMBERS);
    worker = body_text(&body, "worker", 1, 100);
    address = job_read_address(&body);
    secret = body_text(&body, "secret", 1, 200);
    lease_s = body_int(&body, "leaseSeconds", 1, MAX_LEASE_S, "30");
    if (!body_check(&body, &call->err))
        return call_fail(call);
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = JOB_CLAIM,
                                                     .nparams = 4,
                                                     .params = { worker.p, address.p, secret.p, lease_s },
                                                     .done = claimed,
                                                     .arg = call });
}

/* ---- with a claim ---- */

/* The body, and its fence; the job is that of the path. */
static const char *open_held(struct body *body, struct call *call, const char *const *members)
{
    int64_t id;

    (void)!call_param_id(call, 0, &id); /* body_check() fails with it */
    body_open(body, call, members);
    return body_int(body, "fence", 0, JOB_MAX_NUMBER, NULL);
}

static void renewed(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, 256);
    if (err != NULL) {
        call_fail_with(call, err);
        return;
    }
    rse_buf_addf(&body, "{\"leaseUntil\":\"%s\",\"cancel\":%s}", PQgetvalue(res, 0, 0),
                 db_bool(res, 0, 1) ? "true" : "false");
    call_reply_buf(call, 200, &body);
}

static const char *read_progress(const struct body *body)
{
    static const char *const MEMBERS[] = { "phase", "files", "ofFiles", "bytes", NULL };
    struct body progress = body_object(body, "progress", MEMBERS, false);

    body_look_text(&progress, "phase", false);
    body_look_int(&progress, "files", 0, JOB_MAX_NUMBER, false);
    body_look_int(&progress, "ofFiles", 0, JOB_MAX_NUMBER, false);
    body_look_int(&progress, "bytes", 0, JOB_MAX_NUMBER, false);
    return progress.json != NULL ? body_json(body, "progress", false, true) : NULL;
}

void job_renew(struct call *call)
{
    static const char *const MEMBERS[] = { "fence", "progress", NULL };
    struct body body;
    const char *fence = open_held(&body, call, MEMBERS), *progress = read_progress(&body);

    if (!body_check(&body, &call->err))
        return call_fail(call);
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = JOB_RENEW,
                                                     .nparams = 3,
                                                     .params = { call->params[0].p, fence, progress },
                                                     .done = renewed,
                                                     .arg = call });
}

static void done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;

    (void)res;
    if (err != NULL)
        call_fail_with(call, err);
    else
        call_reply(call, 200, NULL, RSE_STR("{}"));
}

void job_complete(struct call *call)
{
    struct body body;
    const char *fence = open_held(&body, call, JOB_COMPLETION_MEMBERS);
    const char *revision = body_int(&body, "revision", 0, JOB_MAX_NUMBER, NULL);
    const char *state = job_look_completion(&body);

    if (!body_check(&body, &call->err))
        return call_fail(call);
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = JOB_COMPLETE,
                                                     .nparams = 5,
                                                     .params = { call->params[0].p, fence, revision, state,
                                                                 rse_arena_str(call->arena, call->body).p },
                                                     .done = done,
                                                     .arg = call });
}

void job_fail(struct call *call)
{
    static const char *const MEMBERS[] = { "fence", "error", "retry", NULL };
    struct body body;
    const char *fence = open_held(&body, call, MEMBERS);
    const char *error = body_json(&body, "error", false, true);
    bool retry = body_bool(&body, "retry", true);

    if (error != NULL)
        job_look_problem(&body, "error", true);
    if (!body_check(&body, &call->err))
        return call_fail(call);
    (void)db_send(call->api->db,
                  &(struct db_query){ .lane = DB_QUEUE,
                                      .sql = JOB_FAIL,
                                      .nparams = 4,
                                      .params = { call->params[0].p, fence, error, retry ? "true" : "false" },
                                      .done = done,
                                      .arg = call });
}
