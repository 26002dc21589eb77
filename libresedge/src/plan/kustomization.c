/*
 * kustomization.c - lists the files and folders that a kustomization names, field by field, and refuses what a store
 * could not build from its own folder alone: remote bases, and charts that kustomize would download.
 */
#include "libresedge/src/plan/kustomization.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "libresedge/src/plan/manifest.h"
#include "resedge/yaml.h"

#define MAX_NODES 50000

struct reading {
    struct rse_arena *arena;
    struct rse_str path;
    struct kustomization *out;
    size_t cap;
};

enum shape {
    SHAPE_PATHS,   /* [path] */
    SHAPE_INLINE,  /* [path, or the text of a document] */
    SHAPE_MEMBER,  /* [{path: ...}] */
    SHAPE_SINGLE,  /* {path: ...} */
    SHAPE_SOURCES, /* [{files: [[key=]path], envs: [path], env: path}] */
};

static const struct {
    const char *name;
    enum shape shape;
    enum ref_kind kind;
} fields[] = {
    { "resources", SHAPE_PATHS, REF_RESOURCE },          { "bases", SHAPE_PATHS, REF_FOLDER },
    { "components", SHAPE_PATHS, REF_FOLDER },           { "crds", SHAPE_PATHS, REF_FILE },
    { "configurations", SHAPE_PATHS, REF_FILE },         { "patches", SHAPE_MEMBER, REF_FILE },
    { "patchesStrategicMerge", SHAPE_INLINE, REF_FILE }, { "patchesJson6902", SHAPE_MEMBER, REF_FILE },
    { "replacements", SHAPE_MEMBER, REF_FILE },          { "openapi", SHAPE_SINGLE, REF_FILE },
    { "generators", SHAPE_INLINE, REF_PLUGIN },          { "transformers", SHAPE_INLINE, REF_PLUGIN },
    { "validators", SHAPE_INLINE, REF_PLUGIN },          { "configMapGenerator", SHAPE_SOURCES, REF_FILE },
    { "secretGenerator", SHAPE_SOURCES, REF_SECRET },
};

/* Fields that make kustomize fetch a chart. */
static const char *const chart_fields[] = { "helmCharts", "helmChartInflationGenerator", "helmGlobals" };

bool kustomization_is_name(struct rse_str basename)
{
    return rse_str_is(basename, "kustomization.yaml") || rse_str_is(basename, "kustomization.yml") ||
           rse_str_is(basename, "Kustomization");
}

static bool fail_field(struct reading *reading, const char *field, const char *problem)
{
    return rse_fail(&reading->out->err, RSE_INVALID, "%.*s: %s %s", RSE_STR_ARG(reading->path), field, problem);
}

/* target: NULL where the field holds no string. */
static bool add_ref(struct reading *reading, const char *field, enum ref_kind kind, const char *target)
{
    struct kustomization *out = reading->out;

    if (target == NULL)
        return fail_field(reading, field, "holds something that is no path");
    if (text_has_placeholder(target)) {
        rse_err_hint(&out->err, "Use an overlay, so that it can be checked that the file is there.");
        return fail_field(reading, field, "names a file by a placeholder");
    }
    RSE_GROW(out->refs, out->nrefs, reading->cap);
    out->refs[out->nrefs++] = (struct kustomization_ref){
        .kind = kind,
        .field = field,
        .target = rse_arena_str(reading->arena, rse_str(target)),
    };
    return true;
}

/* A plain document in a list of paths has line breaks, or begins as JSON does. */
static bool is_inline(const cJSON *item)
{
    return cJSON_IsString(item) && (strchr(item->valuestring, '\n') != NULL || item->valuestring[0] == '{');
}

static bool is_marked(const cJSON *generator)
{
    const cJSON *options = cJSON_GetObjectItemCaseSensitive(generator, "options");
    const cJSON *annotations = cJSON_GetObjectItemCaseSensitive(options, "annotations");
    const cJSON *mark = cJSON_GetObjectItemCaseSensitive(annotations, ALLOW_SECRET);

    return cJSON_IsString(mark) && strcmp(mark->valuestring, "true") == 0;
}

/* "key=path" or "path" */
static bool add_source_file(struct reading *reading, const char *field, enum ref_kind kind, const char *file)
{
    const char *equals = file != NULL ? strchr(file, '=') : NULL;

    return add_ref(reading, field, kind, equals != NULL ? equals + 1 : file);
}

