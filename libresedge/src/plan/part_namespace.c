/*
 * part_namespace.c - a namespace's file: the Namespace, what its policies say, its quota and limits.
 */
#include <math.h>
#include <stdlib.h>

#include "libresedge/src/plan/plan_internal.h"
#include "resedge/yaml.h"

/* A container that names no limits gets this share of the namespace's capacity, and asks for a share of that: where a
 * quota counts limits, Kubernetes refuses pods that have none. */
#define DEFAULT_LIMIT_SHARE   4
#define DEFAULT_REQUEST_SHARE 4

static bool has_quota(const struct rse_namespace *namespace_)
{
    return namespace_->enforce_capacity &&
           (namespace_->capacity.memory_limit > 0 || namespace_->capacity.cpu_limit > 0);
}

static int64_t share_of(int64_t whole, int64_t parts)
{
    return whole > parts ? whole / parts : 1;
}

static void add_header(struct rse_buf *out, const char *api_version_and_kind, const char *name,
                       struct rse_str namespace_)
{
    rse_buf_addf(out, "%s\nmetadata:\n", api_version_and_kind);
    if (name != NULL)
        rse_buf_addf(out, "  name: %s\n  namespace: ", name);
    else
        rse_buf_adds(out, "  name: ");
    rse_yaml_add_string(out, namespace_);
    rse_buf_adds(out, "\n  labels:\n    " MANAGED_BY "\n");
}

/* Memory in MiB and cpu in thousandths of a core, each where it is set. */
static void add_resources(struct rse_buf *out, const char *indent, const char *prefix, int64_t memory, int64_t cpu)
{
    if (cpu > 0)
        rse_buf_addf(out, "%s%scpu: %lldm\n", indent, prefix, (long long)cpu);
    if (memory > 0)
        rse_buf_addf(out, "%s%smemory: %lldMi\n", indent, prefix, (long long)memory);
}

static void add_quota(struct rse_buf *out, const struct rse_namespace *namespace_)
{
    int64_t memory = namespace_->capacity.memory_limit;
    int64_t cpu = namespace_->capacity.cpu_limit > 0 ? llround(fmax(1, namespace_->capacity.cpu_limit * 1000)) : 0;
    int64_t memory_limit = memory > 0 ? share_of(memory, DEFAULT_LIMIT_SHARE) : 0;
    int64_t cpu_limit = cpu > 0 ? share_of(cpu, DEFAULT_LIMIT_SHARE) : 0;

    rse_buf_adds(out, "---\n");
    add_header(out, "apiVersion: v1\nkind: ResourceQuota", "capacity", namespace_->object.name);
    rse_buf_adds(out, "spec:\n  hard:\n");
    add_resources(out, "    ", "limits.", memory, cpu);
    rse_buf_adds(out, "---\n");
    add_header(out, "apiVersion: v1\nkind: LimitRange", "capacity", namespace_->object.name);
    rse_buf_adds(out, "spec:\n  limits:\n    - type: Container\n      default:\n");
    add_resources(out, "        ", "", memory_limit, cpu_limit);
    rse_buf_adds(out, "      defaultRequest:\n");
    add_resources(out, "        ", "", memory > 0 ? share_of(memory_limit, DEFAULT_REQUEST_SHARE) : 0,
                  cpu > 0 ? share_of(cpu_limit, DEFAULT_REQUEST_SHARE) : 0);
}

/* Adds the documents of a file behind those that are there. */
static void add_documents(struct rse_buf *out, struct rse_str text)
{
    if (rse_str_starts(text, RSE_STR("\xef\xbb\xbf"))) /* a byte order mark belongs at the start of a file only */
        text = rse_str_from(text, 3);
    if (out->len > 0 && out->p[out->len - 1] != '\n')
        rse_buf_addc(out, '\n');
    if (!rse_str_starts(text, RSE_STR("---")))
        rse_buf_adds(out, "---\n");
    rse_buf_add_str(out, text);
}

