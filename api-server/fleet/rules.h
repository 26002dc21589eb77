/*
 * rules.h - what a write may say, besides what the fleet itself refuses: who may set what, what is fixed, and what is so costly
 * on the stores that a person must confirm it.
 */
#ifndef API_FLEET_RULES_H
#define API_FLEET_RULES_H

#include <resedge/resedge.h>

#include "api-server/http/call.h"

struct write_rights {
    enum role role;
    struct scope scope; /* of an application team; borrowed */
    int64_t confirm;    /* how many clusters the person said would be hit; -1: said nothing */
    int64_t *asked;     /* of a dry run: gets the number that the write would have to say; NULL: it is no dry run */
    struct rse_err *question; /* what is to be confirmed, asked when nothing else is wrong; NULL: at once */
};

/* Whether the person said that it is so many clusters, or objects, that the write hits. A dry run may say nothing: it shows what
 * would be done, and the number. */
bool rules_confirmed(const struct write_rights *rights, int64_t count);
/* What was not confirmed, as RSE_CONFIRM in err: true, and err is clear again, where it is asked later. The first question counts. */
bool rules_ask(const struct write_rights *rights, struct rse_err *err) RSE_MUST;

/* Checks the new state of an object against the old one (NULL: it is new), and fills in what the server decides: a cluster's
 * target where none is named, an application's Flux name. */
bool rules_put(const struct rse_fleet *fleet, const struct write_rights *rights, const struct rse_object *old,
               struct rse_object *object, struct rse_arena *arena, struct rse_err *err) RSE_MUST;
/* Whether it may say which apply set owns a field of the object as it is; field NULL: any of them. */
bool rules_own(const struct write_rights *rights, const struct rse_object *object, const char *field,
               struct rse_err *err) RSE_MUST;
/* That closing a cluster on which something runs is confirmed; of a write that is about this object alone. */
bool rules_close(const struct write_rights *rights, const struct rse_object *old, const struct rse_object *object,
                 struct rse_err *err) RSE_MUST;
bool rules_delete(const struct write_rights *rights, const struct rse_object *object, struct rse_err *err) RSE_MUST;

#endif
