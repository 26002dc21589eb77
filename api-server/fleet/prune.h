/*
 * prune.h - removing what an inventory no longer has.
 */
#ifndef API_FLEET_PRUNE_H
#define API_FLEET_PRUNE_H

#include "api-server/fleet/changeset.h"
#include "api-server/fleet/rules.h"

/* Objects by noun and id. */
struct object_list {
    struct object_key {
        enum rse_noun noun;
        int64_t id;
    } * at;
    size_t count, cap;
};

void object_list_add(struct object_list *list, enum rse_noun noun, int64_t id);

/* A set of them. */
struct object_keys;
struct object_keys *object_keys_new(void);
void object_keys_free(struct object_keys *keys);
void object_keys_add(struct object_keys *keys, enum rse_noun noun, int64_t id);
bool object_keys_have(const struct object_keys *keys, enum rse_noun noun, int64_t id);

/* Deletes these objects, those that refer to others first. Needs a confirmation of their number where one of them is an active cluster, or
 * where they are more than a tenth of all objects of their nouns. The list is sorted. */
bool prune(struct changeset *set, const struct write_rights *rights, struct object_list *list,
           struct rse_err *err) RSE_MUST;

#endif
