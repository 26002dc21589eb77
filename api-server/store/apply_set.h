/*
 * apply_set.h - what the inventories of a set own; change.h stores it, with the write.
 */
#ifndef API_STORE_APPLY_SET_H
#define API_STORE_APPLY_SET_H

#include "api-server/store/db.h"

/* What a set owns once it is stored: see apply_set_store() in migrations/. */
struct change_owner {
    const char *set;
    int64_t version;                            /* of the set, as it was read */
    bool force;                                 /* takes over what other sets own */
    bool prune;                                 /* and owns nothing else */
    const char *nouns, *ids, *fields, *changed; /* array literals; an object's fields are separated by spaces */
};

/* An object that the set has. */
struct apply_set_object {
    struct rse_str noun;
    int64_t id;
    struct rse_str fields; /* that it owns, separated by spaces */
    bool shared;           /* another set has the object too */
};

struct apply_set_reader {
    void (*object)(void *arg, const struct apply_set_object *object); /* borrowed for the call */
    /* version 0: there is no such set yet. */
    void (*done)(void *arg, int64_t version, const struct rse_err *err);
    void *arg;
};

/* The reader stays where it is until done. */
void store_apply_set_read(struct db *db, const char *set, struct apply_set_reader *reader);

/* A field that would change and that another set owns. */
struct apply_set_conflict {
    size_t item; /* of the owner's arrays, from 0 */
    struct rse_str field, set;
};

struct apply_set_conflicts {
    void (*conflict)(void *arg,
                     const struct apply_set_conflict *conflict); /* in the order of the items; borrowed for the call */
    void (*done)(void *arg, const struct rse_err *err);
    void *arg;
};

/* Why the database would refuse the set, or did: as many as an answer tells. Owner and reader stay where they are until done. */
void store_apply_set_conflicts(struct db *db, const struct change_owner *owner, struct apply_set_conflicts *reader);

#endif
