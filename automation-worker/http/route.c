/*
 * GET /healthz
 * GET /metrics
 * GET /targets/{id}/commits
 * GET /targets/{id}/clusters/{name}/manifests
 * GET /targets/{id}/clusters/{name}/diff
 * GET /targets/{id}/format
 * GET /targets/{id}/adoption
 */
#include "automation-worker/http/route.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <resedge/parse.h>

#include "automation-worker/git/error.h"
#include "automation-worker/metrics.h"

#include "automation-worker/http/question.h"
#include "automation-worker/http/slow.h"

#define MAX_SEGMENTS 5

/* ---- answers ---- */

static void answer(struct evhttp_request *req, int status, const char *content_type, const struct rse_buf *body)
{
    struct evbuffer *bytes = evbuffer_new();

    evbuffer_add(bytes, body->p, body->len);
    evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", content_type);
    evhttp_add_header(evhttp_request_get_output_headers(req), "X-Content-Type-Options", "nosniff");
    evhttp_send_reply(req, status, NULL, bytes);
    evbuffer_free(bytes);
}

static void answer_error(struct evhttp_request *req, const struct rse_err *err)
{
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, 16384);
    rse_err_problem(err, NULL, &body);
    answer(req, rse_code_http_status(err->code), "application/problem+json", &body);
}

static void answer_health(struct evhttp_request *req)
{
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, 64);
    rse_buf_adds(&body, "{\"status\":\"ok\"}");
    answer(req, 200, "application/json", &body);
}

static void answer_metrics(struct evhttp_request *req, const struct metrics *metrics)
{
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, 65536);
    metrics_render(metrics, &body);
    answer(req, 200, "text/plain; version=0.0.4", &body);
}

/* ---- who asks ---- */

static bool is_allowed(struct evhttp_request *req, const char *secret)
{
    const char *header = evhttp_find_header(evhttp_request_get_input_headers(req), "Authorization");
    size_t len = strlen(secret);

    if (header == NULL || strncmp(header, "Bearer ", 7) != 0 || strlen(header + 7) != len)
        return false;
    return rse_secret_eq(header + 7, secret, len);
}

/* ---- what is asked ---- */

struct asked {
    int64_t target_id;
    const char *cluster; /* NULL: about the target */
    bool slow;           /* to be answered by a thread of its own */
    bool (*answer)(struct question *question, struct rse_buf *out, struct rse_err *err);
};

/* Splits "/targets/7/commits" into segments, decoded, in the arena; 0 when there are too many or too few. */
static size_t split_path(const char *path, struct rse_arena *arena, const char *segments[static MAX_SEGMENTS])
{
    char *copy = rse_arena_strdup(arena, path), *rest = NULL;
    size_t count = 0;

    for (char *part = strtok_r(copy, "/", &rest); part != NULL; part = strtok_r(NULL, "/", &rest)) {
        if (count == MAX_SEGMENTS)
            return 0;
        char *decoded = evhttp_uridecode(part, 0, NULL);
        segments[count++] = rse_arena_strdup(arena, decoded != NULL ? decoded : "");
        free(decoded);
    }
    return count;
}

static bool find_question(const char *path, struct rse_arena *arena, struct asked *out, struct rse_err *err)
{
    const char *segment[MAX_SEGMENTS] = { NULL };
    size_t count = split_path(path, arena, segment);

    if ((count != 3 && count != 5) || strcmp(segment[0], "targets") != 0 ||
        !rse_parse_int64(rse_str(segment[1]), 1, INT64_MAX, &out->target_id))
        return rse_fail(err, RSE_NOT_FOUND, "there is nothing at this path");
    if (count == 3 && strcmp(segment[2], "commits") == 0)
        out->answer = question_commits;
    else if (count == 3 && strcmp(segment[2], "format") == 0)
        out->answer = question_format;
    else if (count == 3 && strcmp(segment[2], "adoption") == 0)
        out->answer = question_adoption;
    else if (count == 5 && strcmp(segment[2], "clusters") == 0 && strcmp(segment[4], "manifests") == 0)
        out->answer = question_manifests;
    else if (count == 5 && strcmp(segment[2], "clusters") == 0 && strcmp(segment[4], "diff") == 0)
        out->answer = question_diff;
    else
        return rse_fail(err, RSE_NOT_FOUND, "there is nothing at this path");
    out->slow = out->answer == question_format || out->answer == question_adoption;
    out->cluster = count == 5 ? segment[3] : NULL;
    return out->cluster == NULL || rse_check_label(rse_str(out->cluster), "a cluster's name", err);
}