static const struct rse_policy *policy_of(const struct rse_plan *plan, const struct rse_ref *ref)
{
    const struct rse_object *policy = ref->id != 0 ? rse_fleet_get(plan->fleet, RSE_POLICY, ref->id)
                                                   : rse_fleet_find(plan->fleet, RSE_POLICY, ref->name, NULL);

    return (const struct rse_policy *)policy;
}

/* Its templates, or NULL and err. */
static const struct template_set *find_policy(const struct rse_plan *plan, const struct rse_ref *ref,
                                              struct rse_err *err)
{
    const struct rse_policy *policy = policy_of(plan, ref);
    const struct rse_template_set *set = policy != NULL ? rse_catalogue_find(plan->catalogue, policy->path) : NULL;

    if (policy == NULL) {
        rse_fail(err, RSE_INVALID, "there is no policy \"%.*s\"", RSE_STR_ARG(ref->name));
        return NULL;
    }
    if (set == NULL) {
        rse_err_hint(err, "Push the policy's files to that folder, or correct the policy's path.");
        rse_fail(err, RSE_INVALID, "policy \"%.*s\": no YAML file in %.*s", RSE_STR_ARG(policy->object.name),
                 RSE_STR_ARG(policy->path));
        return NULL;
    }
    if (set->err.code == RSE_OK)
        return template_set_of(set);
    *err = set->err;
    return NULL;
}

/* Gathers the files of all its policies. */
static bool make_policies(struct rse_plan *plan, struct plan_namespace *entry)
{
    const struct rse_refs *refs = &entry->namespace_->policies;

    for (size_t i = 0; i < refs->count; i++) {
        const struct template_set *set = find_policy(plan, &refs->at[i], &entry->err);
        struct pieces more = { 0 };
        struct piece *all;

        if (set == NULL ||
            !pieces_make(plan, set, &set->variants[0], set->pub.path, entry->namespace_, NULL, &more, &entry->err))
            return false;
        all = rse_arena_calloc(plan->arena, entry->policies.count + more.count, sizeof(all[0]));
        if (entry->policies.count > 0)
            memcpy(all, entry->policies.at, entry->policies.count * sizeof(all[0]));
        if (more.count > 0)
            memcpy(all + entry->policies.count, more.at, more.count * sizeof(all[0]));
        entry->policies = (struct pieces){ .at = all, .count = entry->policies.count + more.count };
    }
    return true;
}

static void share(struct rse_plan *plan, struct plan_namespace *entry)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, MAX_RENDERED_FILE);
    for (size_t i = 0; i < entry->policies.count; i++) {
        if (!entry->policies.at[i].shared)
            return;
    }
    rse_buf_add_str(&text, entry->head);
    for (size_t i = 0; i < entry->policies.count; i++)
        add_documents(&text, entry->policies.at[i].bytes);
    if (entry->tail.len > 0)
        add_documents(&text, entry->tail);
    entry->shared = rse_buf_ok(&text, &entry->err);
    entry->bytes = rse_arena_str(plan->arena, rse_buf_str(&text));
}

static void make_namespace(struct rse_plan *plan, struct plan_namespace *entry)
{
    struct rse_str name = entry->namespace_->object.name;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 64 * 1024);
    entry->path = rse_str(rse_arena_printf(plan->arena, "namespaces/%.*s.yaml", RSE_STR_ARG(name)));
    rse_fleet_namespace_clusters(plan->fleet, entry->namespace_->object.id, &entry->clusters);
    rse_bitmap_and(&entry->clusters, &plan->clusters);
    add_header(&text, "apiVersion: v1\nkind: Namespace", NULL, name);
    entry->head = rse_arena_str(plan->arena, rse_buf_str(&text));
    rse_buf_reset(&text);
    if (has_quota(entry->namespace_))
        add_quota(&text, entry->namespace_);
    if (plan_has_tenants(plan, entry->namespace_))
        plan_add_account(&text, entry->namespace_);
    entry->tail = rse_arena_str(plan->arena, rse_buf_str(&text));
    if (make_policies(plan, entry))
        share(plan, entry);
}

