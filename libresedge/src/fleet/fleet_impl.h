/*
 * fleet_impl.h - the fleet from inside: what is stored, what is derived from it, and how one knows that it is still true.
 *
 * A clock counts changes. What is derived remembers the time at which it was computed and holds until something that it
 * depends on has changed since:
 *
 *     tree_changed  groups came, went, moved, or got another expression: paths, children, and all of the below
 *     sets_changed  anything that an expression can see: namespaces, releases, groups with an expression below them
 *     keys_changed  metadata of groups or declared keys: where effective values may come from
 *
 * A group without an expression at or below it only depends on memberships; there a cluster's move marks exactly the groups
 * above it. So a change of a description invalidates nothing, and a change of a value no group.
 */
#ifndef RESEDGE_FLEET_FLEET_IMPL_H
#define RESEDGE_FLEET_FLEET_IMPL_H

#include "libresedge/src/fleet/cset.h"
#include "libresedge/src/fleet/postings.h"
#include "libresedge/src/fleet/table.h"
#include "resedge/arena.h"
#include "resedge/fleet.h"
#include "resedge/map.h"

enum {
    FLEET_MAX_LEVELS = 32, /* of groups */
};

/* Of a noun whose objects hold expressions. */
struct fleet_selecting {
    struct fleet_entry entry;
    struct rse_expr **exprs; /* in the order of object_expression(); NULL where absent */
    size_t nexprs;
};

/* A group or a namespace: it has clusters, and expressions name it. */
struct fleet_scope {
    struct fleet_selecting selecting;
    struct cset set;
    uint64_t computed_at; /* 0: never, or no longer true */
    uint32_t order, low;  /* of the search that computes sets */
    bool on_stack, cyclic;
    uint32_t visited; /* by the search with this number */
};

struct fleet_group {
    struct fleet_scope scope;
    struct cset own; /* by its expression alone */
    /* Of the tree. */
    struct fleet_group *parent, *twin; /* twin: another group with the same path */
    struct rse_str path;               /* "/stores/central" */
    int64_t *children;
    size_t nchildren;
    uint32_t enter, leave; /* the numbers of its subtree: itself is enter, the last is leave - 1 */
    uint32_t level;        /* 1: a root */
    bool placed;           /* level and path are known */
    bool cut;              /* taken off its parent, because of a cycle or too many levels */
    bool selects_below;    /* it or a descendant has an expression */
};

/* An application (the sets of its releases) or a declared key (where it is required). */
struct fleet_selector {
    struct fleet_selecting selecting;
    struct cset *sets; /* of the expressions */
    uint64_t computed_at;
};

struct fleet_undo {
    enum rse_noun noun;
    int64_t id;
    struct rse_object *before; /* NULL: there was none */
    uint32_t index;
};

struct fleet_tree {
    uint64_t placed_at;      /* of the paths */
    struct rse_arena *arena; /* theirs */
    struct rse_map *by_path; /* without the leading '/' */
    size_t norphans;         /* groups that name a parent and stand below none */
    uint64_t built_at;       /* of the rest */
    struct rse_arena *links;
    struct fleet_group **groups; /* parents before children */
    size_t count;
    struct fleet_group **selecting; /* those with an expression, in the same order */
    size_t nselecting;
};

/* Groups whose expression brings a key (its own or an ancestor's) to the clusters that it selects. */
struct fleet_givers {
    struct fleet_group **at;
    size_t count, room;
};

struct fleet_key_list {
    struct rse_str *at;
    size_t count;
    uint64_t built_at;
    struct rse_arena *arena;
};

struct rse_fleet {
    struct fleet_table tables[RSE_NOUN_COUNT];
    struct fleet_entry **clusters; /* by index; NULL: unused */
    size_t nclusters, clusters_room;
    struct rse_bitmap live; /* clusters that are not closed */
    struct postings_set postings;
    int64_t revision;

    uint64_t clock, tree_changed, sets_changed, keys_changed;
    uint64_t values_checked; /* when all clusters had values without conflict, and those that are required */
    struct fleet_tree tree;
    uint32_t order;  /* of the search that computes sets */
    uint32_t visits; /* of searches that only look */
    struct {
        uint64_t built_at;
        struct rse_map *by_key; /* struct fleet_givers */
    } givers;
    struct fleet_key_list keys[RSE_NOUN_COUNT];

