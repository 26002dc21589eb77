/*
 * token.c - tokens over REST: list, make, revoke. For admins.
 */
#include <stdio.h>

#include <cjson/cJSON.h>

#include "../api.h"
#include "../http/route.h"
#include "../store/token.h"
#include "body.h"
#include "list.h"

enum { MAX_TOKEN_BODY = 4096, MAX_TOKEN_LIST = 8 << 20, MAX_SHORT = 128 };

/* A token being made. */
struct making {
    char text[TOKEN_MAX];
    char hash[TOKEN_HASH_HEX];
    char id[24];
    char expiry[RSE_TIME_SIZE];
    const char *name, *role, *expires;
    const char *business_units, *owners; /* JSON arrays, or NULL */
};

static void add_text(struct rse_buf *out, const char *name, struct rse_str value)
{
    rse_buf_addf(out, ",\"%s\":", name);
    if (value.p != NULL)
        rse_json_add_string(out, value);
    else
        rse_buf_adds(out, "null");
}

/* secret: only in the answer to POST, else NULL. */
static void render(struct rse_buf *out, const struct token *token, const char *secret)
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
        render(body, &token, NULL);
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

static void inserted(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;
    struct making *making = call->state;
    struct token token;
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, 4096);
    if (err != NULL) {
        call_fail_with(call, err);
        return;
    }
    token_from_row(&token, res, 0, call->arena);
    render(&body, &token, making->text);
    call_set_header(call, "Location", rse_arena_printf(call->arena, "/api/v1/tokens/%lld", (long long)token.id));
    call_reply_buf(call, 201, &body);
}

static void got_id(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;
    struct making *making = call->state;

    if (err != NULL) {
        call_fail_with(call, err);
        return;
    }
    snprintf(making->id, sizeof(making->id), "%s", PQgetvalue(res, 0, 0));
    if (!token_make(db_int64(res, 0, 0), making->text, &call->err)) {
        call_fail(call);
        return;
    }
    token_hash(rse_str(making->text), making->hash);
    (void)db_send(call->api->db,
                  &(struct db_query){ .lane = DB_QUEUE,
                                      .sql = TOKEN_INSERT,
                                      .nparams = 8,
                                      .params = { making->id, making->name, making->role, making->hash, making->expires,
                                                  making->business_units, making->owners,
                                                  rse_arena_str(call->arena, call->actor.name).p },
                                      .done = inserted,
                                      .arg = call });
}

/* Moves what went wrong, if something did, to the list, so that the next part is looked at too. */
static void note(struct call *call, bool ok, const char *field, struct rse_faults *faults)
{
    if (ok)
        return;
    if (field != NULL)
        rse_err_field(&call->err, "%s", field);
    if (call->err.code == RSE_INVALID)
        call->err.code = RSE_UNPROCESSABLE; /* the body could be read */
    rse_faults_add(faults, &call->err);
}

static void read_names(struct call *call, const cJSON *body, const char *name, const char **json,
                       struct rse_strs *names, struct rse_faults *faults)
{
    size_t before = faults->count;
    bool is_list = body_json(call, body, name, true, false, json);

    *names = (struct rse_strs){ 0 };
    note(call, is_list, NULL, faults);
    if (!is_list)
        return;
    note(call, scope_parse_names(rse_str(*json), call->arena, names, &call->err), NULL, faults);
    rse_faults_within(faults, before, "/%s", name);
}

static void read_role(struct call *call, const cJSON *body, enum role *role, struct rse_faults *faults)
{
    struct rse_str text;

    if (!body_text(call, body, "role", 1, 20, &text))
        note(call, false, NULL, faults);
    else
        note(call, role_parse(text, role, &call->err), "/role", faults);
}

static void read_scope(struct call *call, struct making *making, const cJSON *body, enum role role,
                       struct rse_faults *faults)
{
    size_t before = faults->count;
    struct scope scope;

    read_names(call, body, "businessUnits", &making->business_units, &scope.business_units, faults);
    read_names(call, body, "owners", &making->owners, &scope.owners, faults);
    if (role != ROLE_NONE && faults->count == before)
        note(call, scope_check(role, &scope, &call->err), NULL, faults);
}

static void read_expiry(struct call *call, struct making *making, const cJSON *body, struct rse_faults *faults)
{
    struct rse_str text;

    if (!body_text(call, body, "expiresAt", 0, 40, &text))
        note(call, false, NULL, faults);
    else
        note(call, token_expiry_from_time(text, making->expiry, &making->expires, &call->err), "/expiresAt", faults);
}

static bool read_making(struct call *call, struct making *making)
{
    static const char *const MEMBERS[] = { "name", "role", "expiresAt", "businessUnits", "owners", NULL };
    struct rse_faults *faults = rse_arena_new_of(call->arena, struct rse_faults);
    enum role role = ROLE_NONE;
    struct rse_str name = rse_str(NULL);
    const cJSON *body;

    faults->arena = call->arena;
    if (!body_object(call, NULL, &body))
        return false;
    body_check_members(body, MEMBERS, faults);
    if (body_text(call, body, "name", 1, 100, &name))
        note(call, token_check_name(name, &call->err), "/name", faults);
    else
        note(call, false, NULL, faults);
    read_role(call, body, &role, faults);
    read_expiry(call, making, body, faults);
    read_scope(call, making, body, role, faults);
    making->name = name.p;
    making->role = role_name(role);
    return rse_faults_check(faults, &call->err);
}

static void token_create(struct call *call)
{
    struct making *making = rse_arena_new_of(call->arena, struct making);

    bool dry_run;

    call->state = making;
    if (!call_query_bool(call, "dryRun", false, &dry_run) || !read_making(call, making))
        call_fail(call);
    else if (dry_run)
        call_reply_empty(call, 204);
    else
        (void)db_send(call->api->db,
                      &(struct db_query){ .lane = DB_QUEUE, .sql = TOKEN_NEXT_ID, .done = got_id, .arg = call });
}

static void revoked(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;

    if (err != NULL) {
        call_fail_with(call, err);
    } else if (PQntuples(res) == 0) {
        (void)rse_fail(&call->err, RSE_NOT_FOUND, "there is no such token, or it was revoked before");
        call_fail(call);
    } else {
        call_reply_empty(call, 204);
    }
}

static void token_revoke(struct call *call)
{
    bool dry_run;
    int64_t id;

    if (call_param_id(call, 0, &id) && call_query_bool(call, "dryRun", false, &dry_run))
        (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                         .sql = dry_run ? TOKEN_STANDS : TOKEN_REVOKE,
                                                         .nparams = 2,
                                                         .params = { call->params[0].p,
                                                                     rse_arena_str(call->arena, call->actor.name).p },
                                                         .done = revoked,
                                                         .arg = call });
    else
        call_fail(call);
}

const struct route token_routes[] = {
    { "GET", "/api/v1/tokens", ROLE_ADMIN, ROUTE_LIST, 0, 0, token_list, "All tokens, without their secrets" },
    { "POST", "/api/v1/tokens", ROLE_ADMIN, ROUTE_DRY_RUN, MAX_TOKEN_BODY, 0, token_create,
      "Make a token: name, role, expiresAt, and the businessUnits and owners of an app-team; the answer has its text, "
      "once" },
    { "DELETE", "/api/v1/tokens/{id}", ROLE_ADMIN, ROUTE_DRY_RUN, 0, 0, token_revoke, "Revoke a token, at once" },
    { .method = NULL },
};
