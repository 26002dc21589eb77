/*
 * listener.c - the Flux Kustomizations that are generated: one for each application, one for the namespaces.
 *
 * Each is made once, with a placeholder for the cluster's folder, and compiled as a template: so what people put into
 * flux.yaml may hold placeholders too, and rendering it is copying.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "libresedge/src/plan/flux_patch.h"
#include "libresedge/src/plan/plan_internal.h"
#include "resedge/yaml.h"

#define MAX_LISTENER       (1U << 20)
#define NAMESPACES_NAME    "namespaces"
#define FOLDER_PLACEHOLDER "./rea.cluster.gitOpsPath/"

/* Kinds that must outlive the application: what they hold can't be brought back. */
static const char *const kept_kinds[] = { "Namespace", "PersistentVolumeClaim" };

static void add_string(cJSON *object, const char *name, struct rse_str text)
{
    char *copy = rse_xstrndup(text);

    cJSON_AddStringToObject(object, name, copy);
    free(copy);
}

/* A strategic merge patch; its target says what it is for, the name in it says nothing. */
static void add_prune_guard(cJSON *patches, const char *kind)
{
    cJSON *patch = cJSON_CreateObject();
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 4096);
    rse_buf_addf(&text,
                 "apiVersion: v1\nkind: %s\nmetadata:\n  name: any\n  annotations:\n"
                 "    kustomize.toolkit.fluxcd.io/prune: disabled\n",
                 kind);
    add_string(patch, "patch", rse_buf_str(&text));
    cJSON_AddStringToObject(cJSON_AddObjectToObject(patch, "target"), "kind", kind);
    cJSON_AddItemToArray(patches, patch);
}

static void add_dependency(cJSON *spec, const char *name)
{
    cJSON *entry = cJSON_CreateObject();

    cJSON_AddStringToObject(entry, "name", name);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(spec, "dependsOn"), entry);
}

static void fill_spec(const struct rse_plan *plan, cJSON *spec, struct rse_str path, bool depends)
{
    cJSON *source, *patches;

    cJSON_AddStringToObject(spec, "interval", "10m");
    cJSON_AddStringToObject(spec, "retryInterval", "2m");
    cJSON_AddStringToObject(spec, "timeout", "5m");
    cJSON_AddTrueToObject(spec, "prune");
    cJSON_AddTrueToObject(spec, "wait");
    add_string(spec, "path", path);
    source = cJSON_AddObjectToObject(spec, "sourceRef");
    cJSON_AddStringToObject(source, "kind", "GitRepository");
    add_string(source, "name", plan->target->flux_source);
    if (depends)
        add_dependency(spec, NAMESPACES_NAME);
    patches = cJSON_AddArrayToObject(spec, "patches");
    for (size_t i = 0; i < RSE_COUNT(kept_kinds); i++)
        add_prune_guard(patches, kept_kinds[i]);
}

/* of NULL: the namespaces' own. */
static void add_labels(const struct rse_plan *plan, cJSON *metadata, const struct plan_application *of)
{
    cJSON *labels = cJSON_AddObjectToObject(metadata, "labels");

    cJSON_AddStringToObject(labels, "app.kubernetes.io/managed-by", "res-edge");
    if (plan->format < 2 || of == NULL)
        return;
    add_string(labels, "app.kubernetes.io/name", of->application->object.name);
    add_string(labels, "app.kubernetes.io/part-of", of->namespace_->namespace_->object.name);
}

/* path: below the cluster's folder. of NULL: the namespaces' own. */
static cJSON *make_document(const struct rse_plan *plan, const struct plan_application *of, struct rse_str name,
                            struct rse_str path)
{
    cJSON *document = cJSON_CreateObject();
    cJSON *metadata;
    RSE_BUF_AUTO full = { 0 };

    rse_buf_init(&full, 4096);
    rse_buf_adds(&full, FOLDER_PLACEHOLDER);
    rse_buf_add_str(&full, path);
    cJSON_AddStringToObject(document, "apiVersion", "kustomize.toolkit.fluxcd.io/v1");
    cJSON_AddStringToObject(document, "kind", "Kustomization");
    metadata = cJSON_AddObjectToObject(document, "metadata");
    add_string(metadata, "name", name);
    cJSON_AddStringToObject(metadata, "namespace", FLUX_NAMESPACE);
    add_labels(plan, metadata, of);
    fill_spec(plan, cJSON_AddObjectToObject(document, "spec"), rse_buf_str(&full), of != NULL);
    return document;
}

