/*
 * object_parse_numbers.c - reads the fields that are small objects of numbers: capacity, location, guard.
 */
#include "libresedge/src/model/object_parse.h"

enum {
    MEMORY_LIMIT_MAX = 1000 * 1000 * 1000, /* MiB */
    CPU_LIMIT_MAX = 1000 * 1000,           /* cores */
    GUARD_FILES_MAX = 1000 * 1000 * 1000,
};
/* A thousandth, as Kubernetes has no less. */
static const double CPU_LIMIT_MIN = 0.001;

/* A number between min and max; null leaves it as it is. */
static bool parse_double(struct object_parse *parse, const cJSON *json, double min, double max, double *to)
{
    if (cJSON_IsNull(json))
        return true;
    if (!cJSON_IsNumber(json))
        return object_parse_fail_type(parse, "a number", json);
    if (parse->write && !(json->valuedouble >= min && json->valuedouble <= max))
        return rse_fail(parse->err, RSE_INVALID, "must be between %.7g and %.7g", min, max);
    *to = json->valuedouble;
    return true;
}

/* Who wrote 0 may have meant that. */
static bool fail_limit(struct object_parse *parse)
{
    rse_err_hint(parse->err, "null sets no limit.");
    return false;
}

static bool parse_memory(struct object_parse *parse, const cJSON *json, int64_t *to)
{
    static const struct rse_field LIMITS = { .min = 1, .max = MEMORY_LIMIT_MAX };

    return cJSON_IsNull(json) || object_parse_int(parse, &LIMITS, json, to) || fail_limit(parse);
}

/* What is stored passes: it may be of a time when less was asked for. */
static bool parse_cpu(struct object_parse *parse, const struct rse_field *field, const cJSON *json, double *to)
{
    const struct rse_capacity *stored =
        parse->stored != NULL ? (const void *)((const char *)parse->stored + field->offset) : NULL;
    bool kept = stored != NULL && stored->cpu_limit > 0 && json->valuedouble == stored->cpu_limit;

    return parse_double(parse, json, kept ? stored->cpu_limit : CPU_LIMIT_MIN, CPU_LIMIT_MAX, to) || fail_limit(parse);
}

bool object_parse_capacity(struct object_parse *parse, const struct rse_field *field, const cJSON *json,
                           struct rse_capacity *to)
{
    static const char *const KNOWN[] = { "memoryLimit", "cpuLimit", NULL };
    const cJSON *m;

    if (!cJSON_IsObject(json))
        return object_parse_fail_type(parse, "an object with memoryLimit and cpuLimit", json);
    cJSON_ArrayForEach(m, json)
    {
        size_t before = object_parse_mark(parse);
        bool ok;

        if (strcmp(m->string, "memoryLimit") == 0)
            ok = parse_memory(parse, m, &to->memory_limit);
        else if (strcmp(m->string, "cpuLimit") == 0)
            ok = parse_cpu(parse, field, m, &to->cpu_limit);
        else
            ok = object_parse_unknown(parse, m, KNOWN);
        if (!object_parse_leave_key(parse, before, ok, m->string))
            return false;
    }
    return true;
}

bool object_parse_location(struct object_parse *parse, const cJSON *json, struct rse_location *to)
{
    static const char *const KNOWN[] = { "latitude", "longitude", NULL };
    size_t start = object_parse_mark(parse);
    const cJSON *m;

    if (!cJSON_IsObject(json))
        return object_parse_fail_type(parse, "an object with latitude and longitude", json);
    cJSON_ArrayForEach(m, json)
    {
        size_t before = object_parse_mark(parse);
        bool ok;

        if (strcmp(m->string, "latitude") == 0)
            ok = parse_double(parse, m, -90, 90, &to->latitude);
        else if (strcmp(m->string, "longitude") == 0)
            ok = parse_double(parse, m, -180, 180, &to->longitude);
        else
            ok = object_parse_unknown(parse, m, KNOWN);
        if (!object_parse_leave_key(parse, before, ok, m->string))
            return false;
    }
    if (parse->write && object_parse_is_clean(parse, start) &&
        (!cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(json, "latitude")) ||
         !cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(json, "longitude"))))
        return rse_fail(parse->err, RSE_INVALID, "a location has both latitude and longitude");
    to->set = true;
    return true;
}

static bool parse_files(struct object_parse *parse, const cJSON *json, int64_t *to)
{
    static const struct rse_field LIMITS = { .max = GUARD_FILES_MAX };

    return cJSON_IsNull(json) || object_parse_int(parse, &LIMITS, json, to);
}

bool object_parse_guard(struct object_parse *parse, const cJSON *json, struct rse_guard *to)
{
    static const char *const KNOWN[] = { "clustersLosing", "clustersChanged", "files", NULL };
    const cJSON *m;

    if (!cJSON_IsObject(json))
        return object_parse_fail_type(parse, "an object with clustersLosing, clustersChanged and files", json);
    cJSON_ArrayForEach(m, json)
    {
        size_t before = object_parse_mark(parse);
        bool ok;

        if (strcmp(m->string, "clustersLosing") == 0)
            ok = parse_double(parse, m, 0, 100, &to->clusters_losing);
        else if (strcmp(m->string, "clustersChanged") == 0)
            ok = parse_double(parse, m, 0, 100, &to->clusters_changed);
        else if (strcmp(m->string, "files") == 0)
            ok = parse_files(parse, m, &to->files);
        else
            ok = object_parse_unknown(parse, m, KNOWN);
        if (!object_parse_leave_key(parse, before, ok, m->string))
            return false;
    }
    return true;
}
