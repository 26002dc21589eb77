/*
 * changeset_faults.c - of an object that can't be put: what else is wrong with it, so that one answer tells all.
 */
#include <stdio.h>

#include "api-server/fleet/changeset_internal.h"

/* ---- what follows from what ---- */

/* The field that the pointer's first segment names, in either form. */
static const struct rse_field *field_at(enum rse_noun noun, const char *pointer)
{
    size_t len = pointer[0] == '/' ? strcspn(pointer + 1, "/") : 0;
    struct rse_str name = rse_str_n(pointer + (len > 0), len);

    for (const struct rse_field *f = rse_noun_info(noun)->fields; f->name != NULL && len > 0; f++) {
        if (rse_str_is(name, f->name) || (f->id_name != NULL && rse_str_is(name, f->id_name)))
            return f;
    }
    return NULL;
}

static bool is_within(const char *pointer, const char *outer)
{
    size_t len = strlen(outer);

    return strncmp(pointer, outer, len) == 0 && (pointer[len] == '/' || pointer[len] == '\0');
}

/* What is wrong with two fields together follows from what is wrong with one. */
static bool goes_with(const char *pointer, const char *earlier)
{
    static const struct {
        const char *pointer, *earlier;
    } TOGETHER[] = { { "/enforceCapacity", "/capacity" },
                     { "/values", "/type" },
                     { "/pattern", "/type" },
                     { "/default", "/type" },
                     { "/default", "/values" },
                     { "/default", "/pattern" } };

    for (size_t i = 0; i < RSE_COUNT(TOGETHER); i++) {
        if (strcmp(pointer, TOGETHER[i].pointer) == 0 && is_within(earlier, TOGETHER[i].earlier))
            return true;
    }
    return false;
}

/* Of one place and of places within it, the first fault is the one to mend; and where a name is unique depends on what it is in. */
static bool follows(enum rse_noun noun, const struct rse_err *fault, const struct rse_err *earlier)
{
    const struct rse_field *field = field_at(noun, earlier->field);
    bool is_reference = field != NULL && field->type == RSE_FIELD_REF;

    return is_within(fault->field, earlier->field) || is_within(earlier->field, fault->field) ||
           goes_with(fault->field, earlier->field) || (is_reference && field_at(noun, fault->field) == field) ||
           (is_reference && fault->code == RSE_CONFLICT && strcmp(fault->field, "/name") == 0);
}

void changeset_merge_faults(enum rse_noun noun, struct rse_faults *faults, const struct rse_faults *more)
{
    for (size_t i = 0; i < more->count; i++) {
        struct rse_err fault = more->at[i];
        bool told = fault.field[0] == '\0'; /* of other objects: they may be well with all of this one */

        for (size_t j = 0; j < faults->count && !told; j++)
            told = follows(noun, &fault, &faults->at[j]);
        if (!told)
            rse_faults_add(faults, &fault);
    }
}

/* ---- looking on ---- */

/* One that doesn't parse keeps the rest from being looked at. */
static bool drop_expression(struct rse_object *object, const char *pointer)
{
    const struct rse_field *field = field_at(object->noun, pointer);
    void *at = field != NULL ? (char *)object + field->offset : NULL;
    unsigned place;

    if (field != NULL && (field->flags & RSE_FIELD_EXPRESSION) != 0) {
        *(struct rse_str *)at = rse_str(NULL);
        return true;
    }
    if (field == NULL || field->type != RSE_FIELD_RELEASES || sscanf(pointer, "/releases/%u/", &place) != 1)
        return false;
    for (size_t i = 0; i < ((struct rse_releases *)at)->count; i++) {
        struct rse_release *release = &((struct rse_releases *)at)->at[i];

        if (release->place == place)
            release->expression = rse_str(NULL);
    }
    return true;
}

static bool put_what_parses(struct changeset *set, struct rse_object *object, struct rse_faults *faults)
{
    struct rse_err one = RSE_ERR_INIT;

    while (!rse_fleet_put(set->fleet, object, &one)) {
        bool dropped = drop_expression(object, one.field);

        rse_faults_add(faults, &one);
        if (!dropped || faults->more)
            return false;
    }
    return true;
}

static bool is_reference(enum rse_noun noun, const char *pointer)
{
    const struct rse_field *field = field_at(noun, pointer);

    return field != NULL && (field->type == RSE_FIELD_REF || field->type == RSE_FIELD_REFS);
}

void changeset_look_on(struct changeset *set, struct rse_object *object, struct rse_faults *faults)
{
    struct rse_faults checked = { .arena = set->arena };
    struct rse_err one = RSE_ERR_INIT;
    bool resolved = rse_fleet_resolve(set->fleet, object, set->arena, &one);

    if (!resolved)
        rse_faults_add(faults, &one);
    if (object->name.len == 0)
        object->name = RSE_STR("?"); /* nobody's */
    if (object->id == 0)
        object->id = rse_fleet_last_id(set->fleet, object->noun) + 1;
    if (!put_what_parses(set, object, faults) || rse_fleet_faults(set->fleet, object->noun, object->id, &checked))
        return;
    for (size_t i = 0; i < checked.count; i++) {
        /* Resolving told of all of them. */
        if (resolved || !is_reference(object->noun, checked.at[i].field))
            rse_faults_add(faults, &checked.at[i]);
    }
}
