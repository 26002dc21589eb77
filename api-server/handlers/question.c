/*
 * question.c - questions that only a repository answers: passed on to the worker that claimed its target last.
 *
 * The worker gets our credential for it (the secret that it made up and gave us with its claim), never the caller's.
 * What it answers is passed back as it is, up to a size and a deadline; what it refuses is refused here, in its words.
 */
#include <stdio.h>
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/http.h>

#include "api-server/api.h"
#include "api-server/http/head.h"
#include "api-server/http/route.h"
#include "api-server/store/db.h"
#include "api-server/store/job.h"
#include "api-server/handlers/question.h"

enum { DEADLINE_S = 20, SLOW_DEADLINE_S = 90, MAX_ANSWER = 16 << 20 };

/* How a query parameter is named in an error. */
#define PARAMETER "query parameter \"%s\""

/* What is asked, and which of the caller's parameters go with it. */
struct question {
    const char *worker_sql;    /* who to ask */
    const char *name;          /* of the question: the last segment of the worker's path */
    const char *parameters[4]; /* NULL at the end */
    bool slow;                 /* the worker has to plan */
    const char *clusters;      /* names that come in the body, with commas between; NULL: none */
};

/* Outlives the call by a moment: evhttp does not like to lose a connection within its own callback. */
struct asking {
    struct call *call;
    const struct question *question;
    struct evhttp_connection *connection;
    struct evhttp_request *request; /* NULL: answered */
    struct evhttp_uri *uri;
    struct event *cleanup;
    bool too_large;
};

static void asking_free(evutil_socket_t fd, short what, void *arg)
{
    struct asking *asking = arg;

    (void)fd, (void)what;
    if (asking->connection != NULL)
        evhttp_connection_free(asking->connection);
    if (asking->uri != NULL)
        evhttp_uri_free(asking->uri);
    event_free(asking->cleanup);
    free(asking);
}

/* No callback will come any more. */
static void asking_end(struct asking *asking)
{
    asking->call->canceled = NULL;
    asking->call = NULL;
    event_active(asking->cleanup, EV_TIMEOUT, 0);
}

static void fail_unavailable(struct call *call, const char *what)
{
    rse_err_hint(&call->err, "Is a worker running? `resedge status` shows who worked last.");
    (void)rse_fail(&call->err, RSE_UNAVAILABLE, "%s", what);
    call_fail(call);
}

/* What lists call $top, the worker calls limit. */
static const char *worker_name(const char *parameter)
{
    return strcmp(parameter, "top") == 0 ? "limit" : parameter;
}

/* ---- the answer ---- */

/* What it says of a parameter is meant for the one that we were given. */
static void name_parameter(const struct call *call, const struct question *question, struct rse_err *err)
{
    char theirs[sizeof(err->object)];
    struct rse_str value;

    for (size_t i = 0; i < RSE_COUNT(question->parameters) && question->parameters[i] != NULL; i++) {
        snprintf(theirs, sizeof(theirs), PARAMETER, worker_name(question->parameters[i]));
        if (strcmp(err->object, theirs) != 0 || !call_query(call, question->parameters[i], &value))
            continue;
        snprintf(err->object, sizeof(err->object), PARAMETER, question->parameters[i]);
        return;
    }
}

static void refuse(struct call *call, const struct question *question, int status, struct rse_str problem)
{
    struct rse_err err = RSE_ERR_INIT;

    rse_err_from_problem(&err, status, problem);
    name_parameter(call, question, &err);
    call_fail_with(call, &err);
}

static void pass_back(struct call *call, const struct question *question, struct evhttp_request *answer)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(answer);
    const char *type = evhttp_find_header(evhttp_request_get_input_headers(answer), "Content-Type");
    size_t len = evbuffer_get_length(input);
    int status = evhttp_request_get_response_code(answer);
    struct rse_str body = rse_str_n((const char *)evbuffer_pullup(input, -1), len);

    if (status == 401 || status == 403)
        fail_unavailable(call, "the worker does not know this service: it has just started, and will claim work again");
    else if (status >= 200 && status < 300)
        call_reply(call, status, type, len > 0 ? body : RSE_STR(""));
    else if (rse_str_is(rse_str(type), "application/problem+json"))
        refuse(call, question, status, body);
    else
        fail_unavailable(call, "the worker's answer is not understood");
}

