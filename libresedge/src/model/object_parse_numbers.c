/*
 * object_parse_numbers.c - reads the fields that are small objects of numbers: capacity, location, guard.
 */
#include "libresedge/src/model/object_parse.h"

enum {
    MEMORY_LIMIT_MAX = 1000 * 1000 * 1000, /* MiB */
    CPU_LIMIT_MAX = 1000 * 1000,           /* cores */
    GUARD_FILES_MAX = 1000 * 1000 * 1000,
};

/* A number between min and max; null leaves it as it is. */
static bool parse_double(struct object_parse *parse, const cJSON *json, double min, double max, double *to)
{
    if (cJSON_IsNull(json))
        return true;
    if (!cJSON_IsNumber(json))
        return object_parse_fail_type(parse, "a number", json);
    if (parse->write && !(json->valuedouble >= min && json->valuedouble <= max))
        return rse_fail(parse->err, RSE_INVALID, "must be between %.0f and %.0f", min, max);
    *to = json->valuedouble;
    return true;
}

static bool parse_memory(struct object_parse *parse, const cJSON *json, int64_t *to)
{
    static const struct rse_field LIMITS = { .max = MEMORY_LIMIT_MAX };

    return cJSON_IsNull(json) || object_parse_int(parse, &LIMITS, json, to);
}

bool object_parse_capacity(struct object_parse *parse, const cJSON *json, struct rse_capacity *to)
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
            ok = parse_double(parse, m, 0, CPU_LIMIT_MAX, &to->cpu_limit);
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
