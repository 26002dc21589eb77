/*
 * changeset_faults.c - objects that can't be put as they are: what is right of them is, so that one answer tells all.
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
                     { "/type", "/name" },
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
           (is_reference && (noun == RSE_GROUP || noun == RSE_APPLICATION) && fault->code == RSE_CONFLICT &&
            strcmp(fault->field, "/name") == 0);
}

void changeset_merge_faults(enum rse_noun noun, struct rse_faults *faults, const struct rse_faults *more)
{
    for (size_t i = 0; i < more->count; i++) {
        struct rse_err fault = more->at[i];
        bool told = false;

        for (size_t j = 0; j < faults->count && !told; j++)
            told = faults->at[j].field[0] != '\0'
                       ? follows(noun, &fault, &faults->at[j])
                       : strcmp(fault.what, faults->at[j].what) == 0; /* of the whole object */
        if (!told)
            rse_faults_add(faults, &fault);
    }
}

/* ---- what is right ---- */

bool changeset_is_reference(enum rse_noun noun, const char *pointer)
{
    const struct rse_field *field = field_at(noun, pointer);

    return field != NULL && (field->type == RSE_FIELD_REF || field->type == RSE_FIELD_REFS);
}

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

/* A group without the one above it, and an application without its namespace, would be where others are. */
static bool has_no_place(enum rse_noun noun, const struct rse_faults *faults)
{
    for (size_t i = 0; i < faults->count && (noun == RSE_GROUP || noun == RSE_APPLICATION); i++) {
        const struct rse_field *field = field_at(noun, faults->at[i].field);

        if (field != NULL && field->type == RSE_FIELD_REF)
            return true;
    }
    return false;
}

/* A name that nobody can have. */
static void take_name_away(const struct changeset *set, struct rse_object *object)
{
    object->name = rse_str(rse_arena_printf(set->arena, "\x7f%lld", (long long)object->id));
}

/* What is another's stays that one's alone: it has done nothing wrong. */
static void give_back(struct rse_object *object, const struct rse_faults *faults)
{
    if (object->noun == RSE_APPLICATION && rse_faults_at(faults, "/fluxName"))
        ((struct rse_application *)object)->flux_name = rse_str(NULL);
}

bool changeset_put_rest(struct changeset *set, struct rse_object *object, const struct rse_faults *told,
                        struct rse_faults *faults)
{
    struct rse_err one = RSE_ERR_INIT;
    bool resolved = rse_fleet_resolve(set->fleet, object, set->arena, &one), nameless;
    struct change *change;

    if (!resolved)
        rse_faults_add(faults, &one);
    nameless = object->name.len == 0 || rse_faults_at(told, "/name") || has_no_place(object->noun, told) ||
               has_no_place(object->noun, faults);
    if (object->id == 0)
        object->id = rse_fleet_last_id(set->fleet, object->noun) + 1;
    if (nameless)
        take_name_away(set, object);
    give_back(object, faults);
    if (!put_what_parses(set, object, faults))
        return false;
    change = changeset_change_of(set, object->noun, object->id);
    change->faulty = true;
    change->unresolved = !resolved;
    change->nameless = nameless;
    return !nameless;
}
