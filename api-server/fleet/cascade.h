/*
 * cascade.h - deletes an object with what is nothing without it: a namespace with its applications, a group with those below it.
 *
 * Clusters are never deleted with something else: those of a group only leave it. Expressions that name what goes still keep it.
 */
#ifndef API_FLEET_CASCADE_H
#define API_FLEET_CASCADE_H

#include "api-server/fleet/changeset.h"
#include "api-server/fleet/rules.h"

/* Whether something goes with objects of the noun. */
bool cascade_knows(enum rse_noun noun, struct rse_err *err) RSE_MUST;

/* Whether all that refers to the object, of such a noun, would go with it or, a cluster, leave it. */
bool cascade_helps(const struct changeset *set, const struct rse_object *object);

/* object: of such a noun, in the set's fleet. RSE_CONFIRM where clusters are hit and rights->confirm is not their number. */
bool cascade_delete(struct changeset *set, const struct write_rights *rights, const struct rse_object *object,
                    struct rse_err *err) RSE_MUST;

#endif
