/*
 * values.c - what a placeholder is replaced by on a cluster.
 *
 * Fields come before metadata; a cluster's metadata are the effective ones, its groups' included, those of a namespace and
 * an application are their own.
 */
#include "libresedge/src/plan/plan_internal.h"

#include <stdlib.h>

static const enum rse_noun nouns[RSE_SCOPE_COUNT] = {
    [RSE_SCOPE_CLUSTER] = RSE_CLUSTER,
    [RSE_SCOPE_NAMESPACE] = RSE_NAMESPACE,
    [RSE_SCOPE_APPLICATION] = RSE_APPLICATION,
};

/* Of a cluster, but not fields that are stored with it. */
static const struct {
    const char *name;
    int kind;
} computed[] = {
    { "gitOpsPath", ORIGIN_FOLDER },
    { "gitOpsRepo", ORIGIN_REPO },
    { "gitOpsBranch", ORIGIN_BRANCH },
};

static void add_metadata_keys(struct rse_keys *keys, const struct rse_fleet *fleet, enum rse_scope scope,
                              enum rse_noun noun)
{
    size_t count;
    const struct rse_str *names = rse_fleet_metadata_keys(fleet, noun, &count);

    for (size_t i = 0; i < count; i++)
        rse_keys_add(keys, scope, names[i]);
}

struct rse_keys *rse_plan_keys(const struct rse_fleet *fleet)
{
    struct rse_keys *keys = rse_keys_new();

    for (size_t i = 0; i < RSE_COUNT(computed); i++)
        rse_keys_add(keys, RSE_SCOPE_CLUSTER, rse_str(computed[i].name));
    for (int scope = 0; scope < RSE_SCOPE_COUNT; scope++) {
        for (const struct rse_field *field = rse_noun_info(nouns[scope])->fields; field->name != NULL; field++) {
            if (field->flags & RSE_FIELD_TEMPLATE)
                rse_keys_add(keys, scope, rse_str(field->name));
        }
    }
    add_metadata_keys(keys, fleet, RSE_SCOPE_CLUSTER, RSE_CLUSTER);
    add_metadata_keys(keys, fleet, RSE_SCOPE_CLUSTER, RSE_GROUP); /* inherited */
    add_metadata_keys(keys, fleet, RSE_SCOPE_NAMESPACE, RSE_NAMESPACE);
    add_metadata_keys(keys, fleet, RSE_SCOPE_APPLICATION, RSE_APPLICATION);
    return keys;
}

static struct key_origin origin_of(enum rse_scope scope, struct rse_str name)
{
    const struct rse_field *field = rse_noun_field(nouns[scope], name);

    for (size_t i = 0; scope == RSE_SCOPE_CLUSTER && i < RSE_COUNT(computed); i++) {
        if (rse_str_is(name, computed[i].name))
            return (struct key_origin){ .kind = computed[i].kind, .name = name };
    }
    if (field != NULL && (field->flags & RSE_FIELD_TEMPLATE))
        return (struct key_origin){ .kind = ORIGIN_FIELD, .field = field, .name = name };
    return (struct key_origin){ .kind = ORIGIN_METADATA, .name = name };
}

void plan_origins_init(struct rse_plan *plan)
{
    const struct rse_keys *keys = rse_catalogue_keys(plan->catalogue);

    for (int scope = 0; scope < RSE_SCOPE_COUNT; scope++) {
        uint32_t count = rse_keys_count(keys, scope);

        plan->origins[scope] = rse_arena_calloc(plan->arena, count, sizeof(struct key_origin));
        for (uint32_t i = 0; i < count; i++)
            plan->origins[scope][i] = origin_of(scope, rse_keys_name(keys, scope, i));
    }
}

static struct rse_str keep(struct plan_values *values, enum rse_scope scope, const struct rse_buf *text)
{
    if (values->texts[scope] == NULL)
        values->texts[scope] = rse_arena_new();
    return rse_arena_str(values->texts[scope], rse_buf_str(text));
}

static bool field_value(struct plan_values *values, enum rse_scope scope, const struct rse_object *object,
                        const struct rse_field *field, struct rse_str *out)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, MAX_RENDERED_FILE);
    if (!rse_object_field_text(object, field, &text))
        return false;
    *out = keep(values, scope, &text);
    return true;
}

static bool folder_value(struct plan_values *values, struct rse_str *out)
{
    RSE_BUF_AUTO folder = { 0 };

    rse_buf_init(&folder, MAX_FOLDER);
    rse_cluster_folder(values->plan->target->folder_pattern, values->cluster->object.name, &folder);
    *out = keep(values, RSE_SCOPE_CLUSTER, &folder);
    return true;
}

static const struct rse_object *object_of(const struct plan_values *values, enum rse_scope scope)
{
    switch (scope) {
    case RSE_SCOPE_CLUSTER:
        return values->cluster != NULL ? &values->cluster->object : NULL;
    case RSE_SCOPE_NAMESPACE:
        return values->namespace_ != NULL ? &values->namespace_->object : NULL;
    case RSE_SCOPE_APPLICATION:
        return values->application != NULL ? &values->application->object : NULL;
    case RSE_SCOPE_COUNT:
        break;
    }
    return NULL;
}

static bool metadata_value(const struct plan_values *values, const struct rse_object *object, enum rse_scope scope,
                           struct rse_str key, struct rse_str *out)
{
    if (scope == RSE_SCOPE_CLUSTER)
        return rse_fleet_value(values->plan->fleet, values->cluster_index, key, out, NULL);
    return rse_object_metadata(object, key, out);
}

static bool look_up(struct plan_values *values, enum rse_scope scope, uint32_t key, struct rse_str *out)
{
    const struct key_origin *origin = &values->plan->origins[scope][key];
    const struct rse_object *object = object_of(values, scope);

    if (object == NULL)
        return false;
    switch (origin->kind) {
    case ORIGIN_FIELD:
        return field_value(values, scope, object, origin->field, out);
    case ORIGIN_FOLDER:
        return folder_value(values, out);
    case ORIGIN_REPO:
        *out = values->plan->target->url;
        return out->len > 0;
    case ORIGIN_BRANCH:
        *out = values->plan->target->branch;
        return out->len > 0;
    case ORIGIN_METADATA:
        break;
    }
    return metadata_value(values, object, scope, origin->name, out);
}

static bool get(void *arg, enum rse_scope scope, uint32_t key, struct rse_str *out)
{
    struct plan_values *values = arg;
    struct known_value *known = values->known[scope];

    if (known == NULL)
        return look_up(values, scope, key, out);
    known += key;
    if (known->stamp != values->stamps[scope]) {
        known->exists = look_up(values, scope, key, &known->text);
        known->stamp = values->stamps[scope];
    }
    *out = known->text;
    return known->exists;
}

void plan_values_init(struct plan_values *values, const struct rse_plan *plan, uint32_t cluster_index,
                      const struct rse_namespace *namespace_, const struct rse_application *application)
{
    *values = (struct plan_values){
        .values = { .get = get, .arg = values },
        .plan = plan,
        .cluster_index = cluster_index,
        .cluster = rse_fleet_cluster_at(plan->fleet, cluster_index),
        .namespace_ = namespace_,
        .application = application,
    };
}

void plan_values_release(struct plan_values *values)
{
    for (int scope = 0; scope < RSE_SCOPE_COUNT; scope++)
        rse_arena_free(RSE_TAKE(values->texts[scope]));
}
