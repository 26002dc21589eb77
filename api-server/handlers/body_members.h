/*
 * body_members.h - which members an object may have. Pure.
 */
#ifndef API_HANDLERS_BODY_MEMBERS_H
#define API_HANDLERS_BODY_MEMBERS_H

#include <resedge/resedge.h>

struct cJSON;

/* Adds a fault for each member that is not among these, NULL at their end. */
void body_check_members(const struct cJSON *body, const char *const *members, struct rse_faults *faults);

#endif
