/*
 * actor.h - who asks: the roles, and whom a credential belongs to.
 */
#ifndef API_HTTP_ACTOR_H
#define API_HTTP_ACTOR_H

#include <resedge/resedge.h>

/* Each may what those before it may, but for the worker, who stands apart. The table of who may ask what is route.h. */
enum role {
    ROLE_NONE,
    ROLE_VIEWER,   /* reads */
    ROLE_APP_TEAM, /* changes the namespaces and applications in its scope: fleet/rules.h */
    ROLE_PLATFORM, /* the fleet, groups, namespaces, policies, metadata keys; jobs */
    ROLE_ADMIN,    /* tokens, targets, everything */
    ROLE_WORKER,   /* snapshot, changes, jobs */
};

const char *role_name(enum role role);
bool role_parse(struct rse_str name, enum role *out, struct rse_err *err) RSE_MUST;
/* Whether a person's role is at least the other. A worker's is none of them. */
bool role_is_at_least(enum role role, enum role least);

/* What an application team calls its own: objects of these business units, and of these owners. */
struct scope {
    struct rse_strs business_units, owners;
};

enum { SCOPE_MAX_NAMES = 50, SCOPE_MAX_NAME = 128 };

/* A JSON array of names as a list in the arena; text without p: an empty one. */
bool scope_parse_names(struct rse_str json, struct rse_arena *arena, struct rse_strs *out,
                       struct rse_err *err) RSE_MUST;
/* Whether a new token may have them: they are compared with what objects have, where nothing is that can't be seen. */
bool scope_check_names(const struct rse_strs *names, struct rse_err *err) RSE_MUST;
/* Whether the role has the scope that it takes: one for an application team, none for the others. */
bool scope_check(enum role role, const struct scope *scope, struct rse_err *err) RSE_MUST;

/* Who it was, as the audit says it, where there is no token; so no token is called that. */
#define ACTOR_ANONYMOUS    "anonymous"   /* serving without tokens */
#define ACTOR_COMMAND_LINE "resedge-api" /* whoever has the database */

struct actor {
    int64_t token_id;
    struct rse_str name; /* the token's name, or ACTOR_ANONYMOUS */
    enum role role;
    struct scope scope;
    struct rse_str expires_at; /* when the credential ends, RFC 3339; p NULL: never */
    bool has_session;          /* signed in: a cookie stands for the token */
};

/* An actor that is kept as long as somebody holds it, with everything its strings point to. */
struct identity {
    struct actor actor;
    struct rse_arena *arena;
    unsigned holders;
};

/* Held once, by the caller; the actor is still to be filled in. */
struct identity *identity_new(void);
struct identity *identity_hold(struct identity *identity);
/* NULL is fine. */
void identity_drop(struct identity *identity);

#endif
