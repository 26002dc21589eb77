/*
 * webhook.c - a Git host tells of a push, so that workers look at once and not at their next poll.
 *
 * Nobody is asked for a token: the host signs the body with a secret (X-Hub-Signature-256, as GitHub, Gitea and Forgejo
 * do). What the body says is not looked at, the repository tells; so a repeated call does no harm.
 */
#include <stdio.h>

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "api-server/api.h"
#include "api-server/store/db.h"
#include "api-server/store/job.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/precondition.h"
#include "api-server/handlers/target.h"

enum { SIGNATURE = 32, MIN_SECRET = 16, MAX_SECRET = 200 };

/* ---- the secret ---- */

static void stored(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;

    if (err != NULL) {
        call_fail_with(call, err);
    } else if (PQntuples(res) == 0) {
        (void)rse_fail(&call->err, RSE_NOT_FOUND, "there is no such target, or it takes no webhooks");
        call_fail(call);
    } else {
        call_reply_empty(call, 204);
    }
}

static void store(struct call *call, bool dry_run, const struct db_query *write, const char *trial)
{
    struct db_query query = *write;

    if (dry_run) {
        query.sql = trial;
        query.nparams = 1;
    }
    query.lane = DB_QUEUE;
    query.done = stored;
    query.arg = call;
    db_send(call->api->db, &query);
}

void webhook_put(struct call *call)
{
    static const char *const MEMBERS[] = { "secret", NULL };
    struct rse_str secret;
    struct body body;
    bool dry_run;

    body_open(&body, call, MEMBERS);
    secret = body_text(&body, "secret", MIN_SECRET, MAX_SECRET);
    if (!precondition_no_object(call) || !body_check(&body, &call->err) ||
        !call_query_bool(call, "dryRun", false, &dry_run))
        return call_fail(call);
    store(
        call, dry_run,
        &(struct db_query){ .sql = WEBHOOK_PUT,
                            .nparams = 3,
                            .params = { call->params[0].p, secret.p, rse_arena_str(call->arena, call->actor.name).p } },
        WEBHOOK_PUT_TRIAL);
}

void webhook_delete(struct call *call)
{
    bool dry_run;

    if (!precondition_no_object(call) || !call_query_bool(call, "dryRun", false, &dry_run))
        return call_fail(call);
    store(call, dry_run,
          &(struct db_query){ .sql = WEBHOOK_DELETE,
                              .nparams = 2,
                              .params = { call->params[0].p, rse_arena_str(call->arena, call->actor.name).p } },
          WEBHOOK_DELETE_TRIAL);
}

/* ---- a call of a host ---- */

static void told(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;

    if (err != NULL) {
        call_fail_with(call, err);
    } else if (!db_bool(res, 0, 0)) {
        (void)rse_fail(&call->err, RSE_UNAVAILABLE, "this target is told of pushes too often");
        call_fail_status(call, 429, &call->err);
    } else {
        call_reply_empty(call, 202);
    }
}

/* The signature is compared in constant time, and against a made-up secret where there is none: an answer tells nobody
 * which targets take webhooks. */
static bool is_signed(const struct call *call, struct rse_str secret)
{
    const char *given = call_header(call, "X-Hub-Signature-256");
    uint8_t mac[EVP_MAX_MD_SIZE];
    char hex[2 * SIGNATURE + 1];
    unsigned len = 0;

    if (HMAC(EVP_sha256(), secret.p, (int)secret.len, (const uint8_t *)call->body.p, call->body.len, mac, &len) ==
            NULL ||
        len != SIGNATURE)
        return false;
    for (size_t i = 0; i < SIGNATURE; i++)
        snprintf(hex + 2 * i, 3, "%02x", mac[i]);
    return given != NULL && strncmp(given, "sha256=", 7) == 0 && strlen(given) == 7 + 2 * SIGNATURE &&
           rse_secret_eq(given + 7, hex, 2 * SIGNATURE);
}

static void got_secret(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;

    if (err != NULL) {
        call_fail_with(call, err);
        return;
    }
    bool known = PQntuples(res) > 0;
    bool ok = is_signed(call, known ? db_text(res, 0, 1) : RSE_STR("there is no such target"));

    if (!ok || !known) {
        rse_err_hint(&call->err, "Give the host the secret that the target's webhook was set to.");
        (void)rse_fail(&call->err, RSE_UNAUTHENTICATED, "the signature of the webhook is not right");
        call_fail(call);
        return;
    }
    db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                               .sql = TARGET_PUSHED,
                                               .nparams = 1,
                                               .params = { PQgetvalue(res, 0, 0) },
                                               .done = told,
                                               .arg = call });
}

void webhook_receive(struct call *call)
{
    db_send(call->api->db, &(struct db_query){ .lane = DB_READ,
                                               .sql = WEBHOOK_SECRET,
                                               .nparams = 1,
                                               .params = { call->params[0].p },
                                               .done = got_secret,
                                               .arg = call });
}
