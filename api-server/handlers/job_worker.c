/*
 * job_worker.c - what a worker does with a job: claim, renew, complete, fail, report deployments.
 */
#include <ctype.h>

#include <cjson/cJSON.h>
#include <event2/http.h>

#include "../api.h"
#include "../store/db.h"
#include "../store/job.h"
#include "body.h"
#include "job_routes.h"

enum { MAX_LEASE_S = 3600, MAX_CLAIM = 256 << 10 };

#define MAX_NUMBER ((int64_t)1 << 53)

/* ---- claim ---- */

bool job_check_address(struct call *call, struct rse_str address)
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
    if (ok)
        return true;
    rse_err_field(&call->err, "/address");
    rse_err_hint(&call->err, "It is where this worker answers questions, such as http://10.0.0.7:4711.");
    return rse_fail(&call->err, RSE_UNPROCESSABLE, "must be http://host:port");
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
    const cJSON *body;
    struct rse_str worker, address, secret;
    const char *lease_s;

    if (call->api->draining)
        (void)rse_fail(&call->err, RSE_UNAVAILABLE, "the service is stopping");
    if (call->err.code != RSE_OK || !body_object(call, NULL, &body) ||
        !body_text(call, body, "worker", 1, 100, &worker) || !body_text(call, body, "address", 1, 200, &address) ||
        !job_check_address(call, address) || !body_text(call, body, "secret", 1, 200, &secret) ||
        !body_int(call, body, "leaseSeconds", 1, MAX_LEASE_S, "30", &lease_s)) {
        call_fail(call);
        return;
    }
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = JOB_CLAIM,
                                                     .nparams = 4,
                                                     .params = { worker.p, address.p, secret.p, lease_s },
                                                     .done = claimed,
                                                     .arg = call });
}

/* ---- with a claim ---- */

/* The job of the path, as text for a statement, and the body with its fence. */
static bool read_held(struct call *call, const cJSON **body, const char **fence)
{
    int64_t id;

    return call_param_id(call, 0, &id) && body_object(call, NULL, body) &&
           body_int(call, *body, "fence", 0, MAX_NUMBER, NULL, fence);
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

void job_renew(struct call *call)
{
    const cJSON *body;
    const char *fence, *progress;

    if (!read_held(call, &body, &fence) || !body_json(call, body, "progress", false, false, &progress)) {
        call_fail(call);
        return;
    }
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

/* Everything but fence, revision and state goes to the database as it came: here it is only looked at. */
static bool check_completion(struct call *call, const cJSON *body, const char **revision, struct rse_str *state)
{
    static const char *const numbers[] = { "filesAdded",      "filesChanged",  "filesRemoved",
                                           "clustersChanged", "durationMs",    "heldCount",
                                           "filesRendered",   "bytesRendered", "bytesWritten" };
    static const char *const ids[] = { "commit", "tree", "parent" };
    const char *ignored;

    if (!body_int(call, body, "revision", 0, MAX_NUMBER, NULL, revision) ||
        !body_text(call, body, "state", 1, 20, state))
        return false;
    if (!rse_str_is(*state, "committed") && !rse_str_is(*state, "pushed") && !rse_str_is(*state, "unchanged")) {
        rse_err_field(&call->err, "/state");
        return rse_fail(&call->err, RSE_UNPROCESSABLE, "must be committed, pushed or unchanged");
    }
    for (size_t i = 0; i < RSE_COUNT(numbers); i++)
        if (!body_int(call, body, numbers[i], 0, MAX_NUMBER, "0", &ignored))
            return false;
    for (size_t i = 0; i < RSE_COUNT(ids); i++)
        if (!body_git_id(call, body, ids[i], false, &ignored))
            return false;
    return body_json(call, body, "phases", false, false, &ignored) &&
           body_json(call, body, "held", true, false, &ignored);
}

void job_complete(struct call *call)
{
    const cJSON *body;
    const char *fence, *revision;
    struct rse_str state;

    if (!read_held(call, &body, &fence) || !check_completion(call, body, &revision, &state)) {
        call_fail(call);
        return;
    }
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = JOB_COMPLETE,
                                                     .nparams = 5,
                                                     .params = { call->params[0].p, fence, revision, state.p,
                                                                 rse_arena_str(call->arena, call->body).p },
                                                     .done = done,
                                                     .arg = call });
}

void job_fail(struct call *call)
{
    const cJSON *body, *retry;
    const char *fence, *error;

    if (!read_held(call, &body, &fence) || !body_json(call, body, "error", false, true, &error)) {
        call_fail(call);
        return;
    }
    retry = cJSON_GetObjectItemCaseSensitive(body, "retry");
    if (retry != NULL && !cJSON_IsBool(retry)) {
        rse_err_field(&call->err, "/retry");
        (void)rse_fail(&call->err, RSE_UNPROCESSABLE, "must be true or false");
        call_fail(call);
        return;
    }
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = JOB_FAIL,
                                                     .nparams = 4,
                                                     .params = { call->params[0].p, fence, error,
                                                                 cJSON_IsFalse(retry) ? "false" : "true" },
                                                     .done = done,
                                                     .arg = call });
}

/* ---- deployments ---- */

/* NDJSON as a JSON array: a comma for each line break between two lines. */
static const char *lines_to_array(struct call *call)
{
    char *array = rse_arena_alloc(call->arena, call->body.len + 3);
    size_t len = call->body.len;

    while (len > 0 && strchr("\r\n", call->body.p[len - 1]) != NULL)
        len--;
    array[0] = '[';
    for (size_t i = 0; i < len; i++)
        array[i + 1] = call->body.p[i] == '\n' ? ',' : call->body.p[i];
    array[len + 1] = ']';
    return array;
}

static void kept(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, 64);
    if (err != NULL) {
        call_fail_with(call, err);
        return;
    }
    rse_buf_addf(&body, "{\"kept\":%s}", PQgetvalue(res, 0, 0));
    call_reply_buf(call, 200, &body);
}

void job_deployments(struct call *call)
{
    const char *fence = call_header(call, "Resedge-Fence");
    int64_t id, number;

    if (fence == NULL || !rse_parse_int64(rse_str(fence), 0, MAX_NUMBER, &number))
        (void)rse_fail(&call->err, RSE_INVALID, "the header Resedge-Fence must be the fence of the claim");
    else
        (void)!call_param_id(call, 0, &id);
    if (call->err.code != RSE_OK) {
        call_fail(call);
        return;
    }
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = DEPLOYMENTS_PUT,
                                                     .nparams = 3,
                                                     .params = { call->params[0].p, fence, lines_to_array(call) },
                                                     .done = kept,
                                                     .arg = call });
}
