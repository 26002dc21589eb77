/*
 * routes.c - finds the row of a request.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "api-server/http/route.h"

/* Membership stands before the nouns: "/groups/name:%2Fa/clusters" is no group called "/a/clusters". */
/* clang-format off */
static const struct route *const tables[] = {
    health_routes,
    description_routes, docs_page_routes, problem_type_routes,
    token_routes,
    session_routes,
    job_routes,
    worker_routes,
    target_routes,
    question_routes,
    pause_routes,
    hold_routes,
    apply_routes,
    feed_routes,
    audit_routes,
    event_routes,
    expression_routes,
    membership_routes,
    part_routes,
    bulk_routes,
    noun_routes,
};
/* clang-format on */

/* What most paths begin with: what comes behind it tells most rows apart. */
#define PREFIX "/api/v1/"

/* The rows once more, with what rules out most of them: how much of each path is literal before its first parameter, and how
 * many segments it has. */
struct row {
    const struct route *route;
    size_t literal, segments;
    char letter; /* behind PREFIX; '\0': any */
    bool open;   /* its last parameter takes all that follows: that many segments, or more */
};

static struct row *rows;
static size_t nrows;
static pthread_once_t rows_once = PTHREAD_ONCE_INIT;

static void free_rows(void)
{
    free(rows);
}

static size_t count_segments(struct rse_str path)
{
    size_t count = 0;

    for (size_t i = 0; i < path.len; i++)
        count += path.p[i] == '/';
    return count;
}

static void make_rows(void)
{
    const struct route *route;
    size_t cap = 0;

    for (size_t it = 0; (route = route_next(&it)) != NULL;) {
        size_t literal = strcspn(route->path, "{");

        RSE_GROW(rows, nrows, cap);
        rows[nrows++] = (struct row){ .route = route,
                                      .literal = literal,
                                      .letter = literal > strlen(PREFIX) ? route->path[strlen(PREFIX)] : '\0',
                                      .segments = count_segments(rse_str(route->path)),
                                      .open = rse_str_ends(rse_str(route->path), RSE_STR("...}")) };
    }
    atexit(free_rows);
}

const struct route *route_next(size_t *it)
{
    size_t left = (*it)++;

    for (size_t t = 0; t < RSE_COUNT(tables); t++)
        for (const struct route *route = tables[t]; route->method != NULL; route++)
            if (left-- == 0)
                return route;
    return NULL;
}

/* Takes the next segment off *path, which begins with '/'. */
static struct rse_str next_segment(struct rse_str *path)
{
    struct rse_str rest = rse_str_from(*path, 1);
    ptrdiff_t slash = rse_str_find(rest, '/');
    struct rse_str segment = slash < 0 ? rest : rse_str_n(rest.p, (size_t)slash);

    *path = rse_str_from(rest, segment.len);
    return segment;
}

/* One segment of the pattern ("jobs", "{id}", "name:{name...}") against the path; what a parameter takes is its
 * value. */
static bool match_segment(struct rse_str pattern, struct rse_str *path, struct route_match *match)
{
    ptrdiff_t brace = rse_str_find(pattern, '{');
    bool rest = rse_str_ends(pattern, RSE_STR("...}"));
    struct rse_str whole = rse_str_from(*path, 1), segment = next_segment(path);
    struct rse_str prefix = rse_str_n(pattern.p, brace > 0 ? (size_t)brace : 0);

    if (brace < 0)
        return rse_str_eq(pattern, segment);
    if (rest) {
        *path = rse_str_from(whole, whole.len);
        segment = whole;
    }
    if (!rse_str_starts(segment, prefix) || segment.len == prefix.len || match->nparams == CALL_MAX_PARAMS)
        return false;
    match->params[match->nparams++] = rse_str_from(segment, prefix.len);
    return true;
}

static bool match_path(const char *pattern_text, struct rse_str path, struct route_match *match)
{
    struct rse_str pattern = rse_str(pattern_text);

    match->nparams = 0;
    while (pattern.len > 0 && path.len > 0)
        if (!match_segment(next_segment(&pattern), &path, match))
            return false;
    return pattern.len == 0 && path.len == 0;
}

static void add_allowed(struct route_match *match, const char *method)
{
    size_t len = strlen(match->allow);

    if (strstr(match->allow, method) == NULL && len < sizeof(match->allow))
        snprintf(match->allow + len, sizeof(match->allow) - len, "%s%s%s", len > 0 ? ", " : "", method,
                 strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

static struct rse_str without_last_slash(struct rse_str path)
{
    return path.len > 1 && path.p[path.len - 1] == '/' ? rse_str_n(path.p, path.len - 1) : path;
}

bool route_fits(const struct route *route, struct rse_str path, struct route_match *match)
{
    *match = (struct route_match){ .route = route, .of_path = route };
    return match_path(route->path, without_last_slash(path), match);
}

/* Whether it is worth looking closer. */
static bool may_fit(const struct row *row, struct rse_str path, size_t segments)
{
    return (row->open ? segments >= row->segments : segments == row->segments) && path.len >= row->literal &&
           (row->letter == '\0' || row->letter == path.p[strlen(PREFIX)]) &&
           memcmp(path.p, row->route->path, row->literal) == 0;
}

void route_find(const char *method, struct rse_str path, struct route_match *match)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    size_t segments;

    pthread_once(&rows_once, make_rows);
    *match = (struct route_match){ .route = NULL };
    path = without_last_slash(path);
    segments = count_segments(path);
    for (size_t i = 0; i < nrows; i++) {
        const struct route *route = rows[i].route;

        if (!may_fit(&rows[i], path, segments) || !match_path(route->path, path, match))
            continue;
        if (strcmp(route->method, wanted) == 0) {
            match->route = match->of_path = route;
            return;
        }
        if (match->of_path == NULL)
            match->of_path = route;
        add_allowed(match, route->method);
    }
    if (match->allow[0] != '\0')
        add_allowed(match, "OPTIONS");
}

bool route_allows(const struct route *route, enum role role)
{
    if ((route->flags & ROUTE_PUBLIC) != 0 || role == ROLE_ADMIN)
        return true;
    if (route->role == ROLE_WORKER || role == ROLE_NONE)
        return role == route->role;
    return role == ROLE_WORKER ? (route->flags & ROUTE_WORKER) != 0 : role >= route->role;
}
