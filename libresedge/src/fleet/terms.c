/* The terms of a cluster: what /m/, /t/, /s/ and /g/ can ask for. */
#include "libresedge/src/fleet/postings.h"

static const struct rse_str KEY_ENVIRONMENT = RSE_STR_INIT("environment");
static const struct rse_str KEY_TIME_ZONE = RSE_STR_INIT("timeZone");

/* A cluster without a store is a store of its own. */
static struct rse_str store_of(const struct rse_cluster *cluster)
{
    return cluster->store.len > 0 ? cluster->store : cluster->object.name;
}

static void visit_pair(struct rse_str key, struct rse_str value, term_visitor *visit, void *arg)
{
    visit(arg, &(struct term){ .kind = TERM_KEY, .key = key });
    visit(arg, &(struct term){ .kind = TERM_VALUE, .key = key, .value = value });
}

static void visit_ref(const struct rse_ref *ref, enum term_kind by_id, enum term_kind by_name, term_visitor *visit,
                      void *arg)
{
    struct term term = { .kind = by_name, .key = path_without_slash(ref->name) };

    if (ref->id > 0)
        term = term_of_id(by_id, &ref->id);
    else if (ref->name.len == 0)
        return;
    visit(arg, &term);
}

void cluster_each_term(const struct rse_cluster *cluster, term_visitor *visit, void *arg)
{
    const struct rse_object *object = &cluster->object;

    for (size_t i = 0; i < object->tags.count; i++)
        visit(arg, &(struct term){ .kind = TERM_TAG, .key = object->tags.at[i] });
    for (size_t i = 0; i < object->metadata.count; i++)
        visit_pair(object->metadata.at[i].key, object->metadata.at[i].value, visit, arg);
    if (object->environment.len > 0)
        visit_pair(KEY_ENVIRONMENT, object->environment, visit, arg);
    if (cluster->time_zone.len > 0)
        visit_pair(KEY_TIME_ZONE, cluster->time_zone, visit, arg);
    visit(arg, &(struct term){ .kind = TERM_STORE, .key = store_of(cluster) });
    for (size_t i = 0; i < cluster->groups.count; i++)
        visit_ref(&cluster->groups.at[i], TERM_MEMBER, TERM_MEMBER_PATH, visit, arg);
    visit_ref(&cluster->target, TERM_TARGET, TERM_TARGET_NAME, visit, arg);
}

static bool has_pair(const struct rse_cluster *cluster, const struct term *term)
{
    const struct rse_pairs *metadata = &cluster->object.metadata;
    bool any = term->kind == TERM_KEY;

    if (cluster->object.environment.len > 0 && rse_str_eq(term->key, KEY_ENVIRONMENT) &&
        (any || rse_str_eq(term->value, cluster->object.environment)))
        return true;
    if (cluster->time_zone.len > 0 && rse_str_eq(term->key, KEY_TIME_ZONE) &&
        (any || rse_str_eq(term->value, cluster->time_zone)))
        return true;
    for (size_t i = 0; i < metadata->count; i++)
        if (rse_str_eq(metadata->at[i].key, term->key) && (any || rse_str_eq(metadata->at[i].value, term->value)))
            return true;
    return false;
}

static bool ref_is(const struct rse_ref *ref, const struct term *term, enum term_kind by_id)
{
    if (term->kind != by_id)
        return ref->id <= 0 && ref->name.len > 0 && rse_str_eq(path_without_slash(ref->name), term->key);
    return ref->id > 0 && memcmp(&ref->id, term->key.p, sizeof(ref->id)) == 0;
}

static bool is_member(const struct rse_cluster *cluster, const struct term *term)
{
    for (size_t i = 0; i < cluster->groups.count; i++)
        if (ref_is(&cluster->groups.at[i], term, TERM_MEMBER))
            return true;
    return false;
}

bool cluster_has_term(const struct rse_cluster *cluster, const struct term *term)
{
    switch (term->kind) {
    case TERM_TAG:
        return rse_object_has_tag(&cluster->object, term->key);
    case TERM_KEY:
    case TERM_VALUE:
        return has_pair(cluster, term);
    case TERM_STORE:
        return rse_str_eq(store_of(cluster), term->key);
    case TERM_MEMBER:
    case TERM_MEMBER_PATH:
        return is_member(cluster, term);
    case TERM_TARGET:
    case TERM_TARGET_NAME:
        return ref_is(&cluster->target, term, TERM_TARGET);
    case TERM_KINDS:
        break;
    }
    return false;
}