static int by_name(const void *a, const void *b)
{
    const struct plan_namespace *left = a, *right = b;

    return rse_str_cmp(left->namespace_->object.name, right->namespace_->object.name);
}

void plan_namespaces_init(struct rse_plan *plan)
{
    const struct rse_object *object;

    plan->namespaces =
        rse_arena_calloc(plan->arena, rse_fleet_count(plan->fleet, RSE_NAMESPACE), sizeof(plan->namespaces[0]));
    for (size_t it = 0; (object = rse_fleet_next(plan->fleet, RSE_NAMESPACE, &it)) != NULL;) {
        struct plan_namespace *entry = &plan->namespaces[plan->nnamespaces++];

        entry->namespace_ = (const struct rse_namespace *)object;
        rse_bitmap_init(&entry->clusters, rse_fleet_nbits(plan->fleet));
    }
    qsort(plan->namespaces, plan->nnamespaces, sizeof(plan->namespaces[0]), by_name);
    for (size_t i = 0; i < plan->nnamespaces; i++)
        make_namespace(plan, &plan->namespaces[i]);
}

/* The application that brings the namespace on this cluster, or NULL. */
static const struct plan_application *bringer(const struct rse_plan *plan, const struct plan_namespace *entry,
                                              uint32_t cluster_index)
{
    for (size_t i = entry->first; i < entry->first + entry->napplications; i++) {
        const struct plan_application *application = &plan->applications[i];

        if (plan_choice_on(application, cluster_index)->brings_namespace)
            return application;
    }
    return NULL;
}

bool plan_namespace_is_brought(const struct rse_plan *plan, const struct plan_namespace *entry, uint32_t cluster_index)
{
    return entry->policies.count == 0 && entry->tail.len == 0 && entry->err.code == RSE_OK &&
           bringer(plan, entry, cluster_index) != NULL;
}

/* The same Namespace in two Flux Kustomizations would be fought over. */
static bool refuse_bringer(const struct plan_namespace *entry, const struct plan_application *application,
                           struct rse_err *err)
{
    rse_err_hint(err, "Take the Namespace out of %.*s: then it is generated, with what it needs.",
                 RSE_STR_ARG(application->set->pub.path));
    return rse_fail(err, RSE_INVALID,
                    "namespace \"%.*s\" has policies or an enforced capacity, but application \"%.*s\" brings it",
                    RSE_STR_ARG(entry->namespace_->object.name), RSE_STR_ARG(application->application->object.name));
}

bool plan_render_namespace(struct rendering *rendering, const struct plan_namespace *entry)
{
    const struct plan_application *application =
        bringer(rendering->values.plan, entry, rendering->values.cluster_index);
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, MAX_RENDERED_FILE);
    if (entry->err.code != RSE_OK) {
        *rendering->err = entry->err;
        return false;
    }
    if (application != NULL)
        return (entry->policies.count == 0 && entry->tail.len == 0) ||
               refuse_bringer(entry, application, rendering->err);
    if (entry->shared)
        return rendering_add_text(rendering, entry->path, entry->bytes, true);
    rse_buf_add_str(&text, entry->head);
    for (size_t i = 0; i < entry->policies.count; i++) {
        const struct piece *piece = &entry->policies.at[i];

        rse_buf_reset(&rendering->buf);
        if (!piece->shared &&
            !rse_template_render(piece->file->tpl, &rendering->values.values, &rendering->buf, rendering->err))
            return false;
        add_documents(&text, piece->shared ? piece->bytes : rse_buf_str(&rendering->buf));
    }
    if (entry->tail.len > 0)
        add_documents(&text, entry->tail);
    return rse_buf_ok(&text, rendering->err) && rendering_add_text(rendering, entry->path, rse_buf_str(&text), false);
}
