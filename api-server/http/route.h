/*
 * route.h - the table of what can be asked: method, path, role, body limit, handler.
 */
#ifndef API_HTTP_ROUTE_H
#define API_HTTP_ROUTE_H

#include "call.h"

enum { ROUTE_PUBLIC = 1 << 0 }; /* no token needed */

struct route {
    const char *method;
    const char *path;          /* "/api/v1/jobs/{id}/renew"; "{name}" takes one segment, a last "{name...}" the rest */
    enum role role;            /* the least that is needed: reader < editor < platform < admin; ROLE_WORKER: exactly that, or admin */
    unsigned flags;
    size_t body_limit;         /* bytes; 0: no body allowed */
    int64_t deadline_ms;       /* to answer; 0: the default. Long polls have theirs. */
    void (*handler)(struct call *call);
    const char *help;          /* for docs */
};

/* Each file of handlers/ offers its rows; ended by .method = NULL. routes.c lists the tables. */
extern const struct route health_routes[], token_routes[], noun_routes[], apply_routes[], expression_routes[],
    membership_routes[], feed_routes[], job_routes[], target_routes[], question_routes[];

#endif
