/*
 * changeset.h - what one write puts and deletes, checked as a whole and written out as documents.
 *
 * While it is built, the fleet in memory has the changes already, so that the second sees the first; when it is sealed or given
 * up they are taken back, and stay so until the database has them.
 */
#ifndef API_FLEET_CHANGESET_H
#define API_FLEET_CHANGESET_H

#include "api-server/fleet/etag.h"

struct change_items;
struct changeset;

struct change {
    enum rse_noun noun;
    int64_t id;
    bool is_delete;
    bool created;
    bool derived;        /* nobody asked for it: it shows something of an object that changed */
    bool refolders;      /* a target that was there: its clusters' folders would be called otherwise */
    bool is_template;    /* `doc` is a template change, id the target's */
    bool faulty;         /* it has faults: what others have for that reason is not told */
    bool unresolved;     /* its references have faults, and they were told */
    bool nameless;       /* what it would be called is not known */
    struct rse_str name; /* as it is shown: a group's path, <namespace>/<application> */
    uint32_t place;      /* 1 + its index in the body's list; 0: the body is the object */
    struct rse_str doc;  /* empty for a delete; read it with changeset_doc() */
    size_t staged;       /* 1 + its number among the documents of a big write; 0: `doc` is it */
    char etag[ETAG_SIZE];
};

/* A push to the templates of a target. */
struct template_push {
    struct rse_str commit, tree;  /* ids */
    struct rse_str author, email; /* who made the newest commit that is not Automation's; empty: not known */
};

/* now: RFC 3339. The fleet is marked until changeset_seal or changeset_free. */
struct changeset *changeset_new(struct rse_fleet *fleet, struct rse_str actor, struct rse_str now);
void changeset_free(struct changeset *set);

/* ---- for build functions ---- */

/* The fleet with the changes so far. */
const struct rse_fleet *changeset_fleet(const struct changeset *set);
/* Lives as long as the set. */
struct rse_arena *changeset_arena(const struct changeset *set);

/* Puts the object, in place of the one with its id; id 0: a new one, which gets its id here. Sets version, times and names.
 * An object that says nothing new is left out, and counted. */
bool changeset_put(struct changeset *set, struct rse_object *object, struct rse_err *err) RSE_MUST;
/* Where the object put last stands in the body: item `index` of its noun's list. For faults that show later. */
void changeset_placed(struct changeset *set, const struct rse_object *object, size_t index);
/* Takes away the expression of a group that is about to be deleted with others: what it names may go before it. */
bool changeset_forget_expression(struct changeset *set, int64_t group_id, struct rse_err *err) RSE_MUST;
bool changeset_delete(struct changeset *set, enum rse_noun noun, int64_t id, struct rse_err *err) RSE_MUST;
/* Stored only if the object's ETag is one of those in the header's value ("*": if it exists); else RSE_STALE. */
void changeset_if_match(struct changeset *set, enum rse_noun noun, int64_t id, struct rse_str header);
void changeset_put_template(struct changeset *set, int64_t target_id, const struct template_push *push);

/* ---- for the write queue ---- */

/* Checks all of it, adds what is derived, renders the documents, and takes the changes back from the fleet. */
bool changeset_seal(struct changeset *set, struct rse_err *err) RSE_MUST;
/* Adds what is wrong with an object of the set, naming it and pointing to its place in the body. */
void changeset_add_fault(struct changeset *set, struct rse_faults *faults, enum rse_noun noun, int64_t id,
                         struct rse_err *err);
/* The same of all objects. */
void changeset_object_faults(struct changeset *set, struct rse_faults *faults);
/* Then: which clusters would have two values for a key, or lack one. Those that the body lists are told one by one; of others up to ten
 * are named, and all counted. Nothing is said of clusters that have faults, and of none where a group, a namespace or a declared key has.
 * With any faults the set is of no use for writing. */
void changeset_value_faults(struct changeset *set, struct rse_faults *faults);
/* Of an object that won't be stored, because it has faults: puts what is right of it, so that it shows what else is wrong with it, or with
 * others that refer to it. told: what is known of them. Adds those of its references, and of how its expressions are written. False
 * where others won't find it by its name. */
bool changeset_put_rest(struct changeset *set, struct rse_object *object, const struct rse_faults *told,
                        struct rse_faults *faults);
/* Adds to the faults of an object what more there is, but for what only follows from them. */
void changeset_merge_faults(enum rse_noun noun, struct rse_faults *faults, const struct rse_faults *more);
/* The ids of the targets that were there and would get another folder pattern ("{1,2}"), in the set's arena; NULL: there is none. */
const char *changeset_refoldered(const struct changeset *set);
/* Nothing to store and nothing to compare. */
bool changeset_is_empty(const struct changeset *set);
/* Whether there are so many clusters that they are better staged before the write. */
bool changeset_is_big(const struct changeset *set);
/* How many clusters are staged, in all. */
size_t changeset_staged(const struct changeset *set);
/* The next batch of them: *at is 0 at first, and then where the last one ended. False when there are no more. The batch's texts are
 * appended to the (empty) buffers. */
struct change_batch;
bool changeset_batch(const struct changeset *set, size_t *at, struct rse_buf *etags, struct rse_buf *docs,
                     struct change_batch *out);
/* Tells two sets apart whose staged clusters differ. */
uint64_t changeset_staged_digest(const struct changeset *set);
/* What fleet_write() takes besides what is staged; valid as long as the set. */
void changeset_items(const struct changeset *set, struct change_items *out);
bool changeset_has(const struct changeset *set, enum rse_noun noun, int64_t id);
/* Whether a set that is sealed goes on being right when others change clusters that are there and that it does not have: it has
 * clusters only, and new targets, groups and policies, which nothing outside of it can speak of yet. */
bool changeset_stands_alone(const struct changeset *set);
/* Nothing is deleted, and nothing is to be compared. */
bool changeset_only_puts(const struct changeset *set);
void changeset_set_revision(struct changeset *set, int64_t revision, const char *change_id);

/* ---- for done functions ---- */

size_t changeset_count(const struct changeset *set);
/* The change's document; borrowed until another one is asked for. */
struct rse_str changeset_doc(const struct changeset *set, const struct change *change);
const struct change *changeset_at(const struct changeset *set, size_t i);
/* How many objects were put that say nothing new. */
size_t changeset_unchanged(const struct changeset *set);
/* The revision that it made, or the one it was built on where it made none. */
int64_t changeset_revision(const struct changeset *set);
const char *changeset_change_id(const struct changeset *set); /* "" where it made no revision */

/* Names the object in an error. */
void changeset_name_object(struct rse_err *err, const struct rse_object *object);

#endif
