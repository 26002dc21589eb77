/*
 * rename.c - giving an object another name or place, so that expressions which name it still mean it.
 *
 * Before the change the expressions concerned are parsed anew and bound to ids; after it they are printed with the names
 * that these ids have then.
 */
#include <stdlib.h>

#include "libresedge/src/fleet/expr_impl.h"
#include "libresedge/src/fleet/fleet_impl.h"

struct rewrite {
    enum rse_noun noun;
    int64_t id;
    struct fleet_exprs exprs; /* with ids for names */
};

struct rewrites {
    struct rewrite *at;
    size_t count, room;
};

static void bind_to_ids(struct rse_fleet *fleet, struct rse_expr *expr)
{
    for (size_t i = 0; expr != NULL && i < expr->nnodes; i++) {
        struct rse_expr_node *node = &expr->nodes[i];
        const struct fleet_entry *entry = expr_is_reference(node) ? fleet_bind(fleet, node) : NULL;

        if (entry != NULL)
            node->id = entry->object->id;
    }
}

static bool gather(struct rse_fleet *fleet, const struct fleet_entry *entry, struct rewrites *rewrites,
                   struct rse_err *err)
{
    for (enum rse_noun noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        const struct fleet_table *table = &fleet->tables[noun];

        for (size_t i = 0; i < table->count; i++) {
            const struct fleet_selecting *by = entry_selecting(table->at[i], noun);
            struct rewrite rewrite = { .noun = noun, .id = table->at[i]->object->id };

            if (by == NULL || table->at[i] == entry || !fleet_mentions(fleet, by, entry, true))
                continue;
            if (!exprs_parse(&rewrite.exprs, table->at[i]->object, err))
                return false;
            for (size_t j = 0; j < rewrite.exprs.count; j++)
                bind_to_ids(fleet, rewrite.exprs.at[j]);
            RSE_GROW(rewrites->at, rewrites->count, rewrites->room);
            rewrites->at[rewrites->count++] = rewrite;
        }
    }
    return true;
}

static void release(struct rewrites *rewrites)
{
    for (size_t i = 0; i < rewrites->count; i++)
        exprs_release(&rewrites->at[i].exprs);
    free(rewrites->at);
}

/* The i-th expression of an object, to write. */
static struct rse_str *expression_at(struct rse_object *object, size_t i)
{
    switch (object->noun) {
    case RSE_GROUP:
        return &((struct rse_group *)object)->expression;
    case RSE_NAMESPACE:
        return i == 0 ? &((struct rse_namespace *)object)->expression : &((struct rse_namespace *)object)->allowed;
    case RSE_APPLICATION:
        return &((struct rse_application *)object)->releases.at[i].expression;
    default:
        return &((struct rse_metadata_key *)object)->required;
    }
}

static struct rse_object *copy_object(const struct rse_object *object, struct rse_arena *arena)
{
    struct rse_object *copy = rse_arena_memdup(arena, object, rse_noun_info(object->noun)->size);
    struct rse_releases *releases = &((struct rse_application *)copy)->releases;

    if (object->noun == RSE_APPLICATION)
        releases->at = rse_arena_memdup(arena, releases->at, releases->count * sizeof(releases->at[0]));
    return copy;
}

/* Whether anything had to be written. */
static bool write_anew(struct rse_fleet *fleet, const struct rewrite *rewrite, struct rse_arena *arena,
                       struct rse_err *err, bool *ok)
{
    struct rse_object *copy = copy_object(rse_fleet_get(fleet, rewrite->noun, rewrite->id), arena);
    bool changed = false;

    for (size_t i = 0; i < rewrite->exprs.count; i++) {
        struct rse_str *text = expression_at(copy, i);
        RSE_BUF_AUTO out = { 0 };

        rse_buf_init(&out, 2 * RSE_EXPR_MAX_TEXT);
        if (rewrite->exprs.at[i] == NULL)
            continue;
        rse_expr_print(rewrite->exprs.at[i], fleet, &out);
        if (rse_str_eq(*text, rse_buf_str(&out)))
            continue;
        *text = rse_arena_str(arena, rse_buf_str(&out));
        changed = true;
    }
    *ok = !changed || rse_fleet_put(fleet, copy, err);
    return changed;
}

static bool write_all(struct rse_fleet *fleet, const struct rewrites *rewrites, struct rse_arena *arena,
                      struct rse_dependent **out, size_t *count, struct rse_err *err)
{
    *out = rse_arena_calloc(arena, rewrites->count, sizeof(**out));
    *count = 0;
    for (size_t i = 0; i < rewrites->count; i++) {
        const struct rewrite *rewrite = &rewrites->at[i];
        bool ok;

        if (write_anew(fleet, rewrite, arena, err, &ok))
            (*out)[(*count)++] = (struct rse_dependent){ rewrite->noun, rewrite->id };
        if (!ok)
            return false;
    }
    return true;
}

bool rse_fleet_put_renamed(struct rse_fleet *fleet, const struct rse_object *object, struct rse_arena *arena,
                           struct rse_dependent **changed, size_t *count, struct rse_err *err)
{
    const struct fleet_entry *entry = table_get(&fleet->tables[object->noun], object->id);
    struct rewrites rewrites = { .at = NULL };
    bool ok = true;

    *changed = NULL;
    *count = 0;
    if (entry != NULL && (is_scope(object->noun) || object->noun == RSE_CLUSTER))
        ok = gather(fleet, entry, &rewrites, err);
    ok = ok && rse_fleet_put(fleet, object, err) && write_all(fleet, &rewrites, arena, changed, count, err);
    release(&rewrites);
    return ok;
}