static void on_answer(struct evhttp_request *answer, void *arg)
{
    struct asking *asking = arg;
    struct call *call = asking->call;
    const struct question *question = asking->question;
    bool too_large = asking->too_large;

    asking_end(asking);
    if (answer != NULL && evhttp_request_get_response_code(answer) != 0)
        pass_back(call, question, answer);
    else if (too_large)
        fail_unavailable(call, "the worker's answer is larger than 16 MiB");
    else
        fail_unavailable(call, "the worker does not answer");
}

static void on_error(enum evhttp_request_error error, void *arg)
{
    struct asking *asking = arg;

    asking->too_large = error == EVREQ_HTTP_DATA_TOO_LONG;
}

/* The service is stopping, or nobody waits for the answer any more. */
static void canceled(struct call *call)
{
    struct asking *asking = call->state;

    evhttp_cancel_request(asking->request);
    asking_end(asking);
    fail_unavailable(call, "the question was given up");
}

/* ---- the question ---- */

static void add_parameters(struct rse_buf *path, const struct call *call, const struct question *question)
{
    char separator = '?';

    for (size_t i = 0; i < RSE_COUNT(question->parameters) && question->parameters[i] != NULL; i++) {
        struct rse_str value;

        if (!call_query(call, question->parameters[i], &value))
            continue;
        rse_buf_addf(path, "%c%s=", separator, worker_name(question->parameters[i]));
        rse_client_escape(path, value);
        separator = '&';
    }
    if (question->clusters != NULL) {
        rse_buf_addf(path, "%cclusters=", separator);
        rse_client_escape(path, rse_str(question->clusters));
    }
}

static void add_path(struct rse_buf *path, const struct call *call, const struct question *question,
                     const PGresult *res)
{
    struct rse_str cluster = db_text(res, 0, 1);

    rse_buf_addf(path, "/targets/%lld/", (long long)db_int64(res, 0, 0));
    if (cluster.p != NULL) {
        rse_buf_adds(path, "clusters/");
        rse_client_escape(path, cluster);
        rse_buf_addc(path, '/');
    }
    rse_buf_adds(path, question->name);
    add_parameters(path, call, question);
}

static struct evhttp_connection *connect_worker(struct api *api, const struct evhttp_uri *uri, int deadline_s)
{
    const char *host = evhttp_uri_get_host(uri);
    bool is_address = strspn(host, "0123456789.") == strlen(host) || strchr(host, ':') != NULL;
    struct evhttp_connection *connection;

    if (!is_address && api->dns == NULL)
        api->dns = evdns_base_new(api->base, EVDNS_BASE_INITIALIZE_NAMESERVERS);
    connection =
        evhttp_connection_base_new(api->base, is_address ? NULL : api->dns, host, (uint16_t)evhttp_uri_get_port(uri));
    evhttp_connection_set_timeout(connection, deadline_s);
    evhttp_connection_set_max_body_size(connection, MAX_ANSWER);
    return connection;
}

/* What ties together what we and the worker log about it, for whoever traces. */
static void add_trace(const struct call *call, struct evkeyvalq *headers)
{
    char traceparent[TRACEPARENT_SIZE];
    RSE_BUF_AUTO tracestate = { 0 };

    rse_buf_init(&tracestate, TRACESTATE_MAX + 1);
    trace_parent_make(call->head->traceparent, traceparent);
    trace_state_take(call->head->traceparent, http_head_list(call->head, "tracestate", call->arena), &tracestate);
    evhttp_add_header(headers, "X-Request-Id", call->request_id);
    evhttp_add_header(headers, "traceparent", traceparent);
    if (tracestate.len > 0)
        evhttp_add_header(headers, "tracestate", rse_arena_str(call->arena, rse_buf_str(&tracestate)).p);
}