static const char *query_param(const struct question *question, const char *name)
{
    return evhttp_find_header(question->query, name);
}

static bool ask(const struct asked *asked, struct question *question, struct registry *registry, struct rse_buf *out,
                struct rse_err *err)
{
    if (!registry_get(registry, asked->target_id, question->arena, &question->target))
        return rse_fail(err, RSE_NOT_FOUND, "this worker doesn't know the target");
    int rc = git_repository_open_bare(&question->git, question->target.path);
    if (rc != 0)
        return git_error_take(err, rc, "could not open the target's repository");
    bool ok = asked->answer(question, out, err) && rse_buf_ok(out, err);
    git_repository_free(question->git);
    return ok;
}

/* A question with all that its answer needs; what comes back is in body or err. */
struct answering {
    struct evhttp_request *req;
    const struct routes *routes;
    struct rse_arena *arena;
    struct asked asked;
    struct evkeyvalq params;
    struct rse_buf body;
    struct rse_err err;
    const char *content_type;
    bool ok;
};

/* Takes the arena. */
static struct answering *answering_new(struct evhttp_request *req, const struct routes *routes,
                                       const struct asked *asked, struct rse_arena *arena)
{
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(req));
    struct answering *answering = rse_new(struct answering);

    *answering = (struct answering){ .req = req, .routes = routes, .arena = arena, .asked = *asked };
    answering->err = (struct rse_err)RSE_ERR_INIT;
    rse_buf_init(&answering->body, QUESTION_MAX_ANSWER);
    TAILQ_INIT(&answering->params);
    if (query != NULL)
        evhttp_parse_query_str(query, &answering->params);
    return answering;
}

static void answering_free(void *arg)
{
    struct answering *answering = arg;

    evhttp_clear_headers(&answering->params);
    rse_buf_release(&answering->body);
    rse_arena_free(answering->arena);
    free(answering);
}

static void find_answer(void *arg)
{
    struct answering *answering = arg;
    struct question question = {
        .arena = answering->arena,
        .client = answering->routes->client,
        .target_id = answering->asked.target_id,
        .cluster = answering->asked.cluster,
        .param = query_param,
        .query = &answering->params,
        .content_type = "application/json",
    };

    answering->ok = ask(&answering->asked, &question, answering->routes->registry, &answering->body, &answering->err);
    answering->content_type = question.content_type;
}

static void send_answer(void *arg)
{
    struct answering *answering = arg;

    if (answering->ok)
        answer(answering->req, 200, answering->content_type, &answering->body);
    else
        answer_error(answering->req, &answering->err);
    answering_free(answering);
}

static void answer_question(struct answering *answering)
{
    const struct slow_work work = { .run = find_answer, .done = send_answer, .drop = answering_free, .arg = answering };

    if (!answering->asked.slow)
        find_answer(answering);
    else if (slow_start(answering->routes->slow, &work, &answering->err))
        return;
    send_answer(answering);
}

void route_request(struct evhttp_request *req, void *arg)
{
    const struct routes *routes = arg;
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT;
    struct asked asked = { .cluster = NULL };

    if (path == NULL)
        path = "";
    if (strcmp(path, "/healthz") == 0) {
        answer_health(req);
    } else if (strcmp(path, "/metrics") == 0) {
        answer_metrics(req, routes->metrics);
    } else if (!is_allowed(req, routes->secret)) {
        (void)rse_fail(&err, RSE_UNAUTHENTICATED, "the worker answers the Data Service only");
        answer_error(req, &err);
    } else if (!find_question(path, arena, &asked, &err)) {
        answer_error(req, &err);
    } else {
        answer_question(answering_new(req, routes, &asked, RSE_TAKE(arena)));
    }
}
