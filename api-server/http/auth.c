/*
 * auth.c - the cache of credentials, and what is asked of a request besides one.
 */
#include <stdlib.h>

#include <event2/event.h>

#include "api-server/api.h"
#include "api-server/store/db.h"
#include "api-server/store/session.h"
#include "api-server/store/token.h"
#include "api-server/http/auth.h"
#include "api-server/http/call_internal.h"
#include "api-server/http/credential.h"
#include "api-server/http/head.h"
#include "api-server/http/local.h"
#include "api-server/http/throttle.h"

enum {
    KNOWN_FOR_US = 10 * 1000000,
    WRONG_FOR_US = 60 * 1000000,
    MAX_KNOWN = 10000,
    MAX_WRONG = 10000,
    TOUCH_AFTER_MS = 1000,
    MAX_TOUCHED_BYTES = 256 * 1024,
};

struct known {
    struct identity *identity; /* NULL: there is no such credential */
    int64_t until_us;
    uint64_t changes; /* when it was asked for: auth->changes */
};

struct auth {
    struct api *api;
    struct identity *anyone;       /* whom everybody is taken for, where no credential is asked for */
    struct rse_map *known, *wrong; /* by hash */
    /* Of an address: wrong credentials, and looking up those that were never seen. Apart, so that who repeats one that is known to be
     * wrong keeps nobody else out. */
    struct throttle *refusals, *lookups;
    uint64_t changes;       /* how often credentials changed: what was asked for before does not count later */
    struct rse_buf touched; /* ids of tokens that were used, "1,17": written together */
    struct event *touch;
    void (*changed)(void *arg);
    void *changed_arg;
};

struct auth_wait {
    struct auth *auth;
    char hash[TOKEN_HASH_HEX];
    uint64_t changes;
    bool has_client;
    struct address client;
    struct throttle *taken; /* from which the attempt was taken; NULL: from none */
    bool is_session;
    auth_done *done;
    void *arg;
};

/* ---- what is remembered ---- */

static void known_free(struct known *known)
{
    if (known == NULL)
        return;
    identity_drop(known->identity);
    free(known);
}

static void forget(struct rse_map *map)
{
    void *value;

    for (size_t it = 0; rse_map_next(map, &it, NULL, &value);)
        known_free(value);
    rse_map_clear(map);
}

/* What is remembered has to be looked up again, but is still known to have been good, or wrong, once. */
void auth_credentials_changed(struct auth *auth)
{
    auth->changes++;
    if (auth->changed != NULL)
        auth->changed(auth->changed_arg);
}

static void on_tokens_changed(void *arg, const char *payload)
{
    (void)payload;
    auth_credentials_changed(arg);
}

/* Full maps are simply emptied: that costs a look-up each, and bounds the memory. */
static void remember(struct rse_map *map, size_t max, const char *hash, const struct known *what)
{
    struct known *known = rse_new(struct known);

    if (rse_map_count(map) >= max)
        forget(map);
    *known = *what;
    known_free(rse_map_put(map, rse_str(hash), known));
}

/* While nobody would tell us that it was revoked, nothing that we remember counts. */
static struct known *recall(const struct auth *auth, const struct rse_map *map, const char *hash)
{
    struct known *known = db_is_listening(auth->api->db) ? rse_map_get(map, rse_str(hash)) : NULL;

    return known != NULL && known->changes == auth->changes && known->until_us > now_us() ? known : NULL;
}

static bool was_good(const struct auth *auth, const char *hash)
{
    return rse_map_get(auth->known, rse_str(hash)) != NULL;
}

/* A short while ago, whatever changed since. */
static bool was_wrong(const struct auth *auth, const char *hash)
{
    const struct known *wrong = rse_map_get(auth->wrong, rse_str(hash));

    return wrong != NULL && wrong->until_us > now_us();
}

/* ---- when a token was used last ---- */

static void on_touch(evutil_socket_t fd, short what, void *arg)
{
    struct auth *auth = arg;

    (void)fd, (void)what;
    rse_buf_addc(&auth->touched, '}');
    if (rse_buf_ok(&auth->touched, NULL))
        (void)db_send(
            auth->api->db,
            &(struct db_query){ .lane = DB_QUEUE, .sql = TOKEN_TOUCH, .nparams = 1, .params = { auth->touched.p } });
    rse_buf_release(&auth->touched);
    rse_buf_init(&auth->touched, MAX_TOUCHED_BYTES);
}

static void touch(struct auth *auth, int64_t token_id)
{
    struct timeval soon = { .tv_sec = TOUCH_AFTER_MS / 1000 };

    rse_buf_addf(&auth->touched, "%c%lld", auth->touched.len > 0 ? ',' : '{', (long long)token_id);
    if (!evtimer_pending(auth->touch, NULL))
        event_add(auth->touch, &soon);
}

