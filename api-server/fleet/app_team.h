/*
 * app_team.h - what an application team may write: its own namespaces and applications, but not what bounds them.
 *
 * An object is a team's own when its business unit, or one of its owners, is in the team's scope. That has to be so before a
 * change and after it. What the platform team gives stays as it is: ownership, `allowed`, capacity, policies; and it makes,
 * renames and deletes the namespaces.
 */
#ifndef API_FLEET_APP_TEAM_H
#define API_FLEET_APP_TEAM_H

#include <resedge/resedge.h>

#include "api-server/http/actor.h"

/* old NULL: a new object. What an inventory says as it is already is nobody's write, so it is let through. */
bool app_team_may_put(const struct rse_fleet *fleet, const struct scope *scope, const struct rse_object *old,
                      const struct rse_object *object, struct rse_err *err) RSE_MUST;
/* Whether a set may own the field on its behalf; NULL: any field. */
bool app_team_may_own(const struct scope *scope, const struct rse_object *object, const char *field,
                      struct rse_err *err) RSE_MUST;
bool app_team_may_delete(const struct scope *scope, const struct rse_object *object, struct rse_err *err) RSE_MUST;

#endif