    bool restating; /* what is stored says the same as before */
    bool marked;
    struct fleet_undo *undo;
    size_t nundo, undo_room;
    size_t nclusters_at_mark;
    int64_t last_ids_at_mark[RSE_NOUN_COUNT];
};

/* Caches are filled by readers. */
static inline struct rse_fleet *fleet_mutable(const struct rse_fleet *fleet)
{
    return (struct rse_fleet *)fleet;
}

static inline struct fleet_group *as_group(struct fleet_entry *entry)
{
    return (struct fleet_group *)entry;
}

static inline const struct rse_group *group_of(const struct fleet_group *group)
{
    return (const struct rse_group *)group->scope.selecting.entry.object;
}

static inline const struct rse_cluster *cluster_of(const struct fleet_entry *entry)
{
    return (const struct rse_cluster *)entry->object;
}

static inline bool is_scope(enum rse_noun noun)
{
    return noun == RSE_GROUP || noun == RSE_NAMESPACE;
}

static inline bool is_selector(enum rse_noun noun)
{
    return noun == RSE_APPLICATION || noun == RSE_METADATA_KEY;
}

static inline struct fleet_entry *fleet_entry_at(const struct rse_fleet *fleet, uint32_t index)
{
    return index < fleet->nclusters ? fleet->clusters[index] : NULL;
}

/* ---- fleet.c: changes from inside ---- */

/* Stores a copy that says the same in another way (a reference by id that was by name): nothing that is derived changes. */
void fleet_restate(struct rse_fleet *fleet, const struct rse_object *object);
/* What the object was when the fleet was marked, or NULL; *known says whether it is known at all. */
const struct rse_object *fleet_before(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id, bool *known);

/* ---- entry.c: what is stored of an object ---- */

/* The expressions of an object, by number; false past the last one. text->p is NULL where it is absent. */
bool object_expression(const struct rse_object *object, size_t i, struct rse_str *text);
/* JSON pointer of the i-th in what was written, "/releases/0/expression". */
void object_expression_field(const struct rse_object *object, size_t i, char out[48]);

/* Parsed expressions of an object. */
struct fleet_exprs {
    struct rse_expr **at;
    size_t count;
};
bool exprs_parse(struct fleet_exprs *out, const struct rse_object *object, struct rse_err *err) RSE_MUST;
void exprs_release(struct fleet_exprs *exprs);

/* NULL for nouns without expressions. */
struct fleet_selecting *entry_selecting(struct fleet_entry *entry, enum rse_noun noun);
struct fleet_entry *entry_new(enum rse_noun noun);
/* Takes the expressions over, and ends those that it had. */
void entry_take_exprs(struct fleet_entry *entry, enum rse_noun noun, struct fleet_exprs *exprs);
/* Not the object. */
void entry_free(struct fleet_entry *entry, enum rse_noun noun);

/* ---- find.c: names and references ---- */

/* A group by path, with or without the leading '/'; else by name, the lowest id where several have it. */
struct fleet_entry *fleet_find_entry(struct rse_fleet *fleet, enum rse_noun noun, struct rse_str name);
/* By id where it is set. NULL: no reference, or nothing there. */
struct fleet_entry *fleet_follow(struct rse_fleet *fleet, enum rse_noun noun, const struct rse_ref *ref);
/* Of the same noun, with the same name: groups below the same parent, applications in the same namespace. */
struct fleet_entry *fleet_namesake(struct rse_fleet *fleet, const struct fleet_entry *entry);
/* What a node of an expression names. */
struct fleet_entry *fleet_bind(struct rse_fleet *fleet, const struct rse_expr_node *node);
enum rse_noun noun_of_node(const struct rse_expr_node *node);
/* An object as people name it: a group by its path. */
struct rse_str fleet_display_name(struct rse_fleet *fleet, enum rse_noun noun, int64_t id);
/* The same where it has to tell the object from all others of its noun: an application as <namespace>/<application>. Appended. */
void fleet_add_full_name(struct rse_fleet *fleet, const struct fleet_entry *entry, struct rse_buf *out);

/* ---- near.c ---- */

/* Adds the hint "Did you mean ...?" where names are near. */
void fleet_hint_near(struct rse_fleet *fleet, enum rse_noun noun, struct rse_str name, struct rse_err *err);
/* The same for what an expression names, as selectors that can stand in its place: "Did you mean /g/stores/east?". */
void fleet_hint_near_node(struct rse_fleet *fleet, const struct rse_expr_node *node, struct rse_err *err);

