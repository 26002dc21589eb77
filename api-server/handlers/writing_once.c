/*
 * writing_once.c - writes that are done once however often they are asked for.
 *
 * The key is looked up twice. Before the write: most retries come when the first request is long over. And when the write was
 * refused: then the first request may just have been stored, here or by another server, and is why (its name is taken, its key
 * is used). Only successes are stored: what was refused changed nothing and may be tried again.
 */
#include <ctype.h>
#include <stdio.h>

#include <openssl/evp.h>

#include "api-server/api.h"
#include "api-server/fleet/changeset.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/writing.h"
#include "api-server/store/idempotency.h"

enum { KEY_MAX = 255, ANSWER_MAX_BYTES = 64 * 1024 * 1024, HASH_HEX = 65 };

struct once {
    struct call *call;
    const struct write_rights *rights;
    bool dry_run;
    live_build *build;
    writing_render *render;
    const struct change_owner *owner;
    void *arg;
    const char *key; /* NULL: none was given */
    char hash[HASH_HEX];
    struct writing_answer answer; /* as it was stored */
    struct rse_err refusal;
};

/* ---- which request ---- */

static bool read_key(struct once *once)
{
    const char *key = call_header(once->call, "Idempotency-Key");
    size_t len = key != NULL ? strlen(key) : 0;

    if (key == NULL || once->dry_run)
        return true;
    for (size_t i = 0; i < len; i++) {
        if (!isgraph((unsigned char)key[i]))
            len = 0;
    }
    if (len == 0 || len > KEY_MAX)
        return rse_fail(&once->call->err, RSE_INVALID,
                        "an Idempotency-Key has 1 to %d printable ASCII characters without spaces", KEY_MAX);
    once->key = key;
    return true;
}

/* Of all that decides what the request does. */
static void hash_request(struct once *once)
{
    const struct call *call = once->call;
    const struct rse_str parts[] = { rse_str(call->method), call->path, call->query, call->content_type, call->body };
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
    for (size_t i = 0; i < RSE_COUNT(parts); i++) {
        EVP_DigestUpdate(ctx, &parts[i].len, sizeof(parts[i].len));
        EVP_DigestUpdate(ctx, parts[i].p, parts[i].len);
    }
    EVP_DigestFinal_ex(ctx, digest, &size);
    EVP_MD_CTX_free(ctx);
    for (size_t i = 0; i < HASH_HEX / 2; i++)
        snprintf(once->hash + 2 * i, 3, "%02x", digest[i]);
}

/* ---- answers ---- */

static void set_headers(struct call *call, const char *location, const char *etag, int64_t revision)
{
    if (location != NULL)
        call_set_header(call, "Location", location);
    if (etag != NULL)
        call_set_header(call, "ETag", rse_arena_printf(call->arena, "\"%s\"", etag));
    call_set_revision(call, revision);
}

static void reply_found(struct call *call, const struct change_once *found)
{
    set_headers(call, found->location, found->etag, found->revision);
    call_set_header(call, "Idempotent-Replayed", "true");
    call_reply(call, found->status, NULL, rse_str(found->body));
}

static void fail_other_request(struct call *call)
{
    rse_err_hint(&call->err, "A key stands for one request: make a new one for each.");
    rse_fail(&call->err, RSE_UNPROCESSABLE, "the Idempotency-Key was used for another request");
    call_fail(call);
}

/* Whether the call is answered. */
static bool answer_found(struct once *once, const struct change_once *found)
{
    if (found == NULL)
        return false;
    if (strcmp(found->request_hash, once->hash) == 0)
        reply_found(once->call, found);
    else
        fail_other_request(once->call);
    return true;
}

static void found_after(void *arg, const struct change_once *found, const struct rse_err *err)
{
    struct once *once = arg;

    if (err != NULL || !answer_found(once, found))
        writing_fail(once->call, &once->refusal);
}

/* ---- the write ---- */

static bool build(struct changeset *set, void *arg, struct rse_err *err)
{
    struct once *once = arg;

    return once->build(set, once->arg, err);
}

static bool render(struct once *once, const struct changeset *set, struct rse_err *err)
{
    struct writing_answer *answer = &once->answer;

    rse_buf_release(&answer->body);
    *answer = (struct writing_answer){ .status = 200 };
    rse_buf_init(&answer->body, ANSWER_MAX_BYTES);
    return once->render(once->arg, set, answer, err) && rse_buf_ok(&answer->body, err);
}

static bool answer_to_store(void *arg, const struct changeset *set, struct change_once *out, struct rse_err *err)
{
    struct once *once = arg;

    if (!render(once, set, err))
        return false;
    *out = (struct change_once){
        .token_id = once->call->actor.token_id,
        .key = once->key,
        .request_hash = once->hash,
        .status = once->answer.status,
        .location = once->answer.location,
        .etag = once->answer.etag,
        .revision = changeset_revision(set),
        .body = once->answer.body.p,
    };
    return true;
}

/* A large body makes room for the objects that it brought. */
static void forget_body(void *arg)
{
    struct call *call = ((struct once *)arg)->call;

    rse_buf_release(&call->content);
    call->body = rse_str_n(NULL, 0);
}

static void done(void *arg, const struct changeset *set, const struct rse_err *err)
{
    struct once *once = arg;
    struct call *call = once->call;

    if (err == NULL && render(once, set, &call->err)) {
        writing_show_asked(call, once->rights);
        set_headers(call, once->answer.location, once->answer.etag, changeset_revision(set));
        return call_reply_buf(call, once->answer.status, &once->answer.body);
    }
    if (err == NULL)
        return call_fail(call);
    if (once->key == NULL)
        return writing_fail(call, err);
    once->refusal = *err;
    once->refusal.faults = NULL;
    store_idempotency_find(call->api->db, call->actor.token_id, once->key, found_after, once);
}

static void start(struct once *once)
{
    writing_begin(once->call, once->rights,
                  &(struct live_write){ .dry_run = once->dry_run,
                                        .build = build,
                                        .stored = forget_body,
                                        .owner = once->owner,
                                        .answer = once->key != NULL ? answer_to_store : NULL,
                                        .done = done,
                                        .arg = once });
}

static void found_before(void *arg, const struct change_once *found, const struct rse_err *err)
{
    struct once *once = arg;

    if (err != NULL)
        return call_fail_with(once->call, err);
    if (!answer_found(once, found))
        start(once);
}

static void release_body(void *arg)
{
    rse_buf_release(arg);
}

void writing_start_once(struct call *call, const struct write_rights *rights, bool dry_run, live_build *build_fn,
                        writing_render *render_fn, void *arg)
{
    writing_start_owner(call, rights, dry_run, build_fn, render_fn, NULL, arg);
}

void writing_start_owner(struct call *call, const struct write_rights *rights, bool dry_run, live_build *build_fn,
                         writing_render *render_fn, const struct change_owner *owner, void *arg)
{
    struct once *once = rse_arena_new_of(call->arena, struct once);

    *once = (struct once){ .call = call,
                           .rights = rights,
                           .dry_run = dry_run,
                           .build = build_fn,
                           .render = render_fn,
                           .owner = owner,
                           .arg = arg };
    rse_arena_defer(call->arena, release_body, &once->answer.body);
    if (!read_key(once))
        return call_fail(call);
    if (once->key == NULL)
        return start(once);
    hash_request(once);
    store_idempotency_find(call->api->db, call->actor.token_id, once->key, found_before, once);
}
