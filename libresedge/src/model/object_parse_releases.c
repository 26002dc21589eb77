/*
 * object_parse_releases.c - reads an application's releases.
 */
#include <stdlib.h>

#include "libresedge/src/model/field_check.h"
#include "libresedge/src/model/object_parse.h"
#include "resedge/parse.h"

enum { EXPRESSION_MAX = 64 * 1024 };

static int releases_cmp(const void *a, const void *b)
{
    return rse_version_cmp(((const struct rse_release *)b)->version, ((const struct rse_release *)a)->version);
}

static bool parse_version(struct object_parse *parse, const cJSON *json, const struct rse_releases *before,
                          struct rse_str *to)
{
    struct rse_str version;

    if (!object_parse_string(parse, json, &version))
        return false;
    /* Sorting needs versions, so this is checked whoever wrote it. */
    if (!rse_check_version(version, parse->err))
        return false;
    for (size_t i = 0; i < before->count; i++) {
        if (before->at[i].version.p != NULL && rse_version_cmp(before->at[i].version, version) == 0)
            return rse_fail(parse->err, RSE_INVALID, "the version \"%.*s\" is there already, as \"%.*s\"",
                            RSE_STR_ARG(version), RSE_STR_ARG(before->at[i].version));
    }
    *to = version;
    return true;
}

static bool parse_expression(struct object_parse *parse, const cJSON *json, struct rse_str *to)
{
    if (cJSON_IsNull(json))
        return true;
    return object_parse_string(parse, json, to) &&
           (!parse->write || field_check_long_text(*to, EXPRESSION_MAX, parse->err));
}

static bool parse_release(struct object_parse *parse, const cJSON *json, const struct rse_releases *before,
                          struct rse_release *to)
{
    static const char *const KNOWN[] = { "version", "expression", NULL };
    size_t start = object_parse_mark(parse);
    const cJSON *m;

    if (!cJSON_IsObject(json))
        return object_parse_fail_type(parse, "an object with version and expression", json);
    cJSON_ArrayForEach(m, json)
    {
        size_t mark = object_parse_mark(parse);
        bool ok;

        if (strcmp(m->string, "version") == 0)
            ok = parse_version(parse, m, before, &to->version);
        else if (strcmp(m->string, "expression") == 0)
            ok = parse_expression(parse, m, &to->expression);
        else
            ok = object_parse_unknown(parse, m, KNOWN);
        if (!object_parse_leave_key(parse, mark, ok, m->string))
            return false;
    }
    if (object_parse_is_clean(parse, start) && to->version.p == NULL)
        return rse_fail(parse->err, RSE_INVALID, "\"version\" is missing");
    return true;
}

bool object_parse_releases(struct object_parse *parse, const struct rse_field *field, const cJSON *json,
                           struct rse_releases *to)
{
    size_t count, start = object_parse_mark(parse);
    const cJSON *item;

    if (!object_parse_count(parse, json, field->max, &count))
        return false;
    to->count = 0;
    to->at = rse_arena_calloc(parse->arena, count, sizeof(to->at[0]));
    cJSON_ArrayForEach(item, json)
    {
        size_t before = object_parse_mark(parse), i = to->count;
        bool ok = parse_release(parse, item, to, &to->at[i]);

        if (!object_parse_leave_item(parse, before, ok, i))
            return false;
        to->at[i].place = (uint32_t)i;
        to->count++; /* with faults too: its expression may have others */
    }
    if (to->count > 1 && object_parse_is_clean(parse, start))
        qsort(to->at, to->count, sizeof(to->at[0]), releases_cmp);
    return true;
}
