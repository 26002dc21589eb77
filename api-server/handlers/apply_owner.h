/*
 * apply_owner.h - what the set of an inventory owns: read before the write, claimed with it.
 *
 * Owning a field needs the right to write it, also where the inventory says what is there anyway: a claim keeps others from
 * changing the field, and pruning deletes what is claimed. What the set owns already may be named again by anyone who may apply.
 */
#ifndef API_HANDLERS_APPLY_OWNER_H
#define API_HANDLERS_APPLY_OWNER_H

#include "api-server/fleet/prune.h"
#include "api-server/fleet/rules.h"
#include "api-server/store/apply_set.h"

struct cJSON;

/* An object that the set has. */
struct apply_claim {
    enum rse_noun noun;
    int64_t id;
    bool shared;           /* another set has it too */
    struct rse_str fields; /* separated by spaces */
    struct apply_claim *next;
};

/* An object that the inventory names, and where in its list. */
struct apply_item {
    enum rse_noun noun;
    uint32_t index;
    int64_t id;
};

struct apply_owner {
    struct rse_arena *arena;
    struct change_owner stored; /* with the write; its set is NULL where the inventory has none */
    struct apply_claim *first;
    struct rse_map *claims[RSE_NOUN_COUNT]; /* by id */
    struct rse_buf columns[4];              /* array literals: nouns, ids, fields, changed */
    struct apply_item *items;               /* in their order */
    size_t count, cap;
    struct apply_set_reader reader;
    struct apply_set_conflicts conflicts;
    struct rse_faults faults; /* the conflicts */
    struct rse_fleet *fleet;  /* that names what they are about */
    void (*read)(void *arg, const struct rse_err *err);
    void *arg;
};

/* Released with the arena, in which it lives. */
void apply_owner_init(struct apply_owner *owner, struct rse_arena *arena);
/* What the set has; `read` is told once. */
void apply_owner_read(struct apply_owner *owner, struct db *db, void (*read)(void *arg, const struct rse_err *err),
                      void *arg);

/* For each build anew. */
void apply_owner_begin(struct apply_owner *owner);
/* Of one item: the fields that its JSON names, if whoever asks may own them. Before it is put; old NULL: it is new. */
bool apply_owner_fields(struct apply_owner *owner, const struct write_rights *rights, const struct rse_object *old,
                        const struct rse_object *object, const struct cJSON *json, struct rse_err *err) RSE_MUST;
/* Behind it, when it has its id. index: where it stands in its list. */
void apply_owner_object(struct apply_owner *owner, const struct rse_object *object, size_t index);
/* What the set alone has and the inventory doesn't name: to be deleted. What another set has too is only given up. */
bool apply_owner_unnamed(const struct apply_owner *owner, const struct write_rights *rights,
                         const struct rse_fleet *fleet, const struct object_keys *named, struct object_list *out,
                         struct rse_err *err) RSE_MUST;
bool apply_owner_end(struct apply_owner *owner, struct rse_err *err) RSE_MUST;

/* Which of the fields that would change belong to other sets: `read` is told all of them as the faults of one error, or NULL where there
 * are none. */
void apply_owner_conflicts(struct apply_owner *owner, struct db *db, struct rse_fleet *fleet,
                           void (*read)(void *arg, const struct rse_err *err), void *arg);

#endif
