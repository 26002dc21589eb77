/*
 * fleet.h - the whole fleet in memory, at one revision.
 *
 * Everything the Data Service knows about targets, clusters, groups, namespaces, applications, policies and metadata keys, in
 * arrays and posting lists, so that an expression over 60,000 clusters takes microseconds and membership is computed,
 * never stored. The API server keeps one for checks and previews, the worker one for planning, the CLI one for
 * offline work; all are filled with documents of the Data Service, in any order. One owner; reads by several threads are
 * fine after rse_fleet_warm() until the next change.
 *
 * Every cluster has an index: its bit in every set. An index never changes while the cluster exists.
 */
#ifndef RESEDGE_FLEET_H
#define RESEDGE_FLEET_H

#include "base.h"
#include "bitmap.h"
#include "err.h"
#include "expr.h"
#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rse_fleet;

RSE_API struct rse_fleet *rse_fleet_new(void);
RSE_API void rse_fleet_free(struct rse_fleet *fleet);
RSE_API void rse_fleet_freep(struct rse_fleet **fleet);

RSE_API int64_t rse_fleet_revision(const struct rse_fleet *fleet);
RSE_API void rse_fleet_set_revision(struct rse_fleet *fleet, int64_t revision);

/* Puts a copy of the object (id > 0), in place of the one with its noun and id if there is one. References are by id where
 * the id is set, else by name. Fails (RSE_INVALID) only on an expression that doesn't parse: everything else is
 * rse_fleet_check's. */
RSE_API bool rse_fleet_put(struct rse_fleet *fleet, const struct rse_object *object, struct rse_err *err) RSE_MUST;
/* The same without the copy: takes over what rse_object_clone() made, also where it fails. */
RSE_API bool rse_fleet_take(struct rse_fleet *fleet, struct rse_object *object, struct rse_err *err) RSE_MUST;
/* The same for an object that may get another name or place: expressions that name it, or a group below it, are written
 * anew so that they still mean it. *changed: the objects whose expressions were, in an array of the arena. */
struct rse_dependent;
RSE_API bool rse_fleet_put_renamed(struct rse_fleet *fleet, const struct rse_object *object, struct rse_arena *arena,
                                   struct rse_dependent **changed, size_t *count, struct rse_err *err) RSE_MUST;
/* Whether it was there. */
RSE_API bool rse_fleet_remove(struct rse_fleet *fleet, enum rse_noun noun, int64_t id);

/* Changes that may have to be taken back: after a mark, rse_fleet_rollback restores every object put or removed since, and
 * rse_fleet_release keeps them. Marks do not nest. */
RSE_API void rse_fleet_mark(struct rse_fleet *fleet);
RSE_API void rse_fleet_rollback(struct rse_fleet *fleet);
RSE_API void rse_fleet_release(struct rse_fleet *fleet);

/* ---- look-ups: borrowed until the object is next changed ---- */

RSE_API size_t rse_fleet_count(const struct rse_fleet *fleet, enum rse_noun noun);
/* The highest id that was ever put, so that the next one can be given. */
RSE_API int64_t rse_fleet_last_id(const struct rse_fleet *fleet, enum rse_noun noun);
RSE_API void rse_fleet_set_last_id(struct rse_fleet *fleet, enum rse_noun noun, int64_t id);
RSE_API const struct rse_object *rse_fleet_get(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id);
/* Remembers of a stored object that its etag_holds, until it is replaced. */
RSE_API void rse_fleet_set_etag_holds(struct rse_fleet *fleet, enum rse_noun noun, int64_t id);
/* By name; a group by path ("/stores/central"); an application by name (RSE_CONFLICT when several have it) or
 * "<namespace>/<application>". err may be NULL. NULL when there is none. */
RSE_API const struct rse_object *rse_fleet_find(const struct rse_fleet *fleet, enum rse_noun noun, struct rse_str name,
                                                struct rse_err *err);
/* for (size_t it = 0; (object = rse_fleet_next(fleet, RSE_GROUP, &it)) != NULL;) - in the order of ids. */
RSE_API const struct rse_object *rse_fleet_next(const struct rse_fleet *fleet, enum rse_noun noun, size_t *it);