/* ---- life ---- */

struct auth *auth_new(struct api *api, bool everyone_is_admin)
{
    struct auth *auth = rse_new(struct auth);

    auth->api = api;
    if (everyone_is_admin) {
        auth->anyone = identity_new();
        auth->anyone->actor = (struct actor){ .name = RSE_STR(ACTOR_ANONYMOUS), .role = ROLE_ADMIN };
    }
    auth->known = rse_map_new();
    auth->wrong = rse_map_new();
    auth->refusals = throttle_new();
    auth->lookups = throttle_new();
    auth->touch = evtimer_new(api->base, on_touch, auth);
    rse_buf_init(&auth->touched, MAX_TOUCHED_BYTES);
    db_listen(api->db, "resedge_tokens", on_tokens_changed, auth);
    return auth;
}

void auth_on_change(struct auth *auth, void (*changed)(void *arg), void *arg)
{
    auth->changed = changed;
    auth->changed_arg = arg;
}

void auth_free(struct auth *auth)
{
    if (auth == NULL)
        return;
    forget(auth->known);
    forget(auth->wrong);
    rse_map_free(auth->known);
    rse_map_free(auth->wrong);
    throttle_free(auth->refusals);
    throttle_free(auth->lookups);
    rse_buf_release(&auth->touched);
    event_free(auth->touch);
    identity_drop(auth->anyone);
    free(auth);
}

/* ---- refusals ---- */

static void refuse(auth_done *done, void *arg, const char *what)
{
    struct rse_err err = RSE_ERR_INIT;

    rse_err_hint(&err, "Send the header Authorization: Bearer <token>; an administrator makes tokens.");
    (void)rse_fail(&err, RSE_UNAUTHENTICATED, "%s", what);
    done(arg, NULL, &err);
}

static void refuse_unknown(bool is_session, auth_done *done, void *arg)
{
    refuse(done, arg,
           is_session ? "the session is over: sign in again" : "the token is not known, was revoked, or is over");
}

static void refuse_limited(auth_done *done, void *arg)
{
    struct rse_err err = RSE_ERR_INIT;

    rse_err_hint(&err, "Check the token, and try again in %d seconds.", THROTTLE_AGAIN_S);
    (void)rse_fail(&err, RSE_LIMITED, "too many wrong credentials came from this address");
    done(arg, NULL, &err);
}

/* Whether the attempt may be made; *taken is what it was taken from, or NULL. Who was let in before is not held up by a stranger at
 * the same address, and who was not yet, only by those whose credentials are not known to be wrong either. */
static bool take_attempt(struct auth *auth, const char *hash, bool is_wrong, const struct address *client,
                         struct throttle **taken)
{
    *taken = NULL;
    if (client == NULL || was_good(auth, hash))
        return true;
    *taken = is_wrong || was_wrong(auth, hash) ? auth->refusals : auth->lookups;
    return throttle_take(*taken, client, now_us());
}

/* ---- looking up ---- */

/* A row of TOKEN_FIND. NULL when the database holds what we don't understand. */
static struct identity *identity_from_row(const PGresult *res, bool is_session)
{
    struct identity *identity = identity_new();
    struct actor *actor = &identity->actor;
    struct rse_err err = RSE_ERR_INIT;

    actor->token_id = db_int64(res, 0, 0);
    actor->name = db_text_copy(res, 0, 1, identity->arena);
    actor->expires_at = db_text_copy(res, 0, 7, identity->arena);
    actor->has_session = is_session;
    if (role_parse(db_text(res, 0, 2), &actor->role, &err) &&
        scope_parse_names(db_text(res, 0, 5), identity->arena, &actor->scope.business_units, &err) &&
        scope_parse_names(db_text(res, 0, 6), identity->arena, &actor->scope.owners, &err))
        return identity;
    rse_log(RSE_LOG_ERROR, "token not understood", RSE_LOG_INT("token", actor->token_id), RSE_LOG_ERR(&err));
    identity_drop(identity);
    return NULL;
}

static void remember_good(struct auth_wait *wait, const PGresult *res, struct identity *identity)
{
    int64_t left_us = PQgetisnull(res, 0, 4) ? KNOWN_FOR_US : db_int64(res, 0, 4);

    known_free(rse_map_remove(wait->auth->wrong, rse_str(wait->hash)));
    remember(wait->auth->known, MAX_KNOWN, wait->hash,
             &(struct known){ .identity = identity_hold(identity),
                              .until_us = now_us() + (left_us < KNOWN_FOR_US ? left_us : KNOWN_FOR_US),
                              .changes = wait->changes });
}