static bool read_sources(struct reading *reading, const char *field, enum ref_kind kind, const cJSON *generator)
{
    const cJSON *env = cJSON_GetObjectItemCaseSensitive(generator, "env");
    const cJSON *item;

    if (kind == REF_SECRET && is_marked(generator))
        kind = REF_FILE;
    if (kind == REF_SECRET && cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(generator, "literals")) > 0) {
        rse_err_hint(&reading->out->err,
                     "Use a file that is encrypted with SOPS, or mark it: options.annotations, %s: \"true\".",
                     ALLOW_SECRET);
        return fail_field(reading, field, "holds a value that everyone who reads the repository can read");
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(generator, "files"))
    {
        if (!add_source_file(reading, field, kind, cJSON_GetStringValue(item)))
            return false;
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(generator, "envs"))
    {
        if (!add_ref(reading, field, kind, cJSON_GetStringValue(item)))
            return false;
    }
    return env == NULL || add_ref(reading, field, kind, cJSON_GetStringValue(env));
}

/* An object with an optional `path`. */
static bool read_member(struct reading *reading, const char *field, enum ref_kind kind, const cJSON *item)
{
    const cJSON *path = cJSON_GetObjectItemCaseSensitive(item, "path");

    if (!cJSON_IsObject(item))
        return fail_field(reading, field, "holds something that is no mapping");
    return path == NULL || add_ref(reading, field, kind, cJSON_GetStringValue(path));
}

static bool read_item(struct reading *reading, size_t i, const cJSON *item)
{
    switch (fields[i].shape) {
    case SHAPE_INLINE:
        return is_inline(item) || add_ref(reading, fields[i].name, fields[i].kind, cJSON_GetStringValue(item));
    case SHAPE_MEMBER:
        return read_member(reading, fields[i].name, fields[i].kind, item);
    case SHAPE_SOURCES:
        return read_sources(reading, fields[i].name, fields[i].kind, item);
    case SHAPE_PATHS:
    case SHAPE_SINGLE:
        break;
    }
    return add_ref(reading, fields[i].name, fields[i].kind, cJSON_GetStringValue(item));
}

static bool read_field(struct reading *reading, size_t i, const cJSON *value)
{
    const cJSON *item;

    if (value == NULL || cJSON_IsNull(value))
        return true;
    if (fields[i].shape == SHAPE_SINGLE)
        return read_member(reading, fields[i].name, fields[i].kind, value);
    if (!cJSON_IsArray(value))
        return fail_field(reading, fields[i].name, "is no list");
    cJSON_ArrayForEach(item, value)
    {
        if (!read_item(reading, i, item))
            return false;
    }
    return true;
}

static bool refuse_charts(struct reading *reading, const cJSON *json)
{
    for (size_t i = 0; i < RSE_COUNT(chart_fields); i++) {
        if (cJSON_GetObjectItemCaseSensitive(json, chart_fields[i]) == NULL)
            continue;
        rse_err_hint(&reading->out->err, "Use a HelmRelease with its source: Flux on the store installs the chart.");
        return fail_field(reading, chart_fields[i], "can't be built at a store: kustomize would download the chart");
    }
    return true;
}

static struct rse_str annotation(struct reading *reading, const cJSON *json, const char *name)
{
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(json, "metadata");
    const cJSON *annotations = cJSON_GetObjectItemCaseSensitive(metadata, "annotations");
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(annotations, name);

    if (!cJSON_IsString(value))
        return (struct rse_str){ 0 };
    return rse_arena_str(reading->arena, rse_str(value->valuestring));
}

static bool read_document(struct reading *reading, const cJSON *json)
{
    if (!cJSON_IsObject(json))
        return rse_fail(&reading->out->err, RSE_INVALID, "%.*s: is no kustomization", RSE_STR_ARG(reading->path));
    reading->out->version = annotation(reading, json, "version");
    reading->out->expression = annotation(reading, json, "expression");
    reading->out->clusters = annotation(reading, json, "clusters");
    if (!refuse_charts(reading, json))
        return false;
    for (size_t i = 0; i < RSE_COUNT(fields); i++) {
        if (!read_field(reading, i, cJSON_GetObjectItemCaseSensitive(json, fields[i].name)))
            return false;
    }
    return true;
}

struct kustomization *kustomization_read(struct rse_arena *arena, struct rse_str path, struct rse_str text)
{
    struct kustomization *out = rse_arena_new_of(arena, struct kustomization);
    struct reading reading = { .arena = arena, .path = path, .out = out };
    struct kustomization_ref *refs;
    cJSON *json = rse_yaml_to_json(path, text, MAX_NODES, &out->err);

    if (json != NULL)
        read_document(&reading, json);
    cJSON_Delete(json);
    refs = out->refs;
    out->refs = out->nrefs > 0 ? rse_arena_memdup(arena, refs, out->nrefs * sizeof(refs[0])) : NULL;
    free(refs);
    return out;
}
