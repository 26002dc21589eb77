/*
 * token.c - tokens over REST: list, show, revoke. For admins. token_create.c makes them.
 */
#include "api-server/api.h"
#include "api-server/http/auth.h"
#include "api-server/http/route.h"
#include "api-server/store/token.h"
#include "api-server/handlers/list.h"
#include "api-server/handlers/precondition.h"
#include "api-server/handlers/token_routes.h"

enum { MAX_TOKEN_BODY = 4096, MAX_TOKEN = 64 << 10, MAX_TOKEN_LIST = 8 << 20, MAX_SHORT = 128 };

static void add_text(struct rse_buf *out, const char *name, struct rse_str value)
{
    rse_buf_addf(out, ",\"%s\":", name);
    if (value.p != NULL)
        rse_json_add_string(out, value);
    else
        rse_buf_adds(out, "null");
}

void token_render(struct rse_buf *out, const struct token *token, const char *secret)
{
    rse_buf_addf(out, "{\"id\":%lld", (long long)token->id);
    add_text(out, "name", token->name);
    add_text(out, "role", token->role);
    rse_buf_addf(out, ",\"businessUnits\":%.*s,\"owners\":%.*s", RSE_STR_ARG(token->business_units),
                 RSE_STR_ARG(token->owners));
    add_text(out, "createdAt", token->created_at);
    add_text(out, "expiresAt", token->expires_at);
    add_text(out, "lastUsedAt", token->last_used_at);
    add_text(out, "revokedAt", token->revoked_at);
    if (secret != NULL)
        add_text(out, "token", rse_str(secret));
    rse_buf_addc(out, '}');
}

static const struct rse_field FIELDS[] = {
    { .name = "id", .type = RSE_FIELD_ID },
    { .name = "name", .type = RSE_FIELD_TEXT },
    { .name = "role", .type = RSE_FIELD_STRING, .max = MAX_SHORT },
    { .name = "businessUnits", .type = RSE_FIELD_STRINGS },
    { .name = "owners", .type = RSE_FIELD_STRINGS },
    { .name = "createdAt", .type = RSE_FIELD_TIME },
    { .name = "expiresAt", .type = RSE_FIELD_TIME },
    { .name = "lastUsedAt", .type = RSE_FIELD_TIME },
    { .name = "revokedAt", .type = RSE_FIELD_TIME },
    { .name = NULL },
};
static const struct rse_noun_info TOKEN = {
    .noun = RSE_NOUN_COUNT, .name = "token", .plural = "tokens", .fields = FIELDS
};

static void release_body(void *arg)
{
    rse_buf_release(arg);
}

static void listed(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;
    struct rse_buf *body = rse_arena_new_of(call->arena, struct rse_buf);

    if (err != NULL)
        return call_fail_with(call, err);
    rse_buf_init(body, MAX_TOKEN_LIST);
    rse_arena_defer(call->arena, release_body, body);
    rse_buf_addc(body, '[');
    for (int row = 0; row < PQntuples(res); row++) {
        struct token token;

        token_from_row(&token, res, row, call->arena);
        rse_buf_adds(body, row > 0 ? "," : "");
        token_render(body, &token, NULL);
    }
    rse_buf_addc(body, ']');
    if (!rse_buf_ok(body, &call->err))
        return call_fail(call);
    list_reply(call, &TOKEN, &(struct list_scope){ .rows = rse_buf_str(body) });
}

static void token_list(struct call *call)
{
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_READ, .sql = TOKEN_LIST, .done = listed, .arg = call });
}

static void got(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;
    RSE_BUF_AUTO body = { 0 };
    struct token token;

    rse_buf_init(&body, MAX_TOKEN);
    if (err != NULL)
        return call_fail_with(call, err);
    if (PQntuples(res) == 0) {
        (void)rse_fail(&call->err, RSE_NOT_FOUND, "there is no such token");
        return call_fail(call);
    }
    token_from_row(&token, res, 0, call->arena);
    token_render(&body, &token, NULL);
    call_reply_buf(call, 200, &body);
}

static void token_get(struct call *call)
{
    int64_t id;

    if (call_param_id(call, 0, &id))
        (void)db_send(call->api->db, &(struct db_query){ .lane = DB_READ,
                                                         .sql = TOKEN_GET,
                                                         .nparams = 1,
                                                         .params = { call->params[0].p },
                                                         .done = got,
                                                         .arg = call });
    else
        call_fail(call);
}

/* False: it was answered. */
static bool check_stood(struct call *call, const PGresult *res, const struct rse_err *err)
{
    if (err == NULL && PQntuples(res) > 0)
        return true;
    if (err == NULL)
        (void)rse_fail(&call->err, RSE_NOT_FOUND, "there is no such token, or it was revoked before");
    call_fail_with(call, err != NULL ? err : &call->err);
    return false;
}

static void revoked(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;

    if (!check_stood(call, res, err))
        return;
    auth_credentials_changed(call->api->auth);
    call_reply_empty(call, 204);
}

static void tried(void *arg, PGresult *res, const struct rse_err *err)
{
    if (check_stood(arg, res, err))
        call_reply_empty(arg, 204);
}

static void token_revoke(struct call *call)
{
    bool dry_run;
    int64_t id;

    if (precondition_no_object(call) && call_param_id(call, 0, &id) && call_query_bool(call, "dryRun", false, &dry_run))
        (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                         .sql = dry_run ? TOKEN_STANDS : TOKEN_REVOKE,
                                                         .nparams = 2,
                                                         .params = { call->params[0].p,
                                                                     rse_arena_str(call->arena, call->actor.name).p },
                                                         .done = dry_run ? tried : revoked,
                                                         .arg = call });
    else
        call_fail(call);
}

const struct route token_routes[] = {
    { "GET", "/api/v1/tokens", ROLE_ADMIN, ROUTE_LIST, 0, 0, token_list, "All tokens, without their secrets" },
    { "POST", "/api/v1/tokens", ROLE_ADMIN, ROUTE_DRY_RUN | ROUTE_ONCE, MAX_TOKEN_BODY, 0, token_create,
      "Make a token: name, role, expiresAt, and the businessUnits and owners of an app-team; only the answer has "
      "its text" },
    { "GET", "/api/v1/tokens/{id}", ROLE_ADMIN, ROUTE_NO_QUERY, 0, 0, token_get, "One token, without its secret" },
    { "DELETE", "/api/v1/tokens/{id}", ROLE_ADMIN, ROUTE_DRY_RUN, 0, 0, token_revoke, "Revoke a token, at once" },
    { .method = NULL },
};
