/*
 * auth.c - the cache of tokens.
 */
#include <stdlib.h>
#include <strings.h>

#include "../api.h"
#include "../store/db.h"
#include "../store/token.h"
#include "auth.h"
#include "call_internal.h"

enum { KNOWN_FOR_US = 10 * 1000000, UNKNOWN_FOR_US = 2 * 1000000, MAX_KNOWN = 10000, MAX_UNKNOWN = 10000 };

struct known {
    struct identity *identity; /* NULL: there is no such token */
    int64_t until_us;
};

struct auth {
    struct api *api;
    struct identity *anyone;         /* whom everybody is taken for, where no token is asked for */
    struct rse_map *known, *unknown; /* by hash */
};

struct auth_wait {
    struct auth *auth;
    char hash[TOKEN_HASH_HEX];
    auth_done *done;
    void *arg;
};

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

static void on_tokens_changed(void *arg, const char *payload)
{
    struct auth *auth = arg;

    (void)payload;
    forget(auth->known);
    forget(auth->unknown);
}

struct auth *auth_new(struct api *api, bool everyone_is_admin)
{
    struct auth *auth = rse_new(struct auth);

    auth->api = api;
    if (everyone_is_admin) {
        auth->anyone = identity_new();
        auth->anyone->actor = (struct actor){ .name = RSE_STR("anonymous"), .role = ROLE_ADMIN };
    }
    auth->known = rse_map_new();
    auth->unknown = rse_map_new();
    db_listen(api->db, "resedge_tokens", on_tokens_changed, auth);
    return auth;
}

void auth_free(struct auth *auth)
{
    if (auth == NULL)
        return;
    forget(auth->known);
    forget(auth->unknown);
    rse_map_free(auth->known);
    rse_map_free(auth->unknown);
    identity_drop(auth->anyone);
    free(auth);
}

/* Full maps are simply emptied: that costs a look-up each, and bounds the memory. */
static struct known *remember(struct rse_map *map, size_t max, const char *hash, int64_t for_us)
{
    struct known *known = rse_new(struct known);

    if (rse_map_count(map) >= max)
        forget(map);
    known->until_us = now_us() + for_us;
    known_free(rse_map_put(map, rse_str(hash), known));
    return known;
}

static struct known *recall(struct rse_map *map, const char *hash)
{
    struct known *known = rse_map_get(map, rse_str(hash));

    return known != NULL && known->until_us > now_us() ? known : NULL;
}

static void refuse(auth_done *done, void *arg, const char *what)
{
    struct rse_err err = RSE_ERR_INIT;

    rse_err_hint(&err, "Send the header Authorization: Bearer <token>; an administrator makes tokens.");
    (void)rse_fail(&err, RSE_UNAUTHENTICATED, "%s", what);
    done(arg, NULL, &err);
}

static void refuse_unknown(auth_done *done, void *arg)
{
    refuse(done, arg, "the token is not known, was revoked, or is over");
}

static void touch(struct auth *auth, const char *id)
{
    (void)db_send(auth->api->db,
                  &(struct db_query){ .lane = DB_QUEUE, .sql = TOKEN_TOUCH, .nparams = 1, .params = { id } });
}

/* A row of TOKEN_FIND. NULL when the database holds what we don't understand. */
static struct identity *identity_from_row(const PGresult *res)
{
    struct identity *identity = identity_new();
    struct actor *actor = &identity->actor;
    struct rse_err err = RSE_ERR_INIT;

    actor->token_id = db_int64(res, 0, 0);
    actor->name = db_text_copy(res, 0, 1, identity->arena);
    if (role_parse(db_text(res, 0, 2), &actor->role, &err) &&
        scope_parse_names(db_text(res, 0, 5), identity->arena, &actor->scope.business_units, &err) &&
        scope_parse_names(db_text(res, 0, 6), identity->arena, &actor->scope.owners, &err))
        return identity;
    rse_log(RSE_LOG_ERROR, "token not understood", RSE_LOG_INT("token", actor->token_id), RSE_LOG_ERR(&err));
    identity_drop(identity);
    return NULL;
}

static void found(void *arg, PGresult *res, const struct rse_err *err)
{
    struct auth_wait *wait = arg;
    struct auth *auth = wait->auth;
    struct identity *identity = err == NULL && PQntuples(res) == 1 ? identity_from_row(res) : NULL;

    if (identity != NULL) {
        int64_t left_us = PQgetisnull(res, 0, 4) ? KNOWN_FOR_US : db_int64(res, 0, 4);

        remember(auth->known, MAX_KNOWN, wait->hash, left_us < KNOWN_FOR_US ? left_us : KNOWN_FOR_US)->identity =
            identity;
        if (db_bool(res, 0, 3))
            touch(auth, PQgetvalue(res, 0, 0));
    } else if (err == NULL) {
        remember(auth->unknown, MAX_UNKNOWN, wait->hash, UNKNOWN_FOR_US);
    }
    if (wait->done != NULL && err != NULL)
        wait->done(wait->arg, NULL, err);
    else if (wait->done != NULL && identity != NULL)
        wait->done(wait->arg, identity, NULL);
    else if (wait->done != NULL)
        refuse_unknown(wait->done, wait->arg);
    free(wait);
}

static struct auth_wait *look_up(struct auth *auth, const char *hash, auth_done *done, void *arg)
{
    struct auth_wait *wait = rse_new(struct auth_wait);

    *wait = (struct auth_wait){ .auth = auth, .done = done, .arg = arg };
    memcpy(wait->hash, hash, sizeof(wait->hash));
    (void)db_send(
        auth->api->db,
        &(struct db_query){
            .lane = DB_READ, .sql = TOKEN_FIND, .nparams = 1, .params = { wait->hash }, .done = found, .arg = wait });
    return wait;
}

struct auth_wait *auth_check(struct auth *auth, const char *header, auth_done *done, void *arg)
{
    char hash[TOKEN_HASH_HEX];
    struct known *known;

    if (auth->anyone != NULL) {
        done(arg, auth->anyone, NULL);
        return NULL;
    }
    if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0) {
        refuse(done, arg, "a token is needed");
        return NULL;
    }
    header += 7 + strspn(header + 7, " ");
    if (!token_has_form(rse_str(header))) {
        refuse_unknown(done, arg);
        return NULL;
    }
    token_hash(rse_str(header), hash);
    known = recall(auth->known, hash);
    if (known != NULL)
        done(arg, known->identity, NULL);
    else if (recall(auth->unknown, hash) != NULL)
        refuse_unknown(done, arg);
    else
        return look_up(auth, hash, done, arg);
    return NULL;
}

void auth_cancel(struct auth_wait *wait)
{
    if (wait != NULL)
        wait->done = NULL;
}