/* How many bits a set has (indexes of removed clusters included). */
RSE_API uint32_t rse_fleet_nbits(const struct rse_fleet *fleet);
RSE_API const struct rse_cluster *rse_fleet_cluster_at(const struct rse_fleet *fleet,
                                                       uint32_t index);              /* NULL: unused */
RSE_API uint32_t rse_fleet_cluster_index(const struct rse_fleet *fleet, int64_t id); /* UINT32_MAX: none */

/* "/stores/central/tx", derived from parents; appended to out. */
RSE_API void rse_fleet_group_path(const struct rse_fleet *fleet, int64_t group_id, struct rse_buf *out);
/* The direct children, in the order of ids: *count of them, in a borrowed array. */
RSE_API const int64_t *rse_fleet_group_children(const struct rse_fleet *fleet, int64_t group_id, size_t *count);

/* ---- sets ---- */

/* Clusters of a group: by membership, by its descendants, and by its expression. */
RSE_API void rse_fleet_group_clusters(const struct rse_fleet *fleet, int64_t group_id, struct rse_bitmap *out);
/* Clusters of a namespace: its expression within its bound. A bound that is there but empty lets nothing through. */
RSE_API void rse_fleet_namespace_clusters(const struct rse_fleet *fleet, int64_t namespace_id, struct rse_bitmap *out);
/* Clusters of an application: those of its namespace. */
RSE_API void rse_fleet_application_clusters(const struct rse_fleet *fleet, int64_t application_id,
                                            struct rse_bitmap *out);
/* Clusters that a target writes. */
RSE_API void rse_fleet_target_clusters(const struct rse_fleet *fleet, int64_t target_id, struct rse_bitmap *out);
/* Clusters that are not closed. */
RSE_API void rse_fleet_all_clusters(const struct rse_fleet *fleet, struct rse_bitmap *out);

/* The release that applies to a cluster: the highest version whose expression selects it, or NULL for the base. */
RSE_API const struct rse_release *rse_fleet_release_for(const struct rse_fleet *fleet, int64_t application_id,
                                                        uint32_t cluster_index);

/* ---- effective values (architecture, section 2) ---- */

struct rse_value_source {
    const struct rse_object *object; /* the cluster itself, the group, or the metadata key whose default it is */
    bool own;                        /* the cluster's own metadata */
    bool is_default;
};

/* What rea.cluster.<key> means on a cluster when it is no field: its own metadata; else its groups', where a group's
 * value is hidden by that of a descendant which also has the cluster, equal values agree, else the highest priority (its
 * own, or its nearest ancestor's, else 0) wins; else the declared key's default. Only direct memberships and their ancestors, and
 * groups whose expression selects the cluster with theirs, count. False when there is none. source may be NULL. */
RSE_API bool rse_fleet_value(const struct rse_fleet *fleet, uint32_t cluster_index, struct rse_str key,
                             struct rse_str *out, struct rse_value_source *source);

/* The values for the key that the cluster has but that do not count: of groups (of all in a line, also where they agree with what
 * counts) and the declared default. Groups in the order in which they are met from the cluster upwards. In the arena; returns how
 * many. */
struct rse_hidden_value {
    struct rse_str value;
    struct rse_value_source source;
};
RSE_API size_t rse_fleet_hidden_values(const struct rse_fleet *fleet, uint32_t cluster_index, struct rse_str key,
                                       struct rse_arena *arena, struct rse_hidden_value **out);

/* The keys that any object of this noun has in its metadata; clusters also have those of groups and those that are declared.
 * Sorted, borrowed until the next change. */
RSE_API const struct rse_str *rse_fleet_metadata_keys(const struct rse_fleet *fleet, enum rse_noun noun, size_t *count);

/* ---- whose values a change touches ---- */

/* Across a series of changes, on which clusters anything that templates see of a cluster may be another than before:
 * fields, effective values, state, target. Which applications a cluster has is no part of that: see delta.h. All that is going to
 * be put or removed is expected first, then the watch begins, then the changes are made, then it ends. */
struct rse_value_watch;
RSE_API struct rse_value_watch *rse_value_watch_new(const struct rse_fleet *fleet);
RSE_API void rse_value_watch_free(struct rse_value_watch *watch);
/* after NULL: it is going to be removed. */
RSE_API void rse_value_watch_expect(struct rse_value_watch *watch, enum rse_noun noun, int64_t id,
                                    const struct rse_object *after);
