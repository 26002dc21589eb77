/*
 * act.h - what people do to a job or a target that is no write of the fleet: one statement, done once where the request has an
 * Idempotency-Key, and an answer.
 */
#ifndef API_HANDLERS_ACT_H
#define API_HANDLERS_ACT_H

#include "api-server/http/call.h"

/* Its texts are literals, or live as long as the call. */
struct act {
    const char *noun; /* what the path's first parameter names, for the error where there is none */
    const char
        *sql; /* behind its own parameters it has those of store_answer_keep(); no row: there is no such object */
    const char *params[6];
    int nparams;
    const char *show; /* reads the answer, a document, with the path's first parameter as $1; NULL: it is 204 */
    bool dry_run;     /* the statement only tries it: no key is kept */
};
/* The answer is read when the act is done, and may have changed by then: what is read first is kept for a retry. */
void act_start(struct call *call, const struct act *act);

#endif
