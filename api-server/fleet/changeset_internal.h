/*
 * changeset_internal.h - a change set, for its files: changeset.c builds it and tells of it, changeset_check.c checks it, changeset_seal.c
 * writes it out, changeset_stage.c has what is staged of it, changeset_faults.c puts what is right of an object that has faults.
 */
#ifndef API_FLEET_CHANGESET_INTERNAL_H
#define API_FLEET_CHANGESET_INTERNAL_H

#include "api-server/fleet/changeset.h"
#include "api-server/fleet/doc_store.h"

enum { CHANGESET_DOCS_MAX_BYTES = 512 * 1024 * 1024, CHANGESET_COLUMN_MAX_BYTES = 64 * 1024 * 1024 };

/* An ETag that the stored object must have. */
struct match {
    enum rse_noun noun;
    int64_t id;
    struct rse_str etag;
};

struct changeset {
    struct rse_fleet *fleet;
    struct rse_arena *arena;
    struct rse_str actor, now;
    bool marked;
    struct change *changes;
    size_t count, cap;
    struct rse_map *places; /* noun and id -> index + 1 in changes */
    struct match *matches;
    size_t nmatches, matches_cap;
    struct rse_dependent *dependents; /* whose documents show something of an object that is called otherwise now */
    size_t ndependents, dependents_cap;
    bool uncovers; /* something was deleted: values that it hid may count now */
    size_t unchanged;
    struct rse_buf docs;           /* one a line, of what isn't staged */
    struct doc_store *staged_docs; /* NULL: nothing is staged */
    size_t staged;
    struct rse_buf nouns, ops, ids, etags;
    const char *targets; /* that it may give work; NULL: all */
    int64_t revision;
    char change_id[40];
};

/* changeset.c */
/* As it is shown, and as `name:` takes it: a group by its path, an application within its namespace. In the set's arena. */
struct rse_str changeset_shown_name(const struct changeset *set, const struct rse_object *object);
/* The change of an object, found or made. */
struct change *changeset_change_of(struct changeset *set, enum rse_noun noun, int64_t id);
/* NULL: it has none. */
const struct change *changeset_find(const struct changeset *set, enum rse_noun noun, int64_t id);
/* Takes the changes back from the fleet. */
void changeset_take_back(struct changeset *set);

/* changeset_faults.c */
/* Whether the pointer leads to a reference, in either form. */
bool changeset_is_reference(enum rse_noun noun, const char *pointer);

/* changeset_stage.c */
/* Once all changes are known. */
void changeset_choose_staged(struct changeset *set);
bool changeset_is_staged(const struct changeset *set, const struct change *change);

#endif