static void send_question(struct call *call, struct evhttp_uri *uri, const char *path, const char *secret)
{
    const struct question *question = call->state;
    struct asking *asking = rse_new(struct asking);
    struct evkeyvalq *headers;

    *asking = (struct asking){ .call = call, .question = question, .uri = uri };
    asking->cleanup = evtimer_new(call->api->base, asking_free, asking);
    asking->connection = connect_worker(call->api, uri, question->slow ? SLOW_DEADLINE_S : DEADLINE_S);
    asking->request = evhttp_request_new(on_answer, asking);
    evhttp_request_set_error_cb(asking->request, on_error);
    headers = evhttp_request_get_output_headers(asking->request);
    evhttp_add_header(headers, "Host",
                      rse_arena_printf(call->arena, "%s:%d", evhttp_uri_get_host(uri), evhttp_uri_get_port(uri)));
    evhttp_add_header(headers, "Authorization", rse_arena_printf(call->arena, "Bearer %s", secret));
    add_trace(call, headers);
    evhttp_add_header(headers, "Connection", "close");
    call->state = asking;
    call->canceled = canceled;
    if (evhttp_make_request(asking->connection, asking->request, EVHTTP_REQ_GET, path) != 0) {
        asking_end(asking);
        fail_unavailable(call, "the worker can't be asked");
    }
}

static bool check_found(struct call *call, const PGresult *res)
{
    const struct question *question = call->state;

    if (PQntuples(res) > 0)
        return true;
    rse_err_object(&call->err, "%.*s", RSE_STR_ARG(call->params[0]));
    return rse_fail(&call->err, RSE_NOT_FOUND, "there is no such %s",
                    question->worker_sql == CLUSTER_WORKER ? "cluster" : "target");
}

static void got_worker(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;
    struct evhttp_uri *uri;
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 16 << 10);
    if (err != NULL || !check_found(call, res)) {
        call_fail_with(call, err != NULL ? err : &call->err);
        return;
    }
    if (PQgetisnull(res, 0, 2)) {
        fail_unavailable(call, "no worker has claimed work of this target yet");
        return;
    }
    add_path(&path, call, call->state, res);
    uri = evhttp_uri_parse(PQgetvalue(res, 0, 2));
    if (uri != NULL && rse_buf_ok(&path, &call->err)) {
        send_question(call, uri, path.p, PQgetvalue(res, 0, 3));
        return;
    }
    if (uri != NULL)
        evhttp_uri_free(uri);
    fail_unavailable(call, "the worker can't be asked");
}

static void ask(struct call *call, const struct question *question)
{
    call->state = (void *)(uintptr_t)question;
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_READ,
                                                     .sql = question->worker_sql,
                                                     .nparams = 1,
                                                     .params = { call->params[0].p },
                                                     .done = got_worker,
                                                     .arg = call });
}

static void ask_only(struct call *call, const struct question *question)
{
    if (call_query_only(call, question->parameters))
        ask(call, question);
    else
        call_fail(call);
}

static void target_commits(struct call *call)
{
    static const struct question question = { .worker_sql = TARGET_WORKER,
                                              .name = "commits",
                                              .parameters = { "top", "limit" } };

    ask_only(call, &question);
}

static void cluster_manifests(struct call *call)
{
    static const struct question question = { .worker_sql = CLUSTER_WORKER,
                                              .name = "manifests",
                                              .parameters = { "commit", "path" } };

    ask_only(call, &question);
}

static void cluster_diff(struct call *call)
{
    static const struct question question = { .worker_sql = CLUSTER_WORKER,
                                              .name = "diff",
                                              .parameters = { "from", "to" } };

    ask_only(call, &question);
}

static void target_format(struct call *call)
{
    static const struct question question = {
        .worker_sql = TARGET_WORKER, .name = "format", .parameters = { "to" }, .slow = true
    };

    ask_only(call, &question);
}

void question_adoption(struct call *call, const char *clusters)
{
    struct question *question = rse_arena_new_of(call->arena, struct question);

    *question =
        (struct question){ .worker_sql = TARGET_WORKER, .name = "adoption", .slow = true, .clusters = clusters };
    ask(call, question);
}

const struct route question_routes[] = {
    { "GET", "/api/v1/targets/{id}/commits", ROLE_VIEWER, ROUTE_FLEET, 0, 0, target_commits,
      "The commits of a target's branch" },
    { "GET", "/api/v1/targets/{id}/format", ROLE_VIEWER, ROUTE_FLEET, 0, 0, target_format,
      "What another format of what is generated would change" },
    { "GET", "/api/v1/clusters/{id}/manifests", ROLE_VIEWER, ROUTE_FLEET | ROUTE_FILES, 0, 0, cluster_manifests,
      "What a cluster's folder holds" },
    { "GET", "/api/v1/clusters/{id}/diff", ROLE_VIEWER, ROUTE_FLEET, 0, 0, cluster_diff,
      "What changed in a cluster's folder" },
    { .method = NULL },
};