/* ---- tree.c: paths and children of groups ---- */

/* Makes sure that it is true. */
/* Parents and paths of groups, and which group has a path. */
void fleet_place_groups(struct rse_fleet *fleet);
/* What was put just now: so that all others, which were placed before, need not be placed again. Does nothing where it's not as easy. */
void fleet_place_new_group(struct rse_fleet *fleet, struct fleet_group *group);
void fleet_release_paths(struct fleet_tree *tree);
/* These, and all else of the tree. */
void fleet_build_tree(struct rse_fleet *fleet);
void fleet_release_tree(struct rse_fleet *fleet);
/* The groups of a cluster have changed, or whether it counts: the sets above it are no longer true. */
void fleet_spoil_groups_of(struct rse_fleet *fleet, const struct rse_cluster *cluster);
/* Whether a is b or above it. */
static inline bool group_holds(const struct fleet_group *a, const struct fleet_group *b)
{
    return a->enter <= b->enter && b->leave <= a->leave;
}

/* ---- needs.c: which sets a set is made of ---- */

struct scope_list {
    struct fleet_scope **at;
    size_t count, room;
};

/* Appends the scopes that this one's set is made of. */
void fleet_add_needs(struct rse_fleet *fleet, const struct fleet_scope *scope, struct scope_list *list);
/* Whether the set of a group or namespace is made of itself; err has the way round, as people name it. */
bool fleet_check_cycle(struct rse_fleet *fleet, struct fleet_scope *scope, struct rse_err *err) RSE_MUST;

/* ---- sets.c ---- */

/* Both make sure that it is true. */
const struct cset *fleet_scope_set(struct rse_fleet *fleet, struct fleet_scope *scope);
const struct cset *fleet_own_set(struct rse_fleet *fleet, struct fleet_group *group);
/* An empty set of the fleet's size. */
void fleet_init_set(const struct rse_fleet *fleet, struct rse_bitmap *set);
/* Makes it one of the fleet's size, empty. */
void fleet_reset_set(const struct rse_fleet *fleet, struct rse_bitmap *set);

/* ---- resolve.c ---- */

/* Fills the references of the stored object. An id counts, whatever name stands beside it. */
bool fleet_settle(struct rse_fleet *fleet, struct fleet_entry *entry, struct rse_err *err) RSE_MUST;

/* ---- uses.c ---- */

/* Whether an expression of `by` names the object, or with `below` a group below it. */
bool fleet_mentions(struct rse_fleet *fleet, const struct fleet_selecting *by, const struct fleet_entry *entry,
                    bool below);
/* Whether an expression names it that decides over groups, namespaces or where keys are required. */
bool fleet_is_in_expressions(struct rse_fleet *fleet, const struct fleet_entry *entry);

/* ---- check.c ---- */

/* err becomes the first, without the list. False. */
bool fleet_first_fault(const struct rse_faults *faults, struct rse_err *err);

bool fleet_flux_name_is_reserved(struct rse_str name);
/* Whether it is neither reserved nor another's. */
bool fleet_check_flux_name(const struct rse_fleet *fleet, const struct rse_application *application,
                           struct rse_err *err);
/* The application that has it, other than this one. */
const struct fleet_entry *fleet_flux_name_owner(const struct rse_fleet *fleet, struct rse_str name, int64_t but);

/* ---- check_keys.c ---- */

/* Metadata against the declared keys; of a declared key, against the metadata that is there. */
void fleet_check_keys(struct rse_fleet *fleet, const struct fleet_entry *entry, struct rse_faults *faults);

/* ---- values.c ---- */

void fleet_release_givers(struct rse_fleet *fleet);

/* What a cluster inherits for a key. */
struct inherited {
    const struct fleet_group *group; /* where the value comes from */
    struct rse_str value;
    const struct fleet_group *rival; /* another value with the same right, or NULL */
    int64_t priority;
};
bool fleet_inherit(struct rse_fleet *fleet, uint32_t index, struct rse_str key, struct inherited *out);

void fleet_warm_values(struct rse_fleet *fleet);

/* ---- selectors.c ---- */

/* Makes sure that it is true. */
const struct cset *fleet_selector_set(struct rse_fleet *fleet, struct fleet_selector *selector, size_t i);
void fleet_warm_selectors(struct rse_fleet *fleet);

/* ---- keys.c ---- */

void fleet_release_keys(struct rse_fleet *fleet);

#endif
