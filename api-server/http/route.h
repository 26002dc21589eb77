/*
 * route.h - the table of what can be asked: method, path, role, body limit, handler.
 *
 * The first row whose path fits wins, so a literal ("/jobs/wait") stands before a parameter ("/jobs/{id}"). HEAD is
 * answered by the row of GET. One '/' at the end of a request's path is overlooked.
 */
#ifndef API_HTTP_ROUTE_H
#define API_HTTP_ROUTE_H

#include "api-server/http/call.h"

enum {
    ROUTE_PUBLIC = 1 << 0, /* no token needed */
    ROUTE_WORKER = 1 << 1, /* for workers too: a snapshot, changes, jobs, and what else they need of what people read */
    ROUTE_RAW_BODY = 1 << 2, /* whether a body is UTF-8 is for the handler to find out, beside the loop */
    ROUTE_NO_QUERY = 1 << 3, /* takes no query parameters */
    ROUTE_DRY_RUN = 1 << 4,  /* takes dryRun and no other. Without either flag the handler looks itself */
    ROUTE_ONCE = 1 << 5,     /* a POST that honours Idempotency-Key; all others refuse it */
    /* In which media types it answers, where that is not JSON alone: forms.c has them. */
    ROUTE_LIST = 1 << 6,      /* a page as JSON, all as NDJSON or CSV */
    ROUTE_LINES = 1 << 7,     /* NDJSON */
    ROUTE_EVENTS = 1 << 8,    /* server-sent events */
    ROUTE_INVENTORY = 1 << 9, /* JSON or YAML */
    ROUTE_FILES = 1 << 10,    /* JSON, or a file as it stands: the request's parameters decide which */
    ROUTE_ASKS = 1 << 11,     /* a POST that changes nothing: what it answers in is chosen as for a GET */
    ROUTE_FLEET = 1 << 12,    /* asks the fleet in memory, which first gets what other replicas acknowledged */
};

struct route {
    const char *method;
    const char *path; /* "/api/v1/jobs/{id}/renew"; "{name}" takes one segment, a last "{name...}" the rest; either
                                * may have literal text before it: "/name:{name...}" */
    enum role role;   /* the least that is needed: viewer < app-team < platform < admin; ROLE_WORKER: that, or admin */
    unsigned flags;
    size_t body_limit;   /* bytes; 0: no body allowed */
    int64_t deadline_ms; /* for the body to arrive; 0: --body-timeout */
    void (*handler)(struct call *call);
    const char *help; /* for docs */
};

/* Each file of handlers/ offers its rows; ended by .method = NULL. routes.c lists the tables. */
/* clang-format off */
extern const struct route
    health_routes[],
    description_routes[], docs_page_routes[], problem_type_routes[],
    token_routes[],
    session_routes[],
    job_routes[], worker_routes[],
    target_routes[],
    question_routes[],
    apply_routes[],
    feed_routes[],
    audit_routes[],
    event_routes[],
    expression_routes[],
    membership_routes[],
    part_routes[],
    bulk_routes[],
    pause_routes[],
    hold_routes[],
    noun_routes[];
/* clang-format on */

struct route_match {
    const struct route *route;              /* NULL: none has this method and path */
    const struct route *of_path;            /* the route, or without one the first that has the path; NULL: none has */
    struct rse_str params[CALL_MAX_PARAMS]; /* as they stand in the path, still escaped */
    size_t nparams;
    char allow[80]; /* the methods that the path has, for 405 and OPTIONS; empty: unknown path */
};

/* path: as it was sent, without the query. */
void route_find(const char *method, struct rse_str path, struct route_match *match);
/* The parameters of a path whose route is known already. */
bool route_fits(const struct route *route, struct rse_str path, struct route_match *match) RSE_MUST;
/* The media types that the route chooses from by what a request accepts, the one we like best first. None where it answers
 * whatever Accept says: what writes, which is not left undone for the form of its answer, and what is public, for probes, scrapers and
 * browsers. */
const char *const *route_forms(const struct route *route, size_t *count);
/* Whether a role may use the route. */
bool route_allows(const struct route *route, enum role role);
/* for (size_t it = 0; (route = route_next(&it)) != NULL;) - all of them. */
const struct route *route_next(size_t *it);

#endif
