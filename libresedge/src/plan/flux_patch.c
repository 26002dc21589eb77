#include "libresedge/src/plan/flux_patch.h"

#include "libresedge/src/model/json.h"
#include "resedge/yaml.h"
#include "libresedge/src/plan/source.h"

#define MAX_NODES 5000

/* Members of the spec that decide which folder of which repository a store applies, and that it removes what goes. */
static const char *const fixed_members[] = { "path", "sourceRef", "prune" };

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static bool check_type(const cJSON *json, struct rse_str path, struct rse_err *err)
{
    const char *api_version = cJSON_GetStringValue(member(json, "apiVersion"));
    const char *kind = cJSON_GetStringValue(member(json, "kind"));
    const cJSON *item;

    if (!cJSON_IsObject(json))
        return rse_fail(err, RSE_INVALID, "%.*s: is no mapping", RSE_STR_ARG(path));
    cJSON_ArrayForEach(item, json)
    {
        if (strcmp(item->string, "apiVersion") != 0 && strcmp(item->string, "kind") != 0 &&
            strcmp(item->string, "metadata") != 0 && strcmp(item->string, "spec") != 0)
            return rse_fail(err, RSE_INVALID, "%.*s: \"%s\" is no part of a Flux Kustomization", RSE_STR_ARG(path),
                            item->string);
    }
    if ((api_version != NULL && strncmp(api_version, "kustomize.toolkit.fluxcd.io/", 28) != 0) ||
        (kind != NULL && strcmp(kind, "Kustomization") != 0))
        return rse_fail(err, RSE_INVALID, "%.*s: is no Flux Kustomization", RSE_STR_ARG(path));
    return true;
}

static bool check_dependency(const cJSON *entry, struct rse_str path, struct rse_err *err)
{
    const char *application = cJSON_GetStringValue(member(entry, "application"));
    const char *name = cJSON_GetStringValue(member(entry, "name"));

    rse_err_hint(err, "Write `application: NAME`, `application: NAMESPACE/NAME`, or `name:` of a Flux Kustomization.");
    if ((application == NULL) == (name == NULL))
        return rse_fail(err, RSE_INVALID, "%.*s: an entry of dependsOn names nothing, or two things",
                        RSE_STR_ARG(path));
    if (application != NULL && text_has_placeholder(application))
        return rse_fail(err, RSE_INVALID, "%.*s: an entry of dependsOn names an application by a placeholder",
                        RSE_STR_ARG(path));
    err->hint[0] = '\0';
    return true;
}

static bool check_list(const cJSON *spec, const char *name, struct rse_str path, struct rse_err *err)
{
    const cJSON *list = member(spec, name);

    if (list == NULL || cJSON_IsNull(list) || cJSON_IsArray(list))
        return true;
    return rse_fail(err, RSE_INVALID, "%.*s: %s is no list", RSE_STR_ARG(path), name);
}

static bool check_spec(const cJSON *spec, struct rse_str path, struct rse_err *err)
{
    const cJSON *entry;

    if (spec != NULL && !cJSON_IsObject(spec))
        return rse_fail(err, RSE_INVALID, "%.*s: spec is no mapping", RSE_STR_ARG(path));
    for (size_t i = 0; i < RSE_COUNT(fixed_members); i++) {
        if (member(spec, fixed_members[i]) == NULL)
            continue;
        rse_err_hint(err, "Take it out of flux.yaml.");
        return rse_fail(err, RSE_INVALID, "%.*s: spec.%s can't be set here", RSE_STR_ARG(path), fixed_members[i]);
    }
    if (!check_list(spec, "patches", path, err) || !check_list(spec, "dependsOn", path, err))
        return false;
    cJSON_ArrayForEach(entry, member(spec, "dependsOn"))
    {
        if (!check_dependency(entry, path, err))
            return false;
    }
    return true;
}

/* A value that stands in a string stays a string: such strings are written in quotes, whatever quotes they had. */
static void quote_placeholders(cJSON *node)
{
    const char *text = cJSON_GetStringValue(node);
    cJSON *child;

    if (text != NULL && text_has_placeholder(text) && strchr(text, '\n') == NULL) {
        RSE_BUF_AUTO quoted = { 0 };

        rse_buf_init(&quoted, SOURCE_MAX_SIZE);
        rse_yaml_add_quoted(&quoted, rse_str(text));
        cJSON_SetValuestring(node, quoted.p);
        node->type = cJSON_Raw;
        return;
    }
    cJSON_ArrayForEach(child, node)
    {
        quote_placeholders(child);
    }
}

struct cJSON *flux_patch_read(struct rse_str path, struct rse_str text, struct rse_err *err)
{
    cJSON *json = rse_yaml_to_json(path, text, MAX_NODES, err);

    if (json == NULL)
        return NULL;
    if (!cJSON_IsNull(json) && (!check_type(json, path, err) || !check_spec(member(json, "spec"), path, err))) {
        cJSON_Delete(json);
        return NULL;
    }
    quote_placeholders(json);
    return json;
}

/* Takes a list out of the patched spec and puts it behind the one of the generated spec. */
static void append_list(cJSON *spec, cJSON *patch, const char *name)
{
    cJSON *theirs = cJSON_DetachItemFromObjectCaseSensitive(patch, name);
    cJSON *ours = cJSON_GetObjectItemCaseSensitive(spec, name);

    while (cJSON_GetArraySize(theirs) > 0) {
        if (ours == NULL)
            ours = cJSON_AddArrayToObject(spec, name);
        cJSON_AddItemToArray(ours, cJSON_DetachItemFromArray(theirs, 0));
    }
    cJSON_Delete(theirs);
}

static void merge_metadata(const cJSON *patch, cJSON *document, const char *name)
{
    cJSON *metadata = cJSON_GetObjectItemCaseSensitive(document, "metadata");
    const cJSON *theirs = member(member(patch, "metadata"), name);
    cJSON *ours = cJSON_DetachItemFromObjectCaseSensitive(metadata, name);

    if (cJSON_IsObject(theirs))
        ours = json_merge(ours, theirs);
    if (ours != NULL)
        cJSON_AddItemToObject(metadata, name, ours);
}

void flux_patch_apply(const struct cJSON *patch, struct cJSON *document)
{
    cJSON *spec = cJSON_DetachItemFromObjectCaseSensitive(document, "spec");
    cJSON *theirs = cJSON_Duplicate(member(patch, "spec"), true);

    merge_metadata(patch, document, "labels");
    merge_metadata(patch, document, "annotations");
    append_list(spec, theirs, "dependsOn");
    append_list(spec, theirs, "patches");
    if (theirs != NULL)
        spec = json_merge(spec, theirs);
    cJSON_AddItemToObject(document, "spec", spec);
    cJSON_Delete(theirs);
}

struct cJSON *flux_patch_next_application(struct cJSON *document, int *at)
{
    const cJSON *list = member(member(document, "spec"), "dependsOn");
    cJSON *entry;

    while ((entry = cJSON_GetArrayItem(list, (*at)++)) != NULL) {
        if (member(entry, "application") != NULL)
            return entry;
    }
    return NULL;
}
