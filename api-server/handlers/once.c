/*
 * once.c - see once.h.
 */
#include <ctype.h>
#include <stdio.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/once.h"
#include "api-server/http/credential.h"
#include "api-server/http/head.h"
#include "api-server/sealed.h"

enum { KEY_MAX = 255, SEALED_BODY_MAX = 64 * 1024 };

struct finding {
    struct call *call;
    const struct once_request *request;
    once_not_kept *not_kept;
    void *arg;
};

/* ---- which request ---- */

static void hash_part(EVP_MD_CTX *ctx, struct rse_str part)
{
    EVP_DigestUpdate(ctx, &part.len, sizeof(part.len));
    EVP_DigestUpdate(ctx, part.p, part.len);
}

/* A dry run asks what the write would do: it is the same request. */
static void hash_query(EVP_MD_CTX *ctx, const struct rse_pairs *query)
{
    for (size_t i = 0; i < query->count; i++) {
        if (rse_str_is(query->at[i].key, "dryRun"))
            continue;
        hash_part(ctx, query->at[i].key);
        hash_part(ctx, query->at[i].value);
    }
}

static bool hash_request(struct call *call, char out[65])
{
    const struct rse_str parts[] = { rse_str(call->method), call->path, call->content_type, call->body };
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct rse_pairs query;
    unsigned size = 0;
    EVP_MD_CTX *ctx;

    if (!call_query_all(call, &query))
        return false;
    ctx = EVP_MD_CTX_new();
    EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
    for (size_t i = 0; i < RSE_COUNT(parts); i++)
        hash_part(ctx, parts[i]);
    hash_query(ctx, &query);
    EVP_DigestFinal_ex(ctx, digest, &size);
    EVP_MD_CTX_free(ctx);
    for (size_t i = 0; i < size; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    return true;
}

static bool check_key(struct rse_str key, struct rse_err *err)
{
    bool ok = key.len > 0 && key.len <= KEY_MAX;

    for (size_t i = 0; ok && i < key.len; i++)
        ok = isgraph((unsigned char)key.p[i]);
    return ok || rse_fail(err, RSE_INVALID, "an Idempotency-Key has 1 to %d printable ASCII characters without spaces",
                          KEY_MAX);
}

bool once_read(struct call *call, bool dry_run, struct once_request *out)
{
    const char *key = call_header(call, "Idempotency-Key");

    *out = (struct once_request){ .key = key, .keeps = key != NULL && !dry_run };
    if (key == NULL)
        return true;
    rse_err_object(&call->err, "header Idempotency-Key");
    if (http_head_list(call->head, "Idempotency-Key", call->arena).len != strlen(key))
        return rse_fail(&call->err, RSE_INVALID, "it is there more than once");
    if (!check_key(rse_str(key), &call->err))
        return false;
    rse_err_clear(&call->err);
    return hash_request(call, out->hash);
}

/* ---- sealing ---- */

/* The credential stays where the request has it: no copy of it is made, and none of the key that is made of it is kept. */
static struct seal seal_of(struct call *call, const char *key, const struct kept_answer *answer)
{
    return (struct seal){
        .secret = credential_of(call->head),
        .purpose = rse_str(key),
        .bound = rse_str(rse_arena_printf(call->arena, "%s %d %s", answer->request_hash, answer->status,
                                          answer->location != NULL ? answer->location : "")),
    };
}

bool once_check_credential(struct call *call)
{
    if (credential_of(call->head).p != NULL && call->actor.token_id != 0)
        return true;
    rse_err_object(&call->err, "header Idempotency-Key");
    rse_err_hint(&call->err, "Leave it out, and look at what there is before a retry; or serve with tokens.");
    return rse_fail(
        &call->err, RSE_INVALID,
        "the answer holds a secret, and is kept for whoever shows the same credential again: here there is none");
}

static void release_sealed(void *arg)
{
    rse_buf_release(arg);
}

struct kept_answer once_answer(const struct call *call, const struct once_request *request, int status,
                               const char *location)
{
    return (struct kept_answer){ .token_id = call->actor.token_id,
                                 .key = request->key,
                                 .request_hash = request->hash,
                                 .status = status,
                                 .location = location,
                                 .revision = live_revision(call->api->live) };
}

bool once_seal(struct call *call, struct kept_answer *answer, struct rse_str body)
{
    struct rse_buf *sealed = rse_arena_new_of(call->arena, struct rse_buf);
    struct seal seal = seal_of(call, answer->key, answer);

    rse_buf_init(sealed, SEALED_BODY_MAX);
    rse_arena_defer(call->arena, release_sealed, sealed);
    if (!sealed_close(&seal, body, sealed, &call->err))
        return false;
    answer->sealed = rse_buf_str(sealed);
    return true;
}

/* ---- the answer again ---- */

void once_set_headers(struct call *call, const char *location, const char *etag, int64_t revision)
{
    if (location != NULL)
        call_set_header(call, "Location", location);
    if (etag != NULL)
        call_set_header(call, "ETag", rse_arena_printf(call->arena, "\"%s\"", etag));
    call_set_revision(call, revision);
}

static void reply(struct call *call, const struct kept_answer *answer, struct rse_str body)
{
    once_set_headers(call, answer->location, answer->etag, answer->revision);
    call_set_header(call, "Idempotent-Replayed", "true");
    call_reply(call, answer->status, NULL, body);
}

static void reply_sealed(struct call *call, const char *key, const struct kept_answer *answer)
{
    struct seal seal = seal_of(call, key, answer);
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, SEALED_BODY_MAX);
    if (sealed_open(&seal, answer->sealed, &body, &call->err)) {
        reply(call, answer, rse_buf_str(&body));
        OPENSSL_cleanse(body.p, body.len);
        return;
    }
    rse_err_object(&call->err, "the answer kept for the Idempotency-Key");
    rse_err_hint(
        &call->err,
        "The request was done. Repeat it with the very token or session that it came with the first time; or revoke "
        "what it made, and use a new key.");
    call_fail(call);
}

static void fail_other_request(struct call *call)
{
    rse_err_hint(&call->err, "A key stands for one request: make a new one for each.");
    rse_fail(&call->err, RSE_UNPROCESSABLE, "the Idempotency-Key was used for another request");
    call_fail(call);
}

static void reply_later(const struct finding *finding)
{
    call_set_header(finding->call, "Idempotent-Replayed", "true");
    finding->not_kept(finding->arg, true, NULL);
}

static void found(void *arg, const struct kept_answer *answer, const struct rse_err *err)
{
    struct finding *finding = arg;
    struct call *call = finding->call;

    if (answer == NULL)
        finding->not_kept(finding->arg, false, err);
    else if (strcmp(answer->request_hash, finding->request->hash) != 0)
        fail_other_request(call);
    else if (answer->sealed.p != NULL)
        reply_sealed(call, finding->request->key, answer);
    else if (answer->body != NULL)
        reply(call, answer, rse_str(answer->body));
    else
        reply_later(finding);
}

void once_find(struct call *call, const struct once_request *request, once_not_kept *not_kept, void *arg)
{
    struct finding *finding = rse_arena_new_of(call->arena, struct finding);

    *finding = (struct finding){ call, request, not_kept, arg };
    store_idempotency_find(call->api->db, call->actor.token_id, request->key, found, finding);
}
