/*
 * sets.c - the clusters of groups and namespaces.
 *
 * A set depends on others: a group's on its children's and on what its expression names, a namespace's on what its two
 * expressions name. When one is asked for, those that it needs and that are no longer true are computed first, in
 * the order of Tarjan's algorithm and on a stack of our own, so that no chain of groups is too long. What depends on
 * itself is empty, whoever is asked first.
 */
#include <stdlib.h>

#include "libresedge/src/fleet/fleet_impl.h"

struct frame {
    struct fleet_scope *scope;
    size_t first, next, end; /* its dependencies in search.needs */
};

struct search {
    struct rse_fleet *fleet;
    struct frame *frames;
    size_t nframes, frames_room;
    struct scope_list needs;   /* of all frames */
    struct fleet_scope **open; /* visited, and not known to be complete */
    size_t nopen, open_room;
};

static enum rse_noun scope_noun(const struct fleet_scope *scope)
{
    return scope->selecting.entry.object->noun;
}

static bool is_true(const struct rse_fleet *fleet, const struct fleet_scope *scope)
{
    bool sees_all = scope_noun(scope) != RSE_GROUP || ((const struct fleet_group *)scope)->selects_below;

    return scope->computed_at >= fleet->tree_changed && (!sees_all || scope->computed_at >= fleet->sets_changed);
}

void fleet_init_set(const struct rse_fleet *fleet, struct rse_bitmap *set)
{
    rse_bitmap_init(set, (uint32_t)fleet->nclusters);
}

void fleet_reset_set(const struct rse_fleet *fleet, struct rse_bitmap *set)
{
    rse_bitmap_resize(set, (uint32_t)fleet->nclusters);
    rse_bitmap_clear(set);
}

/* ---- one set, when all that it needs is true ---- */

static void add_members(struct rse_fleet *fleet, const struct fleet_group *group, struct rse_bitmap *to)
{
    struct term by_id = term_of_id(TERM_MEMBER, &group_of(group)->object.id);
    struct rse_str path = path_without_slash(group->path);

    postings_or_into(&fleet->postings, &by_id, to);
    if (rse_map_get(fleet->tree.by_path, path) == group)
        postings_or_into(&fleet->postings, &(struct term){ .kind = TERM_MEMBER_PATH, .key = path }, to);
}

static void compute_group(struct rse_fleet *fleet, struct fleet_group *group)
{
    const struct rse_expr *expr = group->scope.selecting.exprs[0];
    RSE_BITMAP_AUTO set = { 0 };

    fleet_init_set(fleet, &set);
    if (expr != NULL) {
        rse_expr_eval(expr, fleet, &set);
        cset_assign(&group->own, &set);
    } else {
        cset_release(&group->own);
    }
    add_members(fleet, group, &set);
    for (size_t i = 0; i < group->nchildren; i++) {
        struct fleet_entry *child = table_get(&fleet->tables[RSE_GROUP], group->children[i]);

        cset_or_into(&as_group(child)->scope.set, &set);
    }
    rse_bitmap_and(&set, &fleet->live);
    cset_assign(&group->scope.set, &set);
}

static void compute_namespace(struct rse_fleet *fleet, struct fleet_scope *scope)
{
    struct rse_expr *const *exprs = scope->selecting.exprs;
    RSE_BITMAP_AUTO set = { 0 }, bound = { 0 };

    fleet_init_set(fleet, &set);
    fleet_init_set(fleet, &bound);
    if (exprs[0] != NULL)
        rse_expr_eval(exprs[0], fleet, &set);
    if (exprs[1] != NULL) {
        rse_expr_eval(exprs[1], fleet, &bound);
        rse_bitmap_and(&set, &bound);
    }
    cset_assign(&scope->set, &set);
}

static void compute(struct rse_fleet *fleet, struct fleet_scope *scope)
{
    if (scope->cyclic) {
        cset_release(&scope->set);
        if (scope_noun(scope) == RSE_GROUP)
            cset_release(&((struct fleet_group *)scope)->own);
    } else if (scope_noun(scope) == RSE_GROUP) {
        compute_group(fleet, (struct fleet_group *)scope);
    } else {
        compute_namespace(fleet, scope);
    }
    scope->computed_at = fleet->clock;
}

/* ---- the search ---- */

static void enter(struct search *search, struct fleet_scope *scope)
{
    struct frame frame = { .scope = scope, .first = search->needs.count, .next = search->needs.count };

    scope->order = scope->low = ++search->fleet->order;
    scope->on_stack = true;
    scope->cyclic = false;
    RSE_GROW(search->open, search->nopen, search->open_room);
    search->open[search->nopen++] = scope;
    fleet_add_needs(search->fleet, scope, &search->needs);
    frame.end = search->needs.count;
    RSE_GROW(search->frames, search->nframes, search->frames_room);
    search->frames[search->nframes++] = frame;
}

