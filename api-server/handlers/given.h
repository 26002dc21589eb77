/*
 * given.h - an inventory says only what it wants to set: what it leaves out stays as it is.
 */
#ifndef API_HANDLERS_GIVEN_H
#define API_HANDLERS_GIVEN_H

#include <resedge/resedge.h>

struct cJSON;

/* Whether the JSON of an object mentions a field. */
bool given_has(const struct rse_field *field, const struct cJSON *json);

/* Fills the fields of an object that its JSON doesn't mention from the stored object. Strings stay borrowed from it. */
void given_merge(struct rse_object *object, const struct rse_object *stored, const struct cJSON *json,
                 struct rse_arena *arena);

/* The same of the keys of a cluster's metadata and of its limits: a table has a column for each. */
void given_merge_members(struct rse_cluster *cluster, const struct rse_cluster *stored, struct rse_arena *arena);

/* A cluster written as a whole that says nothing of its target, not even null, keeps the one that it has. */
void given_keep_target(struct rse_object *object, const struct rse_object *stored, const struct cJSON *json);

#endif