static bool compile(const struct rse_plan *plan, const cJSON *document, struct rse_str path, struct rse_template **out,
                    struct rse_err *err)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, MAX_LISTENER);
    rse_yaml_from_json(&text, document);
    return rse_buf_ok(&text, err) &&
           rse_template_compile(out, path, rse_buf_str(&text), rse_catalogue_keys(plan->catalogue), err);
}

/* Turns `application: NAME` into the name of its Flux Kustomization. */
static bool resolve_dependency(const struct rse_plan *plan, const struct plan_application *entry, cJSON *dependency,
                               struct choice *choice, struct rse_err *err)
{
    cJSON *application = cJSON_DetachItemFromObjectCaseSensitive(dependency, "application");
    const struct plan_application *needed = plan_find_dependency(plan, entry, rse_str(application->valuestring), err);

    cJSON_Delete(application);
    if (needed == NULL)
        return false;
    add_string(dependency, "name", needed->flux_name);
    choice->needs[choice->nneeds++] = needed;
    return true;
}

static bool patch_document(struct rse_plan *plan, const struct plan_application *entry, struct choice *choice,
                           cJSON *document, struct rse_err *err)
{
    const cJSON *dependencies;
    cJSON *dependency;
    int at = 0;

    flux_patch_apply(entry->set->flux_patch, document);
    dependencies = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(document, "spec"), "dependsOn");
    choice->needs = rse_arena_calloc(plan->arena, (size_t)cJSON_GetArraySize(dependencies), sizeof(choice->needs[0]));
    while ((dependency = flux_patch_next_application(document, &at)) != NULL) {
        if (!resolve_dependency(plan, entry, dependency, choice, err))
            return false;
    }
    return true;
}

/* Whatever flux.yaml says. */
static void set_account(cJSON *document, const struct plan_application *entry)
{
    cJSON *spec = cJSON_GetObjectItemCaseSensitive(document, "spec");
    RSE_BUF_AUTO name = { 0 };

    rse_buf_init(&name, 256);
    rse_buf_addf(&name, "applications-%.*s", RSE_STR_ARG(entry->namespace_->namespace_->object.name));
    cJSON_DeleteItemFromObjectCaseSensitive(spec, "serviceAccountName");
    cJSON_DeleteItemFromObjectCaseSensitive(spec, "kubeConfig");
    add_string(spec, "serviceAccountName", rse_buf_str(&name));
}

bool listener_make(struct rse_plan *plan, const struct plan_application *entry, struct choice *choice,
                   struct rse_err *err)
{
    const struct rse_str folder = choice->variant->folder;
    RSE_BUF_AUTO path = { 0 };
    cJSON *document;
    bool ok;

    rse_buf_init(&path, 4096);
    rse_buf_addf(&path, "%.*s/%.*s%s%.*s", RSE_STR_ARG(entry->namespace_->namespace_->object.name),
                 RSE_STR_ARG(entry->application->object.name), folder.len > 0 ? "/" : "", RSE_STR_ARG(folder));
    document = make_document(plan, entry, entry->flux_name, rse_buf_str(&path));
    ok = entry->set->flux_patch == NULL || patch_document(plan, entry, choice, document, err);
    if (ok && entry->tenant)
        set_account(document, entry);
    ok = ok && compile(plan, document, entry->listener_path, &choice->listener, err);
    cJSON_Delete(document);
    return ok;
}

bool listener_make_namespaces(struct rse_plan *plan, struct rse_err *err)
{
    cJSON *document = make_document(plan, NULL, RSE_STR(NAMESPACES_NAME), RSE_STR(NAMESPACES_NAME));
    bool ok = compile(plan, document, RSE_STR(LISTENERS "/namespaces.yaml"), &plan->namespaces_listener, err);

    cJSON_Delete(document);
    return ok;
}
