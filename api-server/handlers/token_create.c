/*
 * token_create.c - making a token. Its text is in the answer and nowhere else; what is kept of the answer for a retry is sealed.
 */
#include <stdio.h>

#include <cjson/cJSON.h>
#include <openssl/crypto.h>

#include "../api.h"
#include "../http/route.h"
#include "../store/token.h"
#include "body.h"
#include "body_members.h"
#include "once.h"
#include "token_routes.h"

enum { MAX_ANSWER = 64 << 10 };

/* A token being made. */
struct making {
    char text[TOKEN_MAX]; /* its secret */
    char hash[TOKEN_HASH_HEX];
    char expiry[RSE_TIME_SIZE];
    const char *name, *role, *expires;
    const char *business_units, *owners; /* JSON arrays, or NULL */
    struct once_request request;
    struct kept_answer kept;
    struct rse_buf answer; /* the secret again */
    struct rse_err refusal;
};

/* ---- the body ---- */

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

static void inserted(void *arg, PGresult *res RSE_UNUSED, const struct rse_err *err)
{
    struct call *call = arg;
    struct making *making = call->state;

    if (err == NULL)
        return reply(call, making);
    if (making->request.key == NULL)
        return call_fail_with(call, err);
    making->refusal = *err;
    once_find(call, &making->request, not_kept, call);
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

    store_answer_keep(making->request.key != NULL ? &making->kept : NULL, call->arena,
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
           (making->request.key == NULL || once_seal(call, &making->kept, rse_buf_str(&making->answer)));
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

static void looked_up(void *arg, bool done RSE_UNUSED, const struct rse_err *err)
{
    if (err != NULL)
        call_fail_with(arg, err);
    else
        draft(arg);
}

void token_create(struct call *call)
{
    struct making *making = rse_arena_new_of(call->arena, struct making);
    bool dry_run;

    rse_buf_init(&making->answer, MAX_ANSWER);
    rse_arena_defer(call->arena, wipe, making);
    call->state = making;
    if (!call_query_bool(call, "dryRun", false, &dry_run) || !read_making(call, making) ||
        (!dry_run && !once_read(call, &making->request)) ||
        (making->request.key != NULL && !once_check_credential(call)))
        call_fail(call);
    else if (dry_run)
        call_reply_empty(call, 204);
    else if (making->request.key != NULL)
        once_find(call, &making->request, looked_up, call);
    else
        draft(call);
}
