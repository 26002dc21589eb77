/*
 * token_create.c - making a token. Its text is in the answer and nowhere else; what is kept of the answer for a retry is sealed.
 */
#include <stdio.h>

#include <openssl/crypto.h>

#include "api-server/api.h"
#include "api-server/http/route.h"
#include "api-server/store/token.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/once.h"
#include "api-server/handlers/precondition.h"
#include "api-server/handlers/token_routes.h"

enum { MAX_ROLE = 20, MAX_ANSWER = 64 << 10 };

/* A token being made. */
struct making {
    char text[TOKEN_MAX]; /* its secret */
    char hash[TOKEN_HASH_HEX];
    char expiry[RSE_TIME_SIZE];
    const char *name, *role, *expires;
    const char *business_units, *owners; /* JSON arrays, or NULL */
    struct once_request request;
    struct kept_answer kept;
    bool dry_run;
    struct rse_buf answer; /* the secret again */
    struct rse_err refusal;
};

/* ---- the body ---- */

static const char *read_names(const struct body *body, const char *name, struct rse_strs *names)
{
    const char *json = body_json(body, name, true, false);
    struct rse_err err = RSE_ERR_INIT;

    *names = (struct rse_strs){ 0 };
    if (!scope_parse_names(rse_str(json), body->arena, names, &err) || !scope_check_names(names, &err))
        body_add_fault(body, name, &err);
    return json;
}

static enum role read_role(const struct body *body)
{
    size_t before = body->faults->count;
    struct rse_str text = body_text(body, "role", 0, MAX_ROLE);
    struct rse_err err = RSE_ERR_INIT;
    enum role role = ROLE_NONE;

    if (body->json != NULL && body->faults->count == before && !role_parse(text, &role, &err))
        body_add_fault(body, "role", &err);
    return role;
}

static void read_scope(const struct body *body, struct making *making, enum role role)
{
    size_t before = body->faults->count;
    struct rse_err err = RSE_ERR_INIT;
    struct scope scope;

    making->business_units = read_names(body, "businessUnits", &scope.business_units);
    making->owners = read_names(body, "owners", &scope.owners);
    if (role != ROLE_NONE && body->faults->count == before && !scope_check(role, &scope, &err))
        body_add_fault(body, NULL, &err);
}

static const char *read_name(const struct body *body)
{
    struct rse_str name = body_text(body, "name", 1, TOKEN_NAME_MAX);
    struct rse_err err = RSE_ERR_INIT;

    if (name.len > 0 && !token_check_name(name, &err))
        body_add_fault(body, "name", &err);
    return name.p;
}

static void read_expiry(const struct body *body, struct making *making)
{
    struct rse_str text = body_text(body, "expiresAt", 0, 40);
    struct rse_err err = RSE_ERR_INIT;

    if (!token_expiry_from_time(text, making->expiry, &making->expires, &err))
        body_add_fault(body, "expiresAt", &err);
}

static bool read_making(struct call *call, struct making *making)
{
    static const char *const MEMBERS[] = { "name", "role", "expiresAt", "businessUnits", "owners", NULL };
    struct body body;
    enum role role;

    body_open(&body, call, MEMBERS);
    making->name = read_name(&body);
    role = read_role(&body);
    making->role = role_name(role);
    read_expiry(&body, making);
    read_scope(&body, making, role);
    return body_check(&body, &call->err);
}

/* ---- making it ---- */

static void wipe(void *arg)
{
    struct making *making = arg;

    OPENSSL_cleanse(making->text, sizeof(making->text));
    OPENSSL_cleanse(making->answer.p, making->answer.len);
    rse_buf_release(&making->answer);
}

static void reply(struct call *call, const struct making *making)
{
    once_set_headers(call, making->kept.location, NULL, making->kept.revision);
    call_reply_buf(call, 201, &making->answer);
}

static void not_kept(void *arg, bool done RSE_UNUSED, const struct rse_err *err RSE_UNUSED)
{
    struct call *call = arg;

    call_fail_with(call, &((struct making *)call->state)->refusal);
}