/* All those above the scope in `open` hang together with it: one alone is computed, several are a cycle. */
static void close_component(struct search *search, struct fleet_scope *scope)
{
    size_t first = search->nopen - 1;

    while (search->open[first] != scope)
        first--;
    for (size_t i = first; i < search->nopen; i++) {
        struct fleet_scope *member = search->open[i];

        member->cyclic |= search->nopen - first > 1;
        member->on_stack = false;
        compute(search->fleet, member);
    }
    search->nopen = first;
}

static void leave(struct search *search)
{
    struct frame frame = search->frames[--search->nframes];

    search->needs.count = frame.first;
    if (frame.scope->low == frame.scope->order)
        close_component(search, frame.scope);
    if (search->nframes == 0)
        return;

    struct fleet_scope *above = search->frames[search->nframes - 1].scope;

    if (frame.scope->low < above->low)
        above->low = frame.scope->low;
}

static void step(struct search *search)
{
    struct frame *frame = &search->frames[search->nframes - 1];

    if (frame->next == frame->end) {
        leave(search);
        return;
    }

    struct fleet_scope *need = search->needs.at[frame->next++];

    if (need == frame->scope) {
        need->cyclic = true;
    } else if (need->on_stack) {
        if (need->order < frame->scope->low)
            frame->scope->low = need->order;
    } else if (!is_true(search->fleet, need)) {
        enter(search, need);
    }
}

const struct cset *fleet_scope_set(struct rse_fleet *fleet, struct fleet_scope *scope)
{
    struct search search = { .fleet = fleet };

    fleet_build_tree(fleet);
    if (is_true(fleet, scope))
        return &scope->set;
    enter(&search, scope);
    while (search.nframes > 0)
        step(&search);
    free(search.frames);
    free(search.needs.at);
    free(search.open);
    return &scope->set;
}

const struct cset *fleet_own_set(struct rse_fleet *fleet, struct fleet_group *group)
{
    (void)fleet_scope_set(fleet, &group->scope);
    return &group->own;
}

/* ---- for others ---- */

static void get_scope(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id, struct rse_bitmap *out)
{
    struct fleet_entry *entry = table_get(&fleet->tables[noun], id);

    fleet_reset_set(fleet, out);
    if (entry != NULL)
        cset_or_into(fleet_scope_set(fleet_mutable(fleet), (struct fleet_scope *)entry), out);
}

void rse_fleet_group_clusters(const struct rse_fleet *fleet, int64_t group_id, struct rse_bitmap *out)
{
    get_scope(fleet, RSE_GROUP, group_id, out);
}

void rse_fleet_namespace_clusters(const struct rse_fleet *fleet, int64_t namespace_id, struct rse_bitmap *out)
{
    get_scope(fleet, RSE_NAMESPACE, namespace_id, out);
}

void rse_fleet_application_clusters(const struct rse_fleet *fleet, int64_t application_id, struct rse_bitmap *out)
{
    const struct rse_object *object = rse_fleet_get(fleet, RSE_APPLICATION, application_id);
    struct fleet_entry *namespace_ = NULL;

    if (object != NULL)
        namespace_ =
            fleet_follow(fleet_mutable(fleet), RSE_NAMESPACE, &((const struct rse_application *)object)->namespace_);
    get_scope(fleet, RSE_NAMESPACE, namespace_ != NULL ? namespace_->object->id : 0, out);
}

void rse_fleet_target_clusters(const struct rse_fleet *fleet, int64_t target_id, struct rse_bitmap *out)
{
    struct fleet_entry *entry = table_get(&fleet->tables[RSE_TARGET], target_id);
    struct term by_id = term_of_id(TERM_TARGET, &target_id);

    fleet_reset_set(fleet, out);
    if (entry == NULL)
        return;

    struct rse_str name = entry->object->name;

    postings_or_into(&fleet->postings, &by_id, out);
    if (table_find(&fleet->tables[RSE_TARGET], name) == entry)
        postings_or_into(&fleet->postings, &(struct term){ .kind = TERM_TARGET_NAME, .key = name }, out);
    rse_bitmap_and(out, &fleet->live);
}

void rse_fleet_all_clusters(const struct rse_fleet *fleet, struct rse_bitmap *out)
{
    rse_bitmap_copy(out, &fleet->live);
}
