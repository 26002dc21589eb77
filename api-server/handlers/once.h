/*
 * once.h - a request with an Idempotency-Key: which one it is, and the answer that a retry of it gets.
 *
 * The key is looked up twice. Before the write: most retries come when the first request is long over. And when the write was
 * refused: then the first request may just have been stored, here or by another server, and is why (its name is taken, its key
 * is used). Only successes are kept: what was refused changed nothing and may be tried again.
 */
#ifndef API_HANDLERS_ONCE_H
#define API_HANDLERS_ONCE_H

#include "api-server/http/call.h"
#include "api-server/store/idempotency.h"

struct once_request {
    const char *key; /* NULL: none was given */
    bool keeps;      /* whether the answer is to be kept under it: not that of a dry run */
    char hash[65];   /* SHA-256 in hex of all that decides what the request does, but for whether it is a dry run */
};

/* False with call->err set: the key is none, or there are two. A dry run is answered as the write would be where the key was used
 * before, and keeps nothing. */
bool once_read(struct call *call, bool dry_run, struct once_request *out) RSE_MUST;

/* Answers the call where an answer is kept for the request's key: with that answer, or, to another request, with 422. Else not_kept
 * is called. done: what the request asks for was done, but its answer has no body yet: see store_answer_complete(). err is set where
 * it could not be found out. */
typedef void once_not_kept(void *arg, bool done, const struct rse_err *err);
void once_find(struct call *call, const struct once_request *request, once_not_kept *not_kept, void *arg);

/* What is to be kept of an answer, but for its body and its ETag. */
struct kept_answer once_answer(const struct call *call, const struct once_request *request, int status,
                               const char *location);

/* Of a request whose answer holds a secret: whether it came with a credential to seal that with. False with call->err set: the
 * server asks for none (--no-auth). */
bool once_check_credential(struct call *call) RSE_MUST;
/* Adds the body to such an answer: sealed with the credential and the key, so that who sends both again gets it, and nobody else.
 * In the call's arena. False with call->err set: see sealed.h. */
bool once_seal(struct call *call, struct kept_answer *answer, struct rse_str body) RSE_MUST;

/* The headers that an answer has besides those of every answer. etag: without its quotes; it and location may be NULL. */
void once_set_headers(struct call *call, const char *location, const char *etag, int64_t revision);

#endif