static void refuse(struct call *call, const struct rse_err *err)
{
    struct making *making = call->state;

    if (making->request.key == NULL)
        return call_fail_with(call, err);
    making->refusal = *err;
    once_find(call, &making->request, not_kept, call);
}

static void inserted(void *arg, PGresult *res RSE_UNUSED, const struct rse_err *err)
{
    struct call *call = arg;

    if (err != NULL)
        refuse(call, err);
    else
        reply(call, call->state);
}

static void insert(struct call *call, const struct token *token)
{
    const struct making *making = call->state;
    const char *params[TOKEN_INSERT_PARAMS] = {
        rse_arena_printf(call->arena, "%lld", (long long)token->id),
        making->name,
        making->role,
        making->hash,
        making->expires,
        making->business_units,
        making->owners,
        token->created_at.p,
        rse_arena_str(call->arena, call->actor.name).p,
    };

    store_answer_keep(making->request.keeps ? &making->kept : NULL, call->arena,
                      params + TOKEN_INSERT_PARAMS - ANSWER_KEEP_PARAMS);
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = TOKEN_INSERT,
                                                     .nparams = TOKEN_INSERT_PARAMS,
                                                     .plenty = params,
                                                     .done = inserted,
                                                     .arg = call });
}

/* Written before the token is stored, so that it can be kept with it. */
static bool write_answer(struct call *call, const struct token *token)
{
    struct making *making = call->state;
    const char *location = rse_arena_printf(call->arena, "/api/v1/tokens/%lld", (long long)token->id);

    making->kept = once_answer(call, &making->request, 201, location);
    token_render(&making->answer, token, making->text);
    return rse_buf_ok(&making->answer, &call->err) &&
           (!making->request.keeps || once_seal(call, &making->kept, rse_buf_str(&making->answer)));
}

static void drafted(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;
    struct making *making = call->state;
    struct token token;

    if (err != NULL)
        return call_fail_with(call, err);
    token_from_row(&token, res, 0, call->arena);
    if (!token_make(token.id, making->text, &call->err) || !write_answer(call, &token))
        return call_fail(call);
    token_hash(rse_str(making->text), making->hash);
    insert(call, &token);
}

static void draft(struct call *call)
{
    const struct making *making = call->state;

    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = TOKEN_DRAFT,
                                                     .nparams = 5,
                                                     .params = { making->name, making->role, making->expires,
                                                                 making->business_units, making->owners },
                                                     .done = drafted,
                                                     .arg = call });
}

static void tried(void *arg, PGresult *res RSE_UNUSED, const struct rse_err *err)
{
    if (err != NULL)
        refuse(arg, err);
    else
        call_reply_empty(arg, 204);
}

static void try_only(struct call *call)
{
    const struct making *making = call->state;

    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = TOKEN_NAME_FREE,
                                                     .nparams = 1,
                                                     .params = { making->name },
                                                     .done = tried,
                                                     .arg = call });
}

static void make_or_try(struct call *call)
{
    const struct making *making = call->state;

    if (making->dry_run)
        try_only(call);
    else
        draft(call);
}

static void looked_up(void *arg, bool done RSE_UNUSED, const struct rse_err *err)
{
    if (err != NULL)
        call_fail_with(arg, err);
    else
        make_or_try(arg);
}

static bool check_credential(struct call *call)
{
    return ((struct making *)call->state)->request.key == NULL || once_check_credential(call);
}

void token_create(struct call *call)
{
    struct making *making = rse_arena_new_of(call->arena, struct making);

    rse_buf_init(&making->answer, MAX_ANSWER);
    rse_arena_defer(call->arena, wipe, making);
    call->state = making;
    if (!precondition_new(call) || !call_query_bool(call, "dryRun", false, &making->dry_run) ||
        !read_making(call, making) || !once_read(call, making->dry_run, &making->request) || !check_credential(call))
        call_fail(call);
    else if (making->request.key != NULL)
        once_find(call, &making->request, looked_up, call);
    else
        make_or_try(call);
}
