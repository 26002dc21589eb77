/*
 * near.c - "did you mean": the names nearest to one that the fleet doesn't have.
 */
#include "libresedge/src/fleet/expr_impl.h"
#include "libresedge/src/fleet/fleet_impl.h"
#include "resedge/suggest.h"

static unsigned min2(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Of a path also its last name counts: people forget where a group is, which is one mistake. */
static unsigned name_distance(const struct rse_suggestion *s, enum rse_noun noun, const struct fleet_entry *entry)
{
    struct rse_str name = entry->object->name, path;
    unsigned distance;

    if (noun != RSE_GROUP)
        return rse_edit_distance(s->word, name, s->distance);
    path = path_without_slash(((const struct fleet_group *)entry)->path);
    distance = rse_edit_distance(s->word, path, s->distance);
    if (s->distance == 0)
        return distance;
    return min2(distance, 1 + rse_edit_distance(s->word, name, s->distance - 1));
}

static void find_near(struct rse_fleet *fleet, enum rse_noun noun, struct rse_str name, struct rse_suggestion *s)
{
    const struct fleet_table *table = &fleet->tables[noun];

    if (noun == RSE_GROUP)
        fleet_build_tree(fleet);
    rse_suggest_begin(s, noun == RSE_GROUP ? path_without_slash(name) : name);
    for (size_t i = 0; i < table->count; i++) {
        unsigned distance = name_distance(s, noun, table->at[i]);

        if (distance <= s->distance)
            rse_suggest_put(s, fleet_display_name(fleet, noun, table->at[i]->object->id), distance);
    }
}

void fleet_hint_near(struct rse_fleet *fleet, enum rse_noun noun, struct rse_str name, struct rse_err *err)
{
    struct rse_suggestion s;

    if (err == NULL)
        return;
    find_near(fleet, noun, name, &s);
    rse_suggest_hint(&s, "", "", err);
}

static struct rse_str selector_of(enum rse_expr_kind kind, struct rse_str name, struct rse_arena *arena)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, RSE_EXPR_MAX_TEXT);
    expr_add_selector(&text, kind, kind == RSE_EXPR_GROUP ? path_without_slash(name) : name);
    return rse_arena_str(arena, rse_buf_str(&text));
}

void fleet_hint_near_node(struct rse_fleet *fleet, const struct rse_expr_node *node, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = NULL;
    struct rse_suggestion s;

    if (err == NULL)
        return;
    find_near(fleet, noun_of_node(node), node->name, &s);
    arena = rse_arena_new();
    for (size_t i = 0; i < s.count; i++)
        s.best[i] = selector_of(node->kind, s.best[i], arena);
    rse_suggest_hint(&s, "", "", err);
}
