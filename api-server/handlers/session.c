/*
 * session.c - signing in with a token, for browsers: a cookie that no script can read stands for it.
 */
#include "api-server/api.h"
#include "api-server/config.h"
#include "api-server/http/auth.h"
#include "api-server/http/credential.h"
#include "api-server/http/route.h"
#include "api-server/store/session.h"
#include "api-server/store/token.h"

enum { MAX_IDENTITY = 64 * 1024 };

static void session_show(struct call *call);
static void session_begin(struct call *call);
static void session_end(struct call *call);

const struct route session_routes[] = {
    { "GET", "/api/v1/session", ROLE_VIEWER, ROUTE_WORKER | ROUTE_NO_QUERY, 0, 0, session_show,
      "Who am I, and what may I" },
    { "POST", "/api/v1/session", ROLE_VIEWER, ROUTE_NO_QUERY, 0, 0, session_begin,
      "Sign in: exchange the token for a cookie" },
    { "DELETE", "/api/v1/session", ROLE_VIEWER, ROUTE_NO_QUERY, 0, 0, session_end, "Sign out" },
    { .method = NULL },
};

static void add_names(struct rse_buf *out, const char *name, const struct rse_strs *names)
{
    rse_buf_addf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < names->count; i++) {
        rse_buf_adds(out, i > 0 ? "," : "");
        rse_json_add_string(out, names->at[i]);
    }
    rse_buf_addc(out, ']');
}

static void add_text(struct rse_buf *out, const char *name, struct rse_str value)
{
    rse_buf_addf(out, ",\"%s\":", name);
    if (value.p != NULL)
        rse_json_add_string(out, value);
    else
        rse_buf_adds(out, "null");
}

/* session: p NULL where a token was sent itself. */
static void reply(struct call *call, int status, struct rse_str session, struct rse_str expires_at)
{
    const struct actor *actor = &call->actor;
    char csrf[CSRF_TOKEN_SIZE];
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, MAX_IDENTITY);
    rse_buf_addf(&body, "{\"tokenId\":%lld", (long long)actor->token_id);
    add_text(&body, "name", actor->name);
    add_text(&body, "role", rse_str(role_name(actor->role)));
    add_names(&body, "businessUnits", &actor->scope.business_units);
    add_names(&body, "owners", &actor->scope.owners);
    add_text(&body, "expiresAt", expires_at);
    if (session.p != NULL)
        token_csrf(session, csrf);
    add_text(&body, "csrfToken", session.p != NULL ? rse_str(csrf) : rse_str(NULL));
    rse_buf_addc(&body, '}');
    call_reply_buf(call, status, &body);
}

/* p NULL where the request was let in for its token. */
static struct rse_str session_of(const struct call *call)
{
    return call->actor.has_session ? credential_session_of(rse_str(call_header(call, "Cookie"))) : rse_str(NULL);
}

static void session_show(struct call *call)
{
    reply(call, 200, session_of(call), call->actor.expires_at);
}

/* Behind a proxy it is the proxy that speaks TLS; it says so. */
static bool is_secure(const struct call *call)
{
    const char *proto = call_header(call, "X-Forwarded-Proto");

    return call->api->tls != NULL || (proto != NULL && strcmp(proto, "https") == 0);
}

/* An empty value with age 0 takes the cookie away. */
static void set_cookie(struct call *call, const char *value, int64_t age_s)
{
    call_set_header(call, "Set-Cookie",
                    rse_arena_printf(call->arena,
                                     SESSION_COOKIE "=%s; Path=/api; Max-Age=%lld; HttpOnly; SameSite=Strict%s", value,
                                     (long long)age_s, is_secure(call) ? "; Secure" : ""));
}

static void begun(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;
    const char *session = call->state;

    if (err != NULL)
        return call_fail_with(call, err);
    if (PQntuples(res) == 0) {
        (void)rse_fail(&call->err, RSE_UNAUTHENTICATED, "the token was revoked, or is over");
        return call_fail(call);
    }
    set_cookie(call, session, call->api->config->session_lifetime_ms / 1000);
    reply(call, 201, rse_str(session), db_text(res, 0, 0));
}

static void session_begin(struct call *call)
{
    char *session = rse_arena_alloc(call->arena, TOKEN_MAX), *hash = rse_arena_alloc(call->arena, TOKEN_HASH_HEX);

    call->state = session;
    if (call->actor.has_session || call->actor.token_id == 0) {
        rse_err_hint(&call->err, "Send a token as Authorization: Bearer <token>.");
        (void)rse_fail(&call->err, RSE_CONFLICT, "a session is begun with a token");
        return call_fail(call);
    }
    if (!token_make_session(session, &call->err))
        return call_fail(call);
    token_hash(rse_str(session), hash);
    (void)db_send(
        call->api->db,
        &(struct db_query){ .lane = DB_QUEUE,
                            .sql = SESSION_INSERT,
                            .nparams = 3,
                            .params = { rse_arena_printf(call->arena, "%lld", (long long)call->actor.token_id), hash,
                                        rse_arena_printf(call->arena, "%lld",
                                                         (long long)call->api->config->session_lifetime_ms / 1000) },
                            .done = begun,
                            .arg = call });
}

static void ended(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;

    (void)res; /* one that is gone already is as good */
    if (err != NULL)
        return call_fail_with(call, err);
    auth_credentials_changed(call->api->auth);
    set_cookie(call, "", 0);
    call_reply_empty(call, 204);
}

static void session_end(struct call *call)
{
    struct rse_str session = session_of(call);
    char hash[TOKEN_HASH_HEX];

    if (session.p == NULL) {
        rse_err_hint(&call->err, "A token is revoked with DELETE /api/v1/tokens/{id}.");
        (void)rse_fail(&call->err, RSE_NOT_FOUND, "there is no session: the request was let in for its token");
        return call_fail(call);
    }
    token_hash(session, hash);
    (void)db_send(
        call->api->db,
        &(struct db_query){
            .lane = DB_QUEUE, .sql = SESSION_DELETE, .nparams = 1, .params = { hash }, .done = ended, .arg = call });
}
