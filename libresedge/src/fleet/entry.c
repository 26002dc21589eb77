/*
 * entry.c - what is stored of an object: the object itself and its expressions, parsed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "libresedge/src/fleet/fleet_impl.h"

bool object_expression(const struct rse_object *object, size_t i, struct rse_str *text)
{
    switch (object->noun) {
    case RSE_GROUP:
        *text = ((const struct rse_group *)object)->expression;
        return i < 1;
    case RSE_NAMESPACE: {
        const struct rse_namespace *ns = (const struct rse_namespace *)object;

        *text = i == 0 ? ns->expression : ns->allowed;
        return i < 2;
    }
    case RSE_APPLICATION: {
        const struct rse_releases *releases = &((const struct rse_application *)object)->releases;

        if (i < releases->count)
            *text = releases->at[i].expression;
        return i < releases->count;
    }
    case RSE_METADATA_KEY:
        *text = ((const struct rse_metadata_key *)object)->required;
        return i < 1;
    default:
        return false;
    }
}

void object_expression_field(const struct rse_object *object, size_t i, char out[48])
{
    if (object->noun == RSE_APPLICATION)
        (void)snprintf(out, 48, "/releases/%u/expression",
                       ((const struct rse_application *)object)->releases.at[i].place);
    else if (object->noun == RSE_METADATA_KEY)
        (void)snprintf(out, 48, "/required");
    else
        (void)snprintf(out, 48, "%s", i == 0 ? "/expression" : "/allowed");
}

static size_t count_expressions(const struct rse_object *object)
{
    struct rse_str text;
    size_t count = 0;

    while (object_expression(object, count, &text))
        count++;
    return count;
}

bool exprs_parse(struct fleet_exprs *out, const struct rse_object *object, struct rse_err *err)
{
    size_t count = count_expressions(object);
    struct fleet_exprs exprs = { count > 0 ? rse_xcalloc(count, sizeof(exprs.at[0])) : NULL, count };
    struct rse_str text;

    for (size_t i = 0; object_expression(object, i, &text); i++) {
        char field[48];

        if (text.p == NULL || rse_expr_parse(&exprs.at[i], text, err))
            continue;
        object_expression_field(object, i, field);
        rse_err_field(err, "%s", field);
        rse_err_object(err, "%s \"%.*s\"", rse_noun_info(object->noun)->name, RSE_STR_ARG(object->name));
        exprs_release(&exprs);
        return false;
    }
    *out = exprs;
    return true;
}

void exprs_release(struct fleet_exprs *exprs)
{
    for (size_t i = 0; i < exprs->count; i++)
        rse_expr_free(exprs->at[i]);
    free(exprs->at);
    *exprs = (struct fleet_exprs){ NULL, 0 };
}

struct fleet_selecting *entry_selecting(struct fleet_entry *entry, enum rse_noun noun)
{
    bool selecting = is_scope(noun) || is_selector(noun);

    return selecting ? (struct fleet_selecting *)entry : NULL;
}

struct fleet_entry *entry_new(enum rse_noun noun)
{
    switch (noun) {
    case RSE_GROUP:
        return &rse_new(struct fleet_group)->scope.selecting.entry;
    case RSE_NAMESPACE:
        return &rse_new(struct fleet_scope)->selecting.entry;
    case RSE_APPLICATION:
    case RSE_METADATA_KEY:
        return &rse_new(struct fleet_selector)->selecting.entry;
    default:
        return rse_new(struct fleet_entry);
    }
}

static void release_sets(struct fleet_selector *selector)
{
    for (size_t i = 0; i < selector->selecting.nexprs; i++)
        cset_release(&selector->sets[i]);
    free(selector->sets);
    selector->sets = NULL;
    selector->computed_at = 0;
}

void entry_take_exprs(struct fleet_entry *entry, enum rse_noun noun, struct fleet_exprs *exprs)
{
    struct fleet_selecting *selecting = entry_selecting(entry, noun);

    if (selecting == NULL)
        return;
    if (is_selector(noun)) {
        struct fleet_selector *selector = (struct fleet_selector *)entry;

        release_sets(selector);
        selector->sets = rse_xcalloc(exprs->count, sizeof(selector->sets[0]));
    }

    struct fleet_exprs before = { selecting->exprs, selecting->nexprs };

    exprs_release(&before);
    selecting->exprs = RSE_TAKE(exprs->at);
    selecting->nexprs = exprs->count;
    exprs->count = 0;
}

void entry_free(struct fleet_entry *entry, enum rse_noun noun)
{
    struct fleet_selecting *selecting = entry_selecting(entry, noun);

    if (is_selector(noun))
        release_sets((struct fleet_selector *)entry);
    if (is_scope(noun))
        cset_release(&((struct fleet_scope *)entry)->set);
    if (noun == RSE_GROUP)
        cset_release(&as_group(entry)->own);
    if (selecting != NULL)
        exprs_release(&(struct fleet_exprs){ selecting->exprs, selecting->nexprs });
    free(entry);
}
