/*
 * needs.c - which sets a set is made of, and whether it is made of itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "libresedge/src/fleet/expr_impl.h"
#include "libresedge/src/fleet/fleet_impl.h"

static void add(struct scope_list *list, struct fleet_entry *entry)
{
    RSE_GROW(list->at, list->count, list->room);
    list->at[list->count++] = (struct fleet_scope *)entry;
}

void fleet_add_needs(struct rse_fleet *fleet, const struct fleet_scope *scope, struct scope_list *list)
{
    const struct fleet_selecting *selecting = &scope->selecting;
    const struct rse_expr_node *node;

    if (selecting->entry.object->noun == RSE_GROUP) {
        const struct fleet_group *group = (const struct fleet_group *)scope;

        for (size_t i = 0; i < group->nchildren; i++)
            add(list, table_get(&fleet->tables[RSE_GROUP], group->children[i]));
    }
    for (size_t i = 0; i < selecting->nexprs; i++) {
        for (size_t it = 0; (node = expr_next_reference(selecting->exprs[i], &it)) != NULL;) {
            struct fleet_entry *entry = node->kind != RSE_EXPR_CLUSTER ? fleet_bind(fleet, node) : NULL;

            if (entry != NULL)
                add(list, entry);
        }
    }
}

/* ---- cycles ---- */

struct step {
    struct fleet_scope *scope;
    size_t first, next, end; /* what it needs, in walk.needs */
};

struct walk {
    struct rse_fleet *fleet;
    struct step *steps; /* the way from the start */
    size_t nsteps, room;
    struct scope_list needs;
    uint32_t number;
};

static void go_on(struct walk *walk, struct fleet_scope *scope)
{
    struct step step = { .scope = scope, .first = walk->needs.count, .next = walk->needs.count };

    scope->visited = walk->number;
    fleet_add_needs(walk->fleet, scope, &walk->needs);
    step.end = walk->needs.count;
    RSE_GROW(walk->steps, walk->nsteps, walk->room);
    walk->steps[walk->nsteps++] = step;
}

/* Depth first; whatever was visited once doesn't lead to the start. */
static bool find_way_back(struct walk *walk, struct fleet_scope *start)
{
    go_on(walk, start);
    while (walk->nsteps > 0) {
        struct step *step = &walk->steps[walk->nsteps - 1];

        if (step->next == step->end) {
            walk->needs.count = step->first;
            walk->nsteps--;
            continue;
        }

        struct fleet_scope *need = walk->needs.at[step->next++];

        if (need == start)
            return true;
        if (need->visited != walk->number)
            go_on(walk, need);
    }
    return false;
}

static void add_scope_name(struct rse_fleet *fleet, const struct fleet_scope *scope, struct rse_buf *out)
{
    const struct rse_object *object = scope->selecting.entry.object;
    struct rse_str name = fleet_display_name(fleet, object->noun, object->id);

    if (object->noun == RSE_GROUP)
        expr_add_selector(out, RSE_EXPR_GROUP, path_without_slash(name));
    else
        expr_add_selector(out, RSE_EXPR_NAMESPACE, name);
}

enum { SHOWN_STEPS = 8 };

static void fail_with_way(struct walk *walk, struct rse_err *err)
{
    RSE_BUF_AUTO way = { 0 };

    rse_buf_init(&way, 4096);
    for (size_t i = 0; i < walk->nsteps && i < SHOWN_STEPS; i++) {
        add_scope_name(walk->fleet, walk->steps[i].scope, &way);
        rse_buf_adds(&way, " -> ");
    }
    if (walk->nsteps > SHOWN_STEPS)
        rse_buf_adds(&way, "... -> ");
    add_scope_name(walk->fleet, walk->steps[0].scope, &way);
    rse_fail(err, RSE_INVALID, "its clusters would depend on themselves: %.*s", RSE_STR_ARG(rse_buf_str(&way)));
    rse_err_hint(err, "Take one of these references out. A group has the clusters of the groups below it.");
}

/* Where in its own expressions the way begins. */
static void place_error(struct walk *walk, const struct fleet_scope *start, struct rse_err *err)
{
    const struct fleet_scope *second = walk->nsteps > 1 ? walk->steps[1].scope : start;
    const struct rse_expr_node *node;

    for (size_t i = 0; i < start->selecting.nexprs; i++) {
        for (size_t it = 0; (node = expr_next_reference(start->selecting.exprs[i], &it)) != NULL;) {
            char field[48];

            if (fleet_bind(walk->fleet, node) != &second->selecting.entry)
                continue;
            object_expression_field(start->selecting.entry.object, i, field);
            rse_err_field(err, "%s", field);
            rse_err_position(err, node->start);
            return;
        }
    }
    rse_err_field(err, "/parent");
}

bool fleet_check_cycle(struct rse_fleet *fleet, struct fleet_scope *scope, struct rse_err *err)
{
    struct walk walk = { .fleet = fleet };
    bool found;

    fleet_build_tree(fleet);
    walk.number = ++fleet->visits;
    found = find_way_back(&walk, scope);
    if (found) {
        fail_with_way(&walk, err);
        place_error(&walk, scope, err);
    }
    free(walk.steps);
    free(walk.needs.at);
    return !found;
}
