/*
 * tenancy.c - applications of owners other than the platform team are kept to their namespace: Flux applies them as a
 * service account that has rights there and nowhere else, and they may hold nothing that is not a namespace's.
 *
 * Flux looks for the account beside the Kustomization, so it stands in flux-system.
 */
#include "libresedge/src/plan/plan_internal.h"
#include "resedge/yaml.h"

bool plan_is_tenant(const struct rse_plan *plan, const struct rse_application *application)
{
    const struct rse_strs *platform = &plan->target->platform_owners;

    if (platform->count == 0)
        return false;
    for (size_t i = 0; i < platform->count; i++) {
        if (rse_str_eq(platform->at[i], application->owner))
            return false;
    }
    return true;
}

bool plan_has_tenants(const struct rse_plan *plan, const struct rse_namespace *namespace_)
{
    const struct rse_object *object;

    if (plan->target->platform_owners.count == 0)
        return false;
    for (size_t it = 0; (object = rse_fleet_next(plan->fleet, RSE_APPLICATION, &it)) != NULL;) {
        const struct rse_application *application = (const struct rse_application *)object;

        if (application->namespace_.id == namespace_->object.id && plan_is_tenant(plan, application))
            return true;
    }
    return false;
}

void plan_add_account(struct rse_buf *out, const struct rse_namespace *namespace_)
{
    const struct rse_str name = namespace_->object.name;

    rse_buf_addf(out,
                 "---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: applications-%.*s\n"
                 "  namespace: " FLUX_NAMESPACE "\n  labels:\n    " MANAGED_BY "\n",
                 RSE_STR_ARG(name));
    rse_buf_adds(out, "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n"
                      "  name: applications\n  namespace: ");
    rse_yaml_add_string(out, name);
    rse_buf_addf(out,
                 "\n  labels:\n    " MANAGED_BY "\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n"
                 "  kind: ClusterRole\n  name: cluster-admin\nsubjects:\n  - kind: ServiceAccount\n"
                 "    name: applications-%.*s\n    namespace: " FLUX_NAMESPACE "\n",
                 RSE_STR_ARG(name));
}

bool plan_check_tenant(const struct plan_application *entry, const struct variant *variant, struct rse_err *err)
{
    if (!entry->tenant || variant->beyond.kind.len == 0)
        return true;
    rse_err_hint(err, "Leave it to the platform team, or name the application's owner in the target's platformOwners.");
    return rse_fail(err, RSE_INVALID, "%.*s: a %.*s reaches beyond the namespace of application \"%.*s\"",
                    RSE_STR_ARG(variant->beyond_path), RSE_STR_ARG(variant->beyond.kind),
                    RSE_STR_ARG(entry->application->object.name));
}