static void remember_wrong(struct auth_wait *wait)
{
    known_free(rse_map_remove(wait->auth->known, rse_str(wait->hash)));
    remember(wait->auth->wrong, MAX_WRONG, wait->hash,
             &(struct known){ .until_us = now_us() + WRONG_FOR_US, .changes = wait->changes });
    if (wait->has_client && wait->taken != wait->auth->refusals)
        (void)throttle_take(wait->auth->refusals, &wait->client, now_us());
}

/* The caller holds it, and so does what is remembered. */
static struct identity *take_found(struct auth_wait *wait, const PGresult *res)
{
    struct identity *identity = PQntuples(res) == 1 ? identity_from_row(res, wait->is_session) : NULL;

    if (identity == NULL) {
        remember_wrong(wait);
        return NULL;
    }
    remember_good(wait, res, identity);
    if (db_bool(res, 0, 3))
        touch(wait->auth, identity->actor.token_id);
    return identity;
}

static void found(void *arg, PGresult *res, const struct rse_err *err)
{
    struct auth_wait *wait = arg;
    struct identity *identity = err == NULL ? take_found(wait, res) : NULL;
    bool is_wrong = err == NULL && identity == NULL;

    if (!is_wrong && wait->taken != NULL)
        throttle_give_back(wait->taken, &wait->client);
    if (wait->done != NULL && is_wrong)
        refuse_unknown(wait->is_session, wait->done, wait->arg);
    else if (wait->done != NULL)
        wait->done(wait->arg, identity, err);
    identity_drop(identity);
    free(wait);
}

static struct auth_wait *look_up(struct auth *auth, const char *hash, bool is_session, const struct address *client,
                                 struct throttle *taken, auth_done *done, void *arg)
{
    struct auth_wait *wait = rse_new(struct auth_wait);

    *wait = (struct auth_wait){
        .auth = auth, .changes = auth->changes, .is_session = is_session, .taken = taken, .done = done, .arg = arg
    };
    wait->has_client = client != NULL;
    if (client != NULL)
        wait->client = *client;
    memcpy(wait->hash, hash, sizeof(wait->hash));
    (void)db_send(auth->api->db, &(struct db_query){ .lane = DB_READ,
                                                     .sql = is_session ? SESSION_FIND : TOKEN_FIND,
                                                     .nparams = 1,
                                                     .params = { wait->hash },
                                                     .done = found,
                                                     .arg = wait });
    return wait;
}

/* ---- checking ---- */

/* is_session: it came as a cookie. A token in a cookie, or a session in a header, is none that we gave. */
static struct auth_wait *check(struct auth *auth, struct rse_str secret, bool is_session, const struct address *client,
                               const char *hash, auth_done *done, void *arg)
{
    struct known *known = recall(auth, auth->known, hash);
    struct throttle *taken;
    bool is_wrong;

    if (known != NULL && known->identity->actor.has_session == is_session) {
        done(arg, known->identity, NULL);
        return NULL;
    }
    is_wrong =
        token_is_session(secret) != is_session || !token_has_form(secret) || recall(auth, auth->wrong, hash) != NULL;
    if (!take_attempt(auth, hash, is_wrong, client, &taken))
        refuse_limited(done, arg);
    else if (is_wrong)
        refuse_unknown(is_session, done, arg);
    else
        return look_up(auth, hash, is_session, client, taken, done, arg);
    return NULL;
}

/* Where no credential is asked for. */
static void check_anyone(struct auth *auth, const struct http_head *head, auth_done *done, void *arg)
{
    struct rse_err err = RSE_ERR_INIT;
    bool ok = local_check(head, &err);

    done(arg, ok ? auth->anyone : NULL, ok ? NULL : &err);
}

/* False: it was answered. */
static bool check_session(const struct http_head *head, struct rse_str session, auth_done *done, void *arg)
{
    struct rse_err err = RSE_ERR_INIT;

    if (session.p == NULL || credential_check_csrf(head, session, &err))
        return true;
    done(arg, NULL, &err);
    return false;
}

struct auth_wait *auth_check(struct auth *auth, const struct http_head *head, const struct address *client,
                             struct credential_memo *memo, auth_done *done, void *arg)
{
    bool is_session = head->authorization.p == NULL;
    struct rse_str secret = credential_of(head);

    if (auth->anyone != NULL)
        check_anyone(auth, head, done, arg);
    else if (is_session && !check_session(head, secret, done, arg))
        return NULL;
    else if (secret.p == NULL)
        refuse(done, arg, "a token is needed");
    else
        return check(auth, secret, is_session, client, credential_hash(secret, memo), done, arg);
    return NULL;
}

void auth_cancel(struct auth_wait *wait)
{
    if (wait != NULL)
        wait->done = NULL;
}
