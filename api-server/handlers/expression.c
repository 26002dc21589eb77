/*
 * expression.c - POST /expressions/evaluate: which clusters an expression selects, and what it would change.
 */
#include <math.h>

#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/body_members.h"
#include "api-server/handlers/clusters.h"
#include "api-server/handlers/object.h"
#include "api-server/http/route.h"

enum {
    BODY_MAX = 128 * 1024,
    LIMIT_DEFAULT = 1000,
    LIMIT_MAX = 100000,
    ANSWER_MAX_BYTES = 64 * 1024 * 1024,
    TEXT_MAX_BYTES = 1024 * 1024,
};

static void evaluate_handler(struct call *call);

const struct route expression_routes[] = {
    { "POST", "/api/v1/expressions/evaluate", ROLE_VIEWER, ROUTE_FLEET | ROUTE_NO_QUERY | ROUTE_ASKS, BODY_MAX, 0,
      evaluate_handler, "Which clusters an expression selects" },
    { .method = NULL },
};

struct question {
    struct call *call;
    struct rse_fleet *fleet;
    struct rse_str text;
    const struct rse_namespace *ns; /* NULL: none is asked about */
    size_t limit;
    struct rse_expr *expr;
};

/* ---- the body ---- */

static bool read_whole(const cJSON *json, int64_t min, int64_t max, int64_t *out)
{
    double number = cJSON_GetNumberValue(json);

    if (!cJSON_IsNumber(json) || floor(number) != number || number < (double)min || number > (double)max)
        return false;
    *out = (int64_t)number;
    return true;
}

static bool read_expression(struct question *q, const cJSON *json, struct rse_err *err)
{
    if (json == NULL)
        return rse_fail(err, RSE_UNPROCESSABLE, "is needed");
    if (!cJSON_IsString(json) && !cJSON_IsNull(json))
        return rse_fail(err, RSE_UNPROCESSABLE, "must be text");
    q->text = rse_str(cJSON_GetStringValue(json));
    return rse_expr_parse(&q->expr, q->text, err) && rse_expr_check(q->expr, q->fleet, err);
}

static bool read_namespace(struct question *q, const cJSON *json, struct rse_err *err)
{
    const struct rse_object *found = NULL;
    int64_t id;

    if (json == NULL || cJSON_IsNull(json))
        return true;
    if (cJSON_IsString(json))
        found = rse_fleet_find(q->fleet, RSE_NAMESPACE, rse_str(json->valuestring), err);
    else if (!read_whole(json, 1, INT64_C(1) << 53, &id))
        return rse_fail(err, RSE_UNPROCESSABLE, "must be a namespace's name or id");
    else if ((found = rse_fleet_get(q->fleet, RSE_NAMESPACE, id)) == NULL)
        return rse_fail(err, RSE_UNPROCESSABLE, "there is no namespace with id %lld", (long long)id);
    q->ns = (const struct rse_namespace *)found;
    return found != NULL;
}

static bool read_limit(struct question *q, const cJSON *json, struct rse_err *err)
{
    int64_t limit = LIMIT_DEFAULT;

    if (json != NULL && !cJSON_IsNull(json) && !read_whole(json, 0, LIMIT_MAX, &limit))
        return rse_fail(err, RSE_UNPROCESSABLE, "must be a whole number from 0 to %d", LIMIT_MAX);
    q->limit = (size_t)limit;
    return true;
}

/* What one member has wrong doesn't hide what others have. */
static void read_members(struct question *q, const cJSON *body, struct rse_faults *faults)
{
    static const struct {
        const char *name;
        bool (*read)(struct question *q, const cJSON *json, struct rse_err *err);
    } READERS[] = { { "expression", read_expression }, { "namespace", read_namespace }, { "limit", read_limit } };

    for (size_t i = 0; i < RSE_COUNT(READERS); i++) {
        struct rse_err err = RSE_ERR_INIT;

        if (READERS[i].read(q, cJSON_GetObjectItemCaseSensitive(body, READERS[i].name), &err))
            continue;
        err.code = RSE_UNPROCESSABLE;
        rse_err_field(&err, "/%s", READERS[i].name);
        rse_faults_add(faults, &err);
    }
}

static bool read_question(struct question *q)
{
    static const char *const MEMBERS[] = { "expression", "namespace", "limit", NULL };
    struct rse_faults *faults = rse_arena_new_of(q->call->arena, struct rse_faults);
    cJSON *body;

    faults->arena = q->call->arena;
    if (!call_json(q->call, &body))
        return false;
    if (!cJSON_IsObject(body))
        return rse_fail(&q->call->err, RSE_UNPROCESSABLE, "the body must be an object");
    body_check_members(body, MEMBERS, faults);
    read_members(q, body, faults);
    return rse_faults_check(faults, &q->call->err);
}

/* ---- the answer ---- */

