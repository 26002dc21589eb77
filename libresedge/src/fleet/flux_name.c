/*
 * flux_name.c - the name that an application's Flux Kustomization gets, once.
 */
#include "libresedge/src/fleet/fleet_impl.h"

enum { FLUX_NAME_MAX = 63 };

/* The Kustomization with which Flux starts on a store is mostly called as the source that it reads. */
static bool is_source(const struct rse_fleet *fleet, struct rse_str name)
{
    const struct fleet_table *table = &fleet->tables[RSE_TARGET];

    for (size_t i = 0; i < table->count; i++) {
        if (rse_str_eq(((const struct rse_target *)table->at[i]->object)->flux_source, name))
            return true;
    }
    return false;
}

static bool is_free(const struct rse_fleet *fleet, struct rse_str name, int64_t id)
{
    return name.len <= FLUX_NAME_MAX && !fleet_flux_name_is_reserved(name) && !is_source(fleet, name) &&
           fleet_flux_name_owner(fleet, name, id) == NULL;
}

bool rse_fleet_check_flux_name(const struct rse_fleet *fleet, const struct rse_application *application,
                               struct rse_err *err)
{
    if (!is_source(fleet, application->flux_name))
        return fleet_check_flux_name(fleet, application, err);
    rse_err_field(err, "/fluxName");
    return rse_fail(err, RSE_CONFLICT, "Flux itself has a Kustomization \"%.*s\" on the stores",
                    RSE_STR_ARG(application->flux_name));
}

/* "imdb-2": cut so that the number fits. */
static void number_name(struct rse_str name, unsigned number, struct rse_buf *out)
{
    size_t len = name.len > FLUX_NAME_MAX - 11 ? FLUX_NAME_MAX - 11 : name.len;

    rse_buf_reset(out);
    rse_buf_addf(out, "%.*s-%u", (int)len, name.p, number);
}

void rse_fleet_flux_name(const struct rse_fleet *fleet, const struct rse_application *application, struct rse_buf *out)
{
    struct rse_str own = application->object.name;
    int64_t id = application->object.id;
    RSE_BUF_AUTO name = { 0 };
    const struct fleet_entry *ns = fleet_follow(fleet_mutable(fleet), RSE_NAMESPACE, &application->namespace_);

    rse_buf_init(&name, 1024);
    rse_buf_add_str(&name, own);
    if (!is_free(fleet, rse_buf_str(&name), id) && ns != NULL) {
        rse_buf_reset(&name);
        rse_buf_addf(&name, "%.*s-%.*s", RSE_STR_ARG(ns->object->name), RSE_STR_ARG(own));
    }
    for (unsigned number = 2; !is_free(fleet, rse_buf_str(&name), id); number++)
        number_name(own, number, &name);
    rse_buf_add_str(out, rse_buf_str(&name));
}