RSE_API void rse_value_watch_begin(struct rse_value_watch *watch);
/* out becomes the set, of the fleet's size now: clusters that are there and whose values changed, or that are new. */
RSE_API void rse_value_watch_end(struct rse_value_watch *watch, struct rse_bitmap *out);

/* ---- checks before a write is stored ---- */

/* Whether the object (already put) fits the fleet: unique name, references exist (and are resolved: the stored copy has both
 * id and name, a group its path, a cluster its repository; pointers to it are void then), expressions bind and form no
 * cycle, parents form no cycle and at most 32 levels, reserved names, declared keys (type, required), and no conflict of
 * effective values on its clusters. Errors name field, object and what to do.
 *
 * Put all objects of a change first (after a mark, which tells what is new), then check each: all clusters' values are then
 * looked at once and not for every object. */
RSE_API bool rse_fleet_check(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id,
                             struct rse_err *err) RSE_MUST;
/* The same, all that is wrong: names, references, expressions and metadata at once, and values where all of these are right. True when
 * there is nothing. The faults don't name the object. */
RSE_API bool rse_fleet_faults(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id,
                              struct rse_faults *faults) RSE_MUST;
/* All but the values. */
RSE_API bool rse_fleet_object_faults(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id,
                                     struct rse_faults *faults) RSE_MUST;

/* That no cluster has two values for a key or lacks one that is required. */
RSE_API bool rse_fleet_check_values(const struct rse_fleet *fleet, struct rse_err *err) RSE_MUST;
/* The same of the clusters that a write of this object may touch, of an object that is right otherwise. Of those that would, up to
 * RSE_UNWELL_NAMED are named, a fault each; the first tells how many there are in all. */
enum { RSE_UNWELL_NAMED = 10 };
RSE_API bool rse_fleet_value_faults_of(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id,
                                       struct rse_faults *faults) RSE_MUST;
/* Which of these clusters have two values, or lack one: out has room for all of them. Returns how many. */
RSE_API size_t rse_fleet_unwell(const struct rse_fleet *fleet, const int64_t *among, size_t count, int64_t *out);
/* What such a cluster has or lacks, "(and 16 more)" where there are others that aren't named. */
RSE_API void rse_fleet_unwell_fault(const struct rse_fleet *fleet, int64_t cluster, size_t others, struct rse_err *err);

/* Whether nothing refers to the object that is about to go: else RSE_CONFLICT, naming up to five that do. */
RSE_API bool rse_fleet_check_unused(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id,
                                    struct rse_err *err) RSE_MUST;

/* Fills the references of an object that is not in the fleet: names to ids and ids to names (where both are there, they must
 * agree), and what follows from them: a group's path; a cluster's repository and branch, which are its target's, or else find
 * it. */
RSE_API bool rse_fleet_resolve(const struct rse_fleet *fleet, struct rse_object *object, struct rse_arena *arena,
                               struct rse_err *err) RSE_MUST;

/* The name for an application's Flux Kustomization: its own, or <namespace>-<application> where that is taken or reserved,
 * or a numbered one; at most 63 bytes. Stored as fluxName once, it never changes. Appended to out. */
RSE_API void rse_fleet_flux_name(const struct rse_fleet *fleet, const struct rse_application *application,
                                 struct rse_buf *out);

/* Whether a new application may have the name that it says. */
RSE_API bool rse_fleet_check_flux_name(const struct rse_fleet *fleet, const struct rse_application *application,
                                       struct rse_err *err) RSE_MUST;

/* Objects whose document shows something of this one, and so changes when its name does: descendants, members, those that
 * refer to it or name it in an expression. Ids in an arena array. */
struct rse_dependent {
    enum rse_noun noun;
    int64_t id;
};
RSE_API size_t rse_fleet_dependents(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id,
                                    struct rse_arena *arena, struct rse_dependent **out);

/* Computes all that evaluation caches, so that threads may read until the next change. */
RSE_API void rse_fleet_warm(const struct rse_fleet *fleet);

#ifdef __cplusplus
}
#endif

#endif