static void add_canonical(const struct question *q, struct rse_buf *out)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, TEXT_MAX_BYTES);
    rse_expr_print(q->expr, q->fleet, &text);
    rse_buf_adds(out, "{\"expression\":");
    rse_json_add_string(out, rse_buf_str(&text));
    rse_buf_addf(out, ",\"revision\":%lld", (long long)rse_fleet_revision(q->fleet));
}

/* One entry a selector, in the order of the text. */
static void add_parts(const struct question *q, const struct rse_expr_node *node, const char **comma,
                      struct rse_buf *out)
{
    RSE_BITMAP_AUTO set = { 0 };

    if (node == NULL)
        return;
    if (node->left != NULL || node->right != NULL) {
        add_parts(q, node->left, comma, out);
        add_parts(q, node->right, comma, out);
        return;
    }
    rse_bitmap_init(&set, rse_fleet_nbits(q->fleet));
    rse_expr_eval_node(node, q->fleet, &set);
    rse_buf_addf(out, "%s{\"text\":", *comma);
    rse_json_add_string(out, rse_str_n(rse_expr_source(q->expr).p + node->start, node->end - node->start));
    rse_buf_addf(out, ",\"count\":%u,\"start\":%u,\"end\":%u}", rse_bitmap_count(&set), node->start, node->end);
    *comma = ",";
}

/* The namespace's clusters with the expression in place of its own: put, asked, and taken back. */
static bool clusters_with(struct question *q, struct rse_bitmap *set)
{
    struct rse_namespace changed = *q->ns;
    int64_t id = q->ns->object.id;
    bool ok;

    changed.expression = q->text;
    rse_fleet_mark(q->fleet);
    ok = rse_fleet_put(q->fleet, &changed.object, &q->call->err) &&
         rse_fleet_check(q->fleet, RSE_NAMESPACE, id, &q->call->err);
    if (ok)
        rse_fleet_namespace_clusters(q->fleet, id, set);
    rse_fleet_rollback(q->fleet);
    return ok;
}

static bool add_gains(struct question *q, struct rse_buf *out)
{
    RSE_BITMAP_AUTO before = { 0 }, after = { 0 }, gains = { 0 }, loses = { 0 };

    rse_bitmap_init(&before, rse_fleet_nbits(q->fleet));
    rse_bitmap_init(&after, rse_fleet_nbits(q->fleet));
    rse_bitmap_init(&gains, 0);
    rse_bitmap_init(&loses, 0);
    rse_fleet_namespace_clusters(q->fleet, q->ns->object.id, &before);
    if (!clusters_with(q, &after))
        return false;
    rse_bitmap_copy(&gains, &after);
    rse_bitmap_andnot(&gains, &before);
    rse_bitmap_copy(&loses, &before);
    rse_bitmap_andnot(&loses, &after);
    rse_buf_addf(out, ",\"gainsCount\":%u,\"gains\":", rse_bitmap_count(&gains));
    clusters_add_names(q->fleet, &gains, q->limit, out);
    rse_buf_addf(out, ",\"losesCount\":%u,\"loses\":", rse_bitmap_count(&loses));
    clusters_add_names(q->fleet, &loses, q->limit, out);
    return true;
}

static bool add_answer(struct question *q, struct rse_buf *out)
{
    RSE_BITMAP_AUTO set = { 0 };
    const char *comma = "";

    rse_bitmap_init(&set, rse_fleet_nbits(q->fleet));
    rse_expr_eval(q->expr, q->fleet, &set);
    add_canonical(q, out);
    rse_buf_addf(out, ",\"count\":%u,\"clusters\":", rse_bitmap_count(&set));
    clusters_add_names(q->fleet, &set, q->limit, out);
    if (q->ns != NULL && !add_gains(q, out))
        return false;
    rse_buf_adds(out, ",\"parts\":[");
    add_parts(q, rse_expr_root(q->expr), &comma, out);
    rse_buf_adds(out, "]}");
    return true;
}

/* What the namespace would be refused with is a fault of the expression. */
static bool answer(struct question *q, struct rse_buf *out)
{
    struct rse_err *err = &q->call->err;

    if (add_answer(q, out))
        return true;
    if (err->has_position)
        rse_err_field(err, "/expression");
    if (err->code == RSE_INVALID)
        err->code = RSE_UNPROCESSABLE;
    return false;
}

static void evaluate_handler(struct call *call)
{
    struct question q = { .call = call, .fleet = live_fleet(call->api->live) };
    RSE_BUF_AUTO out = { 0 };
    bool ok;

    rse_buf_init(&out, ANSWER_MAX_BYTES);
    ok = live_check_ready(call->api->live, &call->err) && read_question(&q) && answer(&q, &out);
    rse_expr_free(q.expr);
    if (!ok)
        return call_fail(call);
    call_set_revision(call, rse_fleet_revision(q.fleet));
    call_reply_buf(call, 200, &out);
}
